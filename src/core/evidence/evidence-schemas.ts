/**
 * The schema of each evidence role, as `cairn schema evidence.<role>` prints it. A file may leave out any field and have any other:
 * whether a field that is not there matters is for the policy to say. A field that is there has the type given here; null stands
 * for one that is not there. A number is a JSON number, `NaN` and infinities included; a text of digits is no number.
 *
 * They judge lossless values (core/lossless-json.ts), in which whole numbers are bigint. Apart from the reader because zod costs
 * start-up.
 */
import * as z from 'zod/mini';
import type { EvidenceRole } from './evidence.ts';

function known<T>(
  jsonSchema: { readonly type: string | readonly string[] },
  isRight: (value: unknown) => boolean,
  message: string,
): z.ZodMiniType<T> {
  const schema = z.custom<T>(isRight, message);
  schema.register(z.globalRegistry, jsonSchema);
  return schema;
}

const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';
const number = known<number>({ type: 'number' }, isNumber, 'must be a number');
/** A float that is whole counts too: pandas makes floats of a column with a gap. */
const count = known<number>(
  { type: 'integer' },
  (value) => typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value)),
  'must be a whole number',
);
/** Versions and ids that some write as texts and some as numbers. */
const label = known<string | number>(
  { type: ['string', 'integer'] },
  (value) => typeof value === 'string' || typeof value === 'bigint',
  'must be a text or a whole number',
);
/** Whole number since 1970, or ISO 8601. */
const time = label;
const text = z.string('must be a text');
const flag = z.boolean('must be true or false');
const anything = z.unknown();

function maybe<T extends z.ZodMiniType>(schema: T): z.ZodMiniOptional<z.ZodMiniNullable<T>> {
  return z.optional(z.nullable(schema));
}

/** An object with these fields, if they are there, and any others. */
function open<T extends { [name: string]: z.ZodMiniType }>(fields: T): z.ZodMiniType {
  return z.looseObject(Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, maybe(schema)])));
}

/** One p-value for each hypothesis: in their order, or by their names. */
const adjustedPValues = z.union([z.array(z.nullable(number)), z.record(z.string(), z.nullable(number))]);

const enforcementChecks = open({
  train_only_fit_enforced: flag,
  purge_applied: flag,
  embargo_applied: flag,
  no_future_rows_in_fit: flag,
});

const attestation = open({
  fold_causality_attestation_schema_version: label,
  split_plan_summary: anything,
  transforms: z.array(open({ name: text, fold_id: label, fit_start_ts: time, fit_end_ts: time })),
  enforcement_checks: enforcementChecks,
});

const horizonSummary = open({
  mean_ic: number,
  t_stat: number,
  n_obs: number,
  p_value: number,
  deflated_sharpe: number,
});

const realityCheckFields = {
  rc_p_value: number,
  rw_enabled: flag,
  rw_adjusted_p_values: adjustedPValues,
  rw_skipped_reason: text,
};

const validationBundle = open({
  run_id: label,
  dataset_id: label,
  signal_name: text,
  freq: text,
  horizons: z.array(label),
  ic_summary_by_horizon: z.record(z.string(), horizonSummary),
  ic_decay_table: anything,
  meta: open({
    dataset_id_v2: text,
    dataset_hash_algo: text,
    dataset_hash_mode: text,
    run_key: text,
    engine_version: label,
    config_version: label,
    research_spec_version: label,
    pipeline_contract_version: label,
    seed_version: label,
    validation_bundle_schema_version: label,
    walk_forward_used: flag,
    /** The attestation itself, or where it lies. */
    fold_causality_attestation: anything,
    fold_causality_attestation_schema_version: label,
    ...realityCheckFields,
    p_value: number,
    deflated_sharpe: number,
  }),
});

const realityCheckSummary = open({
  rc_summary_schema_version: label,
  observed_max: number,
  hypothesis_ids: z.array(label),
  requested_n_sim: count,
  actual_n_sim: count,
  ...realityCheckFields,
  seed_root: label,
  seed_version: label,
  component_salt: text,
  null_construction_spec: anything,
});

const splitPlan = open({
  split_plan_schema_version: label,
  folds: z.array(
    open({
      fold_id: label,
      train_start_ts: time,
      train_end_ts: time,
      test_start_ts: time,
      test_end_ts: time,
      purge_gap_bars: count,
      embargo_bars: count,
      asof_lag_bars: count,
    }),
  ),
});

const executionEvidence = open({
  min_liquidity_usd: number,
  max_participation_rate: number,
  spread_model: anything,
  impact_model: anything,
  capacity_curve_path: text,
  cost_config: open({ fee_bps: number, slippage_bps: number }),
});

export const evidenceSchemas: { readonly [role in EvidenceRole]: z.ZodMiniType } = {
  validation_bundle: validationBundle,
  rc_summary: realityCheckSummary,
  regime_summary: z.array(open({ regime: label, mean_ic: number, n_bars: count })),
  execution_evidence: executionEvidence,
  capacity_curve: z.array(z.looseObject({})),
  fold_causality_attestation: attestation,
  split_plan: splitPlan,
};
