import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBase64, fromEitherBase64, toBase64, toBase64Unpadded } from '../../../src/core/base64.ts';

describe('base64', () => {
  test('is what Buffer writes, and reads back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(toBase64(bytes)).toBe(text);
        expect(toBase64Unpadded(bytes)).toBe(text.replace(/=/g, ''));
        expect(fromBase64(text)).toEqual(bytes);
        expect(fromEitherBase64(text)).toEqual(bytes);
        expect(fromEitherBase64(Buffer.from(bytes).toString('base64url'))).toEqual(bytes);
        expect(fromEitherBase64(text.replaceAll('+', '-').replaceAll('/', '_'))).toEqual(bytes);
      }),
      { seed: 1 },
    );
  });

  test('has one text for one byte string', () => {
    for (const text of [
      'A',
      'AA',
      'AAA',
      'AB==',
      'AAB=',
      'AA=',
      '====',
      'A===',
      'AAAA====',
      'AA==AA==',
      'AA A',
      'AAé=',
      '-_==',
    ]) {
      expect(() => fromBase64(text), text).toThrow(RangeError);
    }
    for (const text of ['A', 'AB', '+-AA', '-_/A', '-=', '-A===']) {
      expect(() => fromEitherBase64(text), text).toThrow(RangeError);
    }
  });
});
