/** A file as the reader of its format opens it, before the specification has a say. */
import type { DuckDBType } from '@duckdb/node-api';

/** A column as the file has it. */
export interface RawColumn {
  readonly name: string;
  readonly expression: string;
  /** Undefined where DuckDB says it. */
  readonly type?: DuckDBType | 'text' | 'null';
}

export interface RawSource {
  readonly from: string;
  readonly columns: readonly RawColumn[];
  /** Throws TABLE_INVALID where the columns at these places cannot be read as they are. */
  check?(wanted: readonly number[]): Promise<void>;
  release?(): Promise<void>;
}
