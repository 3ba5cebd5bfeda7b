/** The acts about actors and keys out of the log, and what follows from them. */
import { authorityActions } from '../../core/authority-statement.ts';
import type { EventId } from '../../core/ids.ts';
import { noEvent, type SubjectKind } from '../../core/records/event.ts';
import type { EventEntry, Manifest } from '../../ports/manifest.ts';
import { type Authority, type AuthorityAct, replayAuthority } from '../../verify/authority.ts';
import { readPayloads } from '../log/events.ts';
import type { CheckingContext } from './signing-context.ts';

const pageSize = 1000;

/** Every event that a filter takes, oldest first. */
async function everyEvent(
  manifest: Manifest,
  filter: Omit<Parameters<Manifest['events']>[0], 'ascending'>,
): Promise<EventEntry[]> {
  const found: EventEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await manifest.events({ ...filter, ascending: true }, { limit: pageSize, cursor });
    found.push(...page.rows);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

/** Every act about actors and keys, in the order of the log. */
export async function authorityActs(context: CheckingContext): Promise<AuthorityAct[]> {
  const lists = await Promise.all(authorityActions.map((action) => everyEvent(context.manifest, { action })));
  const events = lists.flatMap((entries, index) => {
    const action = authorityActions[index] as AuthorityAct['action'];
    return entries.map(({ event }) => ({ action, id: event.id, record: event.record }));
  });
  events.sort((left, right) => left.record.seq - right.record.seq);
  const payloads = await readPayloads(
    context,
    events.flatMap(({ record }) => record.payload ?? []),
  );
  return events.map(({ action, id, record }) => ({
    seq: record.seq,
    id,
    action,
    actor: record.actor,
    subject: record.subject.id,
    subjectPrevious: record.subjectPrevious,
    timestamp: record.timestamp,
    values: record.payload === undefined ? undefined : payloads.get(record.payload)?.values,
  }));
}

/** Who may do what, proven by the log. */
export async function readAuthority(context: CheckingContext): Promise<Authority> {
  return replayAuthority(await authorityActs(context), { store: context.storeId, verify: context.verifyEd25519 });
}

/** The newest event about a subject, which the next one will continue. */
export async function newestEvent(manifest: Manifest, kind: SubjectKind, id: string): Promise<EventId> {
  const { rows } = await manifest.events({ subject: { kind, id } }, { limit: 1 });
  return rows[0]?.event.id ?? noEvent;
}
