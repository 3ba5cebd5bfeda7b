/** Claims about `put`, `settle` and `abandon`. */
import { expect } from 'vitest';
import { concatBytes, utf8, utf8Decode } from '../../src/core/bytes.ts';
import { chunksInFlight } from '../../src/ports/object-backend.ts';
import { collect, failureOf, KiB, pattern, pieces } from './bytes.ts';
import type { Claim } from './claims.ts';
import { type BackendFixture, expectAbsent, names, store } from './object-backend-fixture.ts';

export const writingClaims: readonly Claim<BackendFixture>[] = [
  {
    claim: 'gives back the bytes it took, whatever their number and the size of the chunks',
    async check({ backend }) {
      const sizes = [0, 1, 4095, 64 * KiB, 256 * KiB - 1, 256 * KiB, 256 * KiB + 1, 3 * 1024 * KiB + 7];
      for (const [index, size] of sizes.entries()) {
        const bytes = pattern(size, index + 1);
        const stored = await backend.put(
          `objects/aa/size-${size}`,
          pieces(bytes, [1000, 256 * KiB, 5 * 1024 * KiB][index % 3] ?? 1),
        );
        expect(stored).toBe(size);
      }
      await backend.settle();
      for (const [index, size] of sizes.entries()) {
        const bytes = pattern(size, index + 1);
        expect(Buffer.compare(await backend.read(`objects/aa/size-${size}`), bytes)).toBe(0);
        expect(Buffer.compare(await collect(backend.get(`objects/aa/size-${size}`)), bytes)).toBe(0);
        expect((await backend.stat(`objects/aa/size-${size}`)).size).toBe(size);
      }
    },
  },
  {
    claim: 'takes chunks of mixed sizes, empty ones among them, from a source that is not asynchronous',
    async check({ backend }) {
      const parts = [0, 10, 300 * KiB, 0, 3, 64 * KiB, 700 * KiB, 1].map((size, index) => pattern(size, index + 9));
      await backend.put('packs/mixed.pack', parts);
      await backend.settle();
      expect(Buffer.compare(await backend.read('packs/mixed.pack'), concatBytes(...parts))).toBe(0);
    },
  },
  {
    claim: 'shows nothing before settle, and all of it after',
    async check({ backend, other }) {
      await backend.put('objects/ab/one', [utf8('one')]);
      await backend.put('packs/two.pack', pieces(pattern(600 * KiB), 256 * KiB));
      for (const view of [backend, other]) {
        await expectAbsent(view, 'objects/ab/one');
        await expectAbsent(view, 'packs/two.pack');
      }
      await backend.settle();
      for (const view of [backend, other]) expect(await names(view, '')).toEqual(['objects/ab/one', 'packs/two.pack']);
    },
  },
  {
    claim: 'settles again, and without anything to settle, as success',
    async check({ backend }) {
      await backend.settle();
      await store(backend, 'objects/ab/one', utf8('one'));
      await Promise.all([backend.settle(), backend.settle()]);
      expect(utf8Decode(await backend.read('objects/ab/one'))).toBe('one');
    },
  },
  {
    claim: 'leaves nothing of a source that throws, and rethrows what it threw',
    async check({ backend, other }) {
      const boom = new RangeError('boom');
      async function* failing(): AsyncGenerator<Uint8Array> {
        for (let chunk = 0; chunk < 20; chunk++) yield pattern(256 * KiB, chunk);
        throw boom;
      }
      expect(await failureOf(backend.put('objects/ab/lost', failing()))).toBe(boom);
      await backend.settle();
      await expectAbsent(backend, 'objects/ab/lost');
      expect(await other.sweepTemporary(-1000)).toBe(0);
    },
  },
  {
    claim: 'asks for a late name once, after the source has ended',
    async check({ backend }) {
      let ended = false;
      async function* source(): AsyncGenerator<Uint8Array> {
        yield utf8('late');
        ended = true;
      }
      let asked = 0;
      const name = (): string => {
        expect(ended).toBe(true);
        asked++;
        return 'objects/ab/late';
      };
      expect(await backend.put(name, source())).toBe(4);
      await backend.settle();
      expect(asked).toBe(1);
      expect(utf8Decode(await backend.read('objects/ab/late'))).toBe('late');
    },
  },
  {
    claim: 'leaves nothing when the late name throws',
    async check({ backend, other }) {
      const boom = new RangeError('no name');
      const name = (): string => {
        throw boom;
      };
      expect(await failureOf(backend.put(name, [utf8('x')]))).toBe(boom);
      await backend.settle();
      expect(await names(backend, '')).toEqual([]);
      expect(await other.sweepTemporary(-1000)).toBe(0);
    },
  },
  {
    claim: 'has taken over a chunk before chunksInFlight further ones were asked for',
    async check({ backend }) {
      const count = 8 * chunksInFlight;
      const size = 256 * KiB;
      const ring = Array.from({ length: chunksInFlight }, () => new Uint8Array(size));
      async function* source(): AsyncGenerator<Uint8Array> {
        for (let chunk = 0; chunk < count; chunk++) {
          const buffer = ring[chunk % ring.length] as Uint8Array;
          buffer.fill(chunk + 1);
          yield buffer;
        }
      }
      await backend.put('packs/ring.pack', source());
      await backend.settle();
      const bytes = await backend.read('packs/ring.pack');
      expect(bytes.length).toBe(count * size);
      for (let at = 0; at < bytes.length; at += 4 * KiB) expect(bytes[at]).toBe(Math.floor(at / size) + 1);
    },
  },
  {
    claim: 'keeps at most chunksInFlight chunks of a source at once',
    async check({ backend }) {
      // A chunk's memory is taken away once it may not be needed any more.
      const given: Uint8Array<ArrayBuffer>[] = [];
      async function* source(): AsyncGenerator<Uint8Array> {
        for (let chunk = 0; chunk < 4 * chunksInFlight; chunk++) {
          const old = given[chunk - chunksInFlight];
          if (old !== undefined) structuredClone(old.buffer, { transfer: [old.buffer] });
          const fresh = new Uint8Array(300 * KiB).fill(chunk + 1);
          given.push(fresh);
          yield fresh;
        }
      }
      expect(await backend.put('packs/detached.pack', source())).toBe(4 * chunksInFlight * 300 * KiB);
      await backend.settle();
      const bytes = await backend.read('packs/detached.pack');
      for (let at = 0; at < bytes.length; at += 4 * KiB) expect(bytes[at]).toBe(Math.floor(at / (300 * KiB)) + 1);
    },
  },
  {
    claim: 'replaces nothing: the first bytes under a name stay, and their size is the answer',
    async check({ backend, other }) {
      await store(backend, 'objects/ab/same', utf8('first'));
      expect(await backend.put('objects/ab/same', [utf8('later')])).toBe(5);
      expect(await backend.put(() => 'objects/ab/same', [utf8('much longer')])).toBe(5);
      await backend.settle();
      expect(utf8Decode(await other.read('objects/ab/same'))).toBe('first');
      expect(await names(other, '')).toEqual(['objects/ab/same']);
    },
  },
  {
    claim: 'takes one name twice before settle, and from two processes at once',
    async check({ backend, other }) {
      const bytes = pattern(300 * KiB);
      await Promise.all([
        backend.put('objects/ab/same', [bytes]),
        backend.put('objects/ab/same', [bytes]),
        other.put('objects/ab/same', pieces(bytes, 7000)),
      ]);
      await Promise.all([backend.settle(), other.settle()]);
      expect(Buffer.compare(await backend.read('objects/ab/same'), bytes)).toBe(0);
      expect(await names(backend, '')).toEqual(['objects/ab/same']);
    },
  },
  {
    claim: 'drops on abandon what was not settled, and only that',
    async check({ backend, other }) {
      await store(backend, 'objects/ab/kept', utf8('kept'));
      await backend.put('objects/ab/dropped', [utf8('dropped')]);
      await backend.abandon();
      await backend.settle();
      expect(await names(backend, '')).toEqual(['objects/ab/kept']);
      expect(await other.sweepTemporary(-1000)).toBe(0);
      await store(backend, 'objects/ab/dropped', utf8('again'));
      expect(utf8Decode(await backend.read('objects/ab/dropped'))).toBe('again');
    },
  },
  {
    claim: 'settles hundreds of small objects put at once',
    async check({ backend, other }) {
      const count = 300;
      await Promise.all(
        Array.from({ length: count }, (_, index) =>
          backend.put(`records/${index % 7}/r${index}`, [utf8(`record ${index}`)]),
        ),
      );
      await backend.settle();
      expect(await names(other, 'records/')).toHaveLength(count);
      for (let index = 0; index < count; index += 17) {
        expect(utf8Decode(await other.read(`records/${index % 7}/r${index}`))).toBe(`record ${index}`);
      }
    },
  },
];
