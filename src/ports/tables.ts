/** Files that are tables: their content identity, their schema, and the difference between two. */

import type { FoldTimestamps } from '../core/evidence/fold-times.ts';
import type { TableHash } from '../core/ids.ts';
import type { JsonValue } from '../core/json-value.ts';
import type { TableSpecRecord } from '../core/records/table-spec.ts';
import type { TableFormat } from '../core/table-format.ts';

export type { TableFormat };

export interface TableFile {
  /** Absolute path of a file that nobody changes while it is read. */
  readonly path: string;
  readonly format: TableFormat;
  /** What the user calls it: messages name this, never `path`. */
  readonly name: string;
}

export interface ColumnSchema {
  readonly name: string;
  /** In the words of core/table-content: independent of the file format. */
  readonly type: string;
}

export interface TableIdentity {
  readonly sha256: TableHash;
  readonly rows: number;
  readonly columns: readonly ColumnSchema[];
  /** First and last value of the specification's time column, when it has one and a value that is not null. */
  readonly minTs: string | undefined;
  readonly maxTs: string | undefined;
}

/** How the rows of two tables find each other. */
export type RowPairing =
  /** By columns that name each row once. */
  | { readonly by: 'key'; readonly columns: readonly string[] }
  /**
   * The first with the first, in the order of the specification (as its content is hashed); what one table has more is
   * added or removed at the end. Keys of samples are `{row}`, counted from 1.
   */
  | { readonly by: 'position' }
  /** Whole rows as a multiset, over the columns that both have: a row is there or not, so no number is near another. */
  | { readonly by: 'content' };

export interface TableDiffRequest {
  readonly before: TableFile;
  readonly after: TableFile;
  /** How both are read: columns and casts. */
  readonly spec: TableSpecRecord;
  readonly pairing: RowPairing;
  /** Numbers that differ by at most this, relative to the larger one or absolutely below 1, are equal. 0: exact. */
  readonly tolerance: number;
  /** Rows to show at most of each kind. 0: all of them. */
  readonly sample: number;
}

export interface RowChange {
  readonly key: { readonly [column: string]: JsonValue };
  /** Only the columns that differ. */
  readonly before: { readonly [column: string]: JsonValue };
  readonly after: { readonly [column: string]: JsonValue };
}

export interface NumericDelta {
  readonly column: string;
  /** Rows in which the column differs and both values are finite numbers. */
  readonly changed: number;
  /** Of after - before over these rows. */
  readonly maxAbs: number;
  readonly meanAbs: number;
  readonly mean: number;
}

export interface TableDiff {
  readonly columns: {
    readonly added: readonly ColumnSchema[];
    readonly removed: readonly ColumnSchema[];
    readonly changed: readonly {
      readonly name: string;
      readonly before: string;
      readonly after: string;
      /** Both are numbers, so that the values are compared too. */
      readonly compared: boolean;
    }[];
  };
  readonly rows: {
    readonly before: number;
    readonly after: number;
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
  };
  /** Rows of each kind, in the order of the key (of all columns without one): nulls first, texts by their bytes. */
  readonly added: readonly { readonly [column: string]: JsonValue }[];
  readonly removed: readonly { readonly [column: string]: JsonValue }[];
  readonly changed: readonly RowChange[];
  readonly deltas: readonly NumericDelta[];
  /** True when no row differs by more than the tolerance and the columns are the same. */
  readonly equal: boolean;
}

export interface TableTimes {
  readonly column: string;
  readonly times: FoldTimestamps;
}

export interface TableReader {
  /**
   * Content identity under the specification (core/table-content). Rejects with TABLE_INVALID, naming file, column and row
   * where they are known: a truncated or foreign file, a value that does not fit its cast, a column that is missing or
   * there twice. Bounded memory: large sorts go to disk.
   */
  identify(file: TableFile, spec: TableSpecRecord): Promise<TableIdentity>;
  /** As `identify`, for many small files at once, in order; a failure is that file's alone. */
  identifyMany(
    files: readonly { readonly file: TableFile; readonly spec: TableSpecRecord }[],
  ): Promise<readonly ({ readonly identity: TableIdentity } | { readonly error: Error })[]>;
  /**
   * null equals null, NaN equals NaN, -0 equals 0. Columns that differ in type are compared where both are numbers, else
   * only told under `columns`. Bounded memory: what does not fit goes to disk; `sample: 0` is the caller's own risk.
   * Rejects as `identify`, and with BAD_ARGUMENT for a key that a table does not have, or that names two rows: then its
   * `data.ambiguous` holds the values of one such key.
   */
  diff(request: TableDiffRequest): Promise<TableDiff>;
  /**
   * The distinct times in the first of these columns that the table has; undefined when it has none of them. Nulls do not
   * count. Rejects as `identify`, and for values that are no times.
   */
  times(file: TableFile, columns: readonly string[]): Promise<TableTimes | undefined>;
}
