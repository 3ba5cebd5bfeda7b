/**
 * Events back into the facts that they stand for: the inverse of log/governance.ts. Which run, artifact or ref an event is
 * about stands in the event; what else it says stands in its payload, and what a run says in its record.
 *
 * Lines of a log may be anybody's: every event was parsed strictly before it comes here, and every record is hashed.
 */
import type { JsonValue } from '../../core/canonical-json.ts';
import { CodedError } from '../../core/errors.ts';
import {
  type ArtifactId,
  parseActorId,
  parseArtifactId,
  parseObjectId,
  parseRunId,
  type RunId,
} from '../../core/ids.ts';
import { parseRefName } from '../../core/names.ts';
import type { SealedEvent } from '../../core/records/event.ts';
import type { PayloadRecord } from '../../core/records/payload.ts';
import type { Fact, HoldSubject } from '../../ports/manifest.ts';

/** What was read for a batch of events. */
export interface EventRecords {
  /** The payload of an event; undefined when it has none or when it was erased. */
  payload(event: SealedEvent): PayloadRecord | undefined;
  run(id: RunId): Omit<Extract<Fact, { kind: 'run' }>, 'kind' | 'id' | 'event'>;
}

function unreadable(event: SealedEvent, why: string): CodedError {
  const { seq, action } = event.record;
  return new CodedError('LOG_CORRUPT', `event ${seq} (${action}) cannot be replayed: ${why}`, {
    hint: 'Restore the object directory and the log from one backup.',
    data: { seq, action, event: event.id },
  });
}

/** A member of the payload that the action cannot do without. */
function value(event: SealedEvent, payload: PayloadRecord | undefined, name: string): JsonValue {
  const found = payload?.values?.[name];
  if (found === undefined)
    throw unreadable(event, payload === undefined ? 'its payload is missing' : `its payload has no ${name}`);
  return found;
}

function text(event: SealedEvent, payload: PayloadRecord | undefined, name: string): string {
  const found = value(event, payload, name);
  if (typeof found !== 'string') throw unreadable(event, `its ${name} is no text`);
  return found;
}

function runOrNone(event: SealedEvent, payload: PayloadRecord | undefined, name: string): RunId | undefined {
  return value(event, payload, name) === null ? undefined : parseRunId(text(event, payload, name));
}

function roles(event: SealedEvent, payload: PayloadRecord | undefined): string[] {
  const found = value(event, payload, 'roles');
  if (!Array.isArray(found)) throw unreadable(event, 'its roles are no list');
  return found.map(String);
}

function tags(event: SealedEvent, payload: PayloadRecord | undefined): { [key: string]: string | undefined } {
  const found = value(event, payload, 'tags');
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    throw unreadable(event, 'its tags are no object');
  const entries = Object.entries(found).map(([key, tag]): [string, string | undefined] => {
    if (tag !== null && typeof tag !== 'string') throw unreadable(event, `its tag ${key} is no text`);
    return [key, tag ?? undefined];
  });
  return Object.fromEntries(entries);
}

function holdSubject(event: SealedEvent): HoldSubject {
  const { kind, id } = event.record.subject;
  if (kind !== 'run' && kind !== 'artifact' && kind !== 'object') throw unreadable(event, `a ${kind} cannot be held`);
  return { kind, id: parseObjectId(id) };
}

/** Throws LOG_CORRUPT for an event that lacks what it needs, NEWER_STORE for an action this version cannot replay. */
export function factOf(event: SealedEvent, records: EventRecords): Fact {
  const { action, subject } = event.record;
  const payload = records.payload(event);
  const reason = payload?.text;
  const artifact = (): ArtifactId => parseArtifactId(subject.id);
  switch (action) {
    case 'run.commit': {
      const id = parseRunId(subject.id);
      return { kind: 'run', id, ...records.run(id), event };
    }
    case 'ref.update': {
      const from = runOrNone(event, payload, 'from');
      const to = runOrNone(event, payload, 'to');
      return { kind: 'ref', name: parseRefName(subject.id), from, to, message: reason, event };
    }
    case 'actor.add': {
      const [name, mail] = [text(event, payload, 'name'), text(event, payload, 'mail')];
      return { kind: 'actor', id: parseActorId(subject.id), name, mail, roles: roles(event, payload), event };
    }
    case 'artifact.tag':
      return { kind: 'artifact-tags', artifact: artifact(), tags: tags(event, payload), event };
    case 'artifact.supersede':
      return {
        kind: 'supersede',
        artifact: artifact(),
        by: parseArtifactId(text(event, payload, 'by')),
        reason,
        event,
      };
    case 'artifact.tombstone':
      return { kind: 'tombstone', artifact: artifact(), reason, event };
    case 'artifact.restore':
      return { kind: 'restore', artifact: artifact(), reason, event };
    case 'artifact.erase':
      return { kind: 'erase', artifact: artifact(), reason, event };
    case 'hold.add':
      return { kind: 'hold', subject: holdSubject(event), reason, event };
    case 'hold.remove':
      return { kind: 'unhold', subject: holdSubject(event), reason, event };
    case 'retire':
      return { kind: 'retire', run: parseRunId(subject.id), reason, event };
    default:
      throw new CodedError(
        'NEWER_STORE',
        `event ${event.record.seq} is a ${action}, which this version of cairn cannot replay`,
        {
          hint: 'Use the version of cairn that wrote the store, or a newer one.',
          data: { seq: event.record.seq, action },
        },
      );
  }
}
