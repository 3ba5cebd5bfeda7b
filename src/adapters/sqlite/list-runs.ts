/**
 * Lists of runs, newest first. Run numbers ascend in the order of the log, so the ancestry of some runs is walked with a
 * frontier from which the newest is taken; the frontier is all that a cursor must hold.
 */
import type { Page, PageRequest, RunEntry, RunFilter } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { runIdOf } from './lookups.ts';
import { pathFilter } from './path-filter.ts';
import { runEntries } from './read-runs.ts';

const chunk = 256;

interface Walk {
  /** Run rows, newest first. */
  readonly rows: Iterable<number>;
  /** Where to go on behind the row that was taken last. */
  cursor(last: number): string;
}

export function listRuns(connection: Connection, filter: RunFilter, page: PageRequest): Page<RunEntry> {
  const walk = filter.from === undefined ? allRuns(connection, filter, page) : ancestry(connection, filter, page);
  const touches = filter.paths === undefined ? undefined : pathFilter(connection, filter.paths);
  const rows: number[] = [];
  let cursor: string | undefined;
  for (const row of walk.rows) {
    if (!passes(connection, row, filter) || touches?.(row) === false) continue;
    if (page.limit !== 0 && rows.length === page.limit) {
      cursor = walk.cursor(row);
      break;
    }
    rows.push(row);
  }
  return { rows: runEntries(connection, rows), cursor };
}

function passes(connection: Connection, row: number, filter: RunFilter): boolean {
  if (filter.from === undefined || (filter.status === undefined && filter.runKey === undefined)) return true;
  const run = connection.get<{ status: string; runKey: string }>(
    'SELECT status, run_key AS runKey FROM run WHERE run_id = ?',
    row,
  );
  return (
    (filter.status === undefined || run?.status === filter.status) &&
    (filter.runKey === undefined || run?.runKey === filter.runKey)
  );
}

function allRuns(connection: Connection, filter: RunFilter, page: PageRequest): Walk {
  const [from] = decodeCursor('runs', page.cursor) ?? [];
  const conditions = ['run_id <= ?'];
  const values: string[] = [];
  if (filter.runKey !== undefined) {
    conditions.push('run_key = ?');
    values.push(filter.runKey);
  }
  if (filter.status !== undefined) {
    conditions.push('status = ?');
    values.push(filter.status);
  }
  const sql = `SELECT run_id FROM run WHERE ${conditions.join(' AND ')} ORDER BY run_id DESC LIMIT ?`;
  function* rows(): Generator<number> {
    let bound = typeof from === 'number' ? from : Number.MAX_SAFE_INTEGER;
    const size = page.limit === 0 ? 4096 : Math.max(chunk, page.limit + 1);
    for (;;) {
      const found = connection.values<number>(sql, bound, ...values, size);
      yield* found;
      if (found.length < size) return;
      bound = (found.at(-1) as number) - 1;
    }
  }
  return { rows: rows(), cursor: (last) => encodeCursor('runs', [last]) };
}

const parentsSql = `SELECT r.run_id FROM run_parent p CROSS JOIN run r ON r.record_id = p.parent_id WHERE p.run_id = ?`;

function ancestry(connection: Connection, filter: RunFilter, page: PageRequest): Walk {
  const start = decodeCursor('ancestry', page.cursor) ?? (filter.from ?? []).map((id) => runIdOf(connection, id) ?? 0);
  const frontier = new Frontier();
  for (const row of start) if (typeof row === 'number' && row > 0) frontier.add(row);
  function* rows(): Generator<number> {
    const seen = new Set<number>();
    for (let row = frontier.take(); row !== undefined; row = frontier.take()) {
      if (seen.has(row)) continue;
      seen.add(row);
      yield row;
      for (const parent of connection.values<number>(parentsSql, row)) if (!seen.has(parent)) frontier.add(parent);
    }
  }
  // The row that did not fit was taken out of the frontier; its parents were not put in yet.
  return { rows: rows(), cursor: (last) => encodeCursor('ancestry', [last, ...frontier.rest()]) };
}

/** A binary heap of distinct numbers, the largest first. */
class Frontier {
  readonly #heap: number[] = [];
  readonly #members = new Set<number>();

  add(value: number): void {
    if (this.#members.has(value)) return;
    this.#members.add(value);
    const heap = this.#heap;
    let at = heap.push(value) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] as number) >= value) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = value;
  }

  take(): number | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined) return undefined;
    this.#members.delete(top);
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as number) > (heap[child] as number)) child++;
      if ((heap[child] as number) <= last) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = last;
    return top;
  }

  rest(): readonly number[] {
    return this.#heap;
  }
}
