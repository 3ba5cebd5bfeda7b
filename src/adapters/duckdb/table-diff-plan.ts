/**
 * What of two tables is compared with what: columns by their names, and the columns that tell rows apart. Pure; SQL calls
 * column n of the first table `b<n>` and column n of the second `a<n>`, whatever they are called in their files.
 */
import { CodedError } from '../../core/errors.ts';
import type { ColumnSchema, RowPairing, TableDiff } from '../../ports/tables.ts';

/** Whether a column has numbers: by its type, or perhaps as texts (a CSV without casts has nothing else). */
export type NumberForm = 'number' | 'text' | 'none';

export interface SideColumn extends ColumnSchema {
  readonly numbers: NumberForm;
}

/** A column that both tables have; `before` and `after` are SQL names. */
export interface ColumnPair {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly numbers: NumberForm;
}

export interface DiffPlan {
  readonly columns: TableDiff['columns'];
  /** Tells rows apart; empty when whole rows are compared. */
  readonly key: readonly ColumnPair[];
  /** What is compared beside the key. */
  readonly compared: readonly ColumnPair[];
}

/** SQL names of the number of a row, for tables that are compared by position. */
export const rowNumber: ColumnPair = { name: 'row', before: 'bn', after: 'an', numbers: 'number' };

const schemaOf = ({ name, type }: SideColumn): ColumnSchema => ({ name, type });

function keyPairs(
  names: readonly string[],
  pairs: ReadonlyMap<string, ColumnPair>,
  named: { readonly before: ReadonlySet<string>; readonly after: ReadonlySet<string> },
): ColumnPair[] {
  return [...new Set(names)].map((name) => {
    const pair = pairs.get(name);
    if (pair !== undefined) return pair;
    const missing = !named.before.has(name) ? 'the first table' : !named.after.has(name) ? 'the second table' : '';
    const why = missing === '' ? 'is of another type in each table' : `is no column of ${missing}`;
    throw new CodedError('BAD_ARGUMENT', `the key column ${JSON.stringify(name)} ${why}`, {
      hint: 'Give a key of columns that both tables have: --key a,b.',
      data: { column: name },
    });
  });
}

/** Throws BAD_ARGUMENT for a key that cannot be compared. */
export function planDiff(before: readonly SideColumn[], after: readonly SideColumn[], pairing: RowPairing): DiffPlan {
  const places = new Map(after.map((column, index) => [column.name, index]));
  const known = new Set(before.map(({ name }) => name));
  const pairs = new Map<string, ColumnPair>();
  const changed: { name: string; before: string; after: string; compared: boolean }[] = [];
  before.forEach((column, index) => {
    const { name } = column;
    const place = places.get(name);
    if (place === undefined) return;
    const other = after[place] as SideColumn;
    const bothNumbers = column.numbers === 'number' && other.numbers === 'number';
    if (column.type !== other.type)
      changed.push({ name, before: column.type, after: other.type, compared: bothNumbers });
    if (column.type === other.type || bothNumbers)
      pairs.set(name, { name, before: `b${index}`, after: `a${place}`, numbers: column.numbers });
  });
  const columns = {
    added: after.filter(({ name }) => !known.has(name)).map(schemaOf),
    removed: before.filter(({ name }) => !places.has(name)).map(schemaOf),
    changed,
  };
  if (pairing.by === 'content') return { columns, key: [], compared: [...pairs.values()] };
  if (pairing.by === 'position') return { columns, key: [rowNumber], compared: [...pairs.values()] };
  const key = keyPairs(pairing.columns, pairs, { before: known, after: new Set(places.keys()) });
  const keys = new Set(key);
  return { columns, key, compared: [...pairs.values()].filter((pair) => !keys.has(pair)) };
}
