/**
 * cairn.table-spec/1: how the files of a type are read as a table, and what counts as its content. Kept in the store as a
 * record, so that a content hash says for ever under which specification it was taken.
 */
import { canonicalBytes } from '../canonical-json.ts';

export interface TableColumn {
  readonly name: string;
  /** Type that the file's values are cast to, in the words of core/table-content; as in the file when left out. */
  readonly type?: string;
}

export interface TableSpecRecord {
  readonly schema: 'cairn.table-spec/1';
  /** Canonical columns in their order; all columns, in the order of the file, when left out. */
  readonly columns?: readonly TableColumn[];
  /** Columns that order the rows, ties broken by every other canonical column; the order of the file when left out. */
  readonly sort?: readonly string[];
  /** Column of times, for the first and last time of the table. */
  readonly time?: string;
}

/** The specification of a table that nobody has said anything about: all columns, in the order of the file. */
export const plainTable: TableSpecRecord = { schema: 'cairn.table-spec/1' };

export function tableSpecBytes(spec: TableSpecRecord): Uint8Array {
  return canonicalBytes(spec);
}
