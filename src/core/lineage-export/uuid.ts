/**
 * Name-based UUIDs (RFC 9562 version 5): SHA-1 over the 16 bytes of a namespace and the name. Formats that insist on a UUID
 * get one that follows from the id, so that two exports of a run, anywhere, name the same thing. SHA-1 protects nothing here.
 */
import { sha1 } from '@noble/hashes/legacy.js';
import { concatBytes, fromHex, toHex, utf8 } from '../bytes.ts';
import type { RunId } from '../ids.ts';

/** The namespace for URLs and URNs of RFC 9562, section 6.6. */
const urlNamespace = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';

export function uuidV5(namespace: string, name: string): string {
  const digest = sha1(concatBytes(fromHex(namespace.replaceAll('-', '')), utf8(name))).slice(0, 16);
  digest[6] = ((digest[6] as number) & 0x0f) | 0x50;
  digest[8] = ((digest[8] as number) & 0x3f) | 0x80;
  const hex = toHex(digest);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The UUID of a run: version 5 of its URN, `urn:cairn:run:<run instance id>`. */
export function runUuid(run: RunId): string {
  return uuidV5(urlNamespace, `urn:cairn:run:${run}`);
}
