/** Refs, their past, and holds. */
import type { CandidateId, RefName, RunId } from '../../core/ids.ts';
import type { Timestamp } from '../../core/time.ts';
import type { HoldEntry, HoldSubject, Page, PageRequest, RefEntry, RefLogEntry } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

export function readRefs(connection: Connection, prefix: string): RefEntry[] {
  const sql = `SELECT f.name, lower(hex(o.sha256)) AS target FROM ref f CROSS JOIN run r ON r.run_id = f.run_id
    CROSS JOIN object o ON o.object_id = r.record_id WHERE f.name >= ? AND substr(f.name, 1, ?) = ? ORDER BY f.name`;
  return connection.all<RefEntry>(sql, prefix, [...prefix].length, prefix);
}

const moveSql = `SELECT m.seq, f.name, m.message, e.timestamp, c.id AS actor,
    (SELECT lower(hex(o.sha256)) FROM run r JOIN object o ON o.object_id = r.record_id WHERE r.run_id = m.from_id) AS "from",
    (SELECT lower(hex(o.sha256)) FROM run r JOIN object o ON o.object_id = r.record_id WHERE r.run_id = m.to_id) AS "to",
    (SELECT lower(hex(sha256)) FROM object WHERE object_id = m.from_candidate_id) AS fromCandidate,
    (SELECT lower(hex(sha256)) FROM object WHERE object_id = m.to_candidate_id) AS toCandidate
  FROM ref_move m CROSS JOIN ref f ON f.ref_id = m.ref_id CROSS JOIN event e ON e.seq = m.seq CROSS JOIN actor c ON c.actor_id = e.actor_id`;

type MoveRow = Omit<RefLogEntry, 'from' | 'to' | 'message' | 'fromCandidate' | 'toCandidate'> & {
  fromCandidate: CandidateId | null;
  toCandidate: CandidateId | null;
  from: RunId | null;
  to: RunId | null;
  message: string | null;
};

export function readRefLog(connection: Connection, name: RefName | undefined, page: PageRequest): Page<RefLogEntry> {
  const [before] = decodeCursor('ref-log', page.cursor) ?? [];
  const limit = page.limit === 0 ? -1 : page.limit + 1;
  const bound = before ?? Number.MAX_SAFE_INTEGER;
  const rows =
    name === undefined
      ? connection.all<MoveRow>(`${moveSql} WHERE m.seq < ? ORDER BY m.seq DESC LIMIT ?`, bound, limit)
      : connection.all<MoveRow>(
          `${moveSql} WHERE m.ref_id = (SELECT ref_id FROM ref WHERE name = ?) AND m.seq < ? ORDER BY m.seq DESC LIMIT ?`,
          name,
          bound,
          limit,
        );
  const more = page.limit !== 0 && rows.length > page.limit;
  if (more) rows.pop();
  const entries = rows.map((row): RefLogEntry => {
    const { seq, timestamp, actor, fromCandidate, toCandidate } = row;
    return {
      name: row.name,
      from: row.from ?? undefined,
      to: row.to ?? undefined,
      ...(fromCandidate === null ? {} : { fromCandidate }),
      ...(toCandidate === null ? {} : { toCandidate }),
      message: row.message ?? undefined,
      timestamp,
      actor,
      seq,
    };
  });
  return { rows: entries, cursor: more ? encodeCursor('ref-log', [entries.at(-1)?.seq ?? 0]) : undefined };
}

export function readHolds(connection: Connection): HoldEntry[] {
  const sql = `SELECT h.subject_kind AS kind, h.subject_id AS id, h.reason, e.timestamp AS since
    FROM hold h CROSS JOIN event e ON e.seq = h.seq WHERE h.held = 1 ORDER BY h.subject_kind, h.subject_id`;
  return connection
    .all<{ kind: HoldSubject['kind']; id: string; reason: string | null; since: Timestamp }>(sql)
    .map(({ kind, id, reason, since }) => ({ subject: { kind, id }, reason: reason ?? undefined, since }));
}
