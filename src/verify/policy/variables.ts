/**
 * What expressions can name, made of the facts. docs/guides/policies.md lists them for those who write policies.
 *
 *   level, candidate, run, thresholds   what is decided about, and by which limits
 *   evidence                            values by role, of evidence that could be read
 *   bundle, meta, summary               the validation bundle, its meta, and its IC summary of the primary horizon
 *   rc_summary, rc                      the Reality Check summary; and the same completed by meta where it says nothing
 *   execution                           the execution evidence
 *   attestation, enforcement            the fold-causality attestation (from evidence, else from meta), and its enforcement_checks
 *   regimes                             rows of the regime summary with samples, without `unknown`
 *   metrics                             values of the primary horizon, for the report as well
 *
 * Everything here exists; what there is no evidence for is an empty map, so that `has(rc.p_value)` can always be asked.
 */
import {
  decodeLossless,
  isLosslessObject,
  type LosslessObject,
  type LosslessValue,
  setMember,
} from '../../core/lossless-json.ts';
import type { EvidenceFacts, FactsRecord, RunFacts } from '../../core/records/facts.ts';
import type { Threshold, Thresholds } from '../../core/records/policy.ts';

type Members = { [name: string]: LosslessValue };

/** Names that every expression may use. */
export const variableNames: readonly string[] = [
  'level',
  'candidate',
  'run',
  'thresholds',
  'evidence',
  'bundle',
  'meta',
  'summary',
  'rc_summary',
  'rc',
  'execution',
  'attestation',
  'enforcement',
  'regimes',
  'metrics',
];

function object(value: LosslessValue | undefined): LosslessObject {
  return isLosslessObject(value) ? value : {};
}

/** The member, if it is there and not null. Hostile names (`toString`) are members like any other. */
function member(of: LosslessObject, name: string): LosslessValue | undefined {
  return Object.hasOwn(of, name) ? (of[name] ?? undefined) : undefined;
}

function setMembers(members: { readonly [name: string]: LosslessValue | undefined }): Members {
  const there: Members = {};
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined && value !== null) setMember(there, name, value);
  }
  return there;
}

function thresholdValue(threshold: Threshold): LosslessValue {
  if (typeof threshold === 'number') return Number.isInteger(threshold) ? BigInt(threshold) : threshold;
  return Array.isArray(threshold) ? threshold.map(thresholdValue) : (threshold as LosslessValue);
}

/** Evidence that can be used: read, and the only one of its role. */
export function readableEvidence(facts: FactsRecord): ReadonlyMap<string, LosslessValue> {
  const counts = new Map<string, number>();
  for (const { role } of facts.evidence) counts.set(role, (counts.get(role) ?? 0) + 1);
  const values = new Map<string, LosslessValue>();
  for (const { role, content } of facts.evidence) {
    if ('value' in content && counts.get(role) === 1) values.set(role, decodedValue(content));
  }
  return values;
}

function decodedValue(content: Extract<EvidenceFacts['content'], { value: unknown }>): LosslessValue {
  // There, and never read: a picture. As an empty map `has(evidence.capacity_curve)` is true of it.
  return content.value === null ? {} : decodeLossless(content.value);
}

/** The ids that a pin may have: the run's own, or what it carries for a pipeline that computes its own. */
export function runPins(run: RunFacts): { readonly [pin: string]: readonly string[] } {
  const some = (...values: (string | undefined)[]): string[] => values.filter((value) => value !== undefined);
  return {
    run_key: some(run.runKey, run.external?.runKey),
    dataset_id_v2: some(...run.datasets.map(({ id }) => id), run.external?.datasetIdV2),
    engine_version: [run.engineVersion],
    config_version: [run.configVersion],
    research_spec_version: some(run.researchSpecVersion),
    pipeline_contract_version: some(run.pipelineContractVersion),
  };
}

function runVariable(run: RunFacts, meta: LosslessObject): LosslessObject {
  const pins = runPins(run);
  return setMembers({
    run_instance_id: run.id,
    status: run.status,
    run_key: run.runKey,
    run_keys: pins['run_key'],
    dataset_ids: pins['dataset_id_v2'],
    dataset_modes: run.datasets.map(({ mode }) => mode),
    dataset_algorithms: run.datasets.map(({ algorithm }) => algorithm),
    engine_version: run.engineVersion,
    config_version: run.configVersion,
    research_spec_version: run.researchSpecVersion,
    pipeline_contract_version: run.pipelineContractVersion,
    seed_version: BigInt(run.seedVersion),
    config_hash: run.configHash,
    git_commit: run.gitCommit,
    git_dirty: run.gitDirty,
    // Either of the two is enough: a bundle cannot talk a run out of it.
    walk_forward: run.walkForward === true || member(meta, 'walk_forward_used') === true,
  });
}

/** Rows with samples: `n_bars` above zero, or not given. */
function sampledRegimes(value: LosslessValue | undefined): LosslessObject[] {
  const rows = Array.isArray(value) ? (value as readonly LosslessValue[]).filter(isLosslessObject) : [];
  return rows.filter((row) => {
    const name = member(row, 'regime');
    const count = member(row, 'n_bars');
    const isNamed = typeof name !== 'string' || name.trim().toLowerCase() !== 'unknown';
    return isNamed && (count === undefined || !(typeof count === 'bigint' || typeof count === 'number') || count > 0);
  });
}

function worst(regimes: readonly LosslessObject[]): number | bigint | undefined {
  let least: number | bigint | undefined;
  for (const row of regimes) {
    const value = member(row, 'mean_ic');
    if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
    // NaN is smaller than nothing; it has to come out, so that using it blocks.
    if (Number.isNaN(value)) return value;
    if (least === undefined || value < least) least = value;
  }
  return least;
}

function metricsOf(parts: {
  readonly summary: LosslessObject;
  readonly meta: LosslessObject;
  readonly rc: LosslessObject;
  readonly regimes: readonly LosslessObject[] | undefined;
}): LosslessObject {
  const { summary, meta, rc, regimes } = parts;
  const names = new Set(regimes?.map((row) => String(typeof row['regime'] === 'object' ? '' : row['regime']).trim()));
  const metrics = {
    mean_ic: member(summary, 'mean_ic'),
    t_stat: member(summary, 't_stat'),
    n_obs: member(summary, 'n_obs'),
    p_value: member(summary, 'p_value') ?? member(meta, 'p_value'),
    deflated_sharpe: member(summary, 'deflated_sharpe') ?? member(meta, 'deflated_sharpe'),
    rc_p_value: member(rc, 'rc_p_value'),
    regimes: regimes === undefined ? undefined : BigInt(names.size),
    regime_worst_mean_ic: regimes === undefined ? undefined : worst(regimes),
  };
  // Whatever else stands in their place is no metric: a report stays small.
  return setMembers(
    Object.fromEntries(
      Object.entries(metrics).filter(([, value]) => typeof value === 'number' || typeof value === 'bigint'),
    ),
  );
}

/** The variables of all expressions of one decision. */
export function variablesOf(
  facts: FactsRecord,
  evidence: ReadonlyMap<string, LosslessValue>,
  thresholds: Thresholds,
): LosslessObject & { readonly metrics: LosslessObject } {
  const { candidate, run } = facts;
  const bundle = object(evidence.get('validation_bundle'));
  const meta = object(member(bundle, 'meta'));
  const summary = object(member(object(member(bundle, 'ic_summary_by_horizon')), String(candidate.horizon)));
  const rcSummary = object(evidence.get('rc_summary'));
  const rc: Members = setMembers({ ...rcSummary });
  for (const name of ['rc_p_value', 'rw_enabled', 'rw_adjusted_p_values', 'rw_skipped_reason', 'hypothesis_ids']) {
    const other = member(meta, name);
    if (rc[name] === undefined && other !== undefined) rc[name] = other;
  }
  const versionName = 'fold_causality_attestation_schema_version';
  const attestation = setMembers({
    ...object(evidence.get('fold_causality_attestation') ?? member(meta, 'fold_causality_attestation')),
  });
  const version = member(meta, versionName);
  if (Object.keys(attestation).length > 0 && attestation[versionName] === undefined && version !== undefined) {
    attestation[versionName] = version;
  }
  const regimeTable = evidence.get('regime_summary');
  const regimes = regimeTable === undefined ? undefined : sampledRegimes(regimeTable);
  return {
    level: facts.level,
    candidate: setMembers({
      id: candidate.id,
      signal_name: candidate.signalName,
      horizon: BigInt(candidate.horizon),
      estimator: candidate.estimator,
      family_id: candidate.familyId,
      dataset_id: candidate.datasetId,
      config_hash: candidate.configHash,
    }),
    run: runVariable(run, meta),
    thresholds: Object.fromEntries(Object.entries(thresholds).map(([name, value]) => [name, thresholdValue(value)])),
    evidence: Object.fromEntries(evidence),
    bundle,
    meta,
    summary,
    rc_summary: rcSummary,
    rc,
    execution: object(evidence.get('execution_evidence')),
    attestation,
    enforcement: object(member(attestation, 'enforcement_checks')),
    regimes: regimes ?? [],
    metrics: metricsOf({ summary, meta, rc, regimes }),
  };
}
