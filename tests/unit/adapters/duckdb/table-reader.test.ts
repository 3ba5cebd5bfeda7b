import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openDuckDb } from '../../../../src/adapters/duckdb/instance.ts';
import { duckDbTableReader } from '../../../../src/adapters/duckdb/table-reader.ts';
import { openFsObjectBackend } from '../../../../src/adapters/fs/fs-object-backend.ts';
import type { TableHash } from '../../../../src/core/ids.ts';
import type { TableIdentity, TableReader } from '../../../../src/ports/tables.ts';
import { type Defect, describeConformance, describeDefects } from '../../../conformance/claims.ts';
import { type TableBench, tableBench } from '../../../conformance/table-files.ts';
import { spoiled, tableClaims } from '../../../conformance/tables.ts';

describeConformance('DuckDB as a table reader', tableClaims, tableBench);

const identity = (text: Uint8Array | string): TableIdentity => ({
  sha256: createHash('sha256').update(text).digest('hex') as TableHash,
  rows: 0,
  columns: [],
  minTs: undefined,
  maxTs: undefined,
});

/** Readers that are wrong in one way, and the claims that find it. */
const defects: readonly (readonly [string, (reader: TableReader) => Partial<TableReader>, readonly string[]])[] = [
  [
    'takes the bytes for the content',
    () => ({ identify: async ({ path }) => identity(await readFile(path)) }),
    [
      'one row group and a thousand are one content',
      'few nulls and few values are counted where they are, in every format',
      'ten thousand columns have the content that the specification says',
      'reads Arrow that is compressed with zstd',
      'loses no digit of a whole number in JSONL',
    ],
  ],
  [
    'takes what it cannot read for empty',
    (reader) => ({ identify: (file, spec) => reader.identify(file, spec).catch(() => identity('')) }),
    [
      'says that Arrow with LZ4 is compressed in a way that it does not read',
      'names row and column where a type changes half-way',
      'refuses a Parquet file that ends anywhere, and every Arrow file that does',
      'tells nanoseconds of instants and of times in Parquet apart, or refuses them by row',
      'refuses timestamps of 96 bits in Parquet',
      'says of JSONL without a member what it is',
    ],
  ],
  [
    'fails for all where one file is gone',
    () => ({ identifyMany: () => Promise.reject(new Error('ENOENT')) }),
    ['of a file that vanishes says the right content or that it is not there'],
  ],
];

describeDefects(
  'table reader',
  tableClaims,
  defects.flatMap(([defect, change, claims]) =>
    claims.map(
      (breaks): Defect<TableBench> => ({
        defect: `${defect} (${breaks})`,
        breaks,
        open: async () => spoiled(await tableBench(), change),
      }),
    ),
  ),
);

test('every claim has a defect that breaks it', () => {
  expect(defects.flatMap(([, , claims]) => claims).sort()).toEqual(tableClaims.map(({ claim }) => claim).sort());
});

describe('the directory of a DuckDB', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'cairn-duckdb-'));
  const options = { temporary: join(temporary, 'tmp'), memoryLimit: 96 << 20, threads: 2 };
  afterAll(() => rmSync(temporary, { recursive: true }));

  test('is its own: two sort beyond their memory at once, and leave nothing', async () => {
    const databases = [await openDuckDb(options), await openDuckDb(options)];
    expect(new Set(databases.map(({ directory }) => directory)).size).toBe(2);
    const sorts = databases.map(async ({ connection, directory }, index) => {
      const sorted = `SELECT hash(range + ${index})::VARCHAR || 'a longer text' AS h, range FROM range(1000000) ORDER BY h`;
      const result = await connection.stream(sorted);
      let [rows, last, spilled] = [0, '', false];
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        spilled ||= readdirSync(directory).length > 0;
        const [first] = chunk.getColumnValues(0) as string[];
        expect((first as string) > last).toBe(true);
        last = first as string;
        rows += chunk.rowCount;
      }
      return [rows, spilled];
    });
    expect(await Promise.all(sorts)).toEqual([
      [1_000_000, true],
      [1_000_000, true],
    ]);
    for (const database of databases) database.close();
    expect(readdirSync(options.temporary)).toEqual([]);
  }, 60_000);

  test('goes when the reader is closed, and is made again when it was swept away', async () => {
    const reader = duckDbTableReader({ ...options, hasher: () => createHash('sha256') });
    const [path, spec] = [join(temporary, 'a.csv'), { schema: 'cairn.table-spec/1' } as const];
    writeFileSync(path, 'a\n1\n');
    const file = { path, format: 'csv', name: 'a.csv' } as const;
    const first = await reader.identify(file, spec);
    const [directory] = readdirSync(options.temporary) as [string];
    rmSync(join(options.temporary, directory), { recursive: true });
    expect(await reader.identify(file, spec)).toEqual(first);
    expect(readdirSync(options.temporary)).toEqual([directory]);
    await reader.close();
    expect(readdirSync(options.temporary)).toEqual([]);
    expect(await reader.identify(file, spec)).toEqual(first);
    await reader.close();
  });

  test('is swept a day after its process was killed, and no other directory', async () => {
    const { directory, close } = await openDuckDb(options);
    const spill = join(directory, 'duckdb_temp_storage_DEFAULT-0.tmp');
    writeFileSync(spill, 'x'.repeat(500));
    mkdirSync(join(options.temporary, 'work'));
    const age = (hours: number): void => {
      const time = Date.now() / 1000 - 3600 * hours;
      for (const path of [spill, directory, join(options.temporary, 'work')]) utimesSync(path, time, time);
    };
    const backend = openFsObjectBackend({ root: temporary });
    age(23);
    expect(await backend.sweepTemporary(0)).toBe(0);
    expect(existsSync(spill)).toBe(true);
    age(25);
    expect(await backend.sweepTemporary(14 * 24 * 3_600_000)).toBe(500);
    expect(readdirSync(options.temporary)).toEqual(['work']);
    close();
    await backend.close();
  });
});
