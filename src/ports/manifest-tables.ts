/**
 * The manifest as plain tables, for an engine that reads them with SQL of its own. Everything that one instance answers
 * is of one moment, whatever other processes write meanwhile. Synchronous, because such engines ask from inside their callbacks.
 */

export type ManifestColumnType = 'integer' | 'real' | 'text' | 'blob';

export interface ManifestColumn {
  readonly name: string;
  readonly type: ManifestColumnType;
}

export interface ManifestTable {
  readonly name: string;
  readonly columns: readonly ManifestColumn[];
}

/** An integer is a bigint; a value of a text column is a string whatever it was stored as. */
export type ManifestValue = string | number | bigint | Uint8Array | null;

export interface ManifestTables {
  /** By name. */
  readonly tables: readonly ManifestTable[];
  /** All rows of a table, in batches of `batchSize` at most: one array a column. Nothing where there are no rows. */
  scan(table: string, batchSize: number): Iterable<readonly (readonly ManifestValue[])[]>;
  close(): void;
}
