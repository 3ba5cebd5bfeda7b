/** Claims about reading, listing, removing, quarantine and sweeping. */
import { expect } from 'vitest';
import { compareUtf8, utf8, utf8Decode } from '../../src/core/bytes.ts';
import { CodedError } from '../../src/core/errors.ts';
import type { ByteRange } from '../../src/ports/object-backend.ts';
import { collect, failureOf, KiB, pattern } from './bytes.ts';
import type { Claim } from './claims.ts';
import { type BackendFixture, expectAbsent, names, store } from './object-backend-fixture.ts';

export const readingClaims: readonly Claim<BackendFixture>[] = [
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
      expect(await names(other, 'quarantine/')).toEqual(kept.map(([name]) => name).sort(compareUtf8));
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
];
