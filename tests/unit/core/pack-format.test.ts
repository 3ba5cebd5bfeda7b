import { createHash } from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../../src/core/bytes.ts';
import {
  encodeFrame,
  type FrameCodec,
  kindBlob,
  kindRecord,
  openFrame,
  packAccount,
  parseFrameHead,
  parseIndex,
  parseTrailer,
} from '../../../src/core/pack-format.ts';

const codec: FrameCodec = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  compress: (bytes) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
  decompress: (bytes, size) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(size, 1) }),
};

function frameOf(objects: readonly Uint8Array[]) {
  const names = concatBytes(...objects.map(codec.sha256));
  return encodeFrame(
    concatBytes(...objects),
    kindBlob,
    objects.map((object) => object.length),
    names,
    codec,
  );
}

const text = utf8('one line of text that repeats, '.repeat(40));
const noise = codec.sha256(utf8('seed'));

describe('a frame', () => {
  test('gives back every object, compressed or raw, with kinds and offsets', () => {
    const objects = [text, utf8(''), noise, utf8('x')];
    const names = concatBytes(...objects.map(codec.sha256));
    const sizes = objects.map((object) => object.length);
    const frame = encodeFrame(
      concatBytes(...objects),
      [kindBlob, kindRecord, kindBlob, kindRecord],
      sizes,
      names,
      codec,
    );
    const { head, content } = openFrame(concatBytes(frame.bytes, utf8('what follows')), codec);
    expect(head.encoding).toBe(1);
    expect(head.entries.map((entry) => [entry.kind, entry.size, entry.offset])).toEqual([
      [0, text.length, 0],
      [1, 0, text.length],
      [0, 32, text.length],
      [1, 1, text.length + 32],
    ]);
    expect([...frame.offsets]).toEqual([0, text.length, text.length, text.length + 32]);
    expect(Uint8Array.from(content)).toEqual(concatBytes(...objects));
    expect(openFrame(frameOf([noise]).bytes, codec).head.encoding).toBe(0);
  });

  test('is refused when any one bit of a compressed frame or of a raw frame’s head is flipped', () => {
    for (const objects of [[text, noise], [noise]]) {
      const frame = frameOf(objects);
      const end = openFrame(frame.bytes, codec).head.encoding === 1 ? frame.bytes.length : frame.headSize;
      for (let at = 0; at < end; at++) {
        for (let bit = 0; bit < 8; bit++) {
          const flipped = Uint8Array.from(frame.bytes);
          flipped[at] = (flipped[at] as number) ^ (1 << bit);
          expect(() => openFrame(flipped, codec), `byte ${at} bit ${bit}`).toThrow();
        }
      }
    }
  });

  test('is refused at every truncation', () => {
    const { bytes } = frameOf([text, noise]);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => openFrame(bytes.subarray(0, length), codec)).toThrow(/truncated|wrong magic|not a frame/);
    }
  });

  test('asks for more bytes instead of guessing when its head is cut', () => {
    const { bytes, headSize } = frameOf([text, noise]);
    for (let length = 0; length < headSize; length++) expect(parseFrameHead(bytes.subarray(0, length))).toBeUndefined();
  });

  test('claims of absurd sizes allocate nothing', () => {
    const { bytes } = frameOf([noise]);
    new DataView(bytes.buffer).setUint32(7, 0xffffffff);
    expect(() => parseFrameHead(bytes)).toThrow(/larger than a frame may be/);
  });
});

describe('a pack', () => {
  const frames = [frameOf([text]), frameOf([noise, utf8('x')])];
  function build() {
    const account = packAccount(createHash('sha256'));
    const offsets = frames.map((frame) => account.frame(frame.bytes, frame.headSize));
    const end = account.end();
    return { bytes: concatBytes(account.start, ...frames.map((frame) => frame.bytes), end.bytes), offsets, end };
  }

  test('tells through its index where each frame lies', () => {
    const { bytes, offsets, end } = build();
    expect(bytes.length).toBe(end.size);
    const { indexOffset, id } = parseTrailer(bytes.subarray(-40), bytes.length);
    expect(id).toEqual(Uint8Array.from(end.id));
    const index = parseIndex(bytes.subarray(indexOffset, -40), indexOffset);
    expect(index.map((frame) => frame.offset)).toEqual(offsets);
    for (const { offset } of index) expect(() => openFrame(bytes.subarray(offset), codec)).not.toThrow();
  });

  test('with an index offset outside of it is refused', () => {
    const { bytes } = build();
    const trailer = bytes.slice(-40);
    new DataView(trailer.buffer).setBigUint64(0, 2n ** 60n);
    expect(() => parseTrailer(trailer, bytes.length)).toThrow(/outside/);
  });
});
