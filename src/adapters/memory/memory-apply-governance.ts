/** Policies, candidates, reports and approvals, and where candidates stand. */
import { canonicalize } from '../../core/canonical-json.ts';
import { CodedError } from '../../core/errors.ts';
import type { CandidateId, RefName } from '../../core/ids.ts';
import { promotionFault, stepFault } from '../../core/promotion-rules.ts';
import {
  actText,
  approvalPayload,
  assertNamed,
  promotionPayload,
  reasonPayload,
} from '../../core/records/act-values.ts';
import type { CandidateStatus, Fact } from '../../ports/manifest.ts';
import { unknownActor } from './memory-apply-actors.ts';
import { type MemoryBatch, noteObject, refMoved } from './memory-batch.ts';
import { activePolicyId, approvalsOf, newestReportOf } from './memory-governance.ts';
import type { MemoryTables, StoredCandidate } from './memory-tables.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

export type GovernedFact =
  | FactOf<'policy'>
  | FactOf<'candidate'>
  | FactOf<'report'>
  | FactOf<'approval'>
  | FactOf<'promote'>
  | FactOf<'reject'>
  | FactOf<'withdraw'>;

export function applyGoverned(batch: MemoryBatch, fact: GovernedFact): void {
  switch (fact.kind) {
    case 'policy':
      return activatePolicy(batch, fact);
    case 'candidate':
      return addCandidate(batch, fact);
    case 'report':
      return addReport(batch, fact);
    case 'approval':
      return addApproval(batch, fact);
    case 'promote':
      return promote(batch, fact);
    case 'reject':
    case 'withdraw':
      return stepBack(batch, fact);
  }
}

function unknown(kind: string, id: string): CodedError {
  return new CodedError('REV_NOT_FOUND', `no ${kind} ${id}`, { data: { [kind]: id } });
}

function activatePolicy(batch: MemoryBatch, { id, name, version, record, event }: FactOf<'policy'>): void {
  const { tables } = batch;
  assertNamed(id, record);
  actText(event, 'policy.activate', { kind: 'policy', id }, undefined);
  noteObject(tables, 'record', id);
  const seq = batch.act(event, undefined);
  tables.policies.set(id, { id, name, version: String(version), record, seq });
}

function addCandidate(batch: MemoryBatch, { id, record, notes, event }: FactOf<'candidate'>): void {
  const { tables } = batch;
  if (tables.candidates.has(id)) return;
  assertNamed(id, canonicalize(record));
  actText(event, 'candidate.create', { kind: 'candidate', id }, undefined);
  if (notes !== undefined) assertNamed(record.notes ?? '', canonicalize({ schema: 'cairn.payload/1', text: notes }));
  if (!tables.runs.has(record.run)) throw unknown('run', record.run);
  for (const { artifact } of record.evidence) if (!tables.artifacts.has(artifact)) throw unknown('artifact', artifact);
  noteObject(tables, 'record', id);
  if (record.notes !== undefined) noteObject(tables, 'record', record.notes);
  const seq = batch.act(event, undefined);
  const stand = { status: 'exploratory', statusSeq: seq, report: undefined, name: undefined } as const;
  tables.candidates.set(id, { id, record, notes, seq, ...stand });
}

function addReport(batch: MemoryBatch, { id, record, event }: FactOf<'report'>): void {
  const { tables } = batch;
  if (tables.reports.has(id)) return;
  assertNamed(id, canonicalize(record));
  actText(event, 'candidate.evaluate', { kind: 'report', id }, undefined);
  if (!tables.candidates.has(record.candidate)) throw unknown('candidate', record.candidate);
  if (!tables.policies.has(record.policy)) throw unknown('policy', record.policy);
  for (const named of [id, record.facts]) noteObject(tables, 'record', named);
  tables.reports.set(id, { id, record, seq: batch.act(event, undefined) });
}

function addApproval(batch: MemoryBatch, fact: FactOf<'approval'>): void {
  const { tables } = batch;
  const { id, report, actor, keyFingerprint, record, event } = fact;
  if (tables.approvals.has(id)) return;
  assertNamed(id, record);
  const text = actText(event, 'approve', { kind: 'report', id: report }, approvalPayload(id, fact.message));
  if (!tables.reports.has(report)) throw unknown('report', report);
  if (!tables.actors.has(actor)) throw unknownActor(actor);
  const key = tables.keys.get(keyFingerprint);
  if (key?.actor !== actor || key.revoked !== undefined) {
    throw new CodedError(
      'STATUS_CONFLICT',
      `key ${keyFingerprint} ${key?.revoked === undefined ? `is not a key of actor ${actor}` : 'is revoked'}`,
      {
        data: { key: keyFingerprint, actor, report },
      },
    );
  }
  noteObject(tables, 'record', id);
  tables.approvals.set(id, { id, report, actor, keyFingerprint, record, seq: batch.act(event, text) });
}

function standing(tables: MemoryTables, id: CandidateId): StoredCandidate {
  const found = tables.candidates.get(id);
  if (found === undefined) throw unknown('candidate', id);
  return found;
}

function refused(candidate: CandidateId, status: CandidateStatus, reason: string): CodedError {
  return new CodedError('STATUS_CONFLICT', `candidate ${candidate} is ${status}: ${reason}`, {
    data: { candidate, status, reason },
  });
}

function promote(batch: MemoryBatch, fact: FactOf<'promote'>): void {
  const { tables } = batch;
  const { candidate, to, name } = fact;
  const before = standing(tables, candidate);
  const report = tables.reports.get(fact.report);
  const fault =
    stepFault(before.status, to) ??
    promotionFault({
      candidate,
      to,
      report: report === undefined ? undefined : { ...report, origin: 'local' },
      newest: newestReportOf(tables, candidate, to)?.id,
      activePolicy: activePolicyId(tables),
      approvals: approvalsOf(tables, fact.report).map((one) => ({ ...one, roles: one.rolesNow })),
      tombstoned: before.record.evidence.flatMap(({ artifact }) =>
        tables.statusOf(artifact) === 'tombstoned' ? [artifact] : [],
      ),
    }) ??
    (name !== undefined && to !== 'accepted' ? 'only what is accepted gets a name' : undefined);
  if (fault !== undefined) throw refused(candidate, before.status, fault);
  const holder = name === undefined ? undefined : holderOf(tables, name);
  if (name !== undefined && holder?.id !== fact.replace) throw refMoved(name, fact.replace, holder?.id);
  const text = actText(fact.event, 'candidate.promote', { kind: 'candidate', id: candidate }, promotionPayload(fact));
  const seq = batch.act(fact.event, text);
  if (name !== undefined) moveName(tables, name, holder, before, seq, fact.message);
  tables.candidates.set(candidate, { ...before, status: to, statusSeq: seq, report: fact.report, name });
}

function holderOf(tables: MemoryTables, name: RefName): StoredCandidate | undefined {
  if (!name.startsWith('accepted/')) throw new CodedError('BAD_REF_NAME', `${name} is no name under accepted/`);
  return [...tables.candidates.values()].find((one) => one.name === name);
}

function moveName(
  tables: MemoryTables,
  name: RefName,
  from: StoredCandidate | undefined,
  to: StoredCandidate | undefined,
  seq: number,
  message: string | undefined,
): void {
  if (from !== undefined) tables.candidates.set(from.id, { ...from, name: undefined });
  const record = tables.events.get(seq)?.record;
  if (record === undefined) return;
  tables.refs.set(name, { target: to?.record.run, seq });
  const { timestamp, actor } = record;
  const runs = { from: from?.record.run, to: to?.record.run };
  const candidates = {
    ...(from === undefined ? {} : { fromCandidate: from.id }),
    ...(to === undefined ? {} : { toCandidate: to.id }),
  };
  tables.moves.set(seq, { name, ...runs, ...candidates, message, timestamp, actor, seq });
}

function stepBack(batch: MemoryBatch, fact: FactOf<'reject'> | FactOf<'withdraw'>): void {
  const { tables } = batch;
  const { candidate, reason, event } = fact;
  const before = standing(tables, candidate);
  const status = fact.kind === 'reject' ? 'rejected' : 'exploratory';
  const fault = stepFault(before.status, status);
  if (fault !== undefined) throw refused(candidate, before.status, fault);
  const subject = { kind: 'candidate', id: candidate } as const;
  const seq = batch.act(event, actText(event, `candidate.${fact.kind}`, subject, reasonPayload(reason)));
  if (before.name !== undefined) moveName(tables, before.name, before, undefined, seq, reason);
  tables.candidates.set(candidate, { ...before, status, statusSeq: seq, report: undefined, name: undefined });
}
