import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DigestSet } from '../../../../src/store/upkeep/digest-set.ts';

const id = (seed: number | string): string => createHash('sha256').update(String(seed)).digest('hex');

describe('a set of digests', () => {
  test('behaves like a Set of texts, whatever is added and asked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 200 })),
        fc.array(fc.integer({ min: 0, max: 200 })),
        (added, asked) => {
          const digests = new DigestSet();
          const model = new Set<string>();
          for (const seed of added) {
            expect(digests.add(id(seed))).toBe(!model.has(id(seed)));
            model.add(id(seed));
          }
          expect(digests.size).toBe(model.size);
          for (const seed of asked) expect(digests.has(id(seed))).toBe(model.has(id(seed)));
        },
      ),
    );
  });

  test('keeps every member while it grows', () => {
    const digests = new DigestSet();
    for (let seed = 0; seed < 20_000; seed++) digests.add(id(seed));
    expect(digests.size).toBe(20_000);
    for (let seed = 0; seed < 20_000; seed++) expect(digests.has(id(seed))).toBe(true);
    for (let seed = 20_000; seed < 21_000; seed++) expect(digests.has(id(seed))).toBe(false);
  });

  test('holds the id of zeros like any other', () => {
    const digests = new DigestSet();
    const zeros = '0'.repeat(64);
    expect(digests.has(zeros)).toBe(false);
    expect([digests.add(zeros), digests.add(zeros), digests.size, digests.has(zeros)]).toEqual([true, false, 1, true]);
  });

  test('tells apart ids that begin with the same digits', () => {
    const digests = new DigestSet();
    digests.add(`abcdef01${'1'.repeat(56)}`);
    expect(digests.has(`abcdef01${'2'.repeat(56)}`)).toBe(false);
    expect(digests.add(`abcdef01${'2'.repeat(56)}`)).toBe(true);
  });
});
