/** Rows of governance in the dump, as the views of migrations/sqlite show them. */
import { canonicalize, type JsonValue } from '../../core/canonical-json.ts';
import type { ArtifactId, CandidateId, ReportId } from '../../core/ids.ts';
import type { EventRecord } from '../../core/records/event.ts';
import { allPolicies, approvalsOf, candidateEntry, keyEntry, payloadAt, timeAt } from './memory-governance.ts';
import type { MemoryTables, StoredRun } from './memory-tables.ts';

type Row = { readonly [column: string]: JsonValue };

const bySeq = (left: { readonly seq: number }, right: { readonly seq: number }): number => left.seq - right.seq;

/** What a governance event is about. */
export interface ActRow {
  readonly candidate: CandidateId;
  readonly report: ReportId | undefined;
  readonly evidence: readonly ArtifactId[];
  readonly run: StoredRun | undefined;
}

export function actOf(tables: MemoryTables, { subject, seq }: EventRecord): ActRow | undefined {
  const report = subject.kind === 'report' ? tables.reports.get(subject.id as ReportId) : undefined;
  const id = subject.kind === 'candidate' ? (subject.id as CandidateId) : report?.record.candidate;
  const candidate = id === undefined ? undefined : tables.candidates.get(id);
  if (candidate === undefined) return undefined;
  return {
    candidate: candidate.id,
    report: report?.id ?? (payloadAt(tables, seq).values?.['report'] as ReportId | undefined),
    evidence: candidate.record.evidence.map(({ artifact }) => artifact),
    run: tables.runs.get(candidate.record.run),
  };
}

export function keyRows(tables: MemoryTables): Row[] {
  const keys = [...tables.keys.values()].sort(bySeq).map((key) => keyEntry(tables, key));
  return keys.map(({ fingerprint, actor, publicKey, type, seq, addedAt, revoked }) => ({
    fingerprint,
    actor_id: actor,
    public_key: publicKey,
    type,
    event_id: seq,
    added_at_utc: addedAt,
    revoked_event_id: revoked?.seq ?? null,
    revoked_at_utc: revoked?.at ?? null,
    revoked_from: revoked?.from ?? null,
    revoked_reason: revoked?.reason ?? null,
  }));
}

export function policyRows(tables: MemoryTables): Row[] {
  return allPolicies(tables)
    .reverse()
    .map(({ id, name, version, seq, activatedAt, active, record }) => ({
      policy_id: id,
      name,
      version,
      event_id: seq,
      activated_at_utc: activatedAt,
      active: Number(active),
      record,
    }));
}

export function candidateRows(tables: MemoryTables): Row[] {
  const all = [...tables.candidates.values()].sort(bySeq).map((one) => candidateEntry(tables, one));
  return all.map(({ id, record, ...entry }) => ({
    candidate_id: id,
    created_at_utc: entry.createdAt,
    status: entry.status,
    dataset_id: record.datasetId,
    run_id: record.run,
    family_id: record.familyId ?? null,
    signal_name: record.signalName,
    horizon: record.horizon,
    estimator: record.estimator ?? null,
    config_hash: record.configHash,
    git_commit: entry.gitCommit ?? null,
    notes: entry.notes ?? null,
    evidence_json: canonicalize(record.evidence),
    eligibility_report_id: entry.report ?? null,
    event_id: entry.seq,
    status_event_id: entry.statusSeq,
    status_at_utc: entry.statusAt,
    accepted_name: entry.name ?? null,
    at_risk: Number(entry.risks.length > 0),
    at_risk_json: canonicalize(entry.risks),
  }));
}

export function reportRows(tables: MemoryTables): Row[] {
  return [...tables.reports.values()].sort(bySeq).map(({ id, record, seq }) => ({
    eligibility_report_id: id,
    candidate_id: record.candidate,
    level: record.level,
    passed: Number(record.passed),
    blockers_json: canonicalize(record.blockers),
    warnings_json: canonicalize(record.warnings),
    computed_at_utc: record.evaluatedAt,
    run_key: record.runKey,
    run_instance_id: record.runInstanceId,
    dataset_id_v2: record.datasetIdV2 ?? null,
    engine_version: record.engineVersion,
    config_version: record.configVersion,
    policy_id: record.policy,
    thresholds_json: canonicalize(record.thresholds),
    metrics_json: canonicalize(record.metrics),
    facts_id: record.facts,
    required_approvals_json: canonicalize(record.approvals),
    interested_json: canonicalize(record.interested),
    waivers_json: canonicalize(record.waivers),
    evidence_json: canonicalize(record.evidence),
    evaluator_id: record.evaluator,
    origin: 'local',
    event_id: seq,
    record: canonicalize(record),
  }));
}

export function approvalRows(tables: MemoryTables): Row[] {
  const all = [...tables.reports.values()].flatMap(({ id }) => approvalsOf(tables, id)).sort(bySeq);
  return all.map(({ id, report, actor, keyFingerprint, seq, timestamp, roles, keyRevoked, record }) => ({
    approval_id: id,
    eligibility_report_id: report,
    candidate_id: tables.reports.get(report)?.record.candidate ?? null,
    actor_id: actor,
    key_fingerprint: keyFingerprint,
    event_id: seq,
    approved_at_utc: timestamp,
    roles_json: canonicalize(roles),
    key_revoked: Number(keyRevoked),
    record,
  }));
}

export function governanceRefRows(tables: MemoryTables): Row[] {
  const own = [...tables.candidates.values()].flatMap(({ id, record, seq }) =>
    record.evidence.map(({ role, artifact }) => ({
      artifact_id: artifact,
      candidate_id: id,
      eligibility_report_id: null,
      role,
      event_id: seq,
    })),
  );
  const read = [...tables.reports.values()].flatMap(({ id, record, seq }) => {
    const pinned = tables.candidates.get(record.candidate)?.record.evidence ?? [];
    return record.evidence.map((artifact) => ({
      artifact_id: artifact,
      candidate_id: record.candidate,
      eligibility_report_id: id,
      role: pinned.find((item) => item.artifact === artifact)?.role ?? null,
      event_id: seq,
    }));
  });
  return [...own, ...read];
}

export function promotionEventRows(tables: MemoryTables): Row[] {
  return [...tables.events.values()]
    .sort((left, right) => left.record.seq - right.record.seq)
    .flatMap(({ record }) => {
      const act = actOf(tables, record);
      if (act === undefined) return [];
      return [
        {
          event_id: record.seq,
          candidate_id: act.candidate,
          ts_utc: timeAt(tables, record.seq),
          event_type: record.action,
          payload_json: canonicalize(payloadOf(tables, record, act)),
        },
      ];
    });
}

function payloadOf(tables: MemoryTables, { action, seq, actor }: EventRecord, act: ActRow): JsonValue {
  const report = act.report ?? null;
  if (action === 'candidate.create') return { run_instance_id: act.run?.id ?? null };
  if (action === 'candidate.evaluate') {
    const record = act.report === undefined ? undefined : tables.reports.get(act.report)?.record;
    return { level: record?.level ?? null, passed: record?.passed ?? null, report };
  }
  if (action === 'approve') {
    const found = [...tables.approvals.values()].find((one) => one.seq === seq);
    return { actor: found?.actor ?? actor, approval: found?.id ?? null, report };
  }
  const { schema: _, ...said } = payloadAt(tables, seq);
  return said;
}
