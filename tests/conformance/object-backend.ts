/** What every `ObjectBackend` must do. */
import { expect } from 'vitest';
import { concatBytes, utf8, utf8Decode } from '../../src/core/bytes.ts';
import { CodedError } from '../../src/core/errors.ts';
import { type ByteRange, chunksInFlight, type ObjectBackend } from '../../src/ports/object-backend.ts';
import type { Claim, Fixture } from './claims.ts';

export interface BackendFixture extends Fixture {
  readonly backend: ObjectBackend;
  /** Another process's view of the same store. */
  readonly other: ObjectBackend;
}

const KiB = 1024;

/** Bytes that differ from place to place, so that a piece at the wrong offset is noticed. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk.slice());
  return concatBytes(...chunks);
}

async function names(backend: ObjectBackend, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of backend.list(prefix)) found.push(entry.name);
  return found;
}

async function store(backend: ObjectBackend, name: string, bytes: Uint8Array): Promise<void> {
  await backend.put(name, [bytes]);
  await backend.settle();
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to fail');
}

async function expectAbsent(backend: ObjectBackend, name: string): Promise<void> {
  for (const attempt of [backend.stat(name), backend.read(name), backend.read(name, { start: 0, end: 1 })]) {
    expect(backend.isNotFound(await failureOf(attempt))).toBe(true);
  }
  expect(backend.isNotFound(await failureOf(collect(backend.get(name))))).toBe(true);
  expect(await names(backend, '')).not.toContain(name);
}

export const objectBackendClaims: readonly Claim<BackendFixture>[] = [
  {
    claim: 'gives back the bytes it took, whatever their number and the size of the chunks',
    async check({ backend }) {
      const sizes = [0, 1, 4095, 64 * KiB, 256 * KiB - 1, 256 * KiB, 256 * KiB + 1, 3 * 1024 * KiB + 7];
      for (const [index, size] of sizes.entries()) {
        const bytes = pattern(size, index + 1);
        const stored = await backend.put(
          `objects/aa/size-${size}`,
          chunked(bytes, [1000, 256 * KiB, 5 * 1024 * KiB][index % 3] ?? 1),
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
      await backend.put('packs/two.pack', chunked(pattern(600 * KiB), 256 * KiB));
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
        other.put('objects/ab/same', chunked(bytes, 7000)),
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
    claim: 'reads every range, and fewer bytes where it goes beyond the end',
    async check({ backend }) {
      const bytes = pattern(1024 * KiB + 5);
      await store(backend, 'packs/range.pack', bytes);
      const end = bytes.length;
      const ranges: ByteRange[] = [
        { start: 0 },
        { start: 0, end: 0 },
        { start: 0, end: 1 },
        { start: 1, end: 300 * KiB },
        { start: 256 * KiB, end: 512 * KiB },
        { start: 256 * KiB - 1, end: 768 * KiB + 2 },
        { start: end - 1 },
        { start: end - 1, end: end + 100 },
        { start: end },
        { start: end + 1, end: end + 2 },
        { start: 0, end: Number.MAX_SAFE_INTEGER },
      ];
      for (const range of ranges) {
        const expected = bytes.subarray(range.start, range.end);
        expect(Buffer.compare(await backend.read('packs/range.pack', range), expected)).toBe(0);
        expect(Buffer.compare(await collect(backend.get('packs/range.pack', range)), expected)).toBe(0);
      }
    },
  },
  {
    claim: 'gives bytes that belong to the caller',
    async check({ backend }) {
      await store(backend, 'objects/ab/mine', utf8('mine'));
      for (const range of [undefined, { start: 0 }]) {
        (await backend.read('objects/ab/mine', range)).fill(0);
        expect(utf8Decode(await backend.read('objects/ab/mine', range))).toBe('mine');
      }
    },
  },
  {
    claim: 'lets a reader stop early and start again',
    async check({ backend }) {
      const bytes = pattern(1500 * KiB);
      await store(backend, 'objects/ab/big', bytes);
      for (let round = 0; round < 50; round++) {
        for await (const chunk of backend.get('objects/ab/big')) {
          expect(Buffer.compare(chunk, bytes.subarray(0, chunk.length))).toBe(0);
          break;
        }
      }
      const first = backend.get('objects/ab/big')[Symbol.asyncIterator]();
      const second = backend.get('objects/ab/big')[Symbol.asyncIterator]();
      await first.next();
      await second.next();
      await first.return?.();
      let length = 0;
      for (let step = await second.next(); !step.done; step = await second.next()) length += step.value.length;
      expect(length).toBeGreaterThan(1000 * KiB);
    },
  },
  {
    claim: 'lists in bytewise order exactly the names that start with a prefix',
    async check({ backend }) {
      const all = [
        'objects/00/a',
        'objects/ab-c/x',
        'objects/ab/Z',
        'objects/ab/a',
        'objects/ab/a.zst',
        'objects/ab0/x',
        'packs/1.pack',
        'packs/10.pack',
        'records/ab/a',
      ];
      for (const [index, name] of [...all].reverse().entries()) await backend.put(name, [pattern(index)]);
      await backend.settle();
      for (const prefix of [
        '',
        'o',
        'objects/',
        'objects/ab',
        'objects/ab/',
        'objects/ab/a',
        'objects/ab/a.',
        'packs/1',
        'records',
        'x',
        'packs/10.pack',
        'packs/10.pack/',
      ]) {
        expect(await names(backend, prefix)).toEqual(all.filter((name) => name.startsWith(prefix)));
      }
      for await (const entry of backend.list('')) {
        expect(entry).toEqual({ name: entry.name, ...(await backend.stat(entry.name)) });
        expect(entry.size).toBe(all.length - 1 - all.indexOf(entry.name));
      }
    },
  },
  {
    claim: 'removes a name, and counts one that is not there as removed',
    async check({ backend, other }) {
      await store(backend, 'objects/ab/gone', utf8('gone'));
      await backend.read('objects/ab/gone', { start: 0 });
      await backend.remove('objects/ab/gone');
      await expectAbsent(backend, 'objects/ab/gone');
      await expectAbsent(other, 'objects/ab/gone');
      await backend.remove('objects/ab/gone');
      await backend.remove('records/zz/never');
      await store(backend, 'objects/ab/gone', utf8('back'));
      expect(utf8Decode(await backend.read('objects/ab/gone', { start: 0 }))).toBe('back');
    },
  },
  {
    claim: 'moves to quarantine without losing a byte, as often as it is asked',
    async check({ backend, other }) {
      const kept: [string, string][] = [];
      for (const text of ['first', 'second']) {
        await store(backend, 'objects/ab/bad', utf8(text));
        kept.push([await backend.quarantine('objects/ab/bad'), text]);
        await expectAbsent(other, 'objects/ab/bad');
      }
      for (const [name, text] of kept) {
        expect(name.startsWith('quarantine/')).toBe(true);
        expect(utf8Decode(await other.read(name))).toBe(text);
      }
      expect(await names(other, 'quarantine/')).toEqual(kept.map(([name]) => name).sort());
      expect(backend.isNotFound(await failureOf(backend.quarantine('objects/ab/bad')))).toBe(true);
    },
  },
  {
    claim: 'calls nothing else not found',
    async check({ backend }) {
      for (const error of [
        undefined,
        null,
        new Error('ENOENT'),
        new CodedError('IO', 'not found'),
        new RangeError('x'),
      ]) {
        expect(backend.isNotFound(error)).toBe(false);
      }
      await store(backend, 'objects/ab/x', utf8('x'));
      for (const start of [-1, 0.5, Number.NaN]) {
        expect(backend.isNotFound(await failureOf(backend.read('objects/ab/x', { start })))).toBe(false);
        expect(backend.isNotFound(await failureOf(collect(backend.get('objects/ab/x', { start }))))).toBe(false);
      }
    },
  },
  {
    claim: 'sweeps nothing that this process has put and will settle',
    async check({ backend }) {
      await backend.put('objects/ab/waiting', [utf8('waiting')]);
      expect(await backend.sweepTemporary(-1000)).toBe(0);
      await backend.settle();
      expect(utf8Decode(await backend.read('objects/ab/waiting'))).toBe('waiting');
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
