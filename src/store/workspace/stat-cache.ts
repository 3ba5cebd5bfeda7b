/**
 * The stat cache: for each path of the workspace, the stat it had when its content was last known, and what that content
 * was. Only a cache: without it everything is read again.
 *
 * It stands in relation to one tree, its base (the tree of the run the workspace stands on). A path whose content is what
 * the base has there is marked `same` and needs no hash of its own, which is nearly all of them; this keeps the cache at
 * a third of the size. Paths of the base that were never seen as files have no stat and are read when asked about.
 *
 * Stored as one block of columns (version 2; compressing it took longer than it saved): magic "cairnst" 02, u32 checksum of
 * what follows; u32 count, base tree id (32 bytes, zeros for none), then columns of `count`: flags u8; size, mtime, ctime (NaN where it is mtime), inode difference
 * to the entry before, device as float64 (little-endian); digests 32 bytes for entries without `same`; paths, NUL-terminated UTF-8.
 *
 * In memory it stays in columns, and files that changed lie beside them: a workspace of 20,000 unchanged files is looked through
 * without an object or a hash table entry for any of them.
 *
 * Racily clean: an entry whose file was touched so shortly before it was read that a later write could leave the same
 * times is not trusted (git's rule; `racyWindowMs`).
 */
import { aboveSurrogates, compareUtf8, toHex, utf8, utf8Decode, utf8Order, writeHex } from '../../core/bytes.ts';
import type { BlobId, TreeId } from '../../core/ids.ts';
import { statColumns, statCtime, statDevice, statInode, statMtime, statSize } from '../../ports/workspace.ts';
import { type CachedFile, executableFlag, isExecutable, seen } from './cached-file.ts';

/** The row's place in memory was taken by an entry in `#fresh`, or the path was forgotten. Never stored. */
const dead = 64;
/** Stored only: the entry has a digest of its own. */
const ownDigest = 128;

const magic = new Uint8Array([0x63, 0x61, 0x69, 0x72, 0x6e, 0x73, 0x74, 0x02]);
/** Magic and checksum. */
const headSize = 8 + 4;
const fixedSize = 4 + 32;
const columns = 5;

export class StatCache {
  /** The tree the marks refer to; undefined before the first commit. */
  base: TreeId | undefined;
  #paths: readonly string[] = [];
  #flags: Uint8Array = new Uint8Array(0);
  /** Size, mtime, ctime, inode, device: a column after the other. */
  #numbers = new Float64Array(0);
  readonly #blobs = new Map<number, BlobId>();
  /** Entries that are not as they were stored. */
  readonly #fresh = new Map<string, CachedFile>();
  /** The row that was found last: paths are mostly asked for in their order, and each of them more than once. */
  #last = 0;
  #order: ((left: string, right: string) => number) | undefined;

  constructor(base: TreeId | undefined) {
    this.base = base;
  }

  #row(path: string): number {
    let row = this.#last;
    if (this.#paths[row] !== path && this.#paths[++row] !== path) {
      row = this.#search(path);
      if (row < 0) return -1;
    }
    this.#last = row;
    return ((this.#flags[row] as number) & dead) === 0 ? row : -1;
  }

  /** Binary search for a path that is not the next one. */
  #search(path: string): number {
    this.#order ??= utf8Order(this.#paths);
    const order = aboveSurrogates(path) ? compareUtf8 : this.#order;
    let low = 0;
    let high = this.#paths.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const compared = order(this.#paths[middle] as string, path);
      if (compared === 0) return middle;
      if (compared < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** The marks of a path; 0 for an unknown one. */
  flags(path: string): number {
    const fresh = this.#fresh.size === 0 ? undefined : this.#fresh.get(path);
    if (fresh !== undefined) return fresh.flags;
    const row = this.#row(path);
    return row < 0 ? 0 : (this.#flags[row] as number);
  }

  has(path: string): boolean {
    return this.#fresh.has(path) || this.#row(path) >= 0;
  }

  blob(path: string): BlobId | undefined {
    const fresh = this.#fresh.get(path);
    return fresh === undefined ? this.#blobs.get(this.#row(path)) : fresh.blob;
  }

  /** True when the file still has the stat that the cache knows it by. */
  isKnown(path: string, stats: Float64Array, scanned: number): boolean {
    const fresh = this.#fresh.size === 0 ? undefined : this.#fresh.get(path);
    const at = statColumns * scanned;
    const executable = isExecutable(stats, scanned);
    if (fresh !== undefined) {
      return (
        (fresh.flags & seen) !== 0 &&
        fresh.size === stats[at + statSize] &&
        fresh.mtime === stats[at + statMtime] &&
        fresh.ctime === stats[at + statCtime] &&
        fresh.inode === stats[at + statInode] &&
        fresh.device === stats[at + statDevice] &&
        ((fresh.flags & executableFlag) !== 0) === executable
      );
    }
    const row = this.#row(path);
    if (row < 0) return false;
    const flags = this.#flags[row] as number;
    const numbers = this.#numbers;
    const count = this.#paths.length;
    return (
      (flags & seen) !== 0 &&
      numbers[row] === stats[at + statSize] &&
      numbers[count + row] === stats[at + statMtime] &&
      numbers[2 * count + row] === stats[at + statCtime] &&
      numbers[3 * count + row] === stats[at + statInode] &&
      numbers[4 * count + row] === stats[at + statDevice] &&
      ((flags & executableFlag) !== 0) === executable
    );
  }

  /** The entry of a path as it may be changed and given back to `put`; undefined for an unknown path. */
  entry(path: string): CachedFile | undefined {
    const fresh = this.#fresh.get(path);
    if (fresh !== undefined) return { ...fresh };
    const row = this.#row(path);
    return row < 0 ? undefined : this.#rowEntry(row);
  }

  #rowEntry(row: number): CachedFile {
    const column = (index: number): number => this.#numbers[index * this.#paths.length + row] as number;
    const flags = this.#flags[row] as number;
    return {
      flags,
      size: column(0),
      mtime: column(1),
      ctime: column(2),
      inode: column(3),
      device: column(4),
      blob: this.#blobs.get(row),
    };
  }

  put(path: string, file: CachedFile): void {
    const row = this.#row(path);
    if (row >= 0) this.#flags[row] = dead;
    this.#fresh.set(path, file);
  }

  /** Sets marks and content of a known path, in place. */
  mark(path: string, flags: number, blob: BlobId | undefined): void {
    const fresh = this.#fresh.get(path);
    if (fresh !== undefined) {
      fresh.flags = flags;
      fresh.blob = blob;
      return;
    }
    const row = this.#row(path);
    if (row < 0) return;
    this.#flags[row] = flags;
    if (blob === undefined) this.#blobs.delete(row);
    else this.#blobs.set(row, blob);
  }

  delete(path: string): boolean {
    const row = this.#row(path);
    if (row >= 0) this.#flags[row] = dead;
    return this.#fresh.delete(path) || row >= 0;
  }

  clear(): void {
    this.#fresh.clear();
    this.#flags.fill(dead);
  }

  /** Takes every stat for unknown. */
  distrust(): void {
    this.#flags = this.#flags.map((flags) => flags & ~seen);
    for (const file of this.#fresh.values()) file.flags &= ~seen;
  }

  /** Number of paths with all of these marks. */
  count(marks: number): number {
    let count = 0;
    for (const flags of this.#flags) if ((flags & (marks | dead)) === marks) count++;
    for (const { flags } of this.#fresh.values()) if ((flags & marks) === marks) count++;
    return count;
  }

  /** Paths with all of these marks; those that are as stored first. */
  paths(marks: number): string[] {
    const paths = this.#paths.filter((_, row) => ((this.#flags[row] as number) & (marks | dead)) === marks);
    for (const [path, { flags }] of this.#fresh) if ((flags & marks) === marks) paths.push(path);
    return paths;
  }

  /** Everything, in the order of paths; not to be changed. */
  entries(): (readonly [path: string, file: Readonly<CachedFile>])[] {
    const entries: (readonly [string, Readonly<CachedFile>])[] = [];
    this.#paths.forEach((path, row) => {
      if (((this.#flags[row] as number) & dead) === 0) entries.push([path, this.#rowEntry(row)]);
    });
    if (this.#fresh.size === 0) return entries;
    for (const entry of this.#fresh) entries.push(entry);
    const order = utf8Order(entries.map(([path]) => path));
    return entries.sort(([left], [right]) => order(left, right));
  }

  encode(): Uint8Array {
    const entries = this.entries();
    const count = entries.length;
    const owned = entries.filter(([, file]) => file.blob !== undefined);
    const paths = utf8(entries.map(([path]) => `${path}\0`).join(''));
    const numbers = new Float64Array(columns * count);
    const bytes = new Uint8Array(headSize + fixedSize + count + numbers.byteLength + 32 * owned.length + paths.length);
    bytes.set(magic);
    const raw = bytes.subarray(headSize);
    new DataView(raw.buffer, raw.byteOffset).setUint32(0, count);
    if (this.base !== undefined) writeHex(this.base, raw, 4);
    let inode = 0;
    for (let row = 0; row < count; row++) {
      const [, file] = entries[row] as (typeof entries)[number];
      raw[fixedSize + row] = (file.flags & 0x3f) | (file.blob === undefined ? 0 : ownDigest);
      numbers[row] = file.size;
      numbers[count + row] = file.mtime;
      numbers[2 * count + row] = file.ctime === file.mtime ? Number.NaN : file.ctime;
      numbers[3 * count + row] = file.inode - inode;
      numbers[4 * count + row] = file.device;
      inode = file.inode;
    }
    const at = fixedSize + count;
    writeFloats(numbers, raw, at);
    let digestAt = at + 8 * columns * count;
    for (const [, file] of owned) {
      writeHex(file.blob as string, raw, digestAt);
      digestAt += 32;
    }
    raw.set(paths, digestAt);
    new DataView(bytes.buffer).setUint32(magic.length, checksum(raw));
    return bytes;
  }

  /** Decodes a cache; undefined for anything that is not one of ours, since a cache may always be rebuilt. */
  static decode(bytes: Uint8Array): StatCache | undefined {
    if (bytes.length < headSize + fixedSize || magic.some((byte, index) => bytes[index] !== byte)) return undefined;
    const raw = bytes.subarray(headSize);
    // A damaged cache is as good as none.
    if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(magic.length) !== checksum(raw)) return undefined;
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    const count = view.getUint32(0);
    const base = raw.subarray(4, fixedSize);
    const at = fixedSize + count;
    const cache = new StatCache(base.every((byte) => byte === 0) ? undefined : (toHex(base) as TreeId));
    cache.#flags = raw.slice(fixedSize, at);
    const numbers = readFloats(raw, at, columns * count);
    let inode = 0;
    for (let row = 0; row < count; row++) {
      if (Number.isNaN(numbers[2 * count + row])) numbers[2 * count + row] = numbers[count + row] as number;
      inode += numbers[3 * count + row] as number;
      numbers[3 * count + row] = inode;
    }
    cache.#numbers = numbers;
    let digestAt = at + 8 * columns * count;
    for (let row = 0; row < count; row++) {
      const flags = cache.#flags[row] as number;
      if ((flags & ownDigest) === 0) continue;
      cache.#flags[row] = flags & ~ownDigest;
      cache.#blobs.set(row, toHex(raw.subarray(digestAt, digestAt + 32)) as BlobId);
      digestAt += 32;
    }
    const paths = utf8Decode(raw.subarray(digestAt)).split('\0');
    paths.pop();
    cache.#paths = paths;
    return cache;
  }
}

/** FNV-1a over little-endian words of four bytes; of a shorter last one, its bytes. Against accidents, not against malice. */
function checksum(bytes: Uint8Array): number {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let hash = 0x811c9dc5;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) hash = Math.imul(hash ^ words.getUint32(at, true), 0x01000193);
  for (; at < bytes.length; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash >>> 0;
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function writeFloats(numbers: Float64Array<ArrayBuffer>, into: Uint8Array, at: number): void {
  if (littleEndian) {
    into.set(new Uint8Array(numbers.buffer), at);
    return;
  }
  const view = new DataView(into.buffer);
  numbers.forEach((value, index) => {
    view.setFloat64(at + 8 * index, value, true);
  });
}

/** Copied, so that the numbers are aligned; taken as they are where the platform has their order, as nearly always. */
function readFloats(raw: Uint8Array, at: number, count: number): Float64Array<ArrayBuffer> {
  const bytes = raw.slice(at, at + 8 * count);
  if (littleEndian) return new Float64Array(bytes.buffer);
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: count }, (_, index) => view.getFloat64(8 * index, true));
}
