/**
 * SHA-256 (FIPS 180-4), synchronous and pure. For bulk bytes on Node an adapter injects a native `Hasher` of the same
 * shape, which must pass the same vectors: this one is several times slower.
 */
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from './bytes.ts';

/** 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/** 64 lower-case hexadecimal digits of the SHA-256 of bytes, or of text as UTF-8. */
export function sha256Hex(input: Uint8Array | string): string {
  return toHex(nobleSha256(typeof input === 'string' ? utf8(input) : input));
}
