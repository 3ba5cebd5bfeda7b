/** The small encodings of the tables: places, namespaces, hashes of keys, lists of ids. */
import type { Namespace, ObjectLocation } from '../../ports/manifest.ts';

export const kindOf: { readonly [name in Namespace]: number } = { blob: 0, record: 1 };
export const namespaceOf = (kind: number): Namespace => (kind === 0 ? 'blob' : 'record');

/** Values of `object.place` that are not a frame. */
export const placeLoose = 0;
export const placeLooseZstd = -1;
export const placeAbsent = -2;
/** Value of `object.at` of an absent object whose bytes were found damaged, not let go. */
export const atLost = 1;

/** A use is recorded again when it is older than this. */
export const useResolutionMs = 3_600_000;

/** 23 bits of FNV-1a over UTF-16 units, folded: three bytes in the index. Only ever a hint; the key itself is compared. */
export function keyHash(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return ((hash >>> 9) ^ hash) & 0x7fffff;
}

export function toLocation(place: number, at: number, pack: string | null, start: number | null): ObjectLocation {
  if (place === placeLoose) return { kind: 'loose' };
  if (place === placeLooseZstd) return { kind: 'loose-zstd', storedSize: at };
  if (place === placeAbsent) return at === atLost ? { kind: 'absent', lost: true } : { kind: 'absent' };
  return { kind: 'packed', pack: pack ?? '', frame: start ?? 0, offset: at };
}

/** Positive integers, sorted, as LEB128 differences. */
export function packIds(ids: Iterable<number>): Uint8Array {
  const sorted = [...ids].sort((left, right) => left - right);
  const bytes: number[] = [];
  let previous = 0;
  for (const id of sorted) {
    let rest = id - previous;
    previous = id;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

export function unpackIds(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  let id = 0;
  let value = 0;
  let weight = 1;
  for (const byte of bytes) {
    value += (byte % 128) * weight;
    weight *= 128;
    if (byte >= 128) continue;
    id += value;
    ids.push(id);
    value = 0;
    weight = 1;
  }
  return ids;
}

/** 32-byte digests of hexadecimal ids, one after another. */
export function digestsOf(ids: readonly string[]): Buffer {
  const digests = Buffer.allocUnsafe(32 * ids.length);
  for (let index = 0; index < ids.length; index++) digests.write(ids[index] as string, 32 * index, 32, 'hex');
  return digests;
}
