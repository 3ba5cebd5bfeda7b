import { describe, expect, test } from 'vitest';
import { type CodedError, isCodedError } from '../../../src/core/errors.ts';
import { parseJson } from '../../../src/core/parse-json.ts';

function failure(text: string): CodedError {
  try {
    parseJson(text, 'run.json');
  } catch (error) {
    if (isCodedError(error, 'BAD_JSON')) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('JSON from people', () => {
  test('reads what RFC 8259 allows, whitespace and escapes included', () => {
    const text =
      ' {\r\n\t"a" : [ 1 , -2.5e-3 , "\\u00e9\\n\\ud83d\\ude00" , true , false , null ] , "b" : { } , "c" : [ ] }\n';
    expect(parseJson(text, 'run.json')).toEqual(JSON.parse(text));
  });

  test.each(['0', '-0', '1.5', '"x"', 'null', '[]', '9007199254740991', '1e-7', '[[[]]]', '{"":{"":0}}'])(
    'reads %s',
    (text) => {
      expect(parseJson(text, 'run.json')).toEqual(JSON.parse(text));
    },
  );

  test('keeps a __proto__ member as data', () => {
    const value = parseJson('{"__proto__":{"polluted":1}}', 'run.json');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(failure('{"__proto__":1,"__proto__":2}').message).toContain('appears twice');
  });

  test.each<[string, string, string, number, number]>([
    ['a duplicate key', '{\n  "a": 1,\n  "a": 2\n}', 'the key "a" appears twice', 3, 3],
    ['a duplicate key behind an escape', '{"a":1,"\\u0061":2}', 'the key "a" appears twice', 1, 8],
    ['NaN', '{"ic": NaN}', '"NaN" where a value should be', 1, 8],
    ['-Infinity', '[-Infinity]', 'where a value should be', 1, 2],
    ['a whole number beyond 2^53', '[1,\n 9007199254740993]', 'cannot be held exactly', 2, 2],
    ['an overflowing number', '[1e999]', 'cannot be held exactly', 1, 2],
    ['a lone surrogate', '["\\udc00"]', 'lone surrogate', 1, 2],
    ['a comment', '{} // x', '"/" where the end of the text should be', 1, 4],
    ['a trailing comma in an object', '{"a":1,}', 'where a key in double quotes should be', 1, 8],
    ['a trailing comma in an array', '[1,]', '"]" where a value should be', 1, 4],
    ['single quotes', "{'a':1}", 'where a key in double quotes should be', 1, 2],
    ['a leading zero', '[01]', '"1" where "," or "]" should be', 1, 3],
    ['a point without digits', '[1.]', '"." where "," or "]" should be', 1, 3],
    ['an unknown escape', '["\\x41"]', 'escape that JSON does not have', 1, 2],
    ['a string without an end', '["abc', 'a string without an end', 1, 2],
    ['an escape at the end', '"\\', 'a string without an end', 1, 1],
    ['a line break in a string', '"a\nb"', 'a control character', 1, 3],
    ['a missing bracket', '[1', 'the text ends where "," or "]" should be', 1, 3],
    ['a missing colon', '{"a" 1}', '"1" where ":" should be', 1, 6],
    ['an empty text', ' ', 'the text ends where a value should be', 1, 2],
    ['a word that only starts well', 'trueish', '"trueish" where a value should be', 1, 1],
    ['a byte order mark', '\ufeff{}', 'where a value should be', 1, 1],
  ])('refuses %s and gives its line and column', (_, text, message, line, column) => {
    const error = failure(text);
    expect(error.message).toContain(`run.json: `);
    expect(error.message).toContain(message);
    expect(error.data).toEqual({ line, column });
  });

  test('reads 64 levels and refuses the 65th, however deep the text goes', () => {
    expect(() => parseJson('['.repeat(64) + ']'.repeat(64), 'run.json')).not.toThrow();
    expect(failure('['.repeat(1_000_000)).data).toEqual({ line: 1, column: 65 });
    expect(failure('{"a":'.repeat(1_000_000)).message).toContain('nesting more than 64 deep');
  });
});
