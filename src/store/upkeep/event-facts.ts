/**
 * Events back into the facts that they stand for: the inverse of log/governance.ts. Which run, artifact or ref an event is
 * about stands in the event; what else it says stands in its payload, and what a run says in its record.
 *
 * Lines of a log may be anybody's: every event was parsed strictly before it comes here, and every record is hashed.
 */
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
import { type EventRecords, roles, signedBy, text, unreadable, value } from './event-payload.ts';
import { governanceFactOf } from './governance-event-facts.ts';

function runOrNone(event: SealedEvent, payload: PayloadRecord | undefined, name: string): RunId | undefined {
  return value(event, payload, name) === null ? undefined : parseRunId(text(event, payload, name));
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
      const id = parseActorId(subject.id);
      return { kind: 'actor', id, name, mail, roles: roles(event, payload), ...signedBy(payload), event };
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
      return governanceFactOf(event, records);
  }
}
