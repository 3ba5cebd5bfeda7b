/** Claims about frames that are damaged, cut off, lengthened or made to lie. */
import { expect } from 'vitest';
import { concatBytes, utf8 } from '../../src/core/bytes.ts';
import { type CodecFixture, contents, decoded, decodedStream, flip, judge } from './byte-codec-fixture.ts';
import { collect, KiB, pattern, pieces, rows } from './bytes.ts';
import type { Claim } from './claims.ts';

export const refusalClaims: readonly Claim<CodecFixture>[] = [
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
];
