import { statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import * as arrow from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TableBench, tableBench } from '../../../conformance/table-files.ts';
import { naiveTableHash } from '../../../conformance/table-rows.ts';

let bench: TableBench;
beforeAll(async () => {
  bench = await tableBench();
});
afterAll(() => bench.dispose());

const rows = `SELECT r::INTEGER AS id, CASE WHEN r % 7 = 0 THEN NULL ELSE 'name number ' || r END AS name,
  (r * 1.25)::DOUBLE AS price, TIMESTAMP '2026-01-01' + to_minutes(r::INTEGER) AS ts, r % 2 = 0 AS flag
  FROM range(2500) t(r)`;
const columns = [
  { name: 'id', type: 'integer' },
  { name: 'name' },
  { name: 'price', type: 'float' },
  { name: 'ts', type: 'timestamp' },
  { name: 'flag', type: 'boolean' },
];

/** The same rows through the package of the Arrow project. */
function arrowTable(): arrow.Table {
  const numbers = Array.from({ length: 2500 }, (_, row) => row);
  const start = BigInt(Date.UTC(2026, 0, 1)) * 1000n;
  const micros = BigInt64Array.from(numbers.map((row) => start + BigInt(row) * 60_000_000n));
  const type = new arrow.TimestampMicrosecond();
  return new arrow.Table({
    id: arrow.vectorFromArray(numbers, new arrow.Int16()),
    name: arrow.vectorFromArray(
      numbers.map((row) => (row % 7 === 0 ? null : `name number ${row}`)),
      new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()),
    ),
    price: arrow.vectorFromArray(
      numbers.map((row) => row * 1.25),
      new arrow.Float64(),
    ),
    ts: arrow.makeVector(arrow.makeData({ type, length: 2500, data: micros })),
    flag: arrow.vectorFromArray(
      numbers.map((row) => row % 2 === 0),
      new arrow.Bool(),
    ),
  });
}

describe('one content in many files', () => {
  let hash: string;
  beforeAll(async () => {
    await bench.write('plain.parquet', rows, 'COMPRESSION uncompressed');
    hash = await bench.hash('plain.parquet');
  });

  test('compression and row groups of Parquet leave no trace', async () => {
    await bench.write('snappy.parquet', rows, 'COMPRESSION snappy, ROW_GROUP_SIZE 2048');
    await bench.write('zstd.parquet', rows, 'COMPRESSION zstd');
    const wider = `SELECT id::HUGEINT AS id, name, price, ts, flag FROM (${rows})`;
    await bench.write('wide.parquet', wider.replace('HUGEINT', 'BIGINT'));
    expect(await bench.hash('snappy.parquet')).toBe(hash);
    expect(await bench.hash('zstd.parquet')).toBe(hash);
    expect(await bench.hash('wide.parquet')).toBe(hash);
  });

  test('CSV with casts has it, whatever its delimiter, and another one without', async () => {
    await bench.write('rows.csv', rows);
    await bench.write('rows.tsv', rows, `DELIMITER '\t'`);
    expect(await bench.hash('rows.csv', { columns })).toBe(hash);
    expect(await bench.hash('rows.tsv', { columns })).toBe(hash);
    expect(await bench.hash('rows.csv')).not.toBe(hash);
  });

  test('JSONL has it, with its columns and times named', async () => {
    await bench.write('rows.jsonl', rows);
    expect(await bench.hash('rows.jsonl', { columns })).toBe(hash);
    expect((await bench.identify('rows.jsonl')).columns).toEqual([
      { name: 'flag', type: 'boolean' },
      { name: 'id', type: 'integer' },
      { name: 'name', type: 'text' },
      { name: 'price', type: 'float' },
      { name: 'ts', type: 'text' },
    ]);
  });

  test('Arrow has it, as a file and as a stream', async () => {
    await writeFile(bench.file('rows.arrow').path, arrow.tableToIPC(arrowTable(), 'file'));
    await writeFile(bench.file('rows.arrows').path, arrow.tableToIPC(arrowTable(), 'stream'));
    expect(await bench.hash('rows.arrow')).toBe(hash);
    expect(await bench.hash('rows.arrows')).toBe(hash);
  });

  test('shuffled rows have it when they are sorted, and another one when not', async () => {
    const sort = ['id'];
    await bench.write('shuffled.parquet', `SELECT * FROM (${rows}) ORDER BY hash(id)`);
    expect(await bench.hash('shuffled.parquet', { sort })).toBe(hash);
    expect(await bench.hash('shuffled.parquet')).not.toBe(hash);
    expect(await bench.hash('shuffled.parquet', { sort: ['flag'] })).toBe(
      await bench.hash('plain.parquet', { sort: ['flag'] }),
    );
  });

  test.each([
    ['a value', rows.replace('r * 1.25', 'CASE WHEN r = 2499 THEN 1 ELSE r * 1.25 END')],
    ['a null', rows.replace('r % 7 = 0', 'r % 7 = 0 OR r = 1')],
    ['a name', rows.replace('AS price', 'AS Price')],
    ['a type', rows.replace('r::INTEGER AS id', 'r::DECIMAL(9, 0) AS id')],
    ['the order of columns', `SELECT name, id, price, ts, flag FROM (${rows})`],
    ['a row less', `${rows} WHERE r < 2499`],
  ])('%s changes it', async (what, select) => {
    const name = `${what.replaceAll(' ', '-')}.parquet`;
    await bench.write(name, select);
    expect(await bench.hash(name)).not.toBe(hash);
  });

  test('rows and times are told', async () => {
    expect(await bench.identify('plain.parquet', { time: 'ts' })).toMatchObject({
      rows: 2500,
      minTs: '2026-01-01T00:00:00.000Z',
      maxTs: '2026-01-02T17:39:00.000Z',
    });
    expect(await bench.identify('rows.csv')).toMatchObject({ minTs: undefined, maxTs: undefined });
  });

  test('many at once have the same as one by one, and a failure is its own', async () => {
    await writeFile(bench.file('broken.csv').path, 'a,b\n1\n');
    const names = ['plain.parquet', 'rows.csv', 'broken.csv', 'zstd.parquet', 'rows.arrow', 'rows.tsv'];
    const spec = { schema: 'cairn.table-spec/1' as const };
    const results = await bench.reader.identifyMany(names.map((name) => ({ file: bench.file(name), spec })));
    const hashes = results.map((result) => ('identity' in result ? result.identity.sha256 : result.error.message));
    const text = await bench.hash('rows.csv');
    expect(hashes).toEqual([hash, text, expect.stringContaining('broken.csv, row 1'), hash, hash, text]);
  });
});

describe('corners', () => {
  test('-0 is 0, every NaN is one, and a float is a float', async () => {
    await bench.write('zero.parquet', `SELECT unnest([0.0, 'nan'::DOUBLE, 1.5])::DOUBLE AS v`);
    await bench.write('minus.parquet', `SELECT unnest(['-0'::DOUBLE, '-nan'::DOUBLE, 1.5])::FLOAT AS v`);
    expect(await bench.hash('minus.parquet')).toBe(await bench.hash('zero.parquet'));
  });

  test('a decimal is its value, whatever its scale', async () => {
    await bench.write('narrow.parquet', 'SELECT unnest([1.5, -0.25, 0, NULL])::DECIMAL(5, 2) AS v');
    await bench.write('broad.parquet', 'SELECT unnest([1.5, -0.25, 0, NULL])::DECIMAL(38, 10) AS v');
    await bench.write('float.parquet', 'SELECT unnest([1.5, -0.25, 0, NULL])::DOUBLE AS v');
    expect(await bench.hash('broad.parquet')).toBe(await bench.hash('narrow.parquet'));
    expect(await bench.hash('float.parquet')).not.toBe(await bench.hash('narrow.parquet'));
    expect(await bench.hash('float.parquet', { columns: [{ name: 'v', type: 'decimal(9,2)' }] })).toBe(
      await bench.hash('narrow.parquet'),
    );
  });

  test('nanoseconds and instants are types of their own', async () => {
    const words = [];
    for (const type of [
      'TIMESTAMP',
      'TIMESTAMP_S',
      'TIMESTAMP_MS',
      'TIMESTAMP_NS',
      'TIMESTAMPTZ',
      'TIME',
      'INTERVAL',
      'UUID',
    ]) {
      const value = { TIME: '12:00:00', INTERVAL: '1 month', UUID: '00112233-4455-6677-8899-aabbccddeeff' }[type];
      await bench.write(`${type}.parquet`, `SELECT ${type} '${value ?? '2026-01-01 00:00:00'}' AS v`);
      words.push((await bench.identify(`${type}.parquet`)).columns[0]?.type);
    }
    expect(words).toEqual([
      'timestamp',
      'timestamp',
      'timestamp',
      'timestamp_ns',
      'timestamp_tz',
      'time',
      'interval',
      'uuid',
    ]);
    expect(await bench.hash('TIMESTAMP_S.parquet')).toBe(await bench.hash('TIMESTAMP.parquet'));
  });

  test('nested columns are read, and ordered', async () => {
    const nested = (order: string): string => `SELECT * FROM (VALUES
      ([1, NULL], {'a': 'x', 'b': [1.5]}, MAP {'k': 1}), ([], NULL, MAP {}), (NULL, {'a': NULL, 'b': []}, NULL)) t(l, s, m) ${order}`;
    await bench.write('nested.parquet', nested(''));
    await bench.write('turned.parquet', nested('ORDER BY l NULLS FIRST'));
    expect((await bench.identify('nested.parquet')).columns.map(({ type }) => type)).toEqual([
      'list<integer>',
      'struct<"a" text, "b" list<decimal>>',
      'map<text, integer>',
    ]);
    expect(await bench.hash('turned.parquet', { sort: ['s'] })).toBe(
      await bench.hash('nested.parquet', { sort: ['s'] }),
    );
    expect(await bench.hash('turned.parquet')).not.toBe(await bench.hash('nested.parquet'));
  });

  test('nested Arrow columns, decimals and dates are what Parquet says', async () => {
    const field = (name: string, type: arrow.DataType): arrow.Field => new arrow.Field(name, type, true);
    const entry = new arrow.Struct([
      new arrow.Field('key', new arrow.Utf8(), false),
      field('value', new arrow.Int32()),
    ]);
    const decimals = Uint32Array.of(150, 0, 0, 0, 0xffff_ffe7, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0, 0, 0, 0);
    const table = new arrow.Table({
      l: arrow.vectorFromArray([[1, null], [], null], new arrow.List(field('item', new arrow.Int32()))),
      s: arrow.vectorFromArray(
        [{ a: 'x', b: 1.5 }, null, { a: null, b: 2 }],
        new arrow.Struct([field('a', new arrow.Utf8()), field('b', new arrow.Float32())]),
      ),
      m: arrow.vectorFromArray(
        [new Map([['k', 1]]), null, new Map()],
        new arrow.Map_(new arrow.Field('entries', entry, false)),
      ),
      d: arrow.vectorFromArray([new Date(0), null, new Date(-86_400_000)], new arrow.DateDay()),
      v: arrow.makeVector(arrow.makeData({ type: new arrow.Decimal(2, 10, 128), length: 3, data: decimals })),
    });
    await writeFile(bench.file('nested.arrow').path, arrow.tableToIPC(table, 'file'));
    await bench.write(
      'nested-too.parquet',
      `SELECT * FROM (VALUES ([1, NULL], {'a': 'x', 'b': 1.5::FLOAT}, MAP {'k': 1}, DATE '1970-01-01', 1.5::DECIMAL(9, 4)),
        ([], NULL, NULL, NULL, -0.25), (NULL, {'a': NULL, 'b': 2}, MAP {}, '1969-12-31', 0)) t(l, s, m, d, v)`,
    );
    for (const spec of [{}, { sort: ['s'] }, { sort: ['l', 'v'] }]) {
      expect(await bench.hash('nested.arrow', spec)).toBe(await bench.hash('nested-too.parquet', spec));
    }
  });

  test('an interval sorts by its months, days and microseconds', async () => {
    const pick = (order: string): string => `SELECT * FROM (VALUES (INTERVAL '30 days'), (INTERVAL '1 month'),
      (INTERVAL '720 hours'), (NULL)) t(v) ${order}`;
    await bench.write('interval.parquet', pick(''));
    await bench.write('turned-interval.parquet', pick('ORDER BY hash(v::VARCHAR)'));
    const spec = { sort: ['v'] };
    expect(await bench.hash('turned-interval.parquet', spec)).toBe(await bench.hash('interval.parquet', spec));
    await bench.write('inner.parquet', `SELECT [v] AS v FROM (${pick('')})`);
    await expect(bench.hash('inner.parquet', spec)).rejects.toMatchObject({ code: 'TABLE_INVALID' });
  });

  test('texts in pieces are the texts that they were', async () => {
    const file = await bench.write(
      'long.parquet',
      `SELECT CASE WHEN r % 50 = 0 THEN repeat('ä', 40) WHEN r % 3 = 0 THEN NULL WHEN r % 4 = 0 THEN 'short' ELSE 'a text of thirty bytes ' || r END AS t,
        encode('blob ' || (r * 7919)) AS b, hash(r) AS h, hash(r + 1) AS i FROM range(60000) t(r)`,
    );
    expect(statSync(file.path).size).toBeGreaterThan(1 << 20);
    const rowNumbers = Array.from({ length: 60_000 }, (_, row) => row);
    const textOf = (row: number): string | null => {
      if (row % 50 === 0) return 'ä'.repeat(40);
      if (row % 3 === 0) return null;
      return row % 4 === 0 ? 'short' : `a text of thirty bytes ${row}`;
    };
    const naive = [
      { name: 't', type: 'text', cells: rowNumbers.map(textOf) },
      { name: 'b', type: 'binary', cells: rowNumbers.map((row) => Buffer.from(`blob ${row * 7919}`)) },
    ];
    const columns = [{ name: 't' }, { name: 'b' }];
    expect(await bench.hash('long.parquet', { columns })).toBe(naiveTableHash(naive, 60_000));
  });

  test('a field of CSV that is empty is null, and one with two quotes is empty', async () => {
    await writeFile(bench.file('empties.csv').path, '\ufeffa;"b;c"\r\n1;\r\n"";" x ""y"" "\r\n');
    const naive = [
      { name: 'a', type: 'text', cells: ['1', ''] },
      { name: 'b;c', type: 'text', cells: [null, ' x "y" '] },
    ];
    expect(await bench.hash('empties.csv')).toBe(naiveTableHash(naive, 2));
  });

  test('an empty table and one of ten thousand columns have a content', async () => {
    await bench.write('empty.parquet', 'SELECT 1::INTEGER AS a WHERE false');
    await writeFile(bench.file('empty.csv').path, 'a\n');
    expect(await bench.identify('empty.parquet')).toMatchObject({ rows: 0 });
    expect(await bench.hash('empty.csv', { columns: [{ name: 'a', type: 'integer' }] })).toBe(
      await bench.hash('empty.parquet'),
    );
    const names = Array.from({ length: 10_000 }, (_, index) => `c${index}`);
    await writeFile(bench.file('broad.csv').path, `${names.join(',')}\n${names.map((_, index) => index).join(',')}\n`);
    const { columns: found, rows: count } = await bench.identify('broad.csv');
    expect([found.length, count]).toEqual([10_000, 1]);
  }, 30_000);
});

describe('what is no such table is refused by name, row and column', () => {
  const refusals: readonly (readonly [string, string | Uint8Array, object, string])[] = [
    ['twice.csv', 'a,b,a\n1,2,3\n', {}, 'twice.csv, column "a": the column is there twice'],
    ['missing.csv', 'a\n1\n', { columns: [{ name: 'b' }] }, 'missing.csv, column "b": the column is missing'],
    ['sort.csv', 'a\n1\n', { sort: ['z'] }, 'sort.csv, column "z": the column is missing'],
    [
      'half.csv',
      'a,b\n1,x\n2,y\nthree,z\n',
      { columns: [{ name: 'a', type: 'integer' }] },
      'half.csv, row 3, column "a": "three" does not fit the type integer',
    ],
    [
      'round.csv',
      'a\n1.5\n',
      { columns: [{ name: 'a', type: 'integer' }] },
      'row 1, column "a": "1.5" does not fit the type integer',
    ],
    [
      'cut.csv',
      'a\n1.005\n',
      { columns: [{ name: 'a', type: 'decimal(9,2)' }] },
      'row 1, column "a": "1.005" does not fit the type decimal',
    ],
    [
      'zone.csv',
      'a\n2026-01-01T00:00:00+01:00\n',
      { columns: [{ name: 'a', type: 'timestamp' }] },
      'does not fit the type timestamp',
    ],
    ['latin.csv', Buffer.from('a\nx\n\xe9\n', 'latin1'), {}, 'latin.csv, row 2: a text is not UTF-8'],
    ['time.csv', 'a\n2026-01-01\n', { time: 'a' }, 'time.csv, column "a": times are wanted, and it has the type text'],
    ['none.csv', '', {}, 'none.csv: there is no header'],
    ['torn.parquet', 'PAR1 and nothing else', {}, 'torn.parquet: it is no Parquet file, or a part of one'],
    ['mixed.jsonl', '{"a":1}\n{"a":"x"}\n', {}, 'mixed.jsonl, column "a": values of several kinds'],
    ['torn.jsonl', '{"a":1}\n{"a":\n', {}, 'torn.jsonl, row 2'],
    ['torn.arrow', 'ARROW1 and nothing else', {}, 'torn.arrow: it is no Arrow file'],
  ];

  test.each(refusals)('%s', async (name, content, spec, message) => {
    await writeFile(bench.file(name).path, content);
    const failure = await bench.identify(name, spec).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'TABLE_INVALID', message: expect.stringContaining(message) });
    expect(String(failure)).not.toContain(bench.directory);
  });

  test('a truncated Parquet file, a file that is gone, and an integer that is no float', async () => {
    const file = await bench.write('whole.parquet', rows);
    const bytes = await readFile(file.path);
    await writeFile(bench.file('truncated.parquet').path, bytes.subarray(0, bytes.length / 2));
    for (const name of ['truncated.parquet', 'gone.parquet', 'gone.csv', 'gone.jsonl', 'gone.arrow']) {
      await expect(bench.identify(name)).rejects.toMatchObject({ code: 'TABLE_INVALID', data: { name } });
    }
    await bench.write('exact.parquet', 'SELECT 9007199254740993 AS v');
    await expect(bench.identify('exact.parquet', { columns: [{ name: 'v', type: 'float' }] })).rejects.toMatchObject({
      message: 'exact.parquet, row 1, column "v": "9007199254740993" does not fit the type float',
    });
  });

  test('a Parquet file that has a name twice', async () => {
    const file = await bench.write(
      'other.parquet',
      'SELECT 1 AS alpha_one, 2 AS alpha_two',
      'COMPRESSION uncompressed',
    );
    const text = (await readFile(file.path)).toString('latin1').replaceAll('alpha_two', 'alpha_one');
    await writeFile(file.path, Buffer.from(text, 'latin1'));
    await expect(bench.identify('other.parquet')).rejects.toMatchObject({
      message: 'other.parquet, column "alpha_one": the column is there twice',
    });
  });
});
