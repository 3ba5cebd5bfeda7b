/**
 * The distinct times of a table, ascending: what a split plan is held against. Whole numbers stay numbers, dates and times
 * become nanoseconds since 1970 (a time without zone is UTC), and texts, which is what CSV has, are whichever of the two all
 * of them can be.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { type FoldTimestamps, foldTimestamps } from '../../core/evidence/fold-times.ts';
import { plainTable } from '../../core/records/table-spec.ts';
import type { TableFile, TableTimes } from '../../ports/tables.ts';
import { quoteName } from './sql-text.ts';
import { tableError, tableInvalid } from './table-errors.ts';
import { type OpenTable, openTable } from './table-source.ts';

/** More distinct times are refused: they are held in memory. */
const timeLimit = 5_000_000;

const wholeNumber = /^-?\d{1,19}$/;

/** Columns as DuckDB hands them out, one array. */
async function distinct(connection: DuckDBConnection, table: OpenTable, expression: string): Promise<unknown[]> {
  try {
    const reader = await connection.runAndReadAll(
      `SELECT DISTINCT time FROM (SELECT ${expression} AS time FROM ${table.relation}) WHERE time IS NOT NULL
       ORDER BY time LIMIT ${timeLimit + 1}`,
    );
    return reader.getColumns()[0] ?? [];
  } catch (error) {
    throw await table.explain(error);
  }
}

function timesOf(values: readonly unknown[], kind: string): FoldTimestamps | undefined {
  const bars = (): BigInt64Array => BigInt64Array.from(values as bigint[]);
  switch (kind) {
    case 'integer':
    case 'float':
      return { kind: 'number', bars: bars() };
    case 'text': {
      const texts = values as string[];
      return foldTimestamps(texts.every((text) => wholeNumber.test(text)) ? texts.map(BigInt) : texts);
    }
    default:
      return { kind: 'instant', bars: bars() };
  }
}

/** The type of a column, as SQL that gives 64-bit whole numbers or texts. */
function expressionOf(kind: string, name: string): string | undefined {
  switch (kind) {
    case 'integer':
      return `CAST(${name} AS BIGINT)`;
    case 'float':
      // A column with a gap: pandas makes floats of whole numbers. Anything else fails here.
      return `CASE WHEN ${name} = floor(${name}) THEN CAST(${name} AS BIGINT) ELSE error('a time that is no whole number') END`;
    case 'text':
      return name;
    case 'date':
    case 'timestamp':
    case 'timestamp_ns':
    case 'timestamp_tz':
      return `epoch_ns(${name})`;
    default:
      return undefined;
  }
}

/** As TableReader.times. */
export async function readTimes(
  connection: DuckDBConnection,
  file: TableFile,
  names: readonly string[],
): Promise<TableTimes | undefined> {
  const table = await openTable(connection, file, plainTable);
  try {
    const column = names.find((name) => table.columns.some((one) => one.name === name));
    if (column === undefined) return undefined;
    const index = table.columns.findIndex((one) => one.name === column);
    const kind = table.types[index]?.kind ?? 'null';
    const expression = expressionOf(kind, quoteName(table.sqlNames[index] as string));
    const values = expression === undefined ? [] : await distinct(connection, table, expression);
    if (values.length > timeLimit)
      throw tableInvalid(file, `more than ${timeLimit} distinct times`, 'columns', { column });
    const times = expression === undefined ? undefined : timesOf(values, kind);
    if (times === undefined) {
      throw tableInvalid(file, `its values are no times (${kind}): whole numbers, or ISO 8601`, 'columns', { column });
    }
    return { column, times };
  } catch (error) {
    throw tableError(file, error);
  } finally {
    await table.release();
  }
}
