/**
 * Times of Parquet that DuckDB reads with fewer digits than the file has: instants and times of day in nanoseconds, which it
 * cuts to microseconds, and the old 96-bit timestamps. Two tables that differ there must not be one content, so such columns are
 * looked at: in a copy of the file whose schema calls them timestamps without zone, which DuckDB reads to the last digit. A
 * value that is not a whole microsecond is refused by its row; so are 96-bit timestamps, which no schema makes readable.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableFile } from '../../ports/tables.ts';
import { describeSelect } from './describe-select.ts';
import { meaningOf } from './duckdb-types.ts';
import { quoteName, quoteText } from './sql-text.ts';
import { tableInvalid } from './table-errors.ts';

/** An element of a Parquet schema. Its tree comes in pre-order, the root first. */
export interface ParquetElement {
  readonly name: string;
  readonly children: number;
  /** `wide`: 96 bits; `fine`: nanoseconds that DuckDB would cut. */
  readonly time: 'wide' | 'fine' | undefined;
}

export async function parquetElements(connection: DuckDBConnection, path: string): Promise<ParquetElement[]> {
  const reader = await connection.runAndReadAll(
    `SELECT name, coalesce(num_children, 0)::INTEGER, coalesce(type, ''), coalesce(logical_type, '')
     FROM parquet_schema(${quoteText(path)})`,
  );
  return (reader.getRows() as [string, number, string, string][]).map(([name, children, type, logical]) => {
    const isFine = /^(TimeType|TimestampType\(isAdjustedToUTC=1).*NANOS=NanoSeconds/.test(logical);
    return { name, children, time: type === 'INT96' ? 'wide' : isFine ? 'fine' : undefined };
  });
}

/** The columns of a schema, each with all of its elements. */
export function topLevel(elements: readonly ParquetElement[]): (readonly ParquetElement[])[] {
  const columns: ParquetElement[][] = [];
  let inner = 0;
  for (const element of elements.slice(1)) {
    if (inner > 0) {
      inner--;
      columns.at(-1)?.push(element);
    } else columns.push([element]);
    inner += element.children;
  }
  return columns;
}

// A logical type as Thrift's compact protocol writes it: a member of a union (7 a time, 8 a timestamp) with a flag for UTC (11 is
// true, 12 false) and a unit (3c are nanoseconds).
const unit = [0x1c, 0x3c, 0, 0, 0, 0];
const fineForms = [
  [0x7c, 0x11],
  [0x7c, 0x12],
  [0x8c, 0x11],
].map((start) => Buffer.from([...start, ...unit]));
const plainForm = Buffer.from([0x8c, 0x12, ...unit]);

/** Calls every fine time of a file a timestamp without zone. */
async function relabel(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(8);
    await handle.read(tail, 0, 8, size - 8);
    const length = Math.min(tail.readUInt32LE(0), size - 8);
    const footer = Buffer.alloc(length);
    await handle.read(footer, 0, length, size - 8 - length);
    for (const form of fineForms) {
      for (let at = footer.indexOf(form); at >= 0; at = footer.indexOf(form, at + 1)) plainForm.copy(footer, at);
    }
    await handle.write(footer, 0, length, size - 8 - length);
  } finally {
    await handle.close();
  }
}

const tooFine = 'has nanoseconds, which cannot be read from a column of this type';

/** Throws TABLE_INVALID for the first value of these columns (by their place) that would be read with fewer digits. */
export async function checkTimes(
  connection: DuckDBConnection,
  file: TableFile,
  elements: readonly ParquetElement[],
  wanted: readonly number[],
): Promise<void> {
  const columns = topLevel(elements);
  const has = (place: number, time: ParquetElement['time']): boolean =>
    columns[place]?.some((element) => element.time === time) === true;
  const wide = wanted.find((place) => has(place, 'wide'));
  if (wide !== undefined) {
    const column = columns[wide]?.[0]?.name as string;
    throw tableInvalid(file, 'timestamps of 96 bits cannot be read exactly', 'times', { column });
  }
  const fine = wanted.filter((place) => has(place, 'fine'));
  if (fine.length === 0) return;
  const [directory] = (await connection.runAndReadAll("SELECT current_setting('temp_directory')")).getRows()[0] as [
    string,
  ];
  const copy = join(directory, `times-${randomBytes(12).toString('hex')}.parquet`);
  try {
    await copyFile(file.path, copy, constants.COPYFILE_FICLONE);
    await relabel(copy);
    // Whoever writes schemas in another way than all do is found out here.
    const left = (await parquetElements(connection, copy)).some(({ time }) => time === 'fine');
    for (const place of fine) {
      const column = columns[place]?.[0]?.name as string;
      if (left) throw tableInvalid(file, 'nanoseconds of this column cannot be read exactly', 'times', { column });
      await checkColumn(connection, file, { copy, place, column });
    }
  } finally {
    await rm(copy, { force: true });
  }
}

async function checkColumn(
  connection: DuckDBConnection,
  file: TableFile,
  { copy, place, column }: { readonly copy: string; readonly place: number; readonly column: string },
): Promise<void> {
  const from = `read_parquet(${quoteText(copy)}, hive_partitioning = false, union_by_name = false)`;
  const { names, types } = await describeSelect(connection, `SELECT * FROM ${from}`);
  const type = types[place];
  const exact = type === undefined ? undefined : meaningOf(type)?.sql;
  if (exact === undefined) return; // refused for its type by whoever reads it
  const value = quoteName(names[place] as string);
  const cut = `CAST(CAST(${value} AS ${exact.replaceAll('TIMESTAMP_NS', 'TIMESTAMP')}) AS ${exact})`;
  const reader = await connection.runAndReadAll(
    `SELECT row, left(CAST(v AS VARCHAR), 80) FROM (SELECT row_number() OVER () AS row, ${value} AS v,
     ${cut} IS DISTINCT FROM ${value} AS is_cut FROM ${from}) WHERE is_cut ORDER BY row LIMIT 1`,
  );
  const [found] = reader.getRows() as [bigint, string][];
  if (found === undefined) return;
  throw tableInvalid(file, `${JSON.stringify(found[1])} ${tooFine}`, 'times', { row: Number(found[0]), column });
}
