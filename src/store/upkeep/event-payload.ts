/** What an event says beside itself: the records that it names, and the values of its payload. */
import { CodedError } from '../../core/errors.ts';
import type { ApprovalId, CandidateId, PolicyId, ReportId, RunId } from '../../core/ids.ts';
import type { JsonValue } from '../../core/json-value.ts';
import type { CandidateRecord } from '../../core/records/candidate.ts';
import type { SealedEvent } from '../../core/records/event.ts';
import type { PayloadRecord } from '../../core/records/payload.ts';
import type { ReportRecord } from '../../core/records/report.ts';
import type { SignedStatement } from '../../core/signed-statement.ts';
import type { Fact } from '../../ports/manifest.ts';

/** What was read for a batch of events. */
export interface EventRecords {
  /** The payload of an event; undefined when it has none or when it was erased. */
  payload(event: SealedEvent): PayloadRecord | undefined;
  run(id: RunId): Omit<Extract<Fact, { kind: 'run' }>, 'kind' | 'id' | 'event'>;
  candidate(id: CandidateId): { readonly record: CandidateRecord; readonly notes: string | undefined };
  report(id: ReportId): ReportRecord;
  /** The text of a policy or an approval. */
  text(id: PolicyId | ApprovalId): string;
}

export function unreadable(event: SealedEvent, why: string): CodedError {
  const { seq, action } = event.record;
  return new CodedError('LOG_CORRUPT', `event ${seq} (${action}) cannot be replayed: ${why}`, {
    hint: 'Restore the object directory and the log from one backup.',
    data: { seq, action, event: event.id },
  });
}

/** A member of the payload that the action cannot do without. */
export function value(event: SealedEvent, payload: PayloadRecord | undefined, name: string): JsonValue {
  const found = payload?.values?.[name];
  if (found === undefined)
    throw unreadable(event, payload === undefined ? 'its payload is missing' : `its payload has no ${name}`);
  return found;
}

export function text(event: SealedEvent, payload: PayloadRecord | undefined, name: string): string {
  const found = value(event, payload, name);
  if (typeof found !== 'string') throw unreadable(event, `its ${name} is no text`);
  return found;
}

export function roles(event: SealedEvent, payload: PayloadRecord | undefined): string[] {
  const found = value(event, payload, 'roles');
  if (!Array.isArray(found)) throw unreadable(event, 'its roles are no list');
  return found.map(String);
}

/** An admin's signature as it stands in the payload; whoever relies on it parses and verifies it. */
export function signedBy(payload: PayloadRecord | undefined): { readonly signed?: SignedStatement } {
  const signed = payload?.values?.['signed'];
  return signed === undefined ? {} : { signed: signed as unknown as SignedStatement };
}
