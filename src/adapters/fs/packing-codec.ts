/** What framing needs, on Node: one-shot SHA-256 and zstd level 1, the best of the levels measured on tables (docs/decisions). */
import { hash } from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { FrameCodec } from '../../core/pack-format.ts';

export function packingCodec(): FrameCodec {
  const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 0 };
  return {
    sha256: (bytes) => hash('sha256', bytes, 'buffer'),
    compress: (bytes) => zstdCompressSync(bytes, { params }),
    decompress: (bytes, size) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, size) }),
  };
}
