/** Read-only SQL over the manifest's tables and over tables in the store. */
import type { JsonValue } from '../core/json-value.ts';
import type { TableSpecRecord } from '../core/records/table-spec.ts';
import type { TableFile } from './tables.ts';

export interface QueryTable {
  /** Verified. */
  readonly file: TableFile;
  /**
   * How it is read: canonical columns and casts. Left out: as the file says, and a CSV or JSONL with the narrowest types that fit
   * all of its values.
   */
  readonly spec?: TableSpecRecord;
}

export interface QueryRequest {
  /** One statement that reads. */
  readonly sql: string;
  /** Finds the table behind `artifact('<rev>')`; asked once for every revision in the text, before it runs. */
  readonly resolve: (rev: string) => Promise<QueryTable>;
  /** More rows are not wanted; left out: all. */
  readonly atMost?: number;
}

export interface QueryColumn {
  readonly name: string;
  /** In DuckDB's words: `BIGINT`, `VARCHAR`, `DECIMAL(9,2)`. */
  readonly type: string;
}

/**
 * Some rows of the answer: one array a column. No value is told falsely: integers beyond 2^53, decimals, NaN and
 * infinities are texts, times are ISO 8601 (with `Z` where they are moments), bytes are hexadecimal digits, lists and structs
 * are JSON.
 */
export interface QueryBatch {
  readonly rows: number;
  readonly columns: readonly (readonly JsonValue[])[];
}

export interface QueryAnswer {
  readonly columns: readonly QueryColumn[];
  /** To be read once. Every row is made before the first is given: what cannot be made has failed before. */
  readonly batches: AsyncIterable<QueryBatch>;
}

export interface SqlQueries {
  /**
   * Runs one statement that reads and hands its answer to `use`, which reads it piece by piece: memory is bounded whatever
   * the statement says. `use` is not called when a row cannot be made (a cast that fails, a value out of range). External access, extension loading and configuration are locked before the user's text is seen;
   * nothing that it says can change the store. Rejects with BAD_QUERY, naming the place, and with TABLE_INVALID for a file that
   * is not the table it should be.
   */
  rows<Result>(request: QueryRequest, use: (answer: QueryAnswer) => Promise<Result>): Promise<Result>;
  /** As `rows`; `use` is given the bytes of a Parquet file with the answer, to be read once. */
  parquet<Result>(request: QueryRequest, use: (bytes: AsyncIterable<Uint8Array>) => Promise<Result>): Promise<Result>;
}
