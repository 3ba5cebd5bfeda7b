/**
 * The loose zstd object (`objects/ab/cdef….zst`): one zstd frame of the content, then a digest frame.
 *
 * The digest frame is a zstd *skippable* frame (RFC 8878, 3.1.2), so `zstd -dc` ignores it: magic 0x184D2A5C and length 32,
 * both little-endian as that RFC demands, then the SHA-256 of every stored byte before it. It exists because a zstd frame
 * has bits that no decoder looks at; with it, any changed byte of the file is found.
 */
import { equalBytes } from './bytes.ts';
import { CodedError } from './errors.ts';

const digestFrameHead = new Uint8Array([0x5c, 0x2a, 0x4d, 0x18, 32, 0, 0, 0]);
export const digestFrameSize = digestFrameHead.length + 32;

/** The digest frame for stored bytes whose SHA-256 is given. */
export function digestFrame(sha256: Uint8Array): Uint8Array {
  const frame = new Uint8Array(digestFrameSize);
  frame.set(digestFrameHead);
  frame.set(sha256, digestFrameHead.length);
  return frame;
}

/** Checks the last 40 bytes of a loose zstd object against the SHA-256 of the bytes before them. */
export function checkDigestFrame(tail: Uint8Array, sha256: Uint8Array, name: string): void {
  if (tail.length === digestFrameSize && equalBytes(tail, digestFrame(sha256))) return;
  throw new CodedError('OBJECT_CORRUPT', `the stored bytes of object ${name} were changed`, { data: { object: name } });
}
