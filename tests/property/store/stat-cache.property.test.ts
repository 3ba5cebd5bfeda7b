import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BlobId, TreeId } from '../../../src/core/ids.ts';
import { entryOf } from '../../../src/store/workspace/cached-file.ts';
import { StatCache } from '../../../src/store/workspace/stat-cache.ts';

const hex = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const time = fc.oneof(fc.double({ min: 0, max: 2e12, noNaN: true }), fc.integer({ min: 0, max: 2 ** 41 }));
const stat = fc.tuple(
  fc.nat(2 ** 40),
  time,
  time,
  fc.nat(2 ** 48),
  fc.nat(2 ** 31),
  fc.constantFrom(0o100644, 0o100755),
);
const path = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((text) => !text.includes('\0'));

test('a stat cache comes back as it was, and every file is still recognised by its stat', () => {
  fc.assert(
    fc.property(
      fc.option(hex.filter((id) => !/^0+$/.test(id))),
      fc.dictionary(path, fc.tuple(stat, fc.option(hex), fc.nat(31)), { noNullPrototype: true }),
      (base, entries) => {
        const cache = new StatCache((base ?? undefined) as TreeId | undefined);
        for (const [name, [row, blob, flags]] of Object.entries(entries)) {
          const content = (blob ?? undefined) as BlobId | undefined;
          cache.put(name, entryOf(Float64Array.from(row), 0, Number.POSITIVE_INFINITY, flags & 7, content));
        }
        const decoded = StatCache.decode(cache.encode()) as StatCache;
        expect(decoded.base).toBe(base ?? undefined);
        expect(decoded.entries()).toEqual(cache.entries());
        // Asked for in order, backwards, and after changes: the same answers.
        for (const names of [Object.keys(entries), Object.keys(entries).reverse()]) {
          for (const name of names) {
            const [row, blob] = entries[name] as (typeof entries)[string];
            expect(decoded.isKnown(name, Float64Array.from(row), 0)).toBe(true);
            expect(decoded.blob(name)).toBe(blob ?? undefined);
            expect(decoded.flags(name)).toBe(cache.flags(name));
          }
        }
        for (const name of Object.keys(entries)) {
          decoded.mark(name, decoded.flags(name) | 2, undefined);
          cache.mark(name, cache.flags(name) | 2, undefined);
        }
        expect(decoded.entries()).toEqual(cache.entries());
        const [first] = Object.keys(entries);
        if (first !== undefined) {
          decoded.put(first, { ...(decoded.entry(first) as NonNullable<ReturnType<StatCache['entry']>>), size: 7 });
          expect(decoded.entry(first)?.size).toBe(7);
          expect(decoded.delete(first)).toBe(true);
          expect(decoded.has(first)).toBe(false);
          expect(decoded.entries().map(([name]) => name)).not.toContain(first);
        }
      },
    ),
  );
});

test('bytes that are no stat cache are no cache, whatever was done to them', () => {
  const cache = new StatCache(undefined);
  cache.put('a', entryOf(Float64Array.of(1, 2, 3, 4, 5, 0o644), 0, 1e15, 2, undefined));
  const bytes = cache.encode();
  for (let at = 0; at < bytes.length; at++) {
    expect(StatCache.decode(bytes.subarray(0, at))).toBeUndefined();
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] as number) ^ 4;
    expect(StatCache.decode(flipped)).toBeUndefined();
  }
});

test('a file touched just before it was read is not trusted by its stat', () => {
  const row = Float64Array.of(10, 1000, 1000, 1, 1, 0o644);
  const cache = new StatCache(undefined);
  cache.put('fresh', entryOf(row, 0, 1010, 0, undefined));
  cache.put('old', entryOf(row, 0, 1500, 0, undefined));
  expect(cache.isKnown('fresh', row, 0)).toBe(false);
  expect(cache.isKnown('old', row, 0)).toBe(true);
});
