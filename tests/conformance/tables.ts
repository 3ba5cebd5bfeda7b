/** What every `TableReader` must do when it identifies a table. Files are small, and written by DuckDB or by hand. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { zstdCompressSync } from 'node:zlib';
import * as arrow from 'apache-arrow';
import { expect } from 'vitest';
import type { TableSpecRecord } from '../../src/core/records/table-spec.ts';
import type { TableReader } from '../../src/ports/tables.ts';
import type { Claim } from './claims.ts';
import type { TableBench } from './table-files.ts';
import { type NaiveColumn, naiveTableHash } from './table-rows.ts';

const plain: TableSpecRecord = { schema: 'cairn.table-spec/1' };

/** Rows with a null in ten thousand values, and with a value in ten thousand nulls. */
const sparse = `SELECT r AS id, CASE WHEN r <> 7777 THEN r * 3 END AS most, CASE WHEN r = 4321 THEN 'here' END AS one
  FROM range(10000) t(r)`;
const numbers = Array.from({ length: 10_000 }, (_, row) => row);
const sparseColumns: readonly NaiveColumn[] = [
  { name: 'id', type: 'integer', cells: numbers.map(BigInt) },
  { name: 'most', type: 'integer', cells: numbers.map((row) => (row === 7777 ? null : BigInt(3 * row))) },
  { name: 'one', type: 'text', cells: numbers.map((row) => (row === 4321 ? 'here' : null)) },
];

function sparseArrow(): arrow.Table {
  const text = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int16());
  return new arrow.Table({
    id: arrow.vectorFromArray(numbers, new arrow.Int32()),
    most: arrow.vectorFromArray(
      numbers.map((row) => (row === 7777 ? null : 3 * row)),
      new arrow.Uint16(),
    ),
    one: arrow.vectorFromArray(
      numbers.map((row) => (row === 4321 ? 'here' : null)),
      text,
    ),
  });
}

/** The bytes of a table whose batches are compressed by `encode`; the package itself brings no codec. */
function compressed(type: arrow.CompressionType, encode: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const known = arrow.compressionRegistry.get(type);
  arrow.compressionRegistry.set(type, { encode });
  try {
    const writer = new arrow.RecordBatchFileWriter({ compressionType: type });
    writer.writeAll(sparseArrow().batches).finish();
    return writer.toUint8Array(true);
  } finally {
    arrow.compressionRegistry.set(type, known ?? {});
  }
}

/** Says that a time of a Parquet file that DuckDB wrote in nanoseconds is of another kind. */
async function relabelled(bench: TableBench, name: string, select: string, start: readonly number[]): Promise<void> {
  const { path } = await bench.write(name, select, 'COMPRESSION uncompressed');
  const bytes = await readFile(path);
  const form = Buffer.from([0x8c, 0x12, 0x1c, 0x3c, 0, 0, 0, 0]);
  const places = [];
  for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + 1)) places.push(at);
  expect(places).not.toEqual([]);
  for (const at of places) bytes.set(start, at);
  await writeFile(path, bytes);
}

const utcNanoseconds = [0x8c, 0x11];
const timeNanoseconds = [0x7c, 0x12];

export const tableClaims: readonly Claim<TableBench>[] = [
  {
    claim: 'one row group and a thousand are one content',
    check: async (bench) => {
      const rows = "SELECT r AS id, 'name ' || r % 1000 AS name FROM range(2048 * 1000) t(r)";
      await bench.write('thousand.parquet', rows, 'ROW_GROUP_SIZE 2048, COMPRESSION zstd');
      await bench.write('one.parquet', rows, 'ROW_GROUP_SIZE 4096000, COMPRESSION snappy');
      const groups = async (name: string): Promise<unknown> =>
        (await bench.rows(`SELECT num_row_groups FROM parquet_file_metadata('${bench.file(name).path}')`))[0]?.[0];
      expect([await groups('one.parquet'), await groups('thousand.parquet')]).toEqual([1n, 1000n]);
      expect(await bench.hash('thousand.parquet')).toBe(await bench.hash('one.parquet'));
    },
  },
  {
    claim: 'few nulls and few values are counted where they are, in every format',
    check: async (bench) => {
      const hash = naiveTableHash(sparseColumns, 10_000);
      const columns = [{ name: 'id', type: 'integer' }, { name: 'most', type: 'integer' }, { name: 'one' }];
      await bench.write('sparse.parquet', sparse);
      await bench.write('sparse.csv', sparse);
      await bench.write('sparse.jsonl', sparse);
      await writeFile(bench.file('sparse.arrow').path, arrow.tableToIPC(sparseArrow(), 'file'));
      for (const name of ['sparse.parquet', 'sparse.csv', 'sparse.jsonl', 'sparse.arrow']) {
        expect([name, await bench.hash(name, { columns })]).toEqual([name, hash]);
      }
      const moved = sparse.replace('4321', '4322');
      await bench.write('moved.parquet', moved);
      expect(await bench.hash('moved.parquet')).not.toBe(hash);
    },
  },
  {
    claim: 'ten thousand columns have the content that the specification says',
    check: async (bench) => {
      const names = Array.from({ length: 10_000 }, (_, index) => `c${index}`);
      const hash = naiveTableHash(
        names.map((name, index) => ({ name, type: 'text', cells: [`${index}`, null, `x${index}`] })),
        3,
      );
      const lines = [names, names.map((_, index) => `${index}`), names.map(() => ''), names.map((_, at) => `x${at}`)];
      await writeFile(bench.file('broad.csv').path, lines.map((line) => `${line.join(',')}\n`).join(''));
      expect(await bench.hash('broad.csv')).toBe(hash);
      // What is read in parts is what is read at once.
      const some = names.slice(0, 2500);
      const columns = some.map((name, at) => `['${at}', NULL, 'x${at}'][r + 1]::VARCHAR AS ${name}`);
      await bench.write('broad.parquet', `SELECT ${columns.join(', ')} FROM range(3) t(r)`);
      const part = { columns: some.map((name) => ({ name })) };
      expect(await bench.hash('broad.parquet')).toBe(await bench.hash('broad.csv', part));
    },
  },
  {
    claim: 'reads Arrow that is compressed with zstd',
    check: async (bench) => {
      const bytes = compressed(arrow.CompressionType.ZSTD, (content) => zstdCompressSync(content));
      expect(Buffer.from(bytes).includes(Buffer.from('28b52ffd', 'hex'))).toBe(true);
      await writeFile(bench.file('zstd.arrow').path, bytes);
      expect(await bench.hash('zstd.arrow')).toBe(naiveTableHash(sparseColumns, 10_000));
    },
  },
  {
    claim: 'says that Arrow with LZ4 is compressed in a way that it does not read',
    check: async (bench) => {
      const frame = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0, 0, 0, 0);
      await writeFile(
        bench.file('lz4.arrow').path,
        compressed(arrow.CompressionType.LZ4_FRAME, () => frame),
      );
      await expect(bench.hash('lz4.arrow')).rejects.toMatchObject({
        code: 'TABLE_INVALID',
        message: 'lz4.arrow: it is compressed in a way that cairn cannot read: write it uncompressed or with zstd',
      });
    },
  },
  {
    claim: 'names row and column where a type changes half-way',
    check: async (bench) => {
      const half = "SELECT r AS a, CASE WHEN r = 40000 THEN 'many' ELSE r::VARCHAR END AS b FROM range(80000) t(r)";
      const columns = [{ name: 'a' }, { name: 'b', type: 'integer' }];
      await bench.write('half.csv', half);
      await bench.write('half.jsonl', half);
      for (const name of ['half.csv', 'half.jsonl']) {
        await expect(bench.hash(name, { columns })).rejects.toMatchObject({
          code: 'TABLE_INVALID',
          message: `${name}, row 40001, column "b": "many" does not fit the type integer`,
          data: { name, row: 40_001, column: 'b' },
        });
      }
    },
  },
  {
    claim: 'refuses a Parquet file that ends anywhere, and every Arrow file that does',
    check: async (bench) => {
      await bench.write('whole.parquet', "SELECT r AS a, 'text ' || r AS b FROM range(40) t(r)", 'COMPRESSION zstd');
      const table = arrow.tableFromArrays({ a: Int32Array.of(1, 2, 3), b: ['x', 'y', 'z'] });
      await writeFile(bench.file('whole.arrow').path, arrow.tableToIPC(table, 'file'));
      for (const ending of ['parquet', 'arrow']) {
        const bytes = await readFile(bench.file(`whole.${ending}`).path);
        const { path, name } = bench.file(`cut.${ending}`);
        const hashes = [];
        for (let length = 0; length < bytes.length; length += 7) {
          await writeFile(path, bytes.subarray(0, length));
          const failure = await bench.identify(name).catch((error: unknown) => error);
          if (failure instanceof Error) expect(failure).toMatchObject({ code: 'TABLE_INVALID', data: { name } });
          else hashes.push(length);
        }
        expect([ending, hashes]).toEqual([ending, []]);
      }
    },
  },
  {
    claim: 'of a file that vanishes says the right content or that it is not there',
    check: async (bench) => {
      const { reader } = bench;
      const names = Array.from({ length: 48 }, (_, index) => `v${index}.${['csv', 'parquet', 'jsonl'][index % 3]}`);
      for (const name of names) await bench.write(name, 'SELECT r AS a FROM range(100) t(r)');
      const right: string[] = [];
      for (const name of names) right.push(await bench.hash(name));
      const [found] = await Promise.all([
        reader.identifyMany(names.map((name) => ({ file: bench.file(name), spec: plain }))),
        ...names.map((name) => rm(bench.file(name).path)),
      ]);
      for (const [index, result] of found.entries()) {
        if ('identity' in result) expect(result.identity.sha256).toBe(right[index]);
        else expect(result.error).toMatchObject({ code: 'TABLE_INVALID', data: { name: names[index] } });
      }
      await expect(bench.identify('v0.csv')).rejects.toMatchObject({ message: 'v0.csv: the file is not there' });
    },
  },
  {
    claim: 'tells nanoseconds of instants and of times in Parquet apart, or refuses them by row',
    check: async (bench) => {
      const at = (nanoseconds: string): string =>
        `SELECT r AS id, make_timestamp_ns(1000000 + r * 1000 + ${nanoseconds}) AS t FROM range(3) x(r)`;
      for (const [kind, start, type] of [
        ['instant', utcNanoseconds, 'timestamp_tz'],
        ['time', timeNanoseconds, 'time'],
      ] as const) {
        await relabelled(bench, `${kind}.parquet`, at('0'), start);
        await relabelled(bench, `${kind}-fine.parquet`, at('CASE WHEN r = 1 THEN 7 ELSE 0 END'), start);
        expect((await bench.identify(`${kind}.parquet`)).columns[1]).toEqual({ name: 't', type });
        const refused = { code: 'TABLE_INVALID', data: { row: 2, column: 't' } };
        await expect(bench.identify(`${kind}-fine.parquet`)).rejects.toMatchObject(refused);
        const columns = [{ name: 'id' }];
        expect(await bench.hash(`${kind}-fine.parquet`, { columns })).toBe(
          await bench.hash(`${kind}.parquet`, { columns }),
        );
      }
      const nested = "SELECT [{'t': make_timestamp_ns(1001)}] AS l";
      await relabelled(bench, 'nested.parquet', nested, utcNanoseconds);
      await expect(bench.identify('nested.parquet')).rejects.toMatchObject({ data: { row: 1, column: 'l' } });
      await relabelled(bench, 'whole.parquet', nested.replace('1001', '1000'), utcNanoseconds);
      expect((await bench.identify('whole.parquet')).columns[0]?.type).toBe('list<struct<"t" timestamp_tz>>');
    },
  },
  {
    claim: 'refuses timestamps of 96 bits in Parquet',
    check: async (bench) => {
      // Twelve bytes, as an interval has them; then the schema says that they are a timestamp.
      const { path } = await bench.write('old.parquet', 'SELECT to_months(1500) + to_milliseconds(2461042) AS t');
      const text = (await readFile(path)).toString('hex');
      await writeFile(path, Buffer.from(text.replaceAll('150e', '1506').replace('18017425', '18017455'), 'hex'));
      await expect(bench.identify('old.parquet')).rejects.toMatchObject({
        code: 'TABLE_INVALID',
        message: 'old.parquet, column "t": timestamps of 96 bits cannot be read exactly',
      });
    },
  },
  {
    claim: 'loses no digit of a whole number in JSONL',
    check: async (bench) => {
      const write = (name: string, lines: readonly string[]): Promise<void> =>
        writeFile(bench.file(name).path, `${lines.join('\n')}\n`);
      await write('large.jsonl', ['{"a":18446744073709551617}', '{"a":-1}', '{"a":null}', '{}']);
      const cells = [18446744073709551617n, -1n, null, null];
      expect(await bench.hash('large.jsonl')).toBe(naiveTableHash([{ name: 'a', type: 'integer', cells }], 4));
      const refused: readonly (readonly [string, readonly string[], string])[] = [
        ['mixed', ['{"a":0.5}', '{"a":9007199254740993}'], 'row 2, column "a": 9007199254740993 has more digits'],
        [
          'inner',
          ['{"a":{"b":[1]}}', '{"a":{"b":[0, 18446744073709551617]}}'],
          'row 2, column "a": 18446744073709551617',
        ],
        ['huge', [`{"a":${'9'.repeat(60)}}`], 'row 1, column "a": 9999'],
      ];
      for (const [name, lines, message] of refused) {
        await write(`${name}.jsonl`, lines);
        await expect(bench.identify(`${name}.jsonl`)).rejects.toMatchObject({
          code: 'TABLE_INVALID',
          message: expect.stringContaining(`${name}.jsonl, ${message}`),
        });
      }
      await write('held.jsonl', ['{"a":0.5,"b":9007199254740993}', '{"a":9007199254740994,"b":1}']);
      expect((await bench.identify('held.jsonl')).columns.map(({ type }) => type)).toEqual(['float', 'integer']);
    },
  },
  {
    claim: 'says of JSONL without a member what it is',
    check: async (bench) => {
      await writeFile(bench.file('bare.jsonl').path, '{}\n{}\n');
      await expect(bench.identify('bare.jsonl')).rejects.toMatchObject({
        message: 'bare.jsonl: no object has a member',
      });
      await writeFile(bench.file('list.jsonl').path, '[1]\n');
      await expect(bench.identify('list.jsonl')).rejects.toMatchObject({
        message: 'list.jsonl: a line is no JSON object',
      });
    },
  },
];

/** A reader that `change` has spoiled. */
export function spoiled(bench: TableBench, change: (reader: TableReader) => Partial<TableReader>): TableBench {
  const reader = { ...bench.reader, ...change(bench.reader) };
  const identify: TableBench['identify'] = (name, spec = {}) =>
    reader.identify(bench.file(name), { ...plain, ...spec });
  return { ...bench, reader, identify, hash: async (name, spec) => (await identify(name, spec)).sha256 };
}
