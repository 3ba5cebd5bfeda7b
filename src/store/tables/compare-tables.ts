/**
 * Two files as tables: for `diff`, which tells the differences, and for `rerun`, which wants a verdict. A file is a table
 * when its name or its first bytes say so; one that cannot be read as the table that it should be is told, not refused,
 * because its bytes can still be compared.
 */
import { isCodedError } from '../../core/errors.ts';
import type { TableSpecRecord } from '../../core/records/table-spec.ts';
import { tableFormatOfName } from '../../core/table-format.ts';
import type { RowPairing, TableDiff, TableFile, TableReader } from '../../ports/tables.ts';

export type { RowChange, TableDiff } from '../../ports/tables.ts';

export interface ReadTables {
  readonly tables: TableReader;
}

export interface TableDiffOptions {
  /** Columns that name a row; none: whole rows. Left out: the specification's sort keys, where they name each row once. */
  readonly key?: readonly string[] | undefined;
  /** Rows to show at most of each kind; 0 for all. */
  readonly sample: number;
}

export type TableComparison =
  | {
      readonly kind: 'compared';
      /** What told rows apart; undefined for whole rows. */
      readonly key: readonly string[] | undefined;
      readonly diff: TableDiff;
    }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Whether a path or a logical key says that the file is a table. */
export function isTableName(...names: readonly string[]): boolean {
  return names.some((name) => tableFormatOfName(name) !== undefined);
}

const isAmbiguous = (error: unknown): boolean =>
  isCodedError(error, 'BAD_ARGUMENT') && error.data !== undefined && 'ambiguous' in error.data;

/** By the key when it names each row once, else by what takes its place. */
async function byKeyOr(
  { tables }: ReadTables,
  request: Omit<Parameters<TableReader['diff']>[0], 'pairing'>,
  columns: readonly string[] | undefined,
  otherwise: RowPairing,
): Promise<{ readonly diff: TableDiff; readonly pairing: RowPairing }> {
  if (columns !== undefined && columns.length > 0) {
    const pairing = { by: 'key', columns } as const;
    try {
      return { diff: await tables.diff({ ...request, pairing }), pairing };
    } catch (error) {
      if (!isAmbiguous(error)) throw error;
    }
  }
  return { diff: await tables.diff({ ...request, pairing: otherwise }), pairing: otherwise };
}

/** With a key from the caller, throws BAD_ARGUMENT for one that the tables do not have, and TABLE_INVALID for no tables. */
export async function diffTables(
  context: ReadTables,
  files: { readonly before: TableFile; readonly after: TableFile; readonly spec: TableSpecRecord },
  { key, sample }: TableDiffOptions,
): Promise<TableComparison> {
  const request = { ...files, tolerance: 0, sample };
  if (key !== undefined) {
    const pairing: RowPairing = key.length === 0 ? { by: 'content' } : { by: 'key', columns: key };
    const diff = await context.tables.diff({ ...request, pairing });
    return { kind: 'compared', key: key.length === 0 ? undefined : key, diff };
  }
  try {
    const { diff, pairing } = await byKeyOr(context, request, files.spec.sort, { by: 'content' });
    return { kind: 'compared', key: pairing.by === 'key' ? pairing.columns : undefined, diff };
  } catch (error) {
    if (isCodedError(error, 'TABLE_INVALID')) return { kind: 'unreadable', why: error.message };
    throw error;
  }
}

export interface TableVerdict {
  readonly verdict: 'identical' | 'within-tolerance' | 'differs';
  readonly detail: string;
}

function verdictOf({ columns, rows, deltas }: TableDiff): TableVerdict {
  const listed = (list: readonly { readonly name: string }[]): string => list.map(({ name }) => name).join(', ');
  const apart = [...columns.added, ...columns.removed];
  const retyped = columns.changed.filter(({ compared }) => !compared);
  if (apart.length > 0) return { verdict: 'differs', detail: `the columns differ: ${listed(apart)}` };
  if (retyped.length > 0) return { verdict: 'differs', detail: `the types differ: ${listed(retyped)}` };
  const { added, removed, changed } = rows;
  if (added + removed + changed === 0) {
    const detail =
      columns.changed.length === 0
        ? 'numbers of the table differ, within the tolerance'
        : `equal numbers of other types: ${listed(columns.changed)}`;
    return { verdict: 'within-tolerance', detail };
  }
  const worst = deltas.reduce((most, one) => (one.maxAbs > most.maxAbs ? one : most), { column: '', maxAbs: 0 });
  const by = worst.maxAbs === 0 ? '' : `, ${worst.column} by ${worst.maxAbs} at most`;
  return { verdict: 'differs', detail: `rows: ${added} added, ${removed} removed, ${changed} changed${by}` };
}

/**
 * Whether two files whose bytes differ say the same. Rows find each other by the specification's sort keys, or by their
 * position. undefined when one of the two cannot be read as a table.
 */
export async function judgeTables(
  context: ReadTables,
  files: { readonly before: TableFile; readonly after: TableFile; readonly spec: TableSpecRecord },
  tolerance: number,
): Promise<TableVerdict | undefined> {
  const { before, after, spec } = files;
  try {
    const [one, other] = [await context.tables.identify(before, spec), await context.tables.identify(after, spec)];
    if (one.sha256 === other.sha256) return { verdict: 'identical', detail: 'content' };
    const names = (columns: readonly { readonly name: string }[]): string =>
      JSON.stringify(columns.map(({ name }) => name));
    const { diff } = await byKeyOr(context, { ...files, tolerance, sample: 1 }, spec.sort, { by: 'position' });
    const verdict = verdictOf(diff);
    // Without canonical columns their order is content too.
    if (verdict.verdict === 'differs' || names(one.columns) === names(other.columns)) return verdict;
    return { verdict: 'differs', detail: 'the columns stand in another order' };
  } catch (error) {
    if (isCodedError(error, 'TABLE_INVALID')) return undefined;
    throw error;
  }
}
