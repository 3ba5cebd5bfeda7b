/** Records of governance, each inserted once, right behind its event: policies, candidates, reports, approvals. */
import { canonicalize } from '../../core/canonical-json.ts';
import { CodedError } from '../../core/errors.ts';
import { actText, approvalPayload, assertNamed } from '../../core/records/act-values.ts';
import type { Fact } from '../../ports/manifest.ts';
import { addAct, keyRow, knownActor } from './apply-actors.ts';
import type { ApplyState } from './apply-state.ts';
import { runIdOf } from './lookups.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;
type GovernanceTable = 'policy' | 'candidate' | 'report' | 'approval';

/** The row of a known record of this kind. */
export function governanceRow(state: ApplyState, table: GovernanceTable, id: string): number | undefined {
  const row = state.knownObject('record', id);
  if (row === undefined) return undefined;
  return state.connection.value<number>(`SELECT ${table}_id FROM ${table} WHERE ${table}_id = ?`, row);
}

export function knownRow(state: ApplyState, table: GovernanceTable, id: string): number {
  const row = governanceRow(state, table, id);
  if (row === undefined) throw new CodedError('REV_NOT_FOUND', `no ${table} ${id}`, { data: { [table]: id } });
  return row;
}

export function activatePolicy(state: ApplyState, { id, name, version, record, event }: FactOf<'policy'>): void {
  assertNamed(id, record);
  actText(event, 'policy.activate', { kind: 'policy', id }, undefined);
  const known = governanceRow(state, 'policy', id);
  const row = known ?? state.object('record', id);
  addAct(state, event, undefined);
  if (known !== undefined) return;
  const sql = 'INSERT INTO policy (policy_id, name, version, record) VALUES (?, ?, ?, ?)';
  state.connection.run(sql, row, name, String(version), record);
}

export function addCandidate(state: ApplyState, { id, record, notes, event }: FactOf<'candidate'>): void {
  if (governanceRow(state, 'candidate', id) !== undefined) return;
  const { connection } = state;
  const text = canonicalize(record);
  assertNamed(id, text);
  actText(event, 'candidate.create', { kind: 'candidate', id }, undefined);
  if (notes !== undefined) assertNamed(record.notes ?? '', canonicalize({ schema: 'cairn.payload/1', text: notes }));
  const run = runIdOf(connection, record.run);
  if (run === undefined) throw new CodedError('REV_NOT_FOUND', `no run ${record.run}`, { data: { run: record.run } });
  const evidence = record.evidence.map(({ role, artifact }) => ({ role, artifact: state.artifact(artifact) }));
  const row = state.object('record', id);
  const notesRow = record.notes === undefined ? null : state.object('record', record.notes);
  const seq = addAct(state, event, undefined);
  connection.run(
    `INSERT INTO candidate (candidate_id, seq, run_id, signal_name, horizon, estimator, family_id, dataset_id, config_hash,
       notes_id, notes, record, status, status_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'exploratory', ?)`,
    row,
    seq,
    run,
    record.signalName,
    record.horizon,
    record.estimator ?? null,
    record.familyId ?? null,
    record.datasetId,
    record.configHash,
    notesRow,
    notes ?? null,
    text,
    seq,
  );
  for (const [ordinal, { role, artifact }] of evidence.entries()) {
    const sql = 'INSERT INTO candidate_evidence (candidate_id, ordinal, role, artifact_id) VALUES (?, ?, ?, ?)';
    connection.run(sql, row, ordinal, role, artifact);
  }
}

export function addReport(state: ApplyState, { id, record, event }: FactOf<'report'>): void {
  if (governanceRow(state, 'report', id) !== undefined) return;
  const text = canonicalize(record);
  assertNamed(id, text);
  actText(event, 'candidate.evaluate', { kind: 'report', id }, undefined);
  const candidate = knownRow(state, 'candidate', record.candidate);
  const policy = knownRow(state, 'policy', record.policy);
  const row = state.object('record', id);
  const facts = state.object('record', record.facts);
  const seq = addAct(state, event, undefined);
  state.connection.run(
    `INSERT INTO report (report_id, candidate_id, level, passed, policy_id, facts_id, seq, origin, record)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'local', ?)`,
    row,
    candidate,
    record.level,
    Number(record.passed),
    policy,
    facts,
    seq,
    text,
  );
}

export function addApproval(state: ApplyState, fact: FactOf<'approval'>): void {
  const { id, report, actor, keyFingerprint, message, record, event } = fact;
  if (governanceRow(state, 'approval', id) !== undefined) return;
  assertNamed(id, record);
  const payload = actText(event, 'approve', { kind: 'report', id: report }, approvalPayload(id, message));
  const reportRow = knownRow(state, 'report', report);
  const actorRow = knownActor(state, actor);
  const key = keyRow(state, keyFingerprint);
  if (key?.actor !== actorRow || key.revoked !== null) {
    const why = key?.revoked == null ? `is not a key of actor ${actor}` : 'is revoked';
    throw new CodedError('STATUS_CONFLICT', `key ${keyFingerprint} ${why}: it approves nothing`, {
      data: { key: keyFingerprint, actor, report },
    });
  }
  const row = state.object('record', id);
  const seq = addAct(state, event, payload);
  state.connection.run(
    'INSERT INTO approval (approval_id, report_id, actor_id, fingerprint, seq, record) VALUES (?, ?, ?, ?, ?, ?)',
    row,
    reportRow,
    actorRow,
    keyFingerprint,
    seq,
    record,
  );
}
