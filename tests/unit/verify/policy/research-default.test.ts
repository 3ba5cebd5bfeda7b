import { describe, expect, test } from 'vitest';
import { parseLosslessJson } from '../../../../src/core/lossless-json.ts';
import type { FactsRecord } from '../../../../src/core/records/facts.ts';
import { decide } from '../../../../src/verify/policy/decide.ts';
import { policyFaults } from '../../../../src/verify/policy/policy-faults.ts';
import {
  builtIn,
  type Evidence,
  factsWith,
  goodEvidence,
  goodFacts,
  item,
  type Json,
  policyOf,
} from './research-facts.ts';

const policy = builtIn('research-default');

type Members = { [key: string]: Json };

/** Changes what stands at a path of the evidence; undefined takes it away. */
function change(evidence: Evidence, path: string, value: Json | undefined): void {
  const steps = path.split('.');
  const last = steps.pop() as string;
  let at = evidence as Members;
  for (const step of steps) at = at[step] as Members;
  if (value === undefined) delete at[last];
  else at[last] = value;
}

function blockersOf(facts: FactsRecord, by = policy): string[] {
  return decide(by, facts).blockers.map(({ check }) => check);
}

const meta = 'validation_bundle.meta';
const horizon = 'validation_bundle.ic_summary_by_horizon.5';
const enforcement = 'fold_causality_attestation.enforcement_checks';

/** What is changed, and the one blocker that follows. */
const requirements: [string, readonly [string, Json | undefined][], string][] = [
  ['no validation bundle', [['validation_bundle', undefined]], 'validation_bundle_required'],
  ['no regime summary', [['regime_summary', undefined]], 'regime_summary_required'],
  ['no execution evidence', [['execution_evidence', undefined]], 'execution_evidence_required'],
  ...['dataset_id_v2', 'run_key', 'engine_version', 'config_version'].flatMap(
    (pin): [string, [string, Json | undefined][], string][] => [
      [`no ${pin}`, [[`${meta}.${pin}`, undefined]], `${pin}_present`],
      [`a null ${pin}`, [[`${meta}.${pin}`, null]], `${pin}_present`],
      [`a blank ${pin}`, [[`${meta}.${pin}`, ' \t']], `${pin}_present`],
      [`the ${pin} of another run`, [[`${meta}.${pin}`, 'f'.repeat(16)]], `${pin}_matches_run`],
    ],
  ),
  ['no signal name', [['validation_bundle.signal_name', undefined]], 'signal_name_matches'],
  ['another signal', [['validation_bundle.signal_name', 'reversal']], 'signal_name_matches'],
  ['horizons without the primary one', [['validation_bundle.horizons', [1, 20]]], 'horizon_in_bundle'],
  ['no horizons', [['validation_bundle.horizons', undefined]], 'horizon_in_bundle'],
  ['another primary horizon in meta', [[`${meta}.primary_horizon`, 20]], 'primary_horizon_matches'],
  ['no hash mode', [[`${meta}.dataset_hash_mode`, undefined]], 'dataset_hash_mode_strict'],
  ['the hash mode FAST_DEV', [[`${meta}.dataset_hash_mode`, 'FAST_DEV']], 'dataset_hash_mode_strict'],
  ['no hash algorithm', [[`${meta}.dataset_hash_algo`, undefined]], 'dataset_hash_algo_known'],
  ['an unknown hash algorithm', [[`${meta}.dataset_hash_algo`, 'crc32']], 'dataset_hash_algo_known'],
  ['no seed version', [[`${meta}.seed_version`, undefined]], 'seed_version_known'],
  [
    'no bundle schema version',
    [[`${meta}.validation_bundle_schema_version`, undefined]],
    'bundle_schema_version_known',
  ],
  [
    'an unknown bundle schema version',
    [[`${meta}.validation_bundle_schema_version`, 2]],
    'bundle_schema_version_known',
  ],
  ['no attestation', [['fold_causality_attestation', undefined]], 'fold_attestation_present'],
  [
    'no attestation schema version',
    [
      ['fold_causality_attestation.fold_causality_attestation_schema_version', undefined],
      [`${meta}.fold_causality_attestation_schema_version`, undefined],
    ],
    'fold_attestation_version_known',
  ],
  [
    'another attestation schema version',
    [
      ['fold_causality_attestation.fold_causality_attestation_schema_version', 2],
      [`${meta}.fold_causality_attestation_schema_version`, 2],
    ],
    'fold_attestation_version_known',
  ],
  ...['train_only_fit_enforced', 'purge_applied', 'embargo_applied', 'no_future_rows_in_fit'].flatMap(
    (name): [string, [string, Json | undefined][], string][] => [
      [`no ${name}`, [[`${enforcement}.${name}`, undefined]], name],
      [`a false ${name}`, [[`${enforcement}.${name}`, false]], name],
      [`a ${name} that is 1`, [[`${enforcement}.${name}`, 1]], name],
    ],
  ),
  ['no Reality Check schema version', [['rc_summary.rc_summary_schema_version', undefined]], 'rc_schema_version_known'],
  ['another Reality Check schema version', [['rc_summary.rc_summary_schema_version', 3]], 'rc_schema_version_known'],
  ['too few simulations', [['rc_summary.actual_n_sim', 949]], 'rc_simulations_made'],
  ['no count of simulations', [['rc_summary.actual_n_sim', undefined]], 'rc_simulations_made'],
  [
    'no simulations requested and none made',
    [
      ['rc_summary.requested_n_sim', 0],
      ['rc_summary.actual_n_sim', 0],
    ],
    'rc_simulations_made',
  ],
  [
    'no Reality Check p-value',
    [
      ['rc_summary.rc_p_value', undefined],
      [`${meta}.rc_p_value`, undefined],
    ],
    'rc_p_value',
  ],
  [
    'a Reality Check p-value that is too high',
    [
      ['rc_summary.rc_p_value', 0.051],
      [`${meta}.rc_p_value`, 0.051],
    ],
    'rc_p_value',
  ],
  [
    'no adjusted p-values',
    [
      ['rc_summary.rw_adjusted_p_values', undefined],
      [`${meta}.rw_adjusted_p_values`, undefined],
    ],
    'rw_adjusted_p_values_present',
  ],
  [
    'an adjusted p-value too few',
    [
      ['rc_summary.rw_adjusted_p_values', [0.01]],
      [`${meta}.rw_adjusted_p_values`, [0.01]],
    ],
    'rw_one_for_each_hypothesis',
  ],
  [
    'adjusted p-values of other hypotheses',
    [
      ['rc_summary.rw_adjusted_p_values', { momentum: 0.01, carry: 0.02 }],
      [`${meta}.rw_adjusted_p_values`, undefined],
    ],
    'rw_one_for_each_hypothesis',
  ],
  [
    'an adjusted p-value above 1',
    [
      ['rc_summary.rw_adjusted_p_values', [0.01, 1.01]],
      [`${meta}.rw_adjusted_p_values`, undefined],
    ],
    'rw_p_values_in_range',
  ],
  [
    'an adjusted p-value that is null',
    [
      ['rc_summary.rw_adjusted_p_values', [0.01, null]],
      [`${meta}.rw_adjusted_p_values`, undefined],
    ],
    'rw_p_values_in_range',
  ],
  ['a reason for skipping Romano-Wolf', [['rc_summary.rw_skipped_reason', 'too slow']], 'rw_none_skipped'],
  ['an rc_p_value that differs', [['rc_summary.rc_p_value', 0.013]], 'rc_p_value_same'],
  ['an rw_enabled that differs', [[`${meta}.rw_enabled`, false]], 'rw_enabled_same'],
  ['adjusted p-values that differ', [[`${meta}.rw_adjusted_p_values`, [0.01, 0.05]]], 'rw_adjusted_p_values_same'],
  ['a seed version that differs', [['rc_summary.seed_version', 2]], 'seed_version_same'],
  ['a mean_ic that differs', [[`${meta}.mean_ic`, 0.035]], 'mean_ic_same'],
  ['a t_stat that differs', [[`${meta}.t_stat`, 4.3]], 't_stat_same'],
  ['a p_value that differs', [[`${meta}.p_value`, 0.002]], 'p_value_same'],
  ['a deflated_sharpe that differs', [[`${meta}.deflated_sharpe`, 1.7]], 'deflated_sharpe_same'],
  [
    'an attestation version that differs',
    [[`${meta}.fold_causality_attestation_schema_version`, 2]],
    'fold_attestation_version_same',
  ],
  ['no IC summary', [['validation_bundle.ic_summary_by_horizon', undefined]], 'ic_summary_present'],
  ['no IC summary of the horizon', [[horizon, undefined]], 'ic_summary_present'],
  ['no mean_ic', [[`${horizon}.mean_ic`, undefined]], 'mean_ic'],
  ['a mean_ic that is too low', [[`${horizon}.mean_ic`, 0.0199]], 'mean_ic'],
  ['no t_stat', [[`${horizon}.t_stat`, undefined]], 't_stat'],
  ['a t_stat that is too low', [[`${horizon}.t_stat`, 2.49]], 't_stat'],
  ['a p_value that is too high', [[`${horizon}.p_value`, 0.06]], 'p_value'],
  [
    'a p_value in meta that is too high',
    [
      [`${horizon}.p_value`, undefined],
      [`${meta}.p_value`, 0.06],
    ],
    'p_value',
  ],
  ['a deflated_sharpe that is too low', [[`${horizon}.deflated_sharpe`, 0.9]], 'deflated_sharpe'],
  [
    'a deflated_sharpe in meta that is too low',
    [
      [`${horizon}.deflated_sharpe`, undefined],
      [`${meta}.deflated_sharpe`, 0.9],
    ],
    'deflated_sharpe',
  ],
  [
    'one regime with samples',
    [
      [
        'regime_summary',
        [
          { regime: 'bull', mean_ic: 0.04, n_bars: 10 },
          { regime: 'bear', mean_ic: 0.01, n_bars: 0 },
          { regime: 'unknown', mean_ic: 0.01, n_bars: 5 },
        ],
      ],
    ],
    'regimes_sampled',
  ],
  [
    'one regime named twice',
    [
      [
        'regime_summary',
        [
          { regime: 'bull', mean_ic: 0.04 },
          { regime: 'bull', mean_ic: 0.01 },
        ],
      ],
    ],
    'regimes_sampled',
  ],
  ['a regime with a negative mean IC', [['regime_summary.1.mean_ic', -0.001]], 'regime_mean_ic'],
  ['no capacity curve', [['capacity_curve', undefined]], 'capacity_curve_present'],
  [
    'no maximum participation rate',
    [['execution_evidence.max_participation_rate', undefined]],
    'max_participation_rate_present',
  ],
  ['no fee_bps', [['execution_evidence.cost_config.fee_bps', undefined]], 'fee_bps_present'],
  ['no slippage_bps', [['execution_evidence.cost_config.slippage_bps', undefined]], 'slippage_bps_present'],
];

describe.each(['candidate', 'accepted'] as const)('research-default at the level %s', (level) => {
  test('passes a candidate that shows everything', () => {
    expect(decide(policy, goodFacts({ level }))).toMatchObject({ passed: true, blockers: [], warnings: [] });
  });

  test.each(requirements)('%s is one blocker', (_, changes, blocker) => {
    const evidence = goodEvidence();
    for (const [path, value] of changes) change(evidence, path, value);
    const decision = decide(policy, factsWith(evidence, { level }));
    expect(decision.blockers.map(({ check }) => check)).toEqual([blocker]);
    expect(decision.passed).toBe(false);
  });

  test('says each blocker in its own words', () => {
    const messages = requirements.map(([, changes]) => {
      const evidence = goodEvidence();
      for (const [path, value] of changes) change(evidence, path, value);
      const [blocker] = decide(policy, factsWith(evidence, { level })).blockers;
      return blocker?.message ?? '';
    });
    for (const message of messages) expect(message).not.toMatch(/could not be decided|\{|undefined/);
  });
});

describe('research-default', () => {
  test('has nothing wrong with its expressions, and neither has research-strict', () => {
    expect(policyFaults(policy)).toEqual([]);
    expect(policyFaults(builtIn('research-strict'))).toEqual([]);
  });

  test('has a test for every check that can block', () => {
    const elsewhere = [
      'run_succeeded',
      'dataset_id_matches',
      'run_dataset_mode_strict',
      'run_dataset_algorithm_known',
      'min_liquidity_usd',
      'max_participation_rate',
      'rw_skipped_reason_same',
      'research_spec_version_matches_run',
    ];
    const tested = new Set([...requirements.map(([, , blocker]) => blocker), ...elsewhere]);
    const blocking = policy.checks.filter(({ severity }) => severity === 'block').map(({ id }) => id);
    expect(blocking.filter((id) => !tested.has(id))).toEqual([]);
  });

  test('accepts run key and dataset id that the run carries for its pipeline', () => {
    const evidence = goodEvidence();
    change(evidence, `${meta}.run_key`, 'rk-77');
    change(evidence, `${meta}.dataset_id_v2`, 'ds-77');
    const { run } = goodFacts();
    expect(blockersOf(factsWith(evidence))).toEqual(['dataset_id_v2_matches_run', 'run_key_matches_run']);
    const external = { runKey: 'rk-77', datasetIdV2: 'ds-77' };
    expect(blockersOf(factsWith(evidence, { run: { ...run, external } }))).toEqual([]);
  });

  test('blocks what the run itself lacks', () => {
    const { run, candidate } = goodFacts();
    const [dataset] = run.datasets;
    if (dataset === undefined) throw new Error('no dataset');
    expect(blockersOf(goodFacts({ run: { ...run, status: 'failed' } }))).toEqual(['run_succeeded']);
    expect(blockersOf(goodFacts({ run: { ...run, datasets: [{ ...dataset, mode: 'FAST_DEV' }] } }))).toEqual([
      'run_dataset_mode_strict',
    ]);
    expect(blockersOf(goodFacts({ run: { ...run, datasets: [{ ...dataset, algorithm: 'crc32' }] } }))).toEqual([
      'run_dataset_algorithm_known',
    ]);
    expect(blockersOf(goodFacts({ candidate: { ...candidate, datasetId: 'other' } }))).toEqual(['dataset_id_matches']);
    expect(blockersOf(goodFacts({ run: { ...run, researchSpecVersion: '4' } }))).toEqual([
      'research_spec_version_matches_run',
    ]);
  });

  test('believes parameters that call a run walk-forward over a bundle that does not', () => {
    const evidence = goodEvidence();
    change(evidence, `${meta}.walk_forward_used`, false);
    change(evidence, 'fold_causality_attestation', undefined);
    const { run } = goodFacts();
    expect(blockersOf(factsWith(evidence))).toEqual([]);
    expect(blockersOf(factsWith(evidence, { run: { ...run, walkForward: true } }))).toEqual([
      'fold_attestation_present',
    ]);
  });

  test('takes an attestation from meta where none is in evidence', () => {
    const evidence = goodEvidence();
    change(evidence, `${meta}.fold_causality_attestation`, evidence['fold_causality_attestation']);
    change(evidence, 'fold_causality_attestation', undefined);
    expect(blockersOf(factsWith(evidence))).toEqual([]);
    change(evidence, `${meta}.fold_causality_attestation.enforcement_checks.purge_applied`, false);
    expect(blockersOf(factsWith(evidence))).toEqual(['purge_applied']);
  });

  test('asks nothing of a Reality Check summary that is not there, but for the p-value', () => {
    const evidence = goodEvidence();
    change(evidence, 'rc_summary', undefined);
    change(evidence, `${meta}.rw_enabled`, false);
    expect(blockersOf(factsWith(evidence))).toEqual([]);
    change(evidence, `${meta}.rw_enabled`, true);
    expect(blockersOf(factsWith(evidence))).toEqual(['rw_one_for_each_hypothesis']);
  });

  test('takes exactly 95 % of the simulations', () => {
    const evidence = goodEvidence();
    for (const requested of [1000, 100, 20, 10_000_000]) {
      change(evidence, 'rc_summary.requested_n_sim', requested);
      change(evidence, 'rc_summary.actual_n_sim', (requested * 95) / 100);
      expect(blockersOf(factsWith(evidence))).toEqual([]);
    }
  });

  test('recommends a research_spec_version for what is accepted', () => {
    const evidence = goodEvidence();
    change(evidence, `${meta}.research_spec_version`, undefined);
    const { researchSpecVersion: _, ...run } = goodFacts().run;
    const decision = decide(policy, factsWith(evidence, { run }));
    expect(decision).toMatchObject({ passed: true, warnings: [{ check: 'research_spec_version_recommended' }] });
    expect(decide(policy, factsWith(evidence, { run, level: 'candidate' })).warnings).toEqual([]);
  });

  test('only warns at the level exploratory', () => {
    const decision = decide(policy, factsWith({}, { level: 'exploratory' }));
    expect(decision).toMatchObject({ passed: true, blockers: [] });
    expect(decision.warnings.map(({ check }) => check)).toContain('validation_bundle_required');
  });

  test('applies limits of liquidity and participation where a policy sets them', () => {
    const limited = policyOf(
      'name: desk\nversion: "1"\nextends: research-default\nthresholds: {liquidity_usd_min: 6000000, participation_rate_max: 0.01}\n',
    );
    expect(blockersOf(goodFacts(), limited)).toEqual(['min_liquidity_usd', 'max_participation_rate']);
  });

  test('switches off by an empty threshold what the policy gives by threshold', () => {
    const open = policyOf(
      'name: desk\nversion: "1"\nextends: research-default\nthresholds: {rc_p_value_max: , regimes_min: , regime_mean_ic_min: }\n',
    );
    const evidence = goodEvidence();
    change(evidence, 'regime_summary', []);
    change(evidence, 'rc_summary.rc_p_value', undefined);
    change(evidence, `${meta}.rc_p_value`, undefined);
    expect(blockersOf(factsWith(evidence), open)).toEqual([]);
    expect(blockersOf(factsWith(evidence))).toEqual(['rc_p_value', 'regimes_sampled']);
  });
});

describe('values that are no numbers', () => {
  test.each([
    ['rc_summary.rc_p_value', ['rc_p_value', 'rc_p_value_same']],
    ['rc_summary.actual_n_sim', ['rc_simulations_made']],
    [`${horizon}.mean_ic`, ['mean_ic']],
    [`${horizon}.t_stat`, ['t_stat']],
    [`${horizon}.p_value`, ['p_value']],
    [`${horizon}.deflated_sharpe`, ['deflated_sharpe']],
    ['execution_evidence.max_participation_rate', ['max_participation_rate_present']],
    ['execution_evidence.cost_config.fee_bps', ['fee_bps_present']],
    ['regime_summary.1.mean_ic', ['regime_mean_ic']],
  ])('%s blocks as NaN, Infinity and -Infinity', (path, blockers) => {
    for (const word of ['NaN', 'Infinity', '-Infinity']) {
      const evidence = goodEvidence();
      change(evidence, path, '@');
      const facts = goodFacts({
        evidence: Object.entries(evidence).map(([role, value]) =>
          item(role, parseLosslessJson(JSON.stringify(value).replace('"@"', word), role)),
        ),
      });
      const decision = decide(policy, facts);
      const checks = decision.blockers.map(({ check }) => check);
      expect(checks).toEqual(blockers);
      for (const { message } of decision.blockers)
        expect(message).toMatch(/could not be decided: .* is (NaN|-?Infinity)/);
    }
  });
});
