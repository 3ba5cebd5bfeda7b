/** What the claims about a `ByteCodec` are held to, and how they judge what it decodes. */
import { isCodedError } from '../../src/core/errors.ts';
import type { ByteCodec } from '../../src/ports/system.ts';
import { collect, KiB, pattern, pieces, rows } from './bytes.ts';
import type { Fixture } from './claims.ts';

export interface CodecFixture extends Fixture {
  readonly codec: ByteCodec;
}

export const contents: readonly Uint8Array[] = [
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

/** 'refused', or the content that came out. Anything but a refusal by name is rethrown. */
export function decoded(codec: ByteCodec, frame: Uint8Array, size: number): Uint8Array | 'refused' {
  try {
    return codec.decompress(frame, size);
  } catch (error) {
    if (isCodedError(error, 'OBJECT_CORRUPT')) return 'refused';
    throw error;
  }
}

export async function decodedStream(
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

export const same = (left: Uint8Array | 'refused', right: Uint8Array): boolean =>
  left !== 'refused' && Buffer.compare(left, right) === 0;

export function flip(frame: Uint8Array, index: number, bits: number): Uint8Array {
  return frame.with(index, (frame[index] ?? 0) ^ bits);
}

/** What a decoder made of a changed frame. */
export function judge(outcome: Uint8Array | 'refused', content: Uint8Array): 'refused' | 'unnoticed' | 'otherContent' {
  if (outcome === 'refused') return 'refused';
  return same(outcome, content) ? 'unnoticed' : 'otherContent';
}
