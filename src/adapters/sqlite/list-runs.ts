/**
 * Lists of runs, newest first. Run numbers ascend in the order of the log, so the ancestry of some runs is walked with a
 * frontier from which the newest is taken; the frontier is all that a cursor must hold. Conditions are SQL as far as that
 * means the same as core does; what is left of them, and sorting, is core's.
 */
import { compareRuns, satisfies } from '../../core/run-query.ts';
import type { Page, PageRequest, RunEntry, RunFilter } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';
import { decodeCursor, encodeCursor, wrongCursor } from './cursor.ts';
import { Frontier } from './frontier.ts';
import { runIdOf } from './lookups.ts';
import { pathFilter } from './path-filter.ts';
import { runEntries } from './read-runs.ts';
import { type SqlCondition, sqlCondition } from './run-condition.ts';
import { sortedRows } from './sort-runs.ts';

const chunk = 256;
const batchSize = 1024;

interface Walk {
  /** Run rows, newest first. */
  readonly rows: Iterable<number>;
  /** Where to go on behind the row that was taken last. */
  cursor(last: number): string;
}

export function listRuns(connection: Connection, filter: RunFilter, page: PageRequest): Page<RunEntry> {
  const where = sqlCondition(filter.where);
  if (filter.order !== undefined || !where.exact) return settledRuns(connection, filter, where, page);
  const walk = walkOf(connection, filter, where, page);
  const rows: number[] = [];
  let cursor: string | undefined;
  for (const row of chosen(connection, filter, where, walk)) {
    if (page.limit !== 0 && rows.length === page.limit) {
      cursor = walk.cursor(row);
      break;
    }
    rows.push(row);
  }
  return { rows: runEntries(connection, rows), cursor };
}

/** What core has to settle or to sort: candidates are read as entries, batch by batch, until the page is full. */
function settledRuns(
  connection: Connection,
  filter: RunFilter,
  where: SqlCondition,
  page: PageRequest,
): Page<RunEntry> {
  const { order, where: condition } = filter;
  const list = order === undefined ? 'settled' : 'sorted';
  const [start] = decodeCursor(list, page.cursor) ?? [];
  const all = [...chosen(connection, filter, where, walkOf(connection, filter, where, { limit: 0 }))];
  if (order !== undefined && where.exact) {
    const sorted = sortedRows(connection, all, order);
    if (sorted !== undefined) return sortedPage(connection, sorted, start, page);
  }
  const rows = order === undefined && typeof start === 'number' ? all.filter((row) => row <= start) : all;
  const found: { readonly row: number; readonly entry: RunEntry }[] = [];
  const enough = order === undefined && page.limit !== 0 ? page.limit + 1 : Number.POSITIVE_INFINITY;
  for (let at = 0; at < rows.length && found.length < enough; at += batchSize) {
    const batch = rows.slice(at, at + batchSize);
    for (const [index, entry] of runEntries(connection, batch).entries()) {
      if (condition === undefined || satisfies(entry, condition)) found.push({ row: batch[index] as number, entry });
    }
  }
  let from = 0;
  if (order !== undefined) {
    const compare = compareRuns(order);
    found.sort((left, right) => compare(left.entry, right.entry));
    if (start !== undefined) from = found.findIndex(({ row }) => row === start);
    if (from < 0) throw wrongCursor();
  }
  const shown = found.slice(from, page.limit === 0 ? undefined : from + page.limit);
  const next = found[from + shown.length];
  return {
    rows: shown.map(({ entry }) => entry),
    cursor: next === undefined ? undefined : encodeCursor(list, [next.row]),
  };
}

function sortedPage(
  connection: Connection,
  rows: readonly number[],
  start: unknown,
  page: PageRequest,
): Page<RunEntry> {
  const from = typeof start === 'number' ? rows.indexOf(start) : 0;
  if (from < 0) throw wrongCursor();
  const end = page.limit === 0 ? rows.length : from + page.limit;
  const next = rows[end];
  return {
    rows: runEntries(connection, rows.slice(from, end)),
    cursor: next === undefined ? undefined : encodeCursor('sorted', [next]),
  };
}

function walkOf(connection: Connection, filter: RunFilter, where: SqlCondition, page: PageRequest): Walk {
  return filter.from === undefined ? allRuns(connection, filter, where, page) : ancestry(connection, filter, page);
}

/** Rows of a walk that pass the filter, as far as SQL can say. */
function* chosen(connection: Connection, filter: RunFilter, where: SqlCondition, walk: Walk): Generator<number> {
  const touches = filter.paths === undefined ? undefined : pathFilter(connection, filter.paths);
  const { conditions, values } = conditionsOf(filter, where);
  // All runs were chosen by the same conditions already.
  const sql =
    filter.from === undefined || conditions.length === 0
      ? undefined
      : `SELECT 1 FROM run r WHERE r.run_id = ? AND ${conditions.join(' AND ')}`;
  // A condition is asked once of all runs, which is faster than once of each.
  const matching =
    sql === undefined || filter.where === undefined
      ? undefined
      : new Set(connection.values<number>(`SELECT r.run_id FROM run r WHERE ${conditions.join(' AND ')}`, ...values));
  for (const row of walk.rows) {
    if (matching !== undefined) {
      if (!matching.has(row)) continue;
    } else if (sql !== undefined && connection.value(sql, row, ...values) === undefined) continue;
    if (touches?.(row) !== false) yield row;
  }
}

function conditionsOf(filter: RunFilter, where: SqlCondition): { conditions: string[]; values: (string | number)[] } {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  if (filter.runKey !== undefined) {
    conditions.push('r.run_key = ?');
    values.push(filter.runKey);
  }
  if (filter.status !== undefined) {
    conditions.push('r.status = ?');
    values.push(filter.status);
  }
  if (filter.where !== undefined) {
    conditions.push(where.sql);
    values.push(...where.values);
  }
  return { conditions, values };
}

function allRuns(connection: Connection, filter: RunFilter, where: SqlCondition, page: PageRequest): Walk {
  const [from] = decodeCursor('runs', page.cursor) ?? [];
  const { conditions, values } = conditionsOf(filter, where);
  const all = ['r.run_id <= ?', ...conditions].join(' AND ');
  const sql = `SELECT r.run_id FROM run r WHERE ${all} ORDER BY r.run_id DESC LIMIT ?`;
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
