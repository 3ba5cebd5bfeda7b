import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalBytes,
  canonicalize,
  type JsonValue,
  parseCanonical,
  parseJson,
} from '../../../src/core/canonical-json.ts';
import { isCodedError } from '../../../src/core/errors.ts';
import { isExactNumber } from '../../../src/core/json-value.ts';

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', '"', '\\', '\u2028', '\u0000', '😀', '\ufb33', '\u007f'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});
const number = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }).filter(isExactNumber));
const { json } = fc.letrec<{ json: JsonValue }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.oneof(text, fc.constantFrom('__proto__', '1', '10', '9')), tie('json')), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries)),
  ),
}));

/** The value or `undefined` where it is refused as it should be. */
function accepted(bytes: Uint8Array): JsonValue | undefined {
  try {
    return parseCanonical(bytes);
  } catch (error) {
    if (isCodedError(error, 'BAD_JSON')) return undefined;
    throw error;
  }
}

/** The same value with the members of its objects in another order. */
function reversed(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe('canonical JSON', () => {
  test('goes there and back', () => {
    return fc.assert(
      fc.property(json, (value) => {
        const again = parseCanonical(canonicalBytes(value));
        expect(again).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalize(again)).toBe(canonicalize(value));
      }),
    );
  });

  test('is the same for every order of members', () => {
    return fc.assert(fc.property(json, (value) => canonicalize(reversed(value)) === canonicalize(value)));
  });

  test('does not survive the change of any one byte as the same value', () => {
    return fc.assert(
      fc.property(json, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, place, change) => {
        const bytes = canonicalBytes(value);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] as number) ^ change;
        const other = accepted(bytes);
        if (other !== undefined) expect(canonicalize(other)).not.toBe(canonicalize(value));
      }),
      { numRuns: 2_000 },
    );
  });

  test('refuses every byte flip of a document unless it is another document', () => {
    const bytes = canonicalBytes({ a: [1, -2.5, 'é', null, true], b: { c: '😀\n' } });
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      const other = accepted(changed);
      if (other !== undefined) expect(canonicalBytes(other)).toEqual(changed);
    }
  });
});

describe('JSON from people', () => {
  test('is read as JSON.parse reads it, whatever the whitespace', () => {
    return fc.assert(
      fc.property(json, fc.constantFrom('', ' ', '\t', '\r\n'), (value, indent) => {
        const document = `${indent}${JSON.stringify(value, null, indent.trimEnd() === '' ? indent : undefined)}${indent}`;
        expect(JSON.stringify(parseJson(document, 'it'))).toBe(JSON.stringify(JSON.parse(document)));
      }),
    );
  });

  test('is refused wherever JSON.parse refuses', () => {
    const soup = fc.string({ unit: fc.constantFrom(...'{}[]",:0123.-+eEtruefalsn \\u\n'), maxLength: 12 });
    return fc.assert(
      fc.property(soup, (document) => {
        let expected: unknown;
        try {
          expected = JSON.parse(document);
        } catch {
          expect(() => parseJson(document, 'it')).toThrow(expect.objectContaining({ code: 'BAD_JSON' }));
          return;
        }
        try {
          expect(JSON.stringify(parseJson(document, 'it'))).toBe(JSON.stringify(expected));
        } catch (error) {
          if (!isCodedError(error, 'BAD_JSON')) throw error;
          expect(error.message).toMatch(/twice|cannot be held exactly|lone surrogate/);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
