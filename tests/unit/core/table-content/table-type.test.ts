import { describe, expect, test } from 'vitest';
import { castFault, castType, typeWord } from '../../../../src/core/table-content/table-type.ts';
import { timeRange } from '../../../../src/core/table-content/time-range.ts';

describe('type words', () => {
  test('nested types say their parts, with names that cannot be mistaken', () => {
    const text = { kind: 'text' } as const;
    const members = [
      { name: 'a', type: text },
      { name: 'b" text, "c', type: { kind: 'list', element: text } as const },
    ];
    expect(typeWord({ kind: 'struct', members })).toBe('struct<"a" text, "b\\" text, \\"c" list<text>>');
    expect(typeWord({ kind: 'map', key: text, value: { kind: 'null' } })).toBe('map<text, null>');
  });

  test('a decimal may be bounded, within 38 digits', () => {
    expect(castType('decimal(18,4)')).toEqual({ word: 'decimal', precision: 18, scale: 4 });
    expect(castType('decimal(18, 4)')).toEqual(castType('decimal(18,4)'));
    for (const word of ['decimal(39,0)', 'decimal(2,3)', 'decimal()', 'null', 'list<text>', 'INTEGER', '']) {
      expect(castType(word)).toBeUndefined();
      expect(castFault(word)).toContain('is no type; there are integer, float');
    }
    expect(castFault('timestamp_tz')).toBeUndefined();
  });
});

describe('time range', () => {
  const times = (kind: 'timestamp' | 'timestamp_ns', ...values: readonly bigint[]): unknown => {
    const range = timeRange({ kind });
    const bytes = new Uint8Array(BigInt64Array.from(values).buffer);
    range.add({ kind: 'fixed', layout: 'i64', count: values.length, valid: undefined, bytes, scale: 0 });
    return range.end();
  };

  test('writes as few decimals as hold the value', () => {
    expect(times('timestamp', 1n, 1_000_000n)).toEqual({
      min: '1970-01-01T00:00:00.000001Z',
      max: '1970-01-01T00:00:01.000Z',
    });
    expect(times('timestamp_ns', -1n)).toMatchObject({ min: '1969-12-31T23:59:59.999999999Z' });
  });

  test('leaves out nulls, infinity and what no RFC 3339 can say', () => {
    expect(times('timestamp', 2n ** 63n - 1n, -(2n ** 63n) + 1n)).toEqual({ min: undefined, max: undefined });
    const range = timeRange({ kind: 'date' });
    const bytes = new Uint8Array(Int32Array.of(5, 0, 1).buffer);
    range.add({ kind: 'fixed', layout: 'i32', count: 3, valid: Uint8Array.of(0b110), bytes, scale: 0 });
    expect(range.end()).toEqual({ min: '1970-01-01T00:00:00.000Z', max: '1970-01-02T00:00:00.000Z' });
  });
});
