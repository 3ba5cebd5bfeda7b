/**
 * Seeds of random generators, derived from what a run means and never from when or where it ran.
 *
 * Version 1: the first 8 bytes, big endian, of SHA-256 over the UTF-8 text `runKey|salt|1`, or `runKey|salt|fold:<id>|1`,
 * modulo 2^63; as a decimal string, because JSON numbers end at 2^53. A salt holds no `|`, so no two requests share a text.
 */
import { utf8 } from './bytes.ts';
import { CodedError } from './errors.ts';
import type { RunKey } from './ids.ts';
import { sha256 } from './sha256.ts';

/** Version of the derivation above; part of every run identity. */
export const seedVersion = 1;

/**
 * The seed of one purpose (`salt`), in one fold if given: decimal, 0 to 2^63 - 1. Throws BAD_ARGUMENT when the salt is
 * empty or holds `|`, or a text holds a lone surrogate.
 */
export function seedRoot(runKey: RunKey, salt: string, fold?: string): string {
  if (salt === '' || salt.includes('|')) {
    throw new CodedError('BAD_ARGUMENT', `not a seed salt: ${JSON.stringify(salt)}`, {
      hint: 'A salt is a name without "|", such as "root" or "bootstrap".',
    });
  }
  const text = `${runKey}|${salt}|${fold === undefined ? '' : `fold:${fold}|`}${seedVersion}`;
  if (!text.isWellFormed()) throw new CodedError('BAD_ARGUMENT', 'a seed salt or fold holds a lone surrogate');
  const digest = sha256(utf8(text));
  const word = new DataView(digest.buffer, digest.byteOffset, 8).getBigUint64(0);
  return BigInt.asUintN(63, word).toString();
}
