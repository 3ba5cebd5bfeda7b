/**
 * Facts of governance with their events and payloads. Who may do what, and whether a candidate passes, is decided before: here
 * it is only put into words that the manifest checks and `reindex` reads back.
 */
import { canonicalBytes, canonicalize } from '../../core/canonical-json.ts';
import type { ActorId, CandidateId, PolicyId, ReportId } from '../../core/ids.ts';
import {
  approvalPayload,
  keyPayload,
  type Promotion,
  promotionPayload,
  reasonPayload,
  rolesPayload,
} from '../../core/records/act-values.ts';
import { type CandidateRecord, candidateBytes } from '../../core/records/candidate.ts';
import type { EventAction, EventDraft, SubjectKind } from '../../core/records/event.ts';
import { payloadBytes } from '../../core/records/payload.ts';
import { type ReportRecord, reportBytes } from '../../core/records/report.ts';
import type { SignedStatement } from '../../core/signed-statement.ts';
import type { Timestamp } from '../../core/time.ts';
import type { Fact } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import type { WriteSession } from '../objects/write-session.ts';
import { eventDraft } from './governance.ts';

type ActingContext = Pick<StoreContext, 'author'>;
type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;
type Payload = Parameters<typeof payloadBytes>[0];

function act(
  context: ActingContext,
  session: WriteSession,
  action: EventAction,
  subject: { readonly kind: SubjectKind; readonly id: string },
  payload?: Payload,
): EventDraft {
  const stored = payload === undefined ? undefined : session.record(payloadBytes(payload));
  return eventDraft(context, action, subject, stored as Parameters<typeof eventDraft>[3]);
}

export function rolesFact(
  context: ActingContext,
  session: WriteSession,
  kind: 'grant' | 'revoke-roles',
  actor: ActorId,
  roles: readonly string[],
  signed?: SignedStatement,
): FactOf<'grant'> | FactOf<'revoke-roles'> {
  const action = kind === 'grant' ? 'actor.grant' : 'actor.revoke';
  const event = act(context, session, action, { kind: 'actor', id: actor }, rolesPayload(roles, signed));
  return { kind, actor, roles, signed, event };
}

export function keyFact(
  context: ActingContext,
  session: WriteSession,
  key: Omit<FactOf<'key'>, 'kind' | 'event'>,
): FactOf<'key'> {
  const payload = keyPayload(key.actor, key.publicKey, key.type, key.signed);
  return {
    kind: 'key',
    ...key,
    event: act(context, session, 'key.add', { kind: 'key', id: key.fingerprint }, payload),
  };
}

export function revokeKeyFact(
  context: ActingContext,
  session: WriteSession,
  fingerprint: string,
  reason: string | undefined,
  from?: Timestamp,
  signed?: SignedStatement,
): FactOf<'revoke-key'> {
  const payload = reasonPayload(reason, from, signed);
  const event = act(context, session, 'key.revoke', { kind: 'key', id: fingerprint }, payload);
  return { kind: 'revoke-key', fingerprint, from, reason, signed, event };
}

/** `record` is a cairn.policy/1 record. */
export function policyFact(
  context: ActingContext,
  session: WriteSession,
  record: { readonly name: string; readonly version: string | number },
): FactOf<'policy'> {
  const id = session.record<PolicyId>(canonicalBytes(record));
  const event = act(context, session, 'policy.activate', { kind: 'policy', id });
  return { kind: 'policy', id, name: record.name, version: record.version, record: canonicalize(record), event };
}

/** Free text goes into the payload that the record then names. */
export function candidateFact(
  context: ActingContext,
  session: WriteSession,
  claim: Omit<CandidateRecord, 'schema' | 'notes'>,
  notes?: string,
): FactOf<'candidate'> {
  const named = notes === undefined ? {} : { notes: session.record(payloadBytes({ text: notes })) };
  const record = { schema: 'cairn.candidate/1', ...claim, ...named } as CandidateRecord;
  const id = session.record<CandidateId>(candidateBytes(record));
  const event = act(context, session, 'candidate.create', { kind: 'candidate', id });
  return { kind: 'candidate', id, record, notes, event };
}

/** The record of what was read (cairn.facts/1) must be stored by the caller. */
export function reportFact(context: ActingContext, session: WriteSession, record: ReportRecord): FactOf<'report'> {
  const id = session.record<ReportId>(reportBytes(record));
  return { kind: 'report', id, record, event: act(context, session, 'candidate.evaluate', { kind: 'report', id }) };
}

/** The record (cairn.approval/1) must be stored by the caller. */
export function approvalFact(
  context: ActingContext,
  session: WriteSession,
  approval: Omit<FactOf<'approval'>, 'kind' | 'event'>,
): FactOf<'approval'> {
  const subject = { kind: 'report', id: approval.report } as const;
  const event = act(context, session, 'approve', subject, approvalPayload(approval.id));
  return { kind: 'approval', ...approval, event };
}

export function promoteFact(
  context: ActingContext,
  session: WriteSession,
  candidate: CandidateId,
  promotion: Promotion,
): FactOf<'promote'> {
  const subject = { kind: 'candidate', id: candidate } as const;
  const event = act(context, session, 'candidate.promote', subject, promotionPayload(promotion));
  return { kind: 'promote', candidate, ...promotion, event };
}

export function stepBackFact(
  context: ActingContext,
  session: WriteSession,
  kind: 'reject' | 'withdraw',
  candidate: CandidateId,
  reason: string | undefined,
): FactOf<'reject'> | FactOf<'withdraw'> {
  const subject = { kind: 'candidate', id: candidate } as const;
  return { kind, candidate, reason, event: act(context, session, `candidate.${kind}`, subject, reasonPayload(reason)) };
}
