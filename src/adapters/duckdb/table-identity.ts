/** Content identity of one table: its rows, chunk by chunk, into the hasher of core/table-content. */
import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { assertInvariant } from '../../core/errors.ts';
import type { TableSpecRecord } from '../../core/records/table-spec.ts';
import type { ColumnData } from '../../core/table-content/column-data.ts';
import type { StreamHasher } from '../../core/table-content/stream-hasher.ts';
import { tableHasher } from '../../core/table-content/table-hash.ts';
import type { TableType } from '../../core/table-content/table-type.ts';
import { isTimeType, timeRange } from '../../core/table-content/time-range.ts';
import type { TableFile, TableIdentity } from '../../ports/tables.ts';
import { tableError, tableInvalid } from './table-errors.ts';
import { choosePieces, columnsPlan, type ReadingPlan, readingPlan, wideTable } from './table-reading.ts';
import { type OpenTable, openTable } from './table-source.ts';
import { readChunk } from './vectors.ts';
import { failAgain, isEnd, withEnd } from './whole-stream.ts';

export interface Request {
  readonly file: TableFile;
  readonly spec: TableSpecRecord;
}

export type Result = { readonly identity: TableIdentity } | { readonly error: Error };

/** Up to this size a file is read at once; beyond, in a stream, and it pays to ask how long its texts are. */
export const smallFile = 1 << 20;

/** A table that is being hashed. */
export interface Hashing {
  add(batch: readonly ColumnData[], rows?: Uint32Array): void;
  addColumns(first: number, batch: readonly ColumnData[]): void;
  end(): TableIdentity;
}

function hasInnerInterval(type: TableType): boolean {
  const isOrHas = (inner: TableType): boolean => inner.kind === 'interval' || hasInnerInterval(inner);
  switch (type.kind) {
    case 'list':
      return isOrHas(type.element);
    case 'map':
      return isOrHas(type.key) || isOrHas(type.value);
    case 'struct':
      return type.members.some((member) => isOrHas(member.type));
    default:
      return false;
  }
}

/** Checks that the specification fits the columns; returns the index of the time column, or -1. */
function checkSpec({ file, spec }: Request, { columns, types }: OpenTable): number {
  const columnOf = (name: string): number => columns.findIndex((column) => column.name === name);
  for (const name of [...(spec.sort ?? []), ...(spec.time === undefined ? [] : [spec.time])]) {
    if (columnOf(name) < 0) throw tableInvalid(file, 'it is none of the columns', 'columns', { column: name });
  }
  const inner = spec.sort === undefined ? -1 : types.findIndex(hasInnerInterval);
  if (inner >= 0) {
    const column = columns[inner]?.name as string;
    throw tableInvalid(file, 'intervals inside a nested column have no order', 'columns', { column });
  }
  if (spec.time === undefined) return -1;
  const time = columnOf(spec.time);
  if (!isTimeType(types[time] as TableType)) {
    const why = `times are wanted, and it has the type ${columns[time]?.type}: cast it to timestamp_tz, timestamp or date`;
    throw tableInvalid(file, why, 'casts', { column: spec.time });
  }
  return time;
}

export function startHashing(request: Request, table: OpenTable, hasher: () => StreamHasher): Hashing {
  const time = checkSpec(request, table);
  const columns = table.columns.map(({ name }, index) => ({ name, type: table.types[index] as TableType }));
  const hash = tableHasher(columns, hasher);
  const range = time < 0 ? undefined : timeRange(table.types[time] as TableType);
  return {
    add(batch, rows) {
      hash.add(batch, rows);
      range?.add(batch[time] as ColumnData, rows);
    },
    addColumns(first, batch) {
      hash.addColumns(first, batch);
      const times = batch[time - first];
      if (times !== undefined) range?.add(times);
    },
    end() {
      const { min: minTs, max: maxTs } = range?.end() ?? { min: undefined, max: undefined };
      return { ...hash.end(), columns: table.columns, minTs, maxTs };
    },
  };
}

async function readRows(
  connection: DuckDBConnection,
  plan: ReadingPlan,
  isSmall: boolean,
  add: (batch: readonly ColumnData[]) => void,
): Promise<void> {
  const { pieces } = plan;
  const result = isSmall ? await connection.run(plan.sql) : await connection.stream(withEnd(plan));
  const types = result.columnTypes().slice(0, pieces.length);
  const flags = isSmall ? -1 : result.columnCount - 1;
  let isWhole = isSmall;
  // The next chunk is made while this one is hashed.
  let coming = result.fetchChunk();
  for (;;) {
    const chunk = await coming;
    if (chunk === null || chunk.rowCount === 0) break;
    coming = result.fetchChunk();
    try {
      assertInvariant(isSmall || !isWhole, 'the row that ends a table is its last');
      isWhole ||= isEnd(chunk.chunk, flags, chunk.rowCount);
      const rows = chunk.rowCount - (isWhole && !isSmall ? 1 : 0);
      if (rows > 0) add(readChunk(chunk.chunk, rows, types, pieces));
    } catch (error) {
      await coming.catch(() => undefined);
      throw error;
    }
  }
  if (!isWhole) await failAgain(connection, plan);
}

async function hashRows(
  connection: DuckDBConnection,
  request: Request,
  table: OpenTable,
  hasher: () => StreamHasher,
): Promise<TableIdentity> {
  const hashing = startHashing(request, table, hasher);
  const { sort } = request.spec;
  const isSmall = (await stat(request.file.path)).size <= smallFile;
  if (table.columns.length > wideTable && sort === undefined) {
    // A chunk has 2048 rows of each column, however few there are: some columns at a time stay within the memory.
    for (let first = 0; first < table.columns.length; first += wideTable) {
      const plan = columnsPlan(table, first, first + wideTable);
      await readRows(connection, plan, isSmall, (batch) => hashing.addColumns(first, batch));
    }
  } else if (table.columns.length > 0) {
    const counts = isSmall ? [] : await choosePieces(connection, table);
    await readRows(connection, readingPlan(table, sort, counts), isSmall, (batch) => hashing.add(batch));
  }
  return hashing.end();
}

/** Rejects as TableReader.identify. */
export async function identifyTable(
  connection: DuckDBConnection,
  request: Request,
  hasher: () => StreamHasher,
): Promise<TableIdentity> {
  const table = await openTable(connection, request.file, request.spec);
  try {
    return await hashRows(connection, request, table, hasher);
  } catch (error) {
    throw await table.explain(error);
  } finally {
    await table.release();
  }
}

/** As `identifyTable`; a failure is the result. */
export async function tryIdentify(
  connection: DuckDBConnection,
  request: Request,
  hasher: () => StreamHasher,
): Promise<Result> {
  try {
    return { identity: await identifyTable(connection, request, hasher) };
  } catch (error) {
    return { error: tableError(request.file, error) };
  }
}
