import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isCodedError } from '../../../../src/core/errors.ts';
import type { QueryTable } from '../../../../src/ports/sql-query.ts';
import type { TableFile } from '../../../../src/ports/tables.ts';
import { type QueryPlace, queryPlace } from './query-place.ts';

let place: QueryPlace;
beforeAll(async () => {
  place = await queryPlace();
});
afterAll(() => place.remove());

async function failure(sql: string, files?: { readonly [rev: string]: TableFile | QueryTable }): Promise<string> {
  try {
    return JSON.stringify(await place.duck(sql, files));
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

function file(name: string, content: string | Uint8Array): TableFile {
  const path = join(place.root, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  const format = name.endsWith('.csv') ? 'csv' : name.endsWith('.jsonl') ? 'jsonl' : 'parquet';
  return { path, format, name };
}

describe('a table of the store', () => {
  test('is read from Parquet, CSV and JSONL, wherever it lies', async () => {
    const csv = file('a=1/[x]*?/t.csv', 'id,name,v\n1,"a,b",0.5\n2,,\n');
    const jsonl = file('t.jsonl', '{"id": 1, "tags": ["x"], "at": {"d": "2026-01-31"}}\n{"id": 9007199254740993}\n');
    expect(await place.duck("FROM artifact('c')", { c: csv })).toEqual([
      [1, 'a,b', 0.5],
      [2, null, null],
    ]);
    expect(await place.duck("FROM artifact('j') ORDER BY id", { j: jsonl })).toEqual([
      [1, ['x'], { d: '2026-01-31' }],
      ['9007199254740993', null, null],
    ]);
    const both = "SELECT c.name, j.tags FROM artifact('c') c JOIN artifact('j') j USING (id)";
    expect(await place.duck(both, { c: csv, j: jsonl })).toEqual([['a,b', ['x']]]);
    const bytes = await place.queries.parquet(
      { sql: "FROM artifact('c')", resolve: async () => ({ file: csv }) },
      async (pieces) => {
        const all: Uint8Array[] = [];
        for await (const piece of pieces) all.push(piece);
        return Buffer.concat(all);
      },
    );
    const parquet = file('t.parquet', bytes);
    expect(await place.duck("SELECT sum(v), count(*) FROM artifact('p')", { p: parquet })).toEqual([[0.5, 2]]);
  });

  test('has the types that all of its rows have', async () => {
    const rows = Array.from({ length: 30_000 }, (_, row) => `${row === 29_999 ? 'x' : row}\n`);
    const late = file('late.csv', `id\n${rows.join('')}`);
    expect(await place.duck("SELECT typeof(id), count(*) FROM artifact('l') GROUP BY 1", { l: late })).toEqual([
      ['VARCHAR', 30_000],
    ]);
  });

  test('may be pivoted, described, summarised and explained', async () => {
    const table = file('p.csv', 'k,n,v\na,x,1\na,y,2\nb,x,3\n');
    const files = { t: table };
    expect(await place.duck("PIVOT artifact('t') ON n USING sum(v) GROUP BY k ORDER BY k", files)).toEqual([
      ['a', 1, 2],
      ['b', 3, null],
    ]);
    expect((await place.duck("DESCRIBE FROM artifact('t')", files)).map(([name]) => name)).toEqual(['k', 'n', 'v']);
    expect(await place.duck("SUMMARIZE FROM artifact('t')", files)).toHaveLength(3);
    expect(await place.duck("EXPLAIN FROM artifact('t')", files)).toHaveLength(1);
  });

  test('with casts of its own has their types and columns, and names the row that does not fit', async () => {
    const spec = {
      schema: 'cairn.table-spec/1',
      columns: [
        { name: 'v', type: 'decimal(9,2)' },
        { name: 'id', type: 'text' },
      ],
    } as const;
    const table = file('spec [1]*.csv', 'id,other,v\n007,a,1.50\n008,b,2\n');
    expect(await place.duck("SELECT *, typeof(v) FROM artifact('t')", { t: { file: table, spec } })).toEqual([
      ['1.50', '007', 'DECIMAL(9,2)'],
      ['2.00', '008', 'DECIMAL(9,2)'],
    ]);
    const bad = file('bad.csv', 'id,v\n1,1.5\n2,x\n');
    expect(await failure("FROM artifact('t')", { t: { file: bad, spec } })).toBe(
      'TABLE_INVALID: bad.csv, row 2, column "v": "x" does not fit the type decimal',
    );
  });

  test('is read from Arrow', async () => {
    const { tableFromArrays, tableToIPC } = await import('apache-arrow');
    const bytes = tableToIPC(tableFromArrays({ id: Int32Array.of(1, 2), name: ['a', 'b'] }), 'file');
    const table: TableFile = { ...file('t.arrow', bytes), format: 'arrow' };
    expect(await place.duck("FROM artifact('t')", { t: table })).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  });

  test('that is damaged is refused by its name, and never by its path', async () => {
    const cut = file('cut.parquet', 'PAR1 and no more of it');
    expect(await failure("FROM artifact('HEAD:cut')", { 'HEAD:cut': cut })).toMatch(
      /^TABLE_INVALID: cut\.parquet: it is no Parquet file/,
    );
    expect(await failure("FROM artifact('c')", { c: cut })).not.toContain(place.root);
    const gone = { path: join(place.root, 'gone'), format: 'parquet', name: 'gone.parquet' } as const;
    const said = await failure("FROM artifact('g')", { g: gone });
    expect(said).toMatch(/^TABLE_INVALID: gone\.parquet: the file is not there/);
    expect(said).not.toContain(place.root);
  });
});

describe('an answer', () => {
  test('says every value without loss', async () => {
    const sql = `SELECT 9007199254740991::BIGINT, 9007199254740992::BIGINT, '-170141183460469231731687303715884105728'::HUGEINT,
      1.50::DECIMAL(9,2), 'nan'::DOUBLE, '-inf'::DOUBLE, -0.0::DOUBLE, 0.1::FLOAT, true, '\\xAA\\x00'::BLOB,
      DATE '2026-01-31', TIMESTAMP '2026-01-31 01:02:03.004005', TIMESTAMPTZ '2026-01-31 03:02:03+02', TIME '01:02:03',
      TIMESTAMP_NS '2026-01-31 01:02:03.123456789', [1, NULL, 9007199254740993], {'a': 'x', 'b': [0.1::FLOAT]}, MAP {'k': 1},
      'a'::ENUM('a', 'b'), NULL, INTERVAL 1 DAY, '550e8400-e29b-41d4-a716-446655440000'::UUID`;
    expect(await place.duck(sql)).toEqual([
      [
        9007199254740991,
        '9007199254740992',
        '-170141183460469231731687303715884105728',
        '1.50',
        'NaN',
        '-Infinity',
        0,
        0.1,
        true,
        'aa00',
        '2026-01-31',
        '2026-01-31T01:02:03.004005',
        '2026-01-31T01:02:03Z',
        '01:02:03',
        '2026-01-31T01:02:03.123456789',
        [1, null, '9007199254740993'],
        { a: 'x', b: [0.1] },
        [{ key: 'k', value: 1 }],
        'a',
        null,
        '1 day',
        '550e8400-e29b-41d4-a716-446655440000',
      ],
    ]);
  });

  test('comes in pieces, may be left before its end, and has no more rows than are wanted', async () => {
    const sql = 'SELECT range AS n FROM range(1_000_000_000_000)';
    const resolve = async (): Promise<never> => {
      throw new Error('no revision is named');
    };
    const seen = await place.queries.rows({ sql, resolve, atMost: 5000 }, async ({ columns, batches }) => {
      expect(columns).toEqual([{ name: 'n', type: 'BIGINT' }]);
      for await (const batch of batches) return batch.rows;
      return 0;
    });
    expect(seen).toBe(2048);
  });

  test('is whole or an error, however late a row cannot be made', async () => {
    const late = "SELECT CAST(CASE WHEN range = 90000 THEN 'x' ELSE '1' END AS INTEGER) AS n FROM range(100000)";
    expect(await failure(late)).toMatch(/^BAD_QUERY: line 1, column 8: Could not convert/);
    expect(await place.duck('SELECT range FROM range(100000)')).toHaveLength(100_000);
  });

  test('that fails on the way says where', async () => {
    expect(await failure('SELECT CAST(message AS INTEGER)\n  FROM runs')).toMatch(
      /^BAD_QUERY: line 1, column 8: Could not convert/,
    );
    expect(await failure('SELECT 1,\n   nope FROM runs')).toMatch(/^BAD_QUERY: line 2, column 4: /);
    expect(await failure('SELEC 1')).toMatch(/^BAD_QUERY: line 1, column 1: syntax error/);
  });

  test('holds more than fits into memory, on disk', async () => {
    const sql = 'SELECT count(*) FROM (SELECT hash(range) AS h FROM range(20_000_000) ORDER BY h OFFSET 1)';
    expect(await place.duck(sql)).toEqual([[19_999_999]]);
    expect(readdirSync(join(place.root, 'tmp'))).toEqual([]);
  }, 60_000);
});
