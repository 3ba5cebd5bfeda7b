/** The table diff in SQL against one in a few lines over arrays, on small tables full of nulls, NaN and -0. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { diffTables } from '../../../src/adapters/duckdb/table-diff.ts';
import type { TableSpecRecord } from '../../../src/core/records/table-spec.ts';
import type { RowPairing, TableDiff, TableFile } from '../../../src/ports/tables.ts';

const directory = mkdtempSync(join(tmpdir(), 'cairn-diff-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const options = { temporary: join(directory, 'spill'), memoryLimit: 256 * 1024 * 1024 };

/** k, s, x: an integer, a text and a floating number. */
type Row = readonly [k: number | null, s: string | null, x: number | null];
const names = ['k', 's', 'x'] as const;
const spec: TableSpecRecord = {
  schema: 'cairn.table-spec/1',
  columns: [
    { name: 'k', type: 'integer' },
    { name: 's', type: 'text' },
    { name: 'x', type: 'float' },
  ],
};

let files = 0;
function write(rows: readonly Row[]): TableFile {
  const name = `t${files++}.csv`;
  const path = join(directory, name);
  const number = (value: number | null): string =>
    value === null ? '' : Object.is(value, -0) ? '-0' : Number.isNaN(value) ? 'nan' : String(value);
  const lines = rows.map(([k, s, x]) => `${k ?? ''},${s === null ? '' : `"${s}"`},${number(x)}`);
  writeFileSync(path, `k,s,x\n${lines.map((line) => `${line}\n`).join('')}`);
  return { path, format: 'csv', name };
}

function compareCells(left: Row[number], right: Row[number]): number {
  if (left === null || right === null) return Number(right === null) - Number(left === null);
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return left < right ? -1 : left > right ? 1 : 0;
}

function near(left: Row[number], right: Row[number], tolerance: number): boolean {
  if (compareCells(left, right) === 0) return true;
  if (typeof left !== 'number' || typeof right !== 'number' || tolerance === 0) return false;
  if (!Number.isFinite(left) || !Number.isFinite(right)) return false;
  return Math.abs(right - left) <= tolerance * Math.max(1, Math.abs(left), Math.abs(right));
}

const jsonCell = (value: Row[number]): Row[number] =>
  typeof value === 'number' ? (Number.isNaN(value) ? 'NaN' : value === 0 ? 0 : value) : value;
const jsonRow = (row: Row): object => Object.fromEntries(names.map((name, at) => [name, jsonCell(row[at] as null)]));
const compareRows = (left: Row, right: Row): number =>
  compareCells(left[0], right[0]) || compareCells(left[1], right[1]) || compareCells(left[2], right[2]);

/** Rows by the columns at `key`, both sides sorted by it. */
function naive(
  before: readonly Row[],
  after: readonly Row[],
  key: readonly number[],
  tolerance: number,
): Partial<TableDiff> {
  const order = (left: Row, right: Row): number =>
    key.reduce((found, at) => found || compareCells(left[at] as null, right[at] as null), 0);
  const removed = before.filter((row) => !after.some((other) => order(row, other) === 0)).toSorted(order);
  const added = after.filter((row) => !before.some((other) => order(row, other) === 0)).toSorted(order);
  const rest = [0, 1, 2].filter((at) => !key.includes(at));
  const changed = before.toSorted(order).flatMap((row) => {
    const other = after.find((one) => order(row, one) === 0);
    const different =
      other === undefined ? [] : rest.filter((at) => !near(row[at] as null, other[at] as null, tolerance));
    if (other === undefined || different.length === 0) return [];
    const pick = (from: Row, places: readonly number[]): object =>
      Object.fromEntries(places.map((at) => [names[at], jsonCell(from[at] as null)]));
    return [{ key: pick(row, key), before: pick(row, different), after: pick(other, different) }];
  });
  const rows = {
    before: before.length,
    after: after.length,
    added: added.length,
    removed: removed.length,
    changed: changed.length,
  };
  return {
    rows,
    added: added.map(jsonRow) as TableDiff['added'],
    removed: removed.map(jsonRow) as TableDiff['removed'],
    changed: changed as TableDiff['changed'],
    equal: rows.added + rows.removed + rows.changed === 0,
  };
}

const integer = fc.option(fc.integer({ min: -2, max: 4 }), { freq: 8 });
const text = fc.option(fc.constantFrom('', 'a', 'B', 'é', '10', 'a b'), { freq: 6 });
const float = fc.option(
  fc.oneof(fc.constantFrom(0, -0, Number.NaN, 1, 1 + 1e-12, 1e9, 1e9 + 0.5, -3.5), fc.integer({ min: -3, max: 3 })),
  { freq: 6 },
);
const row: fc.Arbitrary<Row> = fc.tuple(integer, text, float);
const table = (key: readonly number[]): fc.Arbitrary<Row[]> =>
  fc.uniqueArray(row, { maxLength: 8, selector: (one) => JSON.stringify(key.map((at) => one[at])) });

const settings = { numRuns: 60, seed: 20_260_131 };
const keys: readonly (readonly number[])[] = [[0], [1], [0, 1]];

test.each(keys)('by key: what a naive diff finds, in the order of the key (%j %j)', async (...key) => {
  const places = key.filter((at) => at !== undefined);
  await fc.assert(
    fc.asyncProperty(table(places), table(places), fc.constantFrom(0, 1e-9), async (before, after, tolerance) => {
      const pairing: RowPairing = { by: 'key', columns: places.map((at) => names[at] as string) };
      const request = { before: write(before), after: write(after), spec, pairing, tolerance, sample: 0 };
      expect(await diffTables(request, options)).toMatchObject(naive(before, after, places, tolerance));
    }),
    settings,
  );
});

test('whole rows: the difference of two multisets', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 8 }), fc.array(row, { maxLength: 8 }), async (before, after) => {
      const minus = (from: readonly Row[], what: readonly Row[]): Row[] => {
        const left = [...what];
        return from.filter((one) => {
          const at = left.findIndex((other) => compareRows(one, other) === 0);
          if (at >= 0) left.splice(at, 1);
          return at < 0;
        });
      };
      const [added, removed] = [minus(after, before), minus(before, after)];
      const request = { before: write(before), after: write(after), spec, tolerance: 0, sample: 0 };
      const found = await diffTables({ ...request, pairing: { by: 'content' } }, options);
      expect(found).toMatchObject({
        rows: { before: before.length, after: after.length, added: added.length, removed: removed.length, changed: 0 },
        added: added.toSorted(compareRows).map(jsonRow),
        removed: removed.toSorted(compareRows).map(jsonRow),
        changed: [],
        equal: added.length + removed.length === 0,
      });
    }),
    settings,
  );
});

test('by position: row against row, in the order of the file or of the sort keys', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 6 }),
      fc.array(row, { maxLength: 6 }),
      fc.boolean(),
      async (one, other, sorted) => {
        const [before, after] = sorted ? [one.toSorted(compareRows), other.toSorted(compareRows)] : [one, other];
        const request = { before: write(one), after: write(other), tolerance: 0, sample: 0 };
        const ordered: TableSpecRecord = sorted ? { ...spec, sort: ['k'] } : spec;
        const found = await diffTables({ ...request, spec: ordered, pairing: { by: 'position' } }, options);
        const both = Math.min(before.length, after.length);
        expect(found.added).toEqual(after.slice(both).map(jsonRow));
        expect(found.removed).toEqual(before.slice(both).map(jsonRow));
        const changed = Array.from({ length: both }, (_, at) => at + 1).filter(
          (at) => compareRows(before[at - 1] as Row, after[at - 1] as Row) !== 0,
        );
        expect(found.changed.map(({ key }) => key)).toEqual(changed.map((at) => ({ row: at })));
      },
    ),
    settings,
  );
});
