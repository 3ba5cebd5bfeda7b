import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canonicalBytes, parseCanonical } from '../../../src/core/canonical-json.ts';
import { type CodedError, isCodedError } from '../../../src/core/errors.ts';
import {
  decodeLossless,
  encodeLossless,
  type LosslessValue,
  numberText,
  parseLosslessJson,
} from '../../../src/core/lossless-json.ts';

const fixture = readFileSync(join(import.meta.dirname, '../../../fixtures/evidence/python-numbers.json'), 'utf8');

function failure(text: string): CodedError {
  try {
    parseLosslessJson(text, 'rc.json');
  } catch (error) {
    if (isCodedError(error, 'BAD_JSON')) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('JSON as Python writes it', () => {
  test('is read without loss: 63-bit and larger integers, floats, NaN and infinities', () => {
    expect(parseLosslessJson(fixture, 'python')).toEqual({
      seed_root: 9223372036854775807n,
      below: -9223372036854775808n,
      beyond: 2n ** 100n,
      safe: 9007199254740991n,
      first_unsafe: 9007199254740993n,
      whole_float: 1,
      minus_zero: -0,
      tenth: 0.1,
      tiny: 5e-324,
      large: Number.MAX_VALUE,
      exp: 1e22,
      nan: Number.NaN,
      inf: Number.POSITIVE_INFINITY,
      ninf: Number.NEGATIVE_INFINITY,
      text: 'Signalstärke é \u2028 😀',
      none: null,
      yes: true,
      no: false,
      list: [1n, 1.5, Number.NaN],
      nested: { a: { b: [] } },
    });
  });

  test('comes back from a record as it was read', () => {
    const value = parseLosslessJson(fixture, 'python');
    const record = parseCanonical(canonicalBytes(encodeLossless(value)));
    const back = decodeLossless(record) as { [key: string]: LosslessValue };
    expect(back).toEqual(value);
    expect(Object.is(back['minus_zero'], -0)).toBe(true);
    expect(typeof back['whole_float']).toBe('number');
    expect(typeof back['safe']).toBe('bigint');
  });

  test('stands in a record as the format says', () => {
    const encoded = encodeLossless(parseLosslessJson(fixture, 'python')) as { [key: string]: unknown };
    expect(encoded).toMatchObject({
      seed_root: { $number: '9223372036854775807' },
      safe: 9007199254740991,
      first_unsafe: { $number: '9007199254740993' },
      whole_float: { $number: '1.0' },
      minus_zero: { $number: '-0.0' },
      tenth: 0.1,
      large: { $number: '1.7976931348623157e+308' },
      exp: { $number: '1e+22' },
      nan: { $number: 'NaN' },
      ninf: { $number: '-Infinity' },
    });
  });

  test('keeps an object that looks like a tag apart from a tag', () => {
    for (const value of [{ $number: 'NaN' }, { $object: { $number: '1' } }, { $number: 1n, a: 1n }, { $object: 'x' }]) {
      expect(decodeLossless(encodeLossless(value))).toEqual(value);
    }
    expect(encodeLossless({ $number: 'NaN' })).toEqual({ $object: { $number: 'NaN' } });
  });

  test.each([
    { $number: '01' },
    { $number: '1.50' },
    { $number: 'nan' },
    { $number: 5 },
    { $object: { a: 1 } },
    { $object: 1 },
    { $number: '1e999' },
  ])('refuses the tag %j, which nothing is encoded as', (value) => {
    expect(() => decodeLossless(value)).toThrow('a tagged value that no evidence has');
  });

  test.each<[string, string, string, number, number]>([
    ['a duplicate key', '{\n  "a": 1,\n  "a": 2\n}', 'the key "a" appears twice', 3, 3],
    ['a duplicate __proto__', '{"__proto__":1,"__proto__":2}', 'appears twice', 1, 16],
    ['nan in lower case', '[nan]', '"nan" where a value should be', 1, 2],
    ['an overflowing number', '[1e999]', 'overflows', 1, 2],
    ['a lone surrogate', '["\\udc00"]', 'lone surrogate', 1, 2],
    ['a control character', '["a\u0001"]', 'a control character', 1, 4],
    ['a string without an end', '["abc', 'a string without an end', 1, 2],
    ['an unknown escape', '["\\x41"]', 'escape that JSON does not have', 1, 2],
    ['a trailing comma', '[1,]', '"]" where a value should be', 1, 4],
    ['a leading zero', '[01]', 'where "," or "]" should be', 1, 3],
    ['a second value', '{} {}', 'the end of the text should be', 1, 4],
    ['an empty text', ' ', 'the text ends', 1, 2],
    ['too deep a nesting', '['.repeat(1_000_000), 'nesting more than 24 deep', 1, 25],
    ['too long an integer', `[${'9'.repeat(5000)}]`, 'more than 4300 digits', 1, 2],
  ])('refuses %s and gives its line and column', (_, text, message, line, column) => {
    const error = failure(text);
    expect(error.message).toContain('rc.json: ');
    expect(error.message).toContain(message);
    expect(error.data).toEqual({ line, column });
  });

  test('keeps a __proto__ member as data', () => {
    const value = parseLosslessJson('{"__proto__":{"polluted":1}}', 'x') as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(JSON.stringify(encodeLossless(value as LosslessValue))).toBe('{"__proto__":{"polluted":1}}');
  });

  test('writes numbers as Python prints them', () => {
    expect([1, -0, 0.1, 1e300, Number.NaN, 12n ** 20n].map(numberText)).toEqual([
      '1.0',
      '-0.0',
      '0.1',
      '1e+300',
      'NaN',
      '3833759992447475122176',
    ]);
  });
});
