import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TableTimes } from '../../../../src/ports/tables.ts';
import { type TableBench, tableBench } from '../../../conformance/table-files.ts';

let bench: TableBench;
beforeAll(async () => {
  bench = await tableBench();
});
afterAll(() => bench.dispose());

const noon = 1_767_268_800_000_000_000n; // 2026-01-01T12:00:00Z

async function timesOf(name: string, columns = ['ts_utc', 'ts']): Promise<TableTimes | undefined> {
  return bench.reader.times(bench.file(name), columns);
}

test('times of Parquet become nanoseconds since 1970, distinct and ascending, whatever their type', async () => {
  const types = ['TIMESTAMP', 'TIMESTAMP_NS', 'TIMESTAMP_MS', 'TIMESTAMPTZ'];
  for (const type of types) {
    const rows = `SELECT (TIMESTAMP '2026-01-01 12:00:00' + to_seconds(5 - r % 3))::${type} AS ts FROM range(30) t(r)
      UNION ALL SELECT NULL`;
    await bench.write(`${type}.parquet`, rows);
    const found = await timesOf(`${type}.parquet`);
    expect([type, found?.times.kind, ...(found?.times.bars ?? [])]).toEqual([
      type,
      'instant',
      ...[3n, 4n, 5n].map((seconds) => noon + seconds * 1_000_000_000n),
    ]);
  }
  await bench.write('date.parquet', "SELECT DATE '2026-01-01' AS ts");
  expect((await timesOf('date.parquet'))?.times.bars).toEqual(BigInt64Array.of(noon - 43_200_000_000_000n));
});

test('whole numbers stay numbers, in floats too; other floats are no times', async () => {
  await bench.write('integer.parquet', 'SELECT (9 - r)::INTEGER AS ts FROM range(5) t(r)');
  expect(await timesOf('integer.parquet')).toEqual({
    column: 'ts',
    times: { kind: 'number', bars: BigInt64Array.of(5n, 6n, 7n, 8n, 9n) },
  });
  await bench.write('float.parquet', 'SELECT r::DOUBLE AS ts FROM range(3) t(r)');
  expect((await timesOf('float.parquet'))?.times).toEqual({ kind: 'number', bars: BigInt64Array.of(0n, 1n, 2n) });
  await bench.write('half.parquet', 'SELECT 0.5::DOUBLE AS ts');
  await expect(timesOf('half.parquet')).rejects.toMatchObject({ code: 'TABLE_INVALID' });
});

test('texts of CSV are numbers or ISO 8601, and nothing else', async () => {
  await writeFile(bench.file('numbers.csv').path, 'price,ts\n1,10\n2,9\n3,10\n4,\n');
  expect((await timesOf('numbers.csv'))?.times).toEqual({ kind: 'number', bars: BigInt64Array.of(9n, 10n) });
  await writeFile(bench.file('texts.csv').path, 'ts\n2026-01-01T12:00:01Z\n2026-01-01 12:00\n');
  expect((await timesOf('texts.csv'))?.times).toEqual({
    kind: 'instant',
    bars: BigInt64Array.of(noon, noon + 1_000_000_000n),
  });
  await writeFile(bench.file('words.csv').path, 'ts\nyesterday\n');
  await expect(timesOf('words.csv')).rejects.toMatchObject({ code: 'TABLE_INVALID' });
});

test('the first of the columns that is there is taken, and none is no error', async () => {
  await writeFile(bench.file('both.csv').path, 'ts,ts_utc\n1,2\n');
  expect((await timesOf('both.csv'))?.column).toBe('ts_utc');
  expect(await timesOf('both.csv', ['date'])).toBeUndefined();
});
