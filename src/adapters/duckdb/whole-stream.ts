/**
 * Whether a stream of rows came to its end. An error of DuckDB behind the first chunk of a stream is not told by its bindings:
 * the stream looks as if it were over, and a table would have the content of its first part. So a stream that is hashed has
 * one row more, which comes last and says that all others were there; where it is missing, the rows are asked for again in a
 * query that tells its error.
 */

import type { DuckDBConnection } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { ReadingPlan } from './table-reading.ts';

/** The query with a flag behind its columns, which is true in one last row. */
export function withEnd({ sql, width }: ReadingPlan): string {
  return `SELECT *, false FROM (${sql}) UNION ALL SELECT ${'NULL, '.repeat(width)}true`;
}

/** Whether the last row of a chunk is the one that ends the table; `flags` is the column of the flag. */
export function isEnd(chunk: Parameters<typeof duckdb.data_chunk_get_vector>[0], flags: number, rows: number): boolean {
  return duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk, flags), rows)[rows - 1] === 1;
}

/** Throws what stopped the stream. */
export async function failAgain(connection: DuckDBConnection, { sql }: ReadingPlan): Promise<never> {
  await connection.run(`SELECT bit_xor(hash(COLUMNS(*))) FROM (${sql})`);
  throw new Error('the rows could not be read to their end');
}
