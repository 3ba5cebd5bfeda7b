/** What every `ByteCodec` must do. */
import { expect } from 'vitest';
import { utf8 } from '../../src/core/bytes.ts';
import { isCodedError } from '../../src/core/errors.ts';
import { chunksInFlight } from '../../src/ports/object-backend.ts';
import { type CodecFixture, contents, decodedStream, same } from './byte-codec-fixture.ts';
import { refusalClaims } from './byte-codec-refusals.ts';
import { collect, KiB, pattern, pieces, rows } from './bytes.ts';
import type { Claim } from './claims.ts';

export type { CodecFixture };

const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

const workingClaims: readonly Claim<CodecFixture>[] = [
  {
    claim: 'hashes as FIPS 180-4 says, at once and in pieces',
    async check({ codec }) {
      expect(codec.sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
      expect(codec.sha256Hex('abc')).toBe(abc);
      expect(codec.sha256Hex(utf8('abc'))).toBe(abc);
      expect(Buffer.from(codec.sha256(utf8('abc'))).toString('hex')).toBe(abc);
      const million = new Uint8Array(1_000_000).fill(0x61);
      const hasher = codec.hasher();
      for (let at = 0; at < million.length; at += 999) hasher.update(million.subarray(at, at + 999));
      const digest = hasher.digest();
      expect(digest).toHaveLength(32);
      expect(Buffer.from(digest).toString('hex')).toBe(
        'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
      );
      expect(codec.sha256Hex(utf8('é'))).toBe(codec.sha256Hex('é'));
    },
  },
  {
    claim: 'gives digests and contents that belong to the caller',
    async check({ codec }) {
      const bytes = utf8('abc');
      codec.sha256(bytes).fill(0);
      expect(Buffer.from(codec.sha256(bytes)).toString('hex')).toBe(abc);
      const frame = codec.compress(bytes);
      const part = codec.decompress(frame, 3).slice(0, 2);
      part.fill(0);
      expect(codec.decompress(frame, 3)).toEqual(bytes);
      // A Buffer's slice would share memory.
      expect(codec.decompress(frame, 3).constructor).toBe(Uint8Array);
      expect(codec.compress(bytes).constructor).toBe(Uint8Array);
    },
  },
  {
    claim: 'gives back what it compressed, at once and in streams, in every combination',
    async check({ codec }) {
      for (const content of contents) {
        const size = content.length;
        const frames = [codec.compress(content), await collect(codec.compressStream(pieces(content, 100 * KiB), size))];
        for (const frame of frames) {
          expect(same(codec.decompress(frame, size), content)).toBe(true);
          for (const piece of [frame.length || 1, 10_007])
            expect(same(await decodedStream(codec, frame, size, piece), content)).toBe(true);
        }
      }
    },
  },
  {
    claim: 'decompresses a frame that arrives byte by byte',
    async check({ codec }) {
      for (const content of [rows(300), rows(200 * KiB), pattern(3000)]) {
        expect(same(await decodedStream(codec, codec.compress(content), content.length, 1), content)).toBe(true);
      }
    },
  },
  {
    claim: 'refuses to compress a stream of another length than announced',
    async check({ codec }) {
      for (const [given, size] of [
        [1000, 999],
        [1000, 1001],
        [0, 1],
        [300 * KiB, 100],
      ] as const) {
        await expect(collect(codec.compressStream(pieces(pattern(given), 64 * KiB), size))).rejects.toMatchObject({
          code: 'IO',
        });
      }
    },
  },
  {
    claim: 'passes on what a source throws, as it is',
    async check({ codec }) {
      const boom = new RangeError('boom');
      const frame = codec.compress(rows(300 * KiB));
      async function* failing(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
        yield bytes.subarray(0, 1000);
        throw boom;
      }
      await expect(collect(codec.compressStream(failing(pattern(5000)), 5000))).rejects.toBe(boom);
      await expect(collect(codec.decompressStream(failing(frame), 300 * KiB))).rejects.toBe(boom);
    },
  },
  {
    claim: 'ends its source when a reader stops early',
    async check({ codec }) {
      const content = rows(3000 * KiB);
      const frame = codec.compress(content);
      for (const open of [
        (source: AsyncIterable<Uint8Array>) => codec.compressStream(source, content.length),
        (source: AsyncIterable<Uint8Array>) => codec.decompressStream(source, content.length),
      ]) {
        for (const bytes of [content, frame]) {
          let closed = false;
          const watched = async function* (): AsyncGenerator<Uint8Array> {
            try {
              yield* pieces(bytes, 16 * KiB);
            } finally {
              closed = true;
            }
          };
          try {
            for await (const _ of open(watched())) break;
          } catch (error) {
            if (!isCodedError(error)) throw error;
          }
          expect(closed).toBe(true);
        }
      }
    },
  },
  {
    claim: 'asks for no more of its source than the reader takes',
    async check({ codec }) {
      const content = pattern(16 * 1024 * KiB);
      let asked = 0;
      async function* counted(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
        for await (const piece of pieces(bytes, 64 * KiB)) {
          asked++;
          yield piece;
        }
      }
      const streams = [
        () => codec.compressStream(counted(content), content.length),
        () => codec.decompressStream(counted(codec.compress(content)), content.length),
      ];
      for (const open of streams) {
        asked = 0;
        const reader = open()[Symbol.asyncIterator]();
        await reader.next();
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(asked).toBeLessThan(40);
        await reader.return?.();
      }
    },
  },
  {
    claim: 'has taken over a chunk before chunksInFlight further ones were asked for',
    async check({ codec }) {
      const size = 64 * KiB;
      const count = 6 * chunksInFlight;
      const content = pattern(size * count);
      const ring = Array.from({ length: chunksInFlight }, () => new Uint8Array(size));
      async function* reusing(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
        for (let chunk = 0; chunk * size < bytes.length; chunk++) {
          const buffer = ring[chunk % ring.length] as Uint8Array;
          const piece = bytes.subarray(chunk * size, (chunk + 1) * size);
          buffer.set(piece);
          yield buffer.subarray(0, piece.length);
        }
      }
      const frame = await collect(codec.compressStream(reusing(content), content.length));
      expect(same(codec.decompress(frame, content.length), content)).toBe(true);
      expect(same(await collect(codec.decompressStream(reusing(frame), content.length)), content)).toBe(true);
    },
  },
];

export const byteCodecClaims: readonly Claim<CodecFixture>[] = [...workingClaims, ...refusalClaims];
