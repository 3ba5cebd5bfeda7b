/**
 * cairn.event/1: one governance act, appended to the log for ever.
 *
 * Events are canonical JSON, chained by `previous` (the id of the event before, 64 zeros for the first) and the leaves
 * of an RFC 6962 Merkle tree: leaf hash = SHA-256(00 ‖ event bytes). They hold ids and no free text.
 */
import { toHex, utf8 } from '../bytes.ts';
import { canonicalize, type JsonValue, parseCanonical } from '../canonical-json.ts';
import { CodedError } from '../errors.ts';
import type { ActorId, EventId, PayloadId } from '../ids.ts';
import { type Hash, merkleLeaf } from '../merkle.ts';
import { sha256, sha256Hex } from '../sha256.ts';
import { formatTimestamp, type Timestamp, timestampMs } from '../time.ts';

/** The closed list of acts. */
export const eventActions = [
  'run.commit',
  'ref.update',
  'artifact.tag',
  'artifact.supersede',
  'artifact.tombstone',
  'artifact.restore',
  'artifact.erase',
  'candidate.create',
  'candidate.evaluate',
  'candidate.promote',
  'candidate.reject',
  'candidate.withdraw',
  'approve',
  'policy.activate',
  'actor.add',
  'actor.grant',
  'actor.revoke',
  'key.add',
  'key.revoke',
  'hold.add',
  'hold.remove',
  'retire',
  'attest',
  'import',
] as const;
export type EventAction = (typeof eventActions)[number];

export const subjectKinds = [
  'run',
  'ref',
  'artifact',
  'candidate',
  'report',
  'policy',
  'actor',
  'key',
  'object',
  'bundle',
] as const;
export type SubjectKind = (typeof subjectKinds)[number];

export interface EventRecord {
  readonly schema: 'cairn.event/1';
  readonly seq: number;
  readonly previous: EventId;
  readonly timestamp: Timestamp;
  readonly clock: 'wall' | 'fixed';
  readonly actor: ActorId;
  readonly action: EventAction;
  readonly subject: { readonly kind: SubjectKind; readonly id: string };
  readonly subjectPrevious: EventId;
  readonly payload?: PayloadId;
}

/** What a use case asks to be logged; the log's writer adds order, time and chain. */
export interface EventDraft {
  readonly actor: ActorId;
  readonly action: EventAction;
  readonly subject: { readonly kind: SubjectKind; readonly id: string };
  readonly payload?: PayloadId;
}

export interface SealedEvent {
  readonly id: EventId;
  readonly record: EventRecord;
  /** Canonical bytes, without the line feed. */
  readonly bytes: Uint8Array;
  /** RFC 6962 leaf hash, 32 bytes. */
  readonly leafHash: Uint8Array;
}

export const noEvent = '0'.repeat(64) as EventId;

/**
 * The canonical text of an event, written out because a batch of publications makes hundreds of them; `parseEvent` takes
 * no other.
 */
function eventText(event: EventRecord): string {
  const { seq, previous, timestamp, clock, actor, action, subject, subjectPrevious, payload } = event;
  const paid = payload === undefined ? '' : `"payload":"${payload}",`;
  const about = `{"id":${canonicalize(subject.id)},"kind":"${subject.kind}"}`;
  return `{"action":"${action}","actor":"${actor}","clock":"${clock}",${paid}"previous":"${previous}","schema":"cairn.event/1","seq":${seq},"subject":${about},"subjectPrevious":"${subjectPrevious}","timestamp":"${timestamp}"}`;
}

export interface LogHead {
  /** Number of events. */
  readonly size: number;
  readonly last: EventId;
  /** Timestamp of the last event; undefined for an empty log. */
  readonly lastTimestamp: Timestamp | undefined;
}

export const emptyLogHead: LogHead = { size: 0, last: noEvent, lastTimestamp: undefined };

/** Puts a draft at the end of the log. The time is never earlier than the event before. `hash` may be a quicker SHA-256. */
export function sealEvent(
  draft: EventDraft,
  head: LogHead,
  subjectPrevious: EventId,
  nowMs: number,
  clock: 'wall' | 'fixed',
  hash: Hash = sha256,
): SealedEvent {
  const previousMs = head.lastTimestamp === undefined ? nowMs : timestampMs(head.lastTimestamp);
  const record: EventRecord = {
    schema: 'cairn.event/1',
    seq: head.size + 1,
    previous: head.last,
    timestamp: formatTimestamp(Math.max(nowMs, previousMs)),
    clock,
    actor: draft.actor,
    action: draft.action,
    subject: draft.subject,
    subjectPrevious,
    ...(draft.payload === undefined ? {} : { payload: draft.payload }),
  };
  const bytes = utf8(eventText(record));
  return { id: toHex(hash(bytes)) as EventId, record, bytes, leafHash: merkleLeaf(bytes, hash) };
}

const hashPattern = /^[0-9a-f]{64}$/;
const timestampPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Says what is wrong with one member of an event; undefined when nothing is. */
const members: { readonly [name: string]: (value: unknown) => boolean } = {
  schema: (value) => value === 'cairn.event/1',
  seq: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  previous: isHash,
  timestamp: (value) => typeof value === 'string' && timestampPattern.test(value),
  clock: (value) => value === 'wall' || value === 'fixed',
  actor: isHash,
  action: (value) => eventActions.some((action) => action === value),
  subject: isSubject,
  subjectPrevious: isHash,
  payload: (value) => value === undefined || isHash(value),
};

function isHash(value: unknown): boolean {
  return typeof value === 'string' && hashPattern.test(value);
}

function isSubject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false;
  const { kind, id } = value as { kind?: unknown; id?: unknown };
  const isText = typeof id === 'string' && id.length >= 1 && id.length <= 4096 && id.isWellFormed();
  return isText && subjectKinds.some((known) => known === kind);
}

function eventRecord(value: JsonValue): EventRecord {
  const fault = (what: string): CodedError => new CodedError('LOG_CORRUPT', `not a cairn.event/1 record: ${what}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault('no object');
  for (const name of Object.keys(value))
    if (!Object.hasOwn(members, name)) throw fault(`unknown member ${JSON.stringify(name)}`);
  for (const [name, isRight] of Object.entries(members))
    if (!isRight(value[name])) throw fault(`member ${name} is not right`);
  return value as unknown as EventRecord;
}

/** Parses one line of the log (without LF) and checks that it continues the chain behind `head`. */
export function parseEvent(bytes: Uint8Array, head?: LogHead): SealedEvent {
  const record = eventRecord(parseCanonical(bytes));
  if (head !== undefined && (record.seq !== head.size + 1 || record.previous !== head.last)) {
    throw new CodedError('LOG_CORRUPT', `event ${record.seq} does not follow event ${head.size} of the log`, {
      hint: 'Lines of the log were removed, reordered or rewritten. Compare with a checkpoint or a backup.',
      data: { seq: record.seq, expectedSeq: head.size + 1 },
    });
  }
  return { id: sha256Hex(bytes) as EventId, record, bytes, leafHash: merkleLeaf(bytes) };
}

/** The head of the log behind an event. */
export function headBehind(event: SealedEvent): LogHead {
  return { size: event.record.seq, last: event.id, lastTimestamp: event.record.timestamp };
}
