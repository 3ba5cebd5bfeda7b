/**
 * The SQL of a table diff. One hash join (or, without a key, one aggregation) writes the rows that differ to a temporary
 * table, which DuckDB keeps on disk when it has to; counts, deltas and samples are then asked of that alone.
 *
 * Names: `b<n>` and `a<n>` are columns of the two tables, `bp` and `ap` say which table has the row, `d<n>` whether the
 * n-th compared column differs. Comparisons are null-safe, and for DuckDB NaN is NaN and -0 is 0.
 */
import { quoteName } from './sql-text.ts';
import type { ColumnPair, DiffPlan } from './table-diff-plan.ts';

export interface SideSource {
  /** What stands behind FROM. */
  readonly relation: string;
  /** What SQL calls its columns, not quoted. */
  readonly names: readonly string[];
  /** Columns that order the rows where their position counts; empty for the order of the file. */
  readonly order: readonly string[];
}

/** Columns that one query summarises, so that a wide table makes many queries and not one that is too deep. */
export const columnsAtOnce = 200;

const ordered = (names: readonly string[]): string => names.map((name) => `${name} NULLS FIRST`).join(', ');

/** A table under its SQL names; `side` is `b` or `a`. */
function source({ relation, names, order }: SideSource, side: 'b' | 'a', numbered: boolean): string {
  const columns = names.map((name, index) => `${quoteName(name)} AS ${side}${index}`);
  const number = `row_number() OVER (${order.length === 0 ? '' : `ORDER BY ${ordered(order.map(quoteName))}`}) AS ${side}n`;
  return `(SELECT ${[...columns, ...(numbered ? [number] : []), `true AS ${side}p`].join(', ')} FROM ${relation})`;
}

/** Answers `rows` and `most`, the number of rows that share a key. */
export function countKeys({ relation }: SideSource, key: readonly string[]): string {
  const groups = key.map(quoteName).join(', ');
  return `SELECT coalesce(sum(n), 0)::BIGINT AS "rows", coalesce(max(n), 0) AS most
    FROM (SELECT count(*) AS n FROM ${relation} GROUP BY ${groups})`;
}

/** The first key that names several rows, and how many. */
export function ambiguousKey({ relation }: SideSource, key: readonly string[]): string {
  const columns = key.map(quoteName).join(', ');
  return `SELECT ${columns}, count(*) AS "rows" FROM ${relation} GROUP BY ${columns} HAVING count(*) > 1
    ORDER BY ${ordered(key.map(quoteName))} LIMIT 1`;
}

/** Reads every value, so that one that cannot be read fails here. */
export function readAll({ relation, names }: SideSource): string {
  return `SELECT count(*) FROM ${relation} WHERE hash(${names.map(quoteName).join(', ')}) IS NULL`;
}

export function countRows({ relation }: SideSource): string {
  return `SELECT count(*) AS "rows" FROM ${relation}`;
}

/** A value as a number; null for a text that is none. */
function asNumber(name: string, { numbers }: ColumnPair): string {
  return numbers === 'text' ? `TRY_CAST(${name} AS DOUBLE)` : `${name}::DOUBLE`;
}

/** True where the two values differ by more than the tolerance. */
function differs(pair: ColumnPair, tolerance: number): string {
  const { before, after, numbers } = pair;
  const exact = `${before} IS DISTINCT FROM ${after}`;
  if (numbers === 'none' || tolerance === 0) return exact;
  const [x, y] = [asNumber(before, pair), asNumber(after, pair)];
  const near = `abs(${y} - ${x}) <= ${tolerance}::DOUBLE * greatest(1, abs(${x}), abs(${y}))`;
  return `(${exact} AND NOT coalesce(isfinite(${x}) AND isfinite(${y}) AND ${near}, false))`;
}

/** Makes the table `difference` of rows that only one side has or whose columns differ. */
export function joinDifference(before: SideSource, after: SideSource, plan: DiffPlan, tolerance: number): string {
  const numbered = plan.key.some(({ before: name }) => name === 'bn');
  const on = plan.key.map((pair) => `${pair.before} IS NOT DISTINCT FROM ${pair.after}`).join(' AND ');
  const flags = plan.compared.map((pair, index) => `${differs(pair, tolerance)} AS d${index}`);
  const changed = plan.compared.map((_, index) => ` OR d${index}`).join('');
  return `CREATE TEMP TABLE difference AS
    SELECT * FROM (
      SELECT *${flags.map((flag) => `, ${flag}`).join('')}
      FROM ${source(before, 'b', numbered)} FULL JOIN ${source(after, 'a', numbered)} ON ${on}
    ) WHERE bp IS NULL OR ap IS NULL${changed}`;
}

export const countDifference =
  'SELECT count(*) FILTER (bp IS NULL) AS added, count(*) FILTER (ap IS NULL) AS removed, ' +
  'count(*) FILTER (bp AND ap) AS changed FROM difference';

/** Means are taken of values this much smaller, a power of two, so that no sum leaves the range of numbers. */
export const meanScale = 2 ** -60;

/** Four numbers a column: `n<i>`, `most<i>`, and the scaled means `size<i>` and `mean<i>`. */
export function summarise(columns: readonly { readonly pair: ColumnPair; readonly flag: string }[]): string {
  const facts = columns.flatMap(({ pair, flag }, index) => {
    const [x, y] = [asNumber(pair.before, pair), asNumber(pair.after, pair)];
    const scaled = `(${y} * ${meanScale}::DOUBLE - ${x} * ${meanScale}::DOUBLE)`;
    const rows = `FILTER (bp AND ap AND ${flag} AND isfinite(${x}) AND isfinite(${y}))`;
    return [
      `count(*) ${rows} AS n${index}`,
      `max(abs(${y} - ${x})) ${rows} AS most${index}`,
      `favg(abs(${scaled})) ${rows} AS size${index}`,
      `favg(${scaled}) ${rows} AS mean${index}`,
    ];
  });
  return `SELECT ${facts.join(', ')} FROM difference`;
}

const limited = (sample: number): string => (sample === 0 ? '' : ` LIMIT ${sample}`);

/** Rows that one side alone has: its columns in their order. */
export function onlySide(side: 'b' | 'a', columns: number, plan: DiffPlan, sample: number): string {
  const other = side === 'b' ? 'a' : 'b';
  const names = Array.from({ length: columns }, (_, index) => `${side}${index}`);
  const key = plan.key.map((pair) => (side === 'b' ? pair.before : pair.after));
  return `SELECT ${names.join(', ')} FROM difference WHERE ${other}p IS NULL ORDER BY ${ordered(key)}${limited(sample)}`;
}

/** Rows that both sides have: the key, then for each compared column whether it differs and both its values. */
export function changedRows(plan: DiffPlan, sample: number): string {
  const key = plan.key.map((pair) => pair.before);
  const values = plan.compared.flatMap((pair, index) => [`d${index}`, pair.before, pair.after]);
  return `SELECT ${[...key, ...values].join(', ')} FROM difference WHERE bp AND ap
    ORDER BY ${ordered(key)}${limited(sample)}`;
}

/** Makes the table `difference` of whole rows `b<n>` and `times`: above 0 as often more in the second table. */
export function countedDifference(before: SideSource, after: SideSource, plan: DiffPlan): string {
  const names = plan.compared.map((pair) => pair.before);
  const renamed = plan.compared.map((pair) => `${pair.after} AS ${pair.before}`);
  const groups = names.length === 0 ? '' : ` GROUP BY ${names.join(', ')}`;
  return `CREATE TEMP TABLE difference AS
    SELECT ${[...names, 'sum(side)::BIGINT AS times'].join(', ')} FROM (
      SELECT ${[...names, '-1 AS side'].join(', ')} FROM ${source(before, 'b', false)}
      UNION ALL SELECT ${[...renamed, '1 AS side'].join(', ')} FROM ${source(after, 'a', false)}
    )${groups} HAVING sum(side) <> 0`;
}

export const countTimes =
  'SELECT coalesce(sum(times) FILTER (times > 0), 0)::BIGINT AS added, ' +
  'coalesce(-sum(times) FILTER (times < 0), 0)::BIGINT AS removed FROM difference';

/** Whole rows and how often they are there more on that side. */
export function countedRows(side: 'b' | 'a', plan: DiffPlan, sample: number): string {
  const names = plan.compared.map((pair) => pair.before);
  const order = names.length === 0 ? '' : ` ORDER BY ${ordered(names)}`;
  return `SELECT ${[...names, 'abs(times) AS times'].join(', ')} FROM difference
    WHERE times ${side === 'b' ? '<' : '>'} 0${order}${limited(sample)}`;
}
