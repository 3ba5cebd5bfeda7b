import { execFileSync } from 'node:child_process';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { nativeCodec } from '../../../../src/adapters/node/native-codec.ts';
import { walkFrame } from '../../../../src/adapters/node/zstd-frame.ts';
import { concatBytes, utf8 } from '../../../../src/core/bytes.ts';
import type { ByteCodec } from '../../../../src/ports/system.ts';
import { byteCodecClaims, type CodecFixture } from '../../../conformance/byte-codec.ts';
import { collect, pattern, pieces } from '../../../conformance/bytes.ts';
import { describeConformance, describeDefects, type Open } from '../../../conformance/claims.ts';

const fixture = (codec: ByteCodec): CodecFixture => ({ codec, dispose: async () => undefined });

describeConformance('nativeCodec', byteCodecClaims, async () => fixture(nativeCodec()));
describeConformance('nativeCodec at level 3', byteCodecClaims, async () => fixture(nativeCodec({ level: 3 })));

function defective(change: (sound: ByteCodec) => Partial<ByteCodec>): Open<CodecFixture> {
  return async () => {
    const sound = nativeCodec();
    return fixture({ ...sound, ...change(sound) });
  };
}

/** Node's own decoder, with nothing around it. */
const bare = (): Partial<ByteCodec> => ({ decompress: (bytes) => new Uint8Array(zstdDecompressSync(bytes)) });
const unchecked = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 0 } }));

describeDefects('byte codec', byteCodecClaims, [
  {
    defect: 'forgets what it was fed before',
    open: defective((sound) => ({
      hasher: () => {
        let last: Uint8Array = new Uint8Array();
        const update = (bytes: Uint8Array): void => {
          last = bytes;
        };
        return { update, digest: () => sound.sha256(last) };
      },
    })),
    breaks: 'hashes as FIPS 180-4 says, at once and in pieces',
  },
  {
    defect: 'gives Buffers',
    open: defective(() => ({ decompress: (bytes) => zstdDecompressSync(bytes) })),
    breaks: 'gives digests and contents that belong to the caller',
  },
  {
    defect: 'fails on empty content',
    open: defective((sound) => ({ decompress: (bytes, size) => sound.decompress(bytes, Math.max(1, size)) })),
    breaks: 'gives back what it compressed, at once and in streams, in every combination',
  },
  {
    defect: 'decodes only the first chunk of a stream',
    open: defective((sound) => ({
      decompressStream: async function* (source, size) {
        for await (const chunk of source) {
          yield sound.decompress(chunk, size);
          break;
        }
      },
    })),
    breaks: 'decompresses a frame that arrives byte by byte',
  },
  { defect: 'ignores the size', open: defective(bare), breaks: 'refuses every size but the right one' },
  {
    defect: 'fills up what is cut off',
    open: defective((sound) => ({
      decompress: (bytes, size) => {
        try {
          return sound.decompress(bytes, size);
        } catch {
          return new Uint8Array(size);
        }
      },
    })),
    breaks: 'refuses a frame that is cut off anywhere',
  },
  { defect: 'is Node’s decoder as it is', open: defective(bare), breaks: 'refuses whatever follows the frame' },
  {
    defect: 'unpacks first and looks at the size then',
    open: defective(bare),
    breaks: 'refuses a bomb without unpacking it',
  },
  {
    defect: 'takes anything for a frame',
    open: defective(() => ({ decompress: (bytes) => bytes })),
    breaks: 'refuses bytes that are no frame',
  },
  {
    defect: 'writes no checksum',
    open: defective(() => ({ compress: unchecked })),
    breaks: 'never takes a changed bit for other content, and finds nearly all of them',
  },
  {
    defect: 'writes no checksum',
    open: defective(() => ({ compress: unchecked })),
    breaks: 'never takes changed bytes of a large frame for other content, at once or in streams',
  },
  {
    defect: 'takes any length',
    open: defective((sound) => ({
      compressStream: async function* (source) {
        yield sound.compress(await collect(source));
      },
    })),
    breaks: 'refuses to compress a stream of another length than announced',
  },
  {
    defect: 'wraps the errors of a source',
    open: defective((sound) => ({
      compressStream: async function* (source, size) {
        try {
          yield* sound.compressStream(source, size);
        } catch (error) {
          throw new Error('compression failed', { cause: error });
        }
      },
    })),
    breaks: 'passes on what a source throws, as it is',
  },
  {
    defect: 'leaves its source open',
    open: defective((sound) => ({
      compressStream: (source, size) =>
        sound.compressStream(
          { [Symbol.asyncIterator]: () => ({ next: () => source[Symbol.asyncIterator]().next() }) },
          size,
        ),
    })),
    breaks: 'ends its source when a reader stops early',
  },
  {
    defect: 'reads its source to the end first',
    open: defective((sound) => ({
      compressStream: async function* (source, size) {
        yield* sound.compressStream(pieces(await collect(source), 65536), size);
      },
    })),
    breaks: 'asks for no more of its source than the reader takes',
  },
  {
    defect: 'keeps chunks without copying them',
    open: defective((sound) => ({
      compressStream: async function* (source, size) {
        yield* sound.compressStream(pieces(concatBytes(...(await Array.fromAsync(source))), 65536), size);
      },
    })),
    breaks: 'has taken over a chunk before chunksInFlight further ones were asked for',
  },
]);

describe('frames of other writers', () => {
  const codec = nativeCodec();
  const content = utf8('a,b\n1,2\n'.repeat(500));

  test('are read without a checksum: a pack covers its frames by itself', () => {
    expect(codec.decompress(unchecked(content), content.length)).toEqual(content);
  });

  test('are refused without a content size', () => {
    const frame = zstdCompressSync(content, { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } });
    expect(() => codec.decompress(frame, content.length)).toThrow('does not say how long its content is');
  });

  test('are refused with a window that would take more than 8 MiB', () => {
    // Magic, descriptor with a content size of eight bytes, and a window of 128 MiB.
    const header = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0b1100_0100, 17 << 3, 0, 0, 0, 16, 0, 0, 0, 0]);
    expect(() => walkFrame(2 ** 28).push(header)).toThrow('larger than 8 MiB');
    expect(() => walkFrame(2 ** 28).push(header.with(5, 13 << 3))).not.toThrow();
    expect(() => walkFrame(2 ** 28).push(header.with(5, (13 << 3) + 1))).toThrow('larger than 8 MiB');
  });

  test('with a reserved bit, a dictionary, a reserved block or too large a block are refused', () => {
    const frame = codec.compress(pattern(300));
    for (const [index, bits] of [
      [4, 0b1000],
      [4, 0b1_0000],
      [4, 0b01],
      [4, 0b10],
    ] as const) {
      const changed = frame.with(index, (frame[index] ?? 0) | bits);
      expect(() => codec.decompress(changed, 300)).toThrow('damaged zstd frame');
    }
    const headerEnd = 7;
    expect(() => codec.decompress(frame.with(headerEnd, (frame[headerEnd] ?? 0) | 0b110), 300)).toThrow(
      'reserved type',
    );
    expect(() => codec.decompress(frame.with(headerEnd + 2, 0xff), 300)).toThrow('too large');
  });

  test.skipIf(!hasZstd())('are read by the zstd program, and the other way round', async () => {
    const frame = await collect(codec.compressStream(pieces(content, 1000), content.length));
    expect(new Uint8Array(execFileSync('zstd', ['-dc'], { input: frame }))).toEqual(content);
    const theirs = execFileSync('zstd', ['-c', `--stream-size=${content.length}`], { input: content });
    expect(codec.decompress(theirs, content.length)).toEqual(content);
  });
});

function hasZstd(): boolean {
  try {
    execFileSync('zstd', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('levels', () => {
  test('up to the highest give frames that every reader accepts', async () => {
    const size = 9 * 1024 * 1024;
    const zeros = Array.from({ length: size / 65536 }, () => new Uint8Array(65536));
    for (const level of [1, 9, 19]) {
      const codec = nativeCodec({ level });
      const frame = await collect(codec.compressStream(ReadableStream.from(zeros), size));
      expect((await collect(nativeCodec().decompressStream(pieces(frame, 100), size))).length).toBe(size);
    }
  });

  test.each([0, 20, -1, 1.5, Number.NaN])('do not include %d', (level) => {
    expect(() => nativeCodec({ level })).toThrow('1 to 19');
  });
});

describe('loading', () => {
  test('neither node:zlib nor node:crypto is loaded for nothing, nor for a few small records', () => {
    const url = new URL('../../../../src/adapters/node/native-codec.ts', import.meta.url).href;
    const code = `
      const loaded = [];
      const real = process.getBuiltinModule;
      process.getBuiltinModule = (name) => (loaded.push(name), real(name));
      const { nativeCodec } = await import('${url}');
      const codec = nativeCodec();
      const small = new Uint8Array(4096);
      const names = Array.from({ length: 16 }, () => codec.sha256Hex(small));
      codec.sha256(small);
      console.log(JSON.stringify([new Set(names).size, loaded]));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual([1, ['node:crypto']]);
  });
});
