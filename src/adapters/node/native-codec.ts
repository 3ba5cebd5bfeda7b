/**
 * Hashing and zstd through Node's own libraries, which are loaded on first use: node:crypto and node:zlib together cost
 * several milliseconds that most commands need not pay.
 *
 * Every frame is walked by `walkFrame` before and while it is decoded, because Node's decoder alone accepts trailing
 * bytes and, in some versions, truncation. Compressed bytes differ between versions of zstd: nothing may hash them for
 * identity. What decoding gives is a plain `Uint8Array`, never a `Buffer`, whose `slice` shares memory.
 */
import { assertInvariant } from '../../core/errors.ts';
import { sha256, sha256Hex } from '../../core/sha256.ts';
import type { ByteCodec } from '../../ports/system.ts';
import { damagedFrame, walkFrame } from './zstd-frame.ts';
import { compressStream, decompressStream } from './zstd-stream.ts';

export interface NativeCodecOptions {
  /** zstd level, 1 (default) to 19: levels above want windows that `walkFrame` refuses. */
  readonly level?: number;
}

/** Bytes: some records and a few directories of hundreds of files, as `show` reads them. */
const worthLoading = 64 * 1024;

type Zlib = typeof import('node:zlib');
type Crypto = typeof import('node:crypto');

function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

export function nativeCodec(options: NativeCodecOptions = {}): ByteCodec {
  const level = options.level ?? 1;
  assertInvariant(Number.isInteger(level) && level >= 1 && level <= 19, `a zstd level is 1 to 19, not ${level}`);
  let loadedZlib: Zlib | undefined;
  let loadedCrypto: Crypto | undefined;
  const zlib = (): Zlib => (loadedZlib ??= process.getBuiltinModule('node:zlib'));
  const crypto = (): Crypto => (loadedCrypto ??= process.getBuiltinModule('node:crypto'));
  let pureBytes = 0;
  /** True while what is to be hashed costs less in JavaScript than node:crypto costs to load (7 ms). */
  const isCheaperPure = (bytes: Uint8Array | string): boolean => {
    if (loadedCrypto !== undefined || pureBytes + bytes.length > worthLoading) return false;
    pureBytes += bytes.length;
    return true;
  };

  function parameters(): Record<number, number> {
    const { constants } = zlib();
    return { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
  }

  return {
    hasher() {
      const hash = crypto().createHash('sha256');
      return { update: (bytes) => void hash.update(bytes), digest: () => plain(hash.digest()) };
    },
    sha256Hex: (bytes) => (isCheaperPure(bytes) ? sha256Hex(bytes) : crypto().hash('sha256', bytes, 'hex')),
    sha256: (bytes) => (isCheaperPure(bytes) ? sha256(bytes) : plain(crypto().hash('sha256', bytes, 'buffer'))),

    compress(bytes) {
      // Room for all of it in one buffer, where that is small: what does not compress grows by less than 1 in 256.
      const bound = bytes.length + (bytes.length >> 8) + 64;
      const chunkSize = Math.min(bound, 256 * 1024);
      return plain(zlib().zstdCompressSync(bytes, { params: parameters(), chunkSize }));
    },

    decompress(bytes, size) {
      const walk = walkFrame(size);
      walk.push(bytes);
      walk.end();
      let content: Uint8Array;
      try {
        // One byte more than the content, so that the decoder ends in its first round and need not add a second buffer.
        content = zlib().zstdDecompressSync(bytes, {
          maxOutputLength: Math.max(1, size),
          chunkSize: Math.max(64, size + 1),
        });
      } catch (error) {
        throw decodingError(error);
      }
      if (content.length !== size) throw damagedFrame(`it gives ${content.length} bytes instead of ${size}`);
      return plain(content);
    },

    compressStream: (source, size) =>
      compressStream(zlib().createZstdCompress({ pledgedSrcSize: size, params: parameters() }), source, size),
    decompressStream: (source, size) =>
      decompressStream(zlib().createZstdDecompress({ chunkSize: 128 * 1024 }), source, size, decodingError),
  };
}

/** What zlib says about the bytes is damage; what it says about memory, or anything else, is not. */
function decodingError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const aboutBytes = /^(?:ZSTD_error_|Z_|ERR_BUFFER_TOO_LARGE)/.test(code) && code !== 'ZSTD_error_memory_allocation';
  return aboutBytes ? damagedFrame('it cannot be decoded', error) : error;
}
