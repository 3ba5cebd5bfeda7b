import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ColumnData, Layout } from '../../../../src/core/table-content/column-data.ts';
import { tableHasher } from '../../../../src/core/table-content/table-hash.ts';
import type { TableType } from '../../../../src/core/table-content/table-type.ts';
import { naiveTableHash } from '../../../conformance/table-rows.ts';

const hasher = () => createHash('sha256');

function fixed(layout: Layout, memory: ArrayBufferView, scale = 0, valid?: Uint8Array): ColumnData {
  const bytes = new Uint8Array(memory.buffer as ArrayBuffer, memory.byteOffset, memory.byteLength);
  const count = (bytes.length * 8) / Number(layout.slice(1));
  return { kind: 'fixed', layout, count, valid, bytes, scale };
}

/** The hash of one column `c` from batches. */
function hashOf(type: TableType, ...batches: readonly ColumnData[]): string {
  const table = tableHasher([{ name: 'c', type }], hasher);
  for (const batch of batches) table.add([batch]);
  return table.end().sha256;
}

const integers = (cells: readonly (bigint | null)[]): string =>
  naiveTableHash([{ name: 'c', type: 'integer', cells }], cells.length);

describe('table hash', () => {
  test('an integer is one in every width', () => {
    const expected = integers([1n, -2n, 3n]);
    const type = { kind: 'integer' } as const;
    expect(hashOf(type, fixed('i8', Int8Array.of(1, -2, 3)))).toBe(expected);
    expect(hashOf(type, fixed('i16', Int16Array.of(1, -2, 3)))).toBe(expected);
    expect(hashOf(type, fixed('i32', Int32Array.of(1, -2, 3)))).toBe(expected);
    expect(hashOf(type, fixed('i64', BigInt64Array.of(1n, -2n, 3n)))).toBe(expected);
    expect(hashOf(type, fixed('i128', BigInt64Array.of(1n, 0n, -2n, -1n, 3n, 0n)))).toBe(expected);
    const positive = integers([255n, 7n]);
    expect(hashOf(type, fixed('u8', Uint8Array.of(255, 7)))).toBe(positive);
    expect(hashOf(type, fixed('u32', Uint32Array.of(255, 7)))).toBe(positive);
    expect(hashOf(type, fixed('u128', BigInt64Array.of(255n, 0n, 7n, 0n)))).toBe(positive);
    expect(hashOf(type, fixed('u32', Uint32Array.of(2 ** 32 - 1)))).toBe(integers([2n ** 32n - 1n]));
  });

  test('integers beyond 64 bits have the wide form, those within have not', () => {
    const type = { kind: 'integer' } as const;
    const edge = 2n ** 63n;
    expect(hashOf(type, fixed('u64', BigUint64Array.of(edge - 1n, edge)))).toBe(integers([edge - 1n, edge]));
    expect(hashOf(type, fixed('i128', BigUint64Array.of(edge, 0n, edge, 2n ** 64n - 1n)))).toBe(
      integers([edge, -edge]),
    );
    const most = BigInt64Array.of(-1n, -1n);
    expect(hashOf(type, fixed('u128', most))).toBe(integers([2n ** 128n - 1n]));
    expect(hashOf(type, fixed('i128', most))).toBe(integers([-1n]));
  });

  test('what is in the place of a null does not matter, and a null is no value', () => {
    const type = { kind: 'integer' } as const;
    const valid = Uint8Array.of(0b101);
    expect(hashOf(type, fixed('i32', Int32Array.of(1, 99, 3), 0, valid))).toBe(integers([1n, null, 3n]));
    expect(integers([1n, null, 3n])).not.toBe(integers([1n, 0n, 3n]));
  });

  test('-0 is 0, every NaN is one, and a narrow float is widened', () => {
    const type = { kind: 'float' } as const;
    const naive = naiveTableHash([{ name: 'c', type: 'float', cells: [0, Number.NaN, 1.5] }], 3);
    const odd = new BigUint64Array([2n ** 63n, 0xfff8000000000123n, 0x3ff8000000000000n]);
    expect(hashOf(type, fixed('f64', odd))).toBe(naive);
    expect(hashOf(type, fixed('f32', Float32Array.of(-0, Number.NaN, 1.5)))).toBe(naive);
  });

  test('a decimal is its value', () => {
    const type = { kind: 'decimal' } as const;
    const cells = [150n, -25n, 0n].map((digits) => ({ digits, scale: 2 }));
    const naive = naiveTableHash([{ name: 'c', type: 'decimal', cells }], 3);
    expect(hashOf(type, fixed('i16', Int16Array.of(150, -25, 0), 2))).toBe(naive);
    expect(hashOf(type, fixed('i32', Int32Array.of(15_000, -2500, 0), 4))).toBe(naive);
    expect(hashOf(type, fixed('i64', BigInt64Array.of(150n * 10n ** 16n, -25n * 10n ** 16n, 0n), 18))).toBe(naive);
    const big = { digits: 2n ** 70n + 1n, scale: 3 };
    const memory = BigInt64Array.of(1n, 64n);
    expect(hashOf(type, fixed('i128', memory, 3))).toBe(
      naiveTableHash([{ name: 'c', type: 'decimal', cells: [big] }], 1),
    );
  });

  test('batches leave no trace', () => {
    const type = { kind: 'integer' } as const;
    return fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -5n, max: 5n })), fc.nat(), (cells, cut) => {
        const at = cells.length === 0 ? 0 : cut % (cells.length + 1);
        const whole = fixed('i64', BigInt64Array.from(cells));
        const parts = [
          fixed('i64', BigInt64Array.from(cells.slice(0, at))),
          fixed('i32', Int32Array.from(cells.slice(at), Number)),
        ];
        expect(hashOf(type, ...parts)).toBe(hashOf(type, whole));
      }),
      { seed: 7 },
    );
  });

  test('nested columns follow their lists and structs, whatever lies in the place of nulls', () => {
    const type: TableType = { kind: 'list', element: { kind: 'text' } };
    const child: ColumnData = {
      kind: 'bytes',
      count: 4,
      valid: Uint8Array.of(0b1011),
      lengths: Uint32Array.of(1, 2, 0, 1),
      bytes: Buffer.from('xaab'),
    };
    const data: ColumnData = {
      kind: 'list',
      count: 3,
      valid: Uint8Array.of(0b101),
      starts: Uint32Array.of(1, 0, 3),
      lengths: Uint32Array.of(2, 1, 1),
      child,
    };
    const cells = [['aa', null], null, ['b']];
    expect(hashOf(type, data)).toBe(naiveTableHash([{ name: 'c', type: 'list<text>', cells }], 3));
  });

  test('columns of different lengths are no batch', () => {
    const integer = { kind: 'integer' } as const;
    const table = tableHasher(
      [
        { name: 'a', type: integer },
        { name: 'b', type: integer },
      ],
      hasher,
    );
    expect(() => table.add([fixed('i8', Int8Array.of(1)), fixed('i8', Int8Array.of(1, 2))])).toThrow('2 values');
  });
});
