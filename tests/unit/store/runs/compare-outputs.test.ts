import { describe, expect, test } from 'vitest';
import { compareContents, overallVerdict } from '../../../../src/store/runs/compare-outputs.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const verdict = (left: string, right: string, tolerance = 1e-9): string =>
  compareContents(bytes(left), bytes(right), tolerance).verdict;

describe('compareContents', () => {
  test.each([
    ['{"x": 1.0}', '{"x": 1.0000000000001}', 'within-tolerance'],
    ['a,b\n1,2e10\n', 'a,b\n1,20000000001\n', 'within-tolerance'],
    ['{"x": 1.0}', '{"x": 1.1}', 'differs'],
    ['{"x": 1.0}', '{"y": 1.0}', 'differs'],
    ['1,2', '1,2,3', 'differs'],
    ['v1.2.3', 'v1.2.4', 'differs'],
    ['x1', 'x2', 'differs'],
    ['a 1', 'a', 'differs'],
  ])('%s and %s: %s', (left, right, expected) => {
    expect(verdict(left, right)).toBe(expected);
  });

  test('names the line and both numbers', () => {
    expect(compareContents(bytes('a\nb 1\nc 2\n'), bytes('a\nb 1\nc 3\n'), 0).detail).toBe('line 3: 2 and 3');
  });

  test('bytes that are no text are equal or different', () => {
    expect(compareContents(Uint8Array.of(0xff, 1), Uint8Array.of(0xff, 2), 1).verdict).toBe('differs');
  });
});

test('the verdict is that of the worst output', () => {
  const of = (...verdicts: ('identical' | 'within-tolerance' | 'differs' | 'missing')[]): string =>
    overallVerdict(verdicts.map((one, index) => ({ path: `${index}`, verdict: one })));
  expect(of()).toBe('identical');
  expect(of('identical', 'within-tolerance')).toBe('within-tolerance');
  expect(of('within-tolerance', 'missing')).toBe('differs');
});
