/** What every `ByteCodec` must do. */
import { expect } from 'vitest';
import { concatBytes, utf8 } from '../../src/core/bytes.ts';
import { isCodedError } from '../../src/core/errors.ts';
import { chunksInFlight } from '../../src/ports/object-backend.ts';
import type { ByteCodec } from '../../src/ports/system.ts';
import type { Claim, Fixture } from './claims.ts';
import { pattern } from './object-backend.ts';

export interface CodecFixture extends Fixture {
  readonly codec: ByteCodec;
}

const KiB = 1024;

function rows(length: number): Uint8Array {
  let text = '';
  for (let row = 0; text.length < length; row++)
    text += `${row},2026-11-21,${(row * 7919) % 1000}.25,signal_${row % 17}\n`;
  return utf8(text.slice(0, length));
}

const contents: readonly Uint8Array[] = [
  ...[0, 1, 2, 63, 255, 256, 257, 4 * KiB, 65535 + 256, 65536 + 256].map(rows),
  rows(128 * KiB),
  rows(128 * KiB + 1),
  rows(700 * KiB),
  pattern(1),
  pattern(300),
  pattern(128 * KiB + 3),
  pattern(900 * KiB),
  new Uint8Array(500 * KiB),
];

export async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk.slice());
  return concatBytes(...chunks);
}

/** 'refused', or the content that came out. Anything but a refusal by name is rethrown. */
function decoded(codec: ByteCodec, frame: Uint8Array, size: number): Uint8Array | 'refused' {
  try {
    return codec.decompress(frame, size);
  } catch (error) {
    if (isCodedError(error, 'OBJECT_CORRUPT')) return 'refused';
    throw error;
  }
}

async function decodedStream(
  codec: ByteCodec,
  frame: Uint8Array,
  size: number,
  piece: number,
): Promise<Uint8Array | 'refused'> {
  try {
    return await collect(codec.decompressStream(pieces(frame, piece), size));
  } catch (error) {
    if (isCodedError(error, 'OBJECT_CORRUPT')) return 'refused';
    throw error;
  }
}

const same = (left: Uint8Array | 'refused', right: Uint8Array): boolean =>
  left !== 'refused' && Buffer.compare(left, right) === 0;

function flip(frame: Uint8Array, index: number, bits: number): Uint8Array {
  return frame.with(index, (frame[index] ?? 0) ^ bits);
}

/** What a decoder made of a changed frame. */
function judge(outcome: Uint8Array | 'refused', content: Uint8Array): 'refused' | 'unnoticed' | 'otherContent' {
  if (outcome === 'refused') return 'refused';
  return same(outcome, content) ? 'unnoticed' : 'otherContent';
}

const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

export const byteCodecClaims: readonly Claim<CodecFixture>[] = [
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
    claim: 'refuses every size but the right one',
    async check({ codec }) {
      for (const content of contents) {
        const frame = codec.compress(content);
        for (const size of [
          0,
          content.length - 1,
          content.length + 1,
          content.length + 256,
          2 ** 32 + content.length,
          2 ** 52,
        ]) {
          if (size < 0 || size === content.length) continue;
          expect(decoded(codec, frame, size)).toBe('refused');
          expect(await decodedStream(codec, frame, size, 4 * KiB)).toBe('refused');
        }
      }
    },
  },
  {
    claim: 'refuses a frame that is cut off anywhere',
    async check({ codec }) {
      for (const content of [rows(0), rows(1), rows(500), pattern(300), rows(200 * KiB)]) {
        const frame = codec.compress(content);
        const step = Math.max(1, Math.floor(frame.length / 400));
        for (let length = 0; length < frame.length; length += length < frame.length - 20 ? step : 1) {
          expect(decoded(codec, frame.subarray(0, length), content.length)).toBe('refused');
        }
        for (const length of [0, 3, 4, 5, 6, frame.length - 5, frame.length - 4, frame.length - 1]) {
          expect(await decodedStream(codec, frame.subarray(0, length), content.length, 64)).toBe('refused');
        }
      }
    },
  },
  {
    claim: 'refuses whatever follows the frame',
    async check({ codec }) {
      const content = rows(5000);
      const frame = codec.compress(content);
      const skippable = new Uint8Array([0x5c, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0]);
      for (const tail of [
        new Uint8Array(1),
        new Uint8Array(4),
        frame,
        skippable,
        codec.compress(new Uint8Array()),
        pattern(1000),
      ]) {
        expect(decoded(codec, concatBytes(frame, tail), content.length)).toBe('refused');
        expect(decoded(codec, concatBytes(tail, frame), content.length)).toBe('refused');
        for (const piece of [1, frame.length, 100_000]) {
          expect(await decodedStream(codec, concatBytes(frame, tail), content.length, piece)).toBe('refused');
        }
      }
    },
  },
  {
    claim: 'refuses a bomb without unpacking it',
    async check({ codec }) {
      const huge = 256 * 1024 * KiB;
      async function* zeros(): AsyncGenerator<Uint8Array> {
        const chunk = new Uint8Array(1024 * KiB);
        for (let at = 0; at < huge; at += chunk.length) yield chunk;
      }
      const bomb = await collect(codec.compressStream(zeros(), huge));
      expect(bomb.length).toBeLessThan(64 * KiB);
      const before = process.memoryUsage.rss();
      for (const size of [0, 1000, 1024 * KiB]) {
        expect(decoded(codec, bomb, size)).toBe('refused');
        expect(await decodedStream(codec, bomb, size, 4 * KiB)).toBe('refused');
        // The header made to lie: the content is longer than it says.
        const lying = bomb.slice();
        const sizeAt = ((lying[4] ?? 0) & 0b10_0000) === 0 ? 6 : 5;
        new DataView(lying.buffer).setUint32(sizeAt, size, true);
        expect(decoded(codec, lying, size)).toBe('refused');
        expect(await decodedStream(codec, lying, size, 4 * KiB)).toBe('refused');
      }
      expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * KiB);
    },
  },
  {
    claim: 'refuses bytes that are no frame',
    async check({ codec }) {
      for (const bytes of [new Uint8Array(), utf8('not zstd at all'), pattern(5000), new Uint8Array(100)]) {
        for (const size of [0, 1, 100, 2 ** 52]) expect(decoded(codec, bytes, size)).toBe('refused');
        expect(await decodedStream(codec, bytes, 100, 7)).toBe('refused');
      }
    },
  },
  {
    claim: 'never takes a changed bit for other content, and finds nearly all of them',
    async check({ codec }) {
      for (const content of [rows(0), rows(1), rows(700), pattern(200), new Uint8Array(3000)]) {
        const frame = codec.compress(content);
        const outcomes = { refused: 0, unnoticed: 0, otherContent: 0 };
        for (let bit = 0; bit < frame.length * 8; bit++) {
          outcomes[judge(decoded(codec, flip(frame, bit >> 3, 1 << (bit & 7)), content.length), content)]++;
        }
        expect(outcomes.otherContent).toBe(0);
        // A frame has a few bits that no decoder looks at, or that say the same in another way.
        expect(outcomes.unnoticed).toBeLessThanOrEqual(1 + frame.length * 8 * 0.02);
      }
    },
  },
  {
    claim: 'never takes changed bytes of a large frame for other content, at once or in streams',
    async check({ codec }) {
      for (const content of [rows(900 * KiB), pattern(600 * KiB)]) {
        const frames = [
          codec.compress(content),
          await collect(codec.compressStream(pieces(content, 64 * KiB), content.length)),
        ];
        for (const frame of frames) {
          const step = Math.floor(frame.length / 40);
          for (let index = 0; index < frame.length; index += index < 20 || index > frame.length - 12 ? 1 : step) {
            const changed = flip(frame, index, 0x41);
            const outcome = judge(decoded(codec, changed, content.length), content);
            expect(outcome).not.toBe('otherContent');
            expect(judge(await decodedStream(codec, changed, content.length, 50 * KiB), content)).toBe(outcome);
          }
        }
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
