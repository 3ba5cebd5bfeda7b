import { describe, expect, test } from 'vitest';
import { isExactNumber, jsonPath } from '../../../src/core/json-value.ts';

describe('JSON values', () => {
  test('a path names keys and indices as they would be written', () => {
    expect(jsonPath([])).toBe('$');
    expect(jsonPath(['a', 2, 'b c', '', '0x'])).toBe('$.a[2]["b c"][""]["0x"]');
  });

  test('a number is exact when JSON loses nothing of it', () => {
    expect([0, -0, 1.5, 1e-320, 2 ** 53 - 1, 1 - 2 ** 53].every(isExactNumber)).toBe(true);
    expect([2 ** 53, -(2 ** 53), 1e300, Number.NaN, Number.POSITIVE_INFINITY].some(isExactNumber)).toBe(false);
  });
});
