/**
 * What the payloads of governance events say: `values` by action, in one place, because whoever writes an event, whoever
 * replays it and the manifest that checks it must agree on every byte. `text` is the reason or message, where there is one.
 *
 *   actor.add           {name, mail, roles, signed?}
 *   actor.grant         {roles, signed?}
 *   actor.revoke        {roles, signed?}
 *   key.add             {actor, publicKey, type, signed?}; `publicKey` is the wire form of SSH in hexadecimal
 *   key.revoke          {from?, signed?}, or no values
 *   candidate.promote   {to, report, name?, replace?}
 *   candidate.reject, candidate.withdraw     no values
 *   policy.activate, candidate.create, candidate.evaluate, approve {approval}: the record says the rest
 *
 * `signed` is an admin's statement about the other values (core/authority-statement.ts), where there is one.
 */
import { canonicalize } from '../canonical-json.ts';
import { CodedError } from '../errors.ts';
import type { ActorId, ApprovalId, CandidateId, RefName, ReportId } from '../ids.ts';
import { sha256Hex } from '../sha256.ts';
import type { SignedStatement } from '../signed-statement.ts';
import type { Timestamp } from '../time.ts';
import type { EventAction, EventDraft, SealedEvent, SubjectKind } from './event.ts';
import type { PayloadRecord } from './payload.ts';

type Payload = Omit<PayloadRecord, 'schema'>;

type Signed = SignedStatement | undefined;
const proof = (signed: Signed): { signed?: SignedStatement } => (signed === undefined ? {} : { signed });

export const actorPayload = (name: string, mail: string, roles: readonly string[], signed?: Signed): Payload => ({
  values: { name, mail, roles: [...roles], ...proof(signed) },
});

export const rolesPayload = (roles: readonly string[], signed?: Signed): Payload => ({
  values: { roles: [...roles], ...proof(signed) },
});

export const keyPayload = (actor: ActorId, publicKey: string, type: string, signed?: Signed): Payload => ({
  values: { actor, publicKey, type, ...proof(signed) },
});

export const approvalPayload = (approval: ApprovalId, message?: string): Payload => ({
  ...(message === undefined ? {} : { text: message }),
  values: { approval },
});

export interface Promotion {
  readonly to: 'candidate' | 'accepted';
  readonly report: ReportId;
  readonly name?: RefName | undefined;
  readonly replace?: CandidateId | undefined;
  readonly message?: string | undefined;
}

export function promotionPayload({ to, report, name, replace, message }: Promotion): Payload {
  const named = { ...(name === undefined ? {} : { name }), ...(replace === undefined ? {} : { replace }) };
  return { ...(message === undefined ? {} : { text: message }), values: { to, report, ...named } };
}

/** undefined where there is nothing to keep: the event then has no payload. */
export function reasonPayload(reason: string | undefined, from?: Timestamp, signed?: Signed): Payload | undefined {
  const values = { ...(from === undefined ? {} : { from }), ...proof(signed) };
  const hasValues = Object.keys(values).length > 0;
  if (reason === undefined && !hasValues) return undefined;
  return { ...(reason === undefined ? {} : { text: reason }), ...(hasValues ? { values } : {}) };
}

/**
 * The canonical text of the payload that goes with an act, to be kept beside its event; undefined when there is none, or none
 * any more. Throws RECORD_INVALID when the event is another act, about something else, or names another payload.
 */
export function actText(
  event: EventDraft | SealedEvent,
  action: EventAction,
  subject: { readonly kind: SubjectKind; readonly id: string },
  payload: Payload | undefined,
): string | undefined {
  const said = 'record' in event ? event.record : event;
  if (said.action !== action || said.subject.kind !== subject.kind || said.subject.id !== subject.id) {
    const about = `${said.action} of ${said.subject.kind} ${said.subject.id}`;
    throw new CodedError('RECORD_INVALID', `the event says ${about}, not ${action} of ${subject.kind} ${subject.id}`);
  }
  if (payload === undefined) return undefined;
  const text = canonicalize({ schema: 'cairn.payload/1', ...payload });
  if (said.payload === sha256Hex(text)) return text;
  throw new CodedError(
    'RECORD_INVALID',
    `the payload of the ${action} of ${subject.id} does not say what is recorded`,
    {
      data: { action, subject: subject.id, payload: said.payload ?? null },
    },
  );
}

/** The id of a record's canonical text must be its name. Throws RECORD_INVALID. */
export function assertNamed(id: string, text: string): void {
  if (sha256Hex(text) === id) return;
  throw new CodedError('RECORD_INVALID', `${id} is not the hash of the record that comes with it`, { data: { id } });
}
