import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../../../src/core/evidence/csv.ts';

describe('CSV', () => {
  test('has numbers, texts, truths and gaps', () => {
    const text = 'a,b,c,d,e\n1,0.5,x y,True,\n9223372036854775807,-1e-3,"1",false,inf\n';
    expect(parseCsv(text, 'curve')).toEqual([
      { a: 1n, b: 0.5, c: 'x y', d: true, e: null },
      { a: 9223372036854775807n, b: -0.001, c: '1', d: false, e: Number.POSITIVE_INFINITY },
    ]);
  });

  test('has quoted fields with commas, quotes and line breaks', () => {
    expect(parseCsv('a,b\r\n"x, ""y""\nz",2\r\n\r\n', 'curve')).toEqual([{ a: 'x, "y"\nz', b: 2n }]);
  });

  test('may end without a line feed, and have no rows', () => {
    expect(parseCsv('a,b\n1,2', 'curve')).toEqual([{ a: 1n, b: 2n }]);
    expect(parseCsv('a,b', 'curve')).toEqual([]);
  });

  test('keeps a column called __proto__ as data', () => {
    const [row] = parseCsv('__proto__\n5\n', 'curve');
    expect(Object.entries(row ?? {})).toEqual([['__proto__', 5n]]);
  });

  test.each([
    ['an empty text', '', 'no line with the names', 1],
    ['a name twice', 'a,a\n1,2\n', 'the column "a" appears twice', 1],
    ['a row that is too short', 'a,b\n1,2\n3\n', '1 fields where the first line names 2', 3],
    ['a row that is too long', 'a\n1,2\n', '2 fields where the first line names 1', 2],
    ['a quote inside a field', 'a\nx"y\n', 'a quote inside a field', 2],
    ['text behind a quote', 'a\n"x"y\n', 'text behind a closing quote', 2],
    ['a quote without an end', 'a\n"x\n', 'a quoted field without an end', 2],
    ['a lone carriage return', 'a\r1\n', 'a carriage return without a line feed', 1],
    ['too many columns', `${'a,'.repeat(300)}\n`, 'more than 256 columns', 1],
    ['too many rows', `a\n${'1\n'.repeat(100_001)}`, 'more than 100000 rows', 100_002],
  ])('refuses %s with its line', (_, text, why, line) => {
    expect(() => parseCsv(text, 'curve')).toThrow(why);
    expect(() => parseCsv(text, 'curve')).toThrow(`at line ${line},`);
  });
});
