import { describe, expect, test } from 'vitest';
import { fixedClock, systemClock } from '../../../../src/adapters/node/system-clock.ts';
import { systemRandom } from '../../../../src/adapters/node/system-random.ts';

describe('clocks', () => {
  test('the system’s goes on and says that it is a wall clock', () => {
    const clock = systemClock();
    expect(clock.kind).toBe('wall');
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
  });

  test('the fixed one stands still and says so', () => {
    expect(fixedClock(1234)).toMatchObject({ kind: 'fixed' });
    expect(fixedClock(1234).now()).toBe(1234);
    for (const ms of [Number.NaN, 0.5, Number.POSITIVE_INFINITY, 2 ** 53])
      expect(() => fixedClock(ms)).toThrow('whole number');
  });
});

describe('randomness', () => {
  test('comes in the length asked for, and never twice the same', () => {
    const random = systemRandom();
    expect(random.bytes(0)).toHaveLength(0);
    const seen = new Set(Array.from({ length: 100 }, () => random.bytes(12).join()));
    expect(seen.size).toBe(100);
    expect(random.bytes(100_000)).toHaveLength(100_000);
  });
});
