/** A study whose evidence research-default accepts, and the means to take one thing away from it. */
import { newWorkspace, type Workspace } from './cairn.ts';

export const bob = 'Bob Noyce <bob@example.org>';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Evidence = { [role: string]: { [key: string]: Json } | Json[] };

export const roles = [
  'validation_bundle',
  'rc_summary',
  'regime_summary',
  'execution_evidence',
  'capacity_curve',
  'fold_causality_attestation',
  'split_plan',
];

const pins = ['--input', 'prices.csv', '--engine-version', '2.1.0', '--config-version', '7'];

function goodEvidence(runKey: string, dataset: string): Evidence {
  const rw = { rw_enabled: true, rw_adjusted_p_values: [0.01, 0.04] };
  return {
    validation_bundle: {
      signal_name: 'momentum',
      freq: '1d',
      horizons: [1, 5],
      ic_summary_by_horizon: {
        '5': { mean_ic: 0.034, t_stat: 4.2, n_obs: 4990, p_value: 0.001, deflated_sharpe: 1.6 },
      },
      meta: {
        dataset_id_v2: dataset,
        dataset_hash_algo: 'cairn.dataset/1',
        dataset_hash_mode: 'STRICT',
        run_key: runKey,
        engine_version: '2.1.0',
        config_version: '7',
        seed_version: 1,
        validation_bundle_schema_version: 1,
        walk_forward_used: true,
        rc_p_value: 0.012,
        ...rw,
      },
    },
    rc_summary: {
      rc_summary_schema_version: 1,
      rc_p_value: 0.012,
      hypothesis_ids: ['momentum', 'reversal'],
      requested_n_sim: 1000,
      actual_n_sim: 990,
      ...rw,
    },
    regime_summary: [
      { regime: 'bull', mean_ic: 0.04, n_bars: 2000 },
      { regime: 'bear', mean_ic: 0.011, n_bars: 1500 },
    ],
    execution_evidence: { max_participation_rate: 0.05, cost_config: { fee_bps: 5, slippage_bps: 2.5 } },
    capacity_curve: [{ aum_usd: 1_000_000, net_ic: 0.03 }],
    fold_causality_attestation: {
      fold_causality_attestation_schema_version: 1,
      transforms: [{ name: 'zscore', fold_id: 'f1', fit_start_ts: 1, fit_end_ts: 20 }],
      enforcement_checks: {
        train_only_fit_enforced: true,
        purge_applied: true,
        embargo_applied: true,
        no_future_rows_in_fit: true,
      },
    },
    split_plan: {
      split_plan_schema_version: 1,
      folds: [
        {
          fold_id: 'f1',
          train_start_ts: 1,
          train_end_ts: 20,
          test_start_ts: 24,
          test_end_ts: 30,
          purge_gap_bars: 2,
          embargo_bars: 1,
          asof_lag_bars: 1,
        },
      ],
    },
  };
}

export interface Study {
  readonly workspace: Workspace;
  /** The run of the evidence. */
  readonly run: string;
  readonly runKey: string;
  readonly dataset: string;
}

function makeStudy(change: (evidence: Evidence) => void): Study {
  const workspace = newWorkspace();
  const prices = Array.from({ length: 40 }, (_, index) => `${index + 1},${100 + index}\n`);
  workspace.commit('Daily prices', { 'prices.csv': `ts,price\n${prices.join('')}` });
  const first = workspace.commit('Momentum', { 'signals.csv': 'ts,signal\n1,0.5\n' }, pins);
  const shown = workspace.json('show', ['show', first]);
  if (shown.kind !== 'run') throw new Error('no run');
  const { runKey } = shown;
  const dataset = shown.datasetIdV2 ?? '';
  const evidence = goodEvidence(runKey, dataset);
  change(evidence);
  const files = Object.fromEntries(
    Object.entries(evidence).map(([role, value]) => [`reports/${role}.json`, JSON.stringify(value)]),
  );
  // The same inputs, parameters and versions: the same run key, which the bundle could therefore name.
  return { workspace, runKey, dataset, run: workspace.commit('Validation', files, pins) };
}

/** The whole evidence, less or other than `change` makes of it. */
export const aStudy = (change: (evidence: Evidence) => void = () => undefined): Study => makeStudy(change);

export function createCandidate({ workspace }: Study, options: readonly string[] = []): string {
  const claim = ['candidate', 'create', '--run', 'HEAD', '--signal', 'momentum', '--horizon', '5'];
  return workspace.json('candidate.create', [...claim, ...options]).candidateId;
}

/** Blockers of an evaluation, `check: message`. */
export function blockersOf(workspace: Workspace, candidate: string, level = 'candidate'): string[] {
  const ran = workspace.cairn(['--json', 'evaluate', candidate, '--level', level]);
  const { blockers } = JSON.parse(ran.stdout) as { blockers: { check: string; message: string }[] };
  if (ran.status !== (blockers.length === 0 ? 0 : 1)) throw new Error(`status ${ran.status}\n${ran.stderr}`);
  return blockers.map(({ check, message }) => `${check}: ${message}`);
}

/** Bob may approve, with a key that Ada made and bound. */
export function enterBob(workspace: Workspace): void {
  workspace.says(['actor', 'add', bob, '--role', 'approver']);
  workspace.says(['key', 'generate', '--actor', 'bob@example.org']);
}
