/** Facts of a candidate that research-default accepts, to take one thing away from. */
import { readYaml } from '../../../../src/adapters/yaml/read-yaml.ts';
import type { EvidenceFormat } from '../../../../src/core/evidence/evidence.ts';
import type { ActorId, ArtifactId, BlobId, CandidateId, RunId, RunKey } from '../../../../src/core/ids.ts';
import { encodeLossless, type LosslessValue, parseLosslessJson } from '../../../../src/core/lossless-json.ts';
import { builtInPolicies } from '../../../../src/core/policy-file/built-in-policies.ts';
import { parsePolicy } from '../../../../src/core/policy-file/parse-policy.ts';
import type { EvidenceFacts, FactsRecord } from '../../../../src/core/records/facts.ts';
import type { PolicyRecord } from '../../../../src/core/records/policy.ts';
import type { Timestamp } from '../../../../src/core/time.ts';

export function policyOf(text: string, what = 'policy.yaml'): PolicyRecord {
  return parsePolicy(readYaml(text, what), what, (name) => {
    const below = builtInPolicies.get(name);
    return below === undefined ? undefined : readYaml(below, name);
  });
}

export function builtIn(name: string): PolicyRecord {
  return policyOf(builtInPolicies.get(name) ?? '', name);
}

const id = (digit: string): string => digit.repeat(64);
const actor = (digit: string): ActorId => id(digit) as ActorId;
export const people = {
  creator: actor('a'),
  runner: actor('b'),
  evaluator: actor('c'),
  producer: actor('d'),
  approver: actor('e'),
};
const runKey = id('1');
const datasetId = '0123456789abcdef';

/** A value that a test may change. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Evidence = { [role: string]: Json };

export function goodEvidence(): Evidence {
  return {
    validation_bundle: {
      run_id: 'r-2024-11',
      dataset_id: 'crypto-hourly',
      signal_name: 'momentum',
      freq: '1h',
      horizons: [1, 5, 20],
      ic_summary_by_horizon: {
        '1': { mean_ic: 0.01, t_stat: 1.1, n_obs: 5000 },
        '5': { mean_ic: 0.034, t_stat: 4.2, n_obs: 4990, p_value: 0.001, deflated_sharpe: 1.6 },
      },
      ic_decay_table: [],
      meta: {
        dataset_id_v2: datasetId,
        dataset_hash_algo: 'sqlite_logical_v2',
        dataset_hash_mode: 'STRICT',
        run_key: runKey,
        engine_version: '2.1.0',
        config_version: '7',
        research_spec_version: '3',
        seed_version: 1,
        validation_bundle_schema_version: 1,
        walk_forward_used: true,
        fold_causality_attestation_schema_version: 1,
        rw_enabled: true,
        rw_adjusted_p_values: [0.01, 0.04],
        rc_p_value: 0.012,
      },
    },
    rc_summary: {
      rc_summary_schema_version: 1,
      rc_p_value: 0.012,
      observed_max: 3.4,
      hypothesis_ids: ['momentum', 'reversal'],
      requested_n_sim: 1000,
      actual_n_sim: 990,
      rw_enabled: true,
      rw_adjusted_p_values: [0.01, 0.04],
      rw_skipped_reason: null,
      seed_root: '4611686018427387905',
      seed_version: 1,
      component_salt: 'rc',
    },
    regime_summary: [
      { regime: 'bull', mean_ic: 0.04, n_bars: 2000 },
      { regime: 'bear', mean_ic: 0.011, n_bars: 1500 },
      { regime: 'unknown', mean_ic: -0.5, n_bars: 10 },
    ],
    execution_evidence: {
      min_liquidity_usd: 5_000_000,
      max_participation_rate: 0.05,
      cost_config: { fee_bps: 5, slippage_bps: 2.5 },
    },
    capacity_curve: [{ aum_usd: 1_000_000, net_ic: 0.03 }],
    fold_causality_attestation: {
      fold_causality_attestation_schema_version: 1,
      transforms: [],
      enforcement_checks: {
        train_only_fit_enforced: true,
        purge_applied: true,
        embargo_applied: true,
        no_future_rows_in_fit: true,
      },
    },
    split_plan: { split_plan_schema_version: 1, folds: [{ fold_id: 'f1' }] },
  };
}

export function item(role: string, value: LosslessValue, more: Partial<EvidenceFacts> = {}): EvidenceFacts {
  const format: EvidenceFormat = 'json';
  return {
    role,
    artifact: id('9') as ArtifactId,
    sha256: id('8') as BlobId,
    format,
    content: { value: encodeLossless(value), faults: [] },
    inAncestry: true,
    status: 'active',
    ...more,
  };
}

/** As a pipeline's file is read: whole numbers and others told apart. */
export function asRead(value: Json): LosslessValue {
  return parseLosslessJson(JSON.stringify(value), 'test');
}

export function factsWith(evidence: Evidence, more: Partial<FactsRecord> = {}): FactsRecord {
  return {
    schema: 'cairn.facts/1',
    level: 'accepted',
    evaluatedAt: '2026-01-31T09:30:00.000Z' as Timestamp,
    candidate: {
      id: id('2') as CandidateId,
      signalName: 'momentum',
      horizon: 5,
      datasetId,
      configHash: id('3'),
    },
    run: {
      id: id('4') as RunId,
      runKey: runKey as RunKey,
      status: 'succeeded',
      datasets: [{ id: datasetId, algorithm: 'sqlite_logical_v2', mode: 'STRICT', sha256: id('5') }],
      engineVersion: '2.1.0',
      configVersion: '7',
      researchSpecVersion: '3',
      seedVersion: 1,
      configHash: id('3'),
      gitCommit: '6'.repeat(40),
      gitDirty: false,
    },
    actors: {
      creator: people.creator,
      runActor: people.runner,
      evaluator: people.evaluator,
      evidenceProducers: [people.producer],
    },
    evidence: Object.entries(evidence).map(([role, value]) => item(role, asRead(value))),
    ...('split_plan' in evidence
      ? {
          foldCheck: {
            plan: id('9') as ArtifactId,
            outcome: { ok: true, bars: 100, folds: [{ foldId: 'f1', failures: [] }] },
          },
        }
      : {}),
    programs: [],
    waivers: [],
    ...more,
  };
}

export function goodFacts(more: Partial<FactsRecord> = {}): FactsRecord {
  return factsWith(goodEvidence(), more);
}
