/**
 * The difference of two tables (TableReader.diff). Each diff has a DuckDB of its own, so that its settings and its temporary
 * table are nobody else's and its memory is given back with it.
 */
import { availableParallelism } from 'node:os';
import type { DuckDBConnection } from '@duckdb/node-api';
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { JsonValue } from '../../core/json-value.ts';
import type { TableSpecRecord } from '../../core/records/table-spec.ts';
import { systemError } from '../../core/system-error.ts';
import type { TableType } from '../../core/table-content/table-type.ts';
import type { NumericDelta, RowChange, TableDiff, TableDiffRequest, TableFile } from '../../ports/tables.ts';
import { type DuckDbOptions, openDuckDb } from './instance.ts';
import { columnConverter } from './query-values.ts';
import { type DiffPlan, planDiff, type SideColumn } from './table-diff-plan.ts';
import * as sql from './table-diff-sql.ts';
import { type OpenTable, openTable } from './table-source.ts';

type Row = { readonly [column: string]: JsonValue };

/** A table that is open: what SQL reads, and what it is called in messages. */
interface Side {
  readonly file: TableFile;
  readonly table: OpenTable;
  readonly source: sql.SideSource;
  readonly columns: readonly SideColumn[];
}

async function rowsOf(connection: DuckDBConnection, text: string): Promise<JsonValue[][]> {
  const reader = await connection.runAndReadAll(text);
  const converters = reader.columnTypes().map(columnConverter);
  return reader.getRows().map((row) => row.map((value, index) => converters[index]?.(value) ?? (value as JsonValue)));
}

async function numbersOf(connection: DuckDBConnection, text: string): Promise<number[]> {
  const [row = []] = await rowsOf(connection, text);
  return row.map(Number);
}

/** Counts the rows of one side; refuses a key that names two of them. */
async function checkKey(connection: DuckDBConnection, side: Side, key: readonly string[]): Promise<number> {
  const places = key.map((name) => side.columns.findIndex((column) => column.name === name));
  const sqlNames = places.map((place) => side.source.names[place] as string);
  const [rows = 0, most = 0] = await numbersOf(connection, sql.countKeys(side.source, sqlNames));
  if (most < 2) return rows;
  const [found = []] = await rowsOf(connection, sql.ambiguousKey(side.source, sqlNames));
  const ambiguous = Object.fromEntries(key.map((name, index) => [name, found[index] ?? null]));
  const values = key.map((name) => `${name} = ${JSON.stringify(ambiguous[name])}`).join(', ');
  throw new CodedError(
    'BAD_ARGUMENT',
    `the key ${key.join(', ')} does not tell the rows of ${side.file.name} apart: ${found.at(-1)} rows have ${values}`,
    {
      hint: 'Name more columns with --key, or none (--key "") to compare whole rows.',
      data: { key, ambiguous, name: side.file.name },
    },
  );
}

function rowOf(columns: readonly { readonly name: string }[], values: readonly JsonValue[]): Row {
  return Object.fromEntries(columns.map(({ name }, index) => [name, values[index] ?? null]));
}

function changeOf({ key, compared }: DiffPlan, values: readonly JsonValue[]): RowChange {
  const before: Record<string, JsonValue> = {};
  const after: Record<string, JsonValue> = {};
  compared.forEach(({ name }, index) => {
    const at = key.length + 3 * index;
    if (values[at] !== true) return;
    before[name] = values[at + 1] ?? null;
    after[name] = values[at + 2] ?? null;
  });
  return { key: rowOf(key, values), before, after };
}

/** A difference of numbers near the end of their range leaves it; JSON has no infinity. */
const finite = (value: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

async function deltasOf(connection: DuckDBConnection, plan: DiffPlan): Promise<NumericDelta[]> {
  const numbers = plan.compared
    .map((pair, index) => ({ pair, flag: `d${index}` }))
    .filter(({ pair }) => pair.numbers !== 'none');
  const found: NumericDelta[] = [];
  for (let at = 0; at < numbers.length; at += sql.columnsAtOnce) {
    const part = numbers.slice(at, at + sql.columnsAtOnce);
    const facts = await numbersOf(connection, sql.summarise(part));
    part.forEach(({ pair }, index) => {
      const [changed = 0, maxAbs = 0, meanAbs = 0, mean = 0] = facts.slice(4 * index, 4 * index + 4);
      if (changed > 0)
        found.push({
          column: pair.name,
          changed,
          maxAbs: finite(maxAbs),
          meanAbs: finite(meanAbs / sql.meanScale),
          mean: finite(mean / sql.meanScale),
        });
    });
  }
  return found;
}

type Differences = Omit<TableDiff, 'columns' | 'equal'>;

async function byKey(
  connection: DuckDBConnection,
  sides: { readonly before: Side; readonly after: Side },
  plan: DiffPlan,
  { pairing, tolerance, sample }: TableDiffRequest,
): Promise<Differences> {
  const { before, after } = sides;
  const count = async (side: Side): Promise<number> =>
    pairing.by === 'key'
      ? checkKey(
          connection,
          side,
          plan.key.map(({ name }) => name),
        )
      : ((await numbersOf(connection, sql.countRows(side.source)))[0] ?? 0);
  const counts = { before: await count(before), after: await count(after) };
  await connection.run(sql.joinDifference(before.source, after.source, plan, tolerance));
  const [added = 0, removed = 0, changed = 0] = await numbersOf(connection, sql.countDifference);
  const onlyRows = async (side: 'b' | 'a', { columns }: Side): Promise<Row[]> =>
    (await rowsOf(connection, sql.onlySide(side, columns.length, plan, sample))).map((row) => rowOf(columns, row));
  return {
    rows: { ...counts, added, removed, changed },
    added: await onlyRows('a', after),
    removed: await onlyRows('b', before),
    changed: (await rowsOf(connection, sql.changedRows(plan, sample))).map((row) => changeOf(plan, row)),
    deltas: await deltasOf(connection, plan),
  };
}

async function byContent(
  connection: DuckDBConnection,
  { before, after }: { readonly before: Side; readonly after: Side },
  plan: DiffPlan,
  { sample }: TableDiffRequest,
): Promise<Differences> {
  const [rowsBefore = 0] = await numbersOf(connection, sql.countRows(before.source));
  const [rowsAfter = 0] = await numbersOf(connection, sql.countRows(after.source));
  await connection.run(sql.countedDifference(before.source, after.source, plan));
  const [added = 0, removed = 0] = await numbersOf(connection, sql.countTimes);
  const wholeRows = async (side: 'b' | 'a'): Promise<Row[]> => {
    const found: Row[] = [];
    for (const values of await rowsOf(connection, sql.countedRows(side, plan, sample))) {
      for (let times = Number(values.at(-1)); times > 0 && (sample === 0 || found.length < sample); times--)
        found.push(rowOf(plan.compared, values));
    }
    return found;
  };
  return {
    rows: { before: rowsBefore, after: rowsAfter, added, removed, changed: 0 },
    added: await wholeRows('a'),
    removed: await wholeRows('b'),
    changed: [],
    deltas: [],
  };
}

const numberWords = new Set(['integer', 'float', 'decimal']);

async function openSide(connection: DuckDBConnection, file: TableFile, spec: TableSpecRecord): Promise<Side> {
  const table = await openTable(connection, file, spec);
  const { relation, sqlNames } = table;
  const columns = table.columns.map((column, index): SideColumn => {
    const kind = (table.types[index] as TableType).kind;
    return { ...column, numbers: numberWords.has(kind) ? 'number' : kind === 'text' ? 'text' : 'none' };
  });
  const names = new Map(columns.map(({ name }, index) => [name, sqlNames[index] as string]));
  const sort = (spec.sort ?? []).flatMap((name) => names.get(name) ?? []);
  // The order of content: the sort keys, ties broken by every other column.
  const order = sort.length === 0 ? [] : [...new Set([...sort, ...sqlNames])];
  return { file, table, columns, source: { relation, names: sqlNames, order } };
}

/** What an error of a query over both tables means: it is told by the table that cannot be read. */
async function explain(connection: DuckDBConnection, sides: readonly Side[], error: unknown): Promise<unknown> {
  for (const { table, source } of sides) {
    try {
      if (source.names.length > 0) await connection.run(sql.readAll(source));
    } catch (failure) {
      return table.explain(failure);
    }
  }
  return sides[0]?.table.explain(error) ?? error;
}

/**
 * What a diff holds under DuckDB's own bound; a join takes as much again outside of it. Two tables of 10 million rows stay
 * below 1 GiB in all. More threads would each want their part of it.
 */
const memoryLimit = 448 * 1024 * 1024;
const mostThreads = 4;

/** See TableReader.diff. */
export async function diffTables(request: TableDiffRequest, options: DuckDbOptions): Promise<TableDiff> {
  try {
    return await diffIn(request, options);
  } catch (error) {
    throw systemError('cannot compare the tables', error);
  }
}

async function diffIn(request: TableDiffRequest, options: DuckDbOptions): Promise<TableDiff> {
  const { connection, close } = await openDuckDb({
    temporary: options.temporary,
    memoryLimit: Math.min(options.memoryLimit, memoryLimit),
    threads: Math.min(options.threads ?? availableParallelism(), mostThreads),
  });
  const sides: Side[] = [];
  try {
    // Order matters for nothing but the numbers of rows, and keeping it costs memory.
    if (request.pairing.by !== 'position') await connection.run('SET preserve_insertion_order = false');
    const before = await openSide(connection, request.before, request.spec);
    sides.push(before);
    const after = await openSide(connection, request.after, request.spec);
    sides.push(after);
    const plan = planDiff(before.columns, after.columns, request.pairing);
    const compare = request.pairing.by === 'content' ? byContent : byKey;
    const differences = await compare(connection, { before, after }, plan, request);
    const { added, removed, changed } = differences.rows;
    const sameColumns = Object.values(plan.columns).every((list) => list.length === 0);
    return { columns: plan.columns, ...differences, equal: sameColumns && added + removed + changed === 0 };
  } catch (error) {
    throw isCodedError(error) ? error : await explain(connection, sides, error);
  } finally {
    for (const { table } of sides) await table.release();
    close();
  }
}
