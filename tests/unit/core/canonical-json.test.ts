import { describe, expect, test } from 'vitest';
import { fromHex, utf8, utf8Decode } from '../../../src/core/bytes.ts';
import {
  canonicalBytes,
  canonicalize,
  formatNumber,
  type JsonValue,
  parseCanonical,
} from '../../../src/core/canonical-json.ts';
import { type CodedError, isCodedError } from '../../../src/core/errors.ts';
import { sha256, sha256Hex } from '../../../src/core/sha256.ts';

/** The double with these IEEE 754 bits, given as up to 16 hexadecimal digits. */
function double(bits: string): number {
  return new DataView(fromHex(bits.padStart(16, '0')).slice().buffer).getFloat64(0);
}

function failure(action: () => unknown): CodedError {
  try {
    action();
  } catch (error) {
    if (isCodedError(error, 'BAD_JSON')) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function nested(depth: number): JsonValue {
  let value: JsonValue = [];
  for (let level = 1; level < depth; level++) value = [value];
  return value;
}

describe('the form of RFC 8785', () => {
  test('writes the literals example of section 3.2.2 as section 3.2.4 does', () => {
    const input = {
      // biome-ignore lint/correctness/noPrecisionLoss: the RFC's own spelling
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    // 1e30 is a whole number beyond 2^53, which cairn refuses; the rest is the RFC's text.
    expect(() => canonicalize(input)).toThrow('$.numbers[1]');
    input.numbers.splice(1, 1);
    expect(canonicalize(input)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('sorts the example of section 3.2.3 by UTF-16 code units', () => {
    const input = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const order = Object.values(JSON.parse(canonicalize(input).replace('"1":', '"_":')));
    expect(order).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the number %s of appendix B as %s', (bits, text) => {
    expect(formatNumber(double(bits))).toBe(text);
  });

  test.each([
    [1_000, 'be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687'],
    [10_000, 'b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892'],
    [100_000, '22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7'],
  ])('writes the first %i numbers of the published sequence with their published hash', (count, hash) => {
    const lines: string[] = [];
    const numbers = publishedNumbers();
    const view = new DataView(new ArrayBuffer(8));
    while (lines.length < count) {
      const value = numbers.next().value;
      view.setFloat64(0, value);
      lines.push(`${view.getBigUint64(0).toString(16)},${formatNumber(value)}\n`);
    }
    expect(sha256Hex(lines.join(''))).toBe(hash);
  });

  test('writes members that look like array indices, and __proto__, in their place', () => {
    const value = JSON.parse('{"b":1,"10":2,"9":3,"__proto__":4}') as JsonValue;
    expect(canonicalize(value)).toBe('{"10":2,"9":3,"__proto__":4,"b":1}');
    expect(canonicalize(parseCanonical(utf8('{"__proto__":{"a":1}}')))).toBe('{"__proto__":{"a":1}}');
  });
});

describe('what has no canonical form', () => {
  const hole = [1, 2];
  delete hole[0];
  test.each<[string, unknown, string]>([
    ['undefined', { a: [1, 2, undefined] }, '$.a[2] is undefined'],
    ['undefined alone', undefined, '$ is undefined'],
    ['NaN', { a: Number.NaN }, '$.a is NaN'],
    ['Infinity', [Number.NEGATIVE_INFINITY], '$[0] is -Infinity'],
    ['a bigint', { a: { 'b c': 1n } }, '$.a["b c"] is a bigint'],
    ['a function', { toJSON: () => 1 }, '$.toJSON is a function'],
    ['a symbol', [Symbol('s')], '$[0] is a symbol'],
    ['a symbol as a key', { [Symbol('s')]: 1 }, '$ has a symbol as a key'],
    ['a hole', { a: hole }, '$.a[0] is a hole'],
    ['a lone surrogate', { a: 'x\ud800' }, '$.a holds a lone surrogate'],
    ['a lone surrogate in a key', { 'x\udc00': 1 }, 'has a lone surrogate in its name'],
    ['a large whole number', [2 ** 53], '$[0] is the whole number 9007199254740992'],
    ['a large negative one', [-(2 ** 53)], 'beyond 2^53 - 1'],
    ['a date', { at: new Date(0) }, '$.at is not a plain object'],
    ['a map', new Map(), '$ is not a plain object'],
    ['a boxed number', [Object(1)], '$[0] is not a plain object'],
    ['nesting 65 deep', nested(65), 'nested more than 64 deep'],
  ])('refuses %s and names the place', (_, value, message) => {
    expect(failure(() => canonicalize(value)).message).toContain(message);
  });

  test('accepts what is just inside the limits', () => {
    expect(canonicalize([2 ** 53 - 1, 1 - 2 ** 53])).toBe('[9007199254740991,-9007199254740991]');
    expect(canonicalize(nested(64))).toBe('['.repeat(64) + ']'.repeat(64));
    expect(canonicalize(Object.assign(Object.create(null), { a: -0 }))).toBe('{"a":0}');
  });

  test('refuses a cycle instead of following it', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(failure(() => canonicalize(cycle)).message).toContain('nested more than 64 deep');
  });
});

describe('reading canonical bytes', () => {
  test('gives back the value', () => {
    const value = { a: [1, -2.5, 'é😀', null, true], b: {} };
    expect(parseCanonical(canonicalBytes(value))).toEqual(value);
  });

  test.each<[string, string, string]>([
    ['whitespace', '{"a": 1}', 'at byte 5'],
    ['a byte order mark', '\ufeff{}', 'column 1'],
    ['unsorted members', '{"b":1,"a":2}', 'at byte 2'],
    ['a duplicate key', '{"a":1,"a":1}', 'the key "a" appears twice at line 1, column 8'],
    ['an escape that is not needed', '"\\u0041"', 'at byte 1'],
    ['negative zero', '[-0]', 'at byte 1'],
    ['a rounded number', '[0.10000000000000000001]', 'at byte 4'],
    ['a large whole number', '[9007199254740993]', '$[0] is the whole number'],
    ['an exponent written otherwise', '[1E1]', 'at byte 2'],
    ['a lone surrogate as an escape', '"\\ud800"', 'holds a lone surrogate'],
    ['text behind the value', '{}x', '"x" where the end of the text should be'],
    ['nothing', '', 'the text ends where a value should be'],
    ['nesting 65 deep', '['.repeat(65) + ']'.repeat(65), 'nested more than 64 deep'],
  ])('refuses %s and says where', (_, text, message) => {
    expect(failure(() => parseCanonical(utf8(text))).message).toContain(message);
  });

  test('counts the first difference in bytes, not characters', () => {
    expect(failure(() => parseCanonical(utf8('{"é":1 }'))).data).toEqual({ offset: 7 });
  });

  test('refuses bytes that are not UTF-8', () => {
    expect(failure(() => parseCanonical(fromHex('22ff22'))).message).toContain('not valid UTF-8');
    expect(failure(() => parseCanonical(fromHex('22eda08022'))).message).toContain('not valid UTF-8');
  });

  test('refuses hostile depth without overflowing the stack', () => {
    const depth = 200_000;
    expect(failure(() => parseCanonical(utf8('['.repeat(depth)))).message).toContain('nesting more than 64 deep');
    expect(failure(() => parseCanonical(utf8('['.repeat(depth) + ']'.repeat(depth)))).message).toContain('64 deep');
  });

  test('writes UTF-8 without a byte order mark', () => {
    expect(utf8Decode(canonicalBytes('€'))).toBe('"€"');
  });
});

/**
 * The number sequence described in testdata/README.md of cyberphone/json-canonicalization: fixed patterns, then 2000
 * subnormal neighbours, then the finite non-zero little-endian doubles of a chain of SHA-256 digests from 32 zero bytes.
 */
function* publishedNumbers(): Generator<number, never> {
  for (const bits of fixedPatterns.trim().split(/\s+/)) yield double(bits);
  for (let step = 0; step < 2000; step++) yield double((0x10000000000000 + step).toString(16));
  let block: Uint8Array = new Uint8Array(32);
  for (;;) {
    block = sha256(block);
    const view = new DataView(block.buffer, block.byteOffset, 32);
    for (let at = 0; at < 32; at += 8) {
      const value = view.getFloat64(at, true);
      if (Number.isFinite(value) && value !== 0) yield value;
    }
  }
}

const thirds = `
46696695dbd1cc3 43211ede4974a35 3fce97ca0f21056 3c7213080c1a6ac 39280f39a348556 35d9b1f5d20d557 327af4c4a80aaac
2f2f2a36ecd5556 2be51057e155558 28840d131aaaaac 253670dc1555557 21f0b4935555557 1e8d5d42aaaaaac 1b3de4355555556
17fca0555555556 1496e6aaaaaaaab 114585555555555 0e046aaaaaaaaab 0aa0aaaaaaaaaaa 074d55555555555 040aaaaaaaaaaab
00aaaaaaaaaaaab`
  .trim()
  .split(/\s+/);
const smallThirds = `
fd5555555555555 fa1111111111111 f6b4e81b4e81b4f f35d867c3ece2a5 f0179ec9cbd821e ecbf647612f3696 e965e9f80f29212
e61e54c672874db e2ca213d840baf8 df6e80fe033c8c6 dc2533fe68fd3d2 d8d51ffd74c861c d5774ccac3d3817 d22c3d6f030f9ac
cee0624b3818f79 cb804ea293472c7 c833721ba905bd3 c4ebe9c5db3c61e c18987d17c304e5 be3ad30dfcf371d baf7b816618582f
b792f9ab81379bf b442615600f9499 b101e77800c76e1 ad9ca58cce0be35 aa4a1e0a3e6fe90 a708180831f320d a3a68cd9e985016`
  .trim()
  .split(/\s+/);
const fixedPatterns = `
0 8000000000000000 1 8000000000000001
${[...thirds.map((bits) => `c${bits}`), ...smallThirds.map((bits) => `b${bits}`)].join(' ')}
${[...thirds.map((bits) => `4${bits}`), ...smallThirds.map((bits) => `3${bits}`)].join(' ')}
4024000000000000 4014000000000000 3fe0000000000000 3fa999999999999a 3f747ae147ae147b 3f40624dd2f1a9fc 3f0a36e2eb1c432d
3ed4f8b588e368f1 3ea0c6f7a0b5ed8d 3e6ad7f29abcaf48 3e35798ee2308c3a 3ed539223589fa95 3ed4ff26cd5a7781 3ed4f95a762283ff
3ed4f8c60703520c 3ed4f8b72f19cd0d 3ed4f8b5b31c0c8d 3ed4f8b58d1c461a 3ed4f8b5894f7f0e 3ed4f8b588ee37f3 3ed4f8b588e47da4
3ed4f8b588e3849c 3ed4f8b588e36bb5 3ed4f8b588e36937 3ed4f8b588e368f8 3ed4f8b588e368f1 3ff0000000000000 bff0000000000000
bfeffffffffffffa bfeffffffffffffb 3feffffffffffffa 3feffffffffffffb 3feffffffffffffc 3feffffffffffffe bfefffffffffffff
bfefffffffffffff 3fefffffffffffff 3fefffffffffffff 3fd3333333333332 3fd3333333333333 3fd3333333333334 0010000000000000
000ffffffffffffd 000fffffffffffff 7fefffffffffffff ffefffffffffffff 4340000000000000 c340000000000000 4430000000000000
44b52d02c7e14af5 44b52d02c7e14af6 44b52d02c7e14af7 444b1ae4d6e2ef4e 444b1ae4d6e2ef4f 444b1ae4d6e2ef50 3eb0c6f7a0b5ed8c
3eb0c6f7a0b5ed8d 41b3de4355555553 41b3de4355555554 41b3de4355555555 41b3de4355555556 41b3de4355555557 becbf647612f3696
43143ff3c1cb0959`;
