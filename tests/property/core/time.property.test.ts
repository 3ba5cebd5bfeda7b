import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatTimestamp, parseTimestamp, timestampMs } from '../../../src/core/time.ts';

const ms = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });

describe('timestamps', () => {
  test('go there and back, and sort as text as they do as times', () => {
    return fc.assert(
      fc.property(ms, ms, (left, right) => {
        const [a, b] = [formatTimestamp(left), formatTimestamp(right)];
        expect(timestampMs(a)).toBe(left);
        expect(parseTimestamp(a)).toBe(a);
        expect(a < b).toBe(left < right);
      }),
    );
  });

  test('a time in any zone is the same time in UTC', () => {
    const offset = fc.integer({ min: -1439, max: 1439 });
    const inside = fc.integer({ min: -62_000_000_000_000, max: 253_000_000_000_000 });
    return fc.assert(
      fc.property(inside, offset, (time, minutes) => {
        const local = formatTimestamp(time + minutes * 60_000).slice(0, -1);
        const two = (value: number): string => String(value).padStart(2, '0');
        const zone = `${minutes < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
        expect(parseTimestamp(local + zone)).toBe(formatTimestamp(time));
      }),
    );
  });
});
