import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nativeCodec } from '../../../src/adapters/node/native-codec.ts';
import type { BlobId, TreeId } from '../../../src/core/ids.ts';
import {
  type CachedFile,
  decodeCache,
  encodeCache,
  entryOf,
  sameStat,
} from '../../../src/store/workspace/stat-cache.ts';

const codec = nativeCodec();
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
        const files = new Map<string, CachedFile>();
        for (const [name, [row, blob, flags]] of Object.entries(entries)) {
          files.set(
            name,
            entryOf(
              Float64Array.from(row),
              0,
              Number.POSITIVE_INFINITY,
              flags & 7,
              (blob ?? undefined) as BlobId | undefined,
            ),
          );
        }
        const decoded = decodeCache(
          encodeCache({ base: (base ?? undefined) as TreeId | undefined, files }, codec),
          codec,
        );
        expect(decoded?.base).toBe(base ?? undefined);
        expect([...(decoded?.files ?? [])]).toEqual([...files]);
        for (const [name, [row]] of Object.entries(entries)) {
          expect(sameStat(decoded?.files.get(name) as CachedFile, Float64Array.from(row), 0)).toBe(true);
        }
      },
    ),
  );
});

test('bytes that are no stat cache are no cache, whatever was done to them', () => {
  const files = new Map([['a', entryOf(Float64Array.of(1, 2, 3, 4, 5, 0o644), 0, 1e15, 2, undefined)]]);
  const bytes = encodeCache({ base: undefined, files }, codec);
  for (let at = 0; at < bytes.length; at++) {
    const cut = decodeCache(bytes.subarray(0, at), codec);
    expect(cut).toBeUndefined();
  }
});

test('a file touched just before it was read is not trusted by its stat', () => {
  const row = Float64Array.of(10, 1000, 1000, 1, 1, 0o644);
  expect(sameStat(entryOf(row, 0, 1010, 0, undefined), row, 0)).toBe(false);
  expect(sameStat(entryOf(row, 0, 1500, 0, undefined), row, 0)).toBe(true);
});
