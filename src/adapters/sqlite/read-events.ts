/** Events. Their times never go back, so a time is found by halving the sequence. */
import type { EventId } from '../../core/ids.ts';
import type { EventRecord, SealedEvent } from '../../core/records/event.ts';
import type { EventEntry, EventFilter, Page, PageRequest } from '../../ports/manifest.ts';
import type { Connection, SqlValue } from './connection.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { eventSeqOf } from './lookups.ts';

interface EventRow {
  readonly seq: number;
  readonly id: EventId;
  readonly record: string;
  readonly leafHash: Uint8Array;
  readonly name: string | null;
  readonly mail: string | null;
}

const eventSql = `SELECT e.seq, lower(hex(e.event_id)) AS id, e.record, e.leaf_hash AS leafHash, c.name, c.mail
  FROM event e CROSS JOIN actor c ON c.actor_id = e.actor_id`;

function sealed(row: EventRow): SealedEvent {
  return {
    id: row.id,
    record: JSON.parse(row.record) as EventRecord,
    bytes: new TextEncoder().encode(row.record),
    leafHash: new Uint8Array(row.leafHash),
  };
}

export function readEvent(connection: Connection, id: EventId): SealedEvent | undefined {
  const seq = eventSeqOf(connection, id);
  const row = seq === undefined ? undefined : connection.get<EventRow>(`${eventSql} WHERE e.seq = ?`, seq);
  return row === undefined ? undefined : sealed(row);
}

/** The first event at or after a time; one behind the last when there is none. */
function seqAt(connection: Connection, time: string): number {
  let low = 1;
  let high = (connection.value<number | null>('SELECT max(seq) FROM event') ?? 0) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const at = connection.value<string>('SELECT timestamp FROM event WHERE seq = ?', middle) ?? '';
    if (at < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first event after a time. */
function seqBehind(connection: Connection, time: string): number {
  return seqAt(connection, `${time}\u0000`);
}

export function readEvents(connection: Connection, filter: EventFilter, page: PageRequest): Page<EventEntry> {
  const [from] = decodeCursor('events', page.cursor) ?? [];
  const where = ['e.seq >= ?', 'e.seq < ?'];
  let low = filter.from === undefined ? 1 : seqAt(connection, filter.from);
  let high = filter.to === undefined ? Number.MAX_SAFE_INTEGER : seqBehind(connection, filter.to);
  if (typeof from === 'number') {
    if (filter.ascending) low = Math.max(low, from);
    else high = Math.min(high, from + 1);
  }
  const values: SqlValue[] = [low, high];
  if (filter.subject !== undefined) {
    where.push('e.subject_id = ?', 'e.subject_kind = ?');
    values.push(filter.subject.id, filter.subject.kind);
  }
  if (filter.action !== undefined) {
    // With a subject, that index is the better one; the plus sign keeps SQLite from taking this one.
    where.push(filter.subject === undefined ? 'e.action = ?' : '+e.action = ?');
    values.push(filter.action);
  }
  const limit = page.limit === 0 ? -1 : page.limit + 1;
  const order = filter.ascending ? 'ASC' : 'DESC';
  const rows = connection.all<EventRow>(
    `${eventSql} WHERE ${where.join(' AND ')} ORDER BY e.seq ${order} LIMIT ?`,
    ...values,
    limit,
  );
  const next = page.limit !== 0 && rows.length > page.limit ? rows.pop() : undefined;
  return {
    rows: rows.map((row) => ({
      event: sealed(row),
      actorName: row.name === null ? undefined : `${row.name} <${row.mail}>`,
    })),
    cursor: next === undefined ? undefined : encodeCursor('events', [next.seq]),
  };
}
