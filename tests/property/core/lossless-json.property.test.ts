import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalBytes, parseCanonical } from '../../../src/core/canonical-json.ts';
import { isCodedError } from '../../../src/core/errors.ts';
import { parseCsv } from '../../../src/core/evidence/csv.ts';
import {
  decodeLossless,
  encodeLossless,
  type LosslessValue,
  numberText,
  parseLosslessJson,
} from '../../../src/core/lossless-json.ts';

const text = fc.string({ unit: 'binary' }).filter((one) => one.isWellFormed());
const { value } = fc.letrec<{ value: LosslessValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    text,
    fc.bigInt(),
    fc.double(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('$number', '$object', '__proto__')), tie('value'), { maxKeys: 4 }),
  ),
}));

/** As Python's json.dumps writes a value. */
function dumps(of: LosslessValue): string {
  if (typeof of === 'number' || typeof of === 'bigint') return numberText(of);
  if (typeof of !== 'object' || of === null) return JSON.stringify(of);
  if (Array.isArray(of)) return `[${of.map(dumps).join(', ')}]`;
  return `{${Object.entries(of)
    .map(([key, member]) => `${JSON.stringify(key)}: ${dumps(member as LosslessValue)}`)
    .join(', ')}}`;
}

describe('lossless JSON', () => {
  test('goes through a text and through a record and stays what it is', () => {
    return fc.assert(
      fc.property(value, (one) => {
        const read = parseLosslessJson(dumps(one), 'x');
        expect(dumps(read)).toBe(dumps(one));
        expect(decodeLossless(parseCanonical(canonicalBytes(encodeLossless(read))))).toEqual(read);
      }),
    );
  });

  test('reads any text or refuses it with a place, as does CSV', () => {
    const pieces = fc.array(
      fc.constantFrom('{', '}', '[', ']', '"', ',', ':', 'NaN', '-', '1', '.', 'e', '\\', 'u', '\n', '\r', 'a', ' '),
    );
    return fc.assert(
      fc.property(pieces, (parts) => {
        for (const parse of [parseLosslessJson, parseCsv]) {
          try {
            parse(parts.join(''), 'x');
          } catch (error) {
            if (!isCodedError(error, 'BAD_JSON')) throw error;
            expect(error.data).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
          }
        }
      }),
    );
  });
});
