/** Content identity of SQLite databases of the user's (core/sqlite-logical-v2.ts says of what). */
import type { DatasetMode } from '../core/run-key.ts';

export interface SqliteScope {
  /** All user tables when left out. */
  readonly tables?: readonly string[] | undefined;
  /** Columns that order a table which has no primary key. */
  readonly keys?: { readonly [table: string]: readonly string[] } | undefined;
  readonly mode: DatasetMode;
  /** In STRICT: a table of the scope may be missing all the same. */
  readonly allowMissing?: boolean | undefined;
}

export interface SqliteDataset {
  /** The first 16 digits of `sha256`. */
  readonly id: string;
  readonly sha256: string;
  readonly tables: readonly { readonly name: string; readonly digest: string; readonly rows: number }[];
  /** Tables of the scope that the database does not have. */
  readonly missing: readonly string[];
  /** Tables whose rows have no declared order: their digest may change when nothing but the file's layout did. */
  readonly undeclaredOrder: readonly string[];
}

export interface SqliteDatasets {
  /**
   * Reads in one transaction and changes nothing. Rejects with BAD_ARGUMENT for a value that does not fit its column, a
   * text that is not UTF-8, a key column that does not exist, and in STRICT for a missing table and for a table without
   * primary or configured key; with UNSUPPORTED_FILE for a file that is no SQLite database.
   */
  digest(path: string, scope: SqliteScope): Promise<SqliteDataset>;
}
