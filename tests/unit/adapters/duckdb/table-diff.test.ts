import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDb } from '../../../../src/adapters/duckdb/instance.ts';
import { diffTables } from '../../../../src/adapters/duckdb/table-diff.ts';
import type { TableSpecRecord } from '../../../../src/core/records/table-spec.ts';
import type { RowPairing, TableDiff, TableFile, TableFormat } from '../../../../src/ports/tables.ts';

const directory = mkdtempSync(join(tmpdir(), 'cairn-diff-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const temporary = join(directory, 'spill');
const options = { temporary, memoryLimit: 256 * 1024 * 1024 };
const plain: TableSpecRecord = { schema: 'cairn.table-spec/1' };

function file(name: string, content: string): TableFile {
  const path = join(directory, name);
  writeFileSync(path, content);
  return { path, format: name.split('.').at(-1) as TableFormat, name };
}

/** A Parquet file of a query's rows. */
async function parquet(name: string, select: string): Promise<TableFile> {
  const path = join(directory, name);
  const { connection, close } = await openDuckDb(options);
  await connection.run(`COPY (${select}) TO '${path}'`);
  close();
  return { path, format: 'parquet', name };
}

const key = (...columns: string[]): RowPairing => ({ by: 'key', columns });

function diff(
  before: TableFile,
  after: TableFile,
  pairing: RowPairing,
  more: { spec?: TableSpecRecord; tolerance?: number; sample?: number } = {},
): Promise<TableDiff> {
  return diffTables({ before, after, pairing, spec: plain, tolerance: 0, sample: 10, ...more }, options);
}

describe('columns', () => {
  test('that are added, removed or of another type are told; numbers of two types are compared all the same', async () => {
    const before = await parquet('c1.parquet', "SELECT 1 AS id, 2::INTEGER AS n, 'x' AS t, 1 AS gone");
    const after = await parquet('c2.parquet', 'SELECT 1 AS id, 2.5::DOUBLE AS n, 7 AS t, 1 AS come');
    expect(await diff(before, after, key('id'))).toMatchObject({
      columns: {
        added: [{ name: 'come', type: 'integer' }],
        removed: [{ name: 'gone', type: 'integer' }],
        changed: [
          { name: 'n', before: 'integer', after: 'float', compared: true },
          { name: 't', before: 'text', after: 'integer', compared: false },
        ],
      },
      rows: { changed: 1 },
      changed: [{ key: { id: 1 }, before: { n: 2 }, after: { n: 2.5 } }],
      deltas: [{ column: 'n', changed: 1, maxAbs: 0.5 }],
      equal: false,
    });
  });

  test('are found by their exact names, whatever SQL would make of them', async () => {
    const before = file('n1.csv', '"a ""b""",A,order\n1,2,3\n');
    const after = file('n2.csv', 'order,"a ""b""",a\n4,1,2\n');
    const found = await diff(before, after, key('a "b"'));
    expect(found.columns).toMatchObject({ added: [{ name: 'a' }], removed: [{ name: 'A' }] });
    expect(found.changed).toEqual([{ key: { 'a "b"': '1' }, before: { order: '3' }, after: { order: '4' } }]);
  });

  test('none in common: every row is another', async () => {
    const found = await diff(file('e1.csv', 'a\n1\n2\n'), file('e2.csv', 'b\n1\n'), { by: 'content' });
    expect(found).toMatchObject({ rows: { before: 2, after: 1, added: 0, removed: 1 }, equal: false });
  });
});

describe('numbers', () => {
  test('are summed up over the rows that differ, also those that a CSV has as texts', async () => {
    const before = file('d1.csv', 'id,x,note\n1,10,a\n2,20,b\n3,30,c\n4,,d\n');
    const after = file('d2.csv', 'id,x,note\n1,11,a\n2,17,b\n3,30,z\n4,5,d\n');
    const found = await diff(before, after, key('id'));
    expect(found.rows.changed).toBe(4);
    expect(found.deltas).toEqual([{ column: 'x', changed: 2, maxAbs: 3, meanAbs: 2, mean: -1 }]);
  });

  test('stay finite in JSON, and integers stay exact', async () => {
    const before = await parquet('f1.parquet', 'SELECT 1 AS id, -1e308::DOUBLE AS x, 9007199254740993::BIGINT AS n');
    const after = await parquet('f2.parquet', 'SELECT 1 AS id, 1e308::DOUBLE AS x, 9007199254740995::BIGINT AS n');
    const found = await diff(before, after, key('id'));
    expect(found.deltas[0]).toMatchObject({ column: 'x', maxAbs: Number.MAX_VALUE, mean: Number.MAX_VALUE });
    expect(found.changed[0]).toMatchObject({ before: { n: '9007199254740993' }, after: { n: '9007199254740995' } });
  });

  test('within the tolerance are equal, relative to their size, absolutely below 1', async () => {
    const before = file('t1.csv', 'id,x\n1,1000000\n2,0\n3,inf\n');
    const after = file('t2.csv', 'id,x\n1,1000000.5\n2,0.0000005\n3,inf\n');
    expect((await diff(before, after, key('id'), { tolerance: 1e-6 })).equal).toBe(true);
    expect((await diff(before, after, key('id'), { tolerance: 1e-7 })).rows.changed).toBe(2);
    const infinite = file('t3.csv', 'id,x\n1,1000000\n2,0\n3,5\n');
    expect((await diff(before, infinite, key('id'), { tolerance: 1e-3 })).rows.changed).toBe(1);
  });
});

describe('a key', () => {
  const rows = (): TableFile => file('k1.csv', 'day,symbol,x\n1,A,1\n1,B,2\n2,A,3\n2,A,4\n');

  test('that names two rows is refused with an example', async () => {
    await expect(diff(file('k0.csv', 'day,symbol,x\n1,A,1\n'), rows(), key('day', 'symbol'))).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
      message: 'the key day, symbol does not tell the rows of k1.csv apart: 2 rows have day = "2", symbol = "A"',
      data: { ambiguous: { day: '2', symbol: 'A' } },
    });
  });

  test('of a column that a table does not have, or has as another type, is refused', async () => {
    await expect(diff(rows(), rows(), key('hour'))).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    const one = await parquet('k2.parquet', 'SELECT 1 AS id');
    const other = await parquet('k3.parquet', "SELECT '1' AS id");
    await expect(diff(one, other, key('id'))).rejects.toThrow(/"id" is of another type in each table/);
  });
});

test('a sample is the first rows in the order of the key, and the counts are of all', async () => {
  const before = await parquet('s1.parquet', 'SELECT range AS id, range AS x FROM range(100)');
  const after = await parquet('s2.parquet', 'SELECT range + 50 AS id, range + 51 AS x FROM range(100)');
  const found = await diff(before, after, key('id'), { sample: 2 });
  expect(found.rows).toEqual({ before: 100, after: 100, added: 50, removed: 50, changed: 50 });
  expect(found.added.map(({ id }) => id)).toEqual([100, 101]);
  expect(found.removed.map(({ id }) => id)).toEqual([0, 1]);
  expect(found.changed).toEqual([
    { key: { id: 50 }, before: { x: 50 }, after: { x: 51 } },
    { key: { id: 51 }, before: { x: 51 }, after: { x: 52 } },
  ]);
});

describe('what cannot be read', () => {
  test('is told by the table that it is in, with row and column', async () => {
    const good = file('g.csv', 'id,x\n1,1\n2,2\n');
    const bad = file('b.csv', 'id,x\n1,1\n2,two\n');
    const spec: TableSpecRecord = { ...plain, columns: [{ name: 'id' }, { name: 'x', type: 'integer' }] };
    for (const [before, after] of [
      [good, bad],
      [bad, good],
    ] as const) {
      await expect(diff(before, after, key('id'), { spec })).rejects.toMatchObject({
        code: 'TABLE_INVALID',
        data: { name: 'b.csv', row: 2, column: 'x' },
      });
    }
  });
});

describe('memory', () => {
  let before: TableFile;
  let after: TableFile;
  beforeAll(async () => {
    const columns = "'symbol ' || (i % 1000) AS s, i * 1.5 AS x, i::DOUBLE AS y";
    before = await parquet('m1.parquet', `SELECT i AS id, ${columns} FROM range(1_000_000) t(i)`);
    after = await parquet('m2.parquet', `SELECT i + 10 AS id, ${columns} FROM range(1_000_000) t(i)`);
  });

  test.each([key('id'), { by: 'content' }] as RowPairing[])(
    'a million rows that all differ fit into 64 MiB and disk ($by), and nothing is left there',
    async (pairing) => {
      const request = { before, after, spec: plain, pairing, tolerance: 0, sample: 1 };
      const { rows } = await diffTables(request, { temporary, memoryLimit: 64 * 1024 * 1024, threads: 2 });
      expect(rows).toEqual(
        pairing.by === 'key'
          ? { before: 1e6, after: 1e6, added: 10, removed: 10, changed: 999_990 }
          : { before: 1e6, after: 1e6, added: 1e6, removed: 1e6, changed: 0 },
      );
      expect(readdirSync(temporary)).toEqual([]);
    },
  );
});
