/** Content hashes from real files against the specification spelled out value by value (conformance/table-rows.ts). */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TableBench, tableBench } from '../../conformance/table-files.ts';
import {
  type Cell,
  type DecimalCell,
  type NaiveColumn,
  naiveSort,
  naiveTableHash,
} from '../../conformance/table-rows.ts';

const runs = Number(process.env['CAIRN_PROPERTY_RUNS'] ?? 60);

interface Kind {
  readonly word: string;
  readonly sql: string;
  readonly cell: fc.Arbitrary<Exclude<Cell, null>>;
  /** The cell as SQL writes it. */
  readonly literal: (cell: Exclude<Cell, null>) => string;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const int = (bits: bigint): fc.Arbitrary<bigint> =>
  fc.bigInt({ min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n });
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'Ω', '😀', ' ', '"', "'", ',', '0123456789', '\n') });
const micros = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 16n });
const decimalText = ({ digits, scale }: DecimalCell): string => {
  const body = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  return `${digits < 0n ? '-' : ''}${body.slice(0, body.length - scale)}.${body.slice(body.length - scale)}`;
};

const integer: Kind = {
  word: 'integer',
  sql: 'BIGINT',
  cell: fc.oneof(int(64n), fc.bigInt({ min: -2n, max: 2n })),
  literal: (cell) => `'${cell}'::BIGINT`,
};
const kinds: readonly Kind[] = [
  integer,
  { ...integer, sql: 'TINYINT', cell: int(8n), literal: (cell) => `'${cell}'::TINYINT` },
  {
    ...integer,
    sql: 'UBIGINT',
    cell: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 3n })),
    literal: (cell) => `'${cell}'::UBIGINT`,
  },
  {
    word: 'float',
    sql: 'DOUBLE',
    cell: fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN)),
    literal: (cell) => `'${Object.is(cell, -0) ? '-0' : String(cell)}'::DOUBLE`,
  },
  ...(
    [
      [4, 2],
      [9, 0],
      [18, 6],
      [38, 10],
    ] as const
  ).map(
    ([width, scale]): Kind => ({
      word: 'decimal',
      sql: `DECIMAL(${width}, ${scale})`,
      cell: fc
        .oneof(
          fc.bigInt({ min: -(10n ** BigInt(width)) + 1n, max: 10n ** BigInt(width) - 1n }),
          fc.constantFrom(0n, 100n),
        )
        .map((digits) => ({ digits, scale })),
      literal: (cell) => `'${decimalText(cell as DecimalCell)}'::DECIMAL(${width}, ${scale})`,
    }),
  ),
  { word: 'boolean', sql: 'BOOLEAN', cell: fc.boolean(), literal: String },
  { word: 'text', sql: 'VARCHAR', cell: text, literal: (cell) => quoted(cell as string) },
  {
    word: 'binary',
    sql: 'BLOB',
    cell: fc.uint8Array({ maxLength: 20 }),
    literal: (cell) => `unhex('${Buffer.from(cell as Uint8Array).toString('hex')}')`,
  },
  {
    word: 'date',
    sql: 'DATE',
    cell: fc.bigInt({ min: -100_000n, max: 100_000n }),
    literal: (cell) => `DATE '1970-01-01' + (${cell})::INTEGER`,
  },
  {
    word: 'timestamp',
    sql: 'TIMESTAMP',
    cell: micros,
    literal: (cell) => `make_timestamp(${cell})`,
  },
  {
    word: 'timestamp_tz',
    sql: 'TIMESTAMPTZ',
    cell: micros,
    literal: (cell) => `make_timestamp(${cell})::TIMESTAMPTZ`,
  },
  {
    word: 'list<integer>',
    sql: 'BIGINT[]',
    cell: fc.array(fc.option(fc.bigInt({ min: -2n, max: 2n })), { maxLength: 3 }),
    literal: (cell) =>
      `[${(cell as readonly Cell[]).map((one) => (one === null ? 'NULL' : `(${one})`)).join(', ')}]::BIGINT[]`,
  },
  {
    word: 'list<text>',
    sql: 'VARCHAR[]',
    cell: fc.array(fc.option(text), { maxLength: 3 }),
    literal: (cell) =>
      `[${(cell as readonly Cell[]).map((one) => (one === null ? 'NULL' : quoted(one as string))).join(', ')}]::VARCHAR[]`,
  },
];

const table = fc
  .tuple(fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 30 }))
  .chain(([chosen, rows]) =>
    fc.tuple(
      ...chosen.map((kind) =>
        fc
          .array(fc.option(kind.cell, { freq: 5 }), { minLength: rows, maxLength: rows })
          .map((cells) => ({ kind, cells })),
      ),
    ),
  );

let bench: TableBench;
beforeAll(async () => {
  bench = await tableBench();
});
afterAll(() => bench.dispose());

describe('table hash', () => {
  test('files say what the specification says, in their order and sorted', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom('snappy', 'zstd', 'uncompressed'),
        fc.nat(),
        async (columns, codec, pick) => {
          const name = `${count++}.parquet`;
          const naive: NaiveColumn[] = columns.map(({ kind, cells }, index) => ({
            name: `c${index}`,
            type: kind.word,
            cells,
          }));
          const rows = columns[0]?.cells.length ?? 0;
          const literal = (row: number): string =>
            columns.map(({ kind, cells }) => (cells[row] == null ? 'NULL' : kind.literal(cells[row]))).join(', ');
          const values = Array.from({ length: rows }, (_, row) => `(${literal(row)})`).join(', ');
          const list = columns.map(({ kind }, index) => `CAST(c${index} AS ${kind.sql}) AS c${index}`).join(', ');
          const select = `SELECT ${list} FROM (VALUES ${values}) t(${columns.map((_, index) => `c${index}`).join(', ')})`;
          await bench.write(name, select, `COMPRESSION ${codec}`);
          expect(await bench.hash(name)).toBe(naiveTableHash(naive, rows));
          const sort = [`c${pick % columns.length}`];
          expect(await bench.hash(name, { sort })).toBe(naiveTableHash(naiveSort(naive, sort), rows));
        },
      ),
      { numRuns: runs, seed: 20_261_121 },
    );
  }, 60_000);
});
