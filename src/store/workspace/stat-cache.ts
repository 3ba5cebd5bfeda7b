/**
 * The stat cache: for each path of the workspace, the stat it had when its content was last known, and what that content
 * was. Only a cache: without it everything is read again.
 *
 * It stands in relation to one tree, its base (the tree of the run the workspace stands on). A path whose content is what
 * the base has there is marked `same` and needs no hash of its own, which is nearly all of them; this keeps the cache at
 * a third of the size. Paths of the base that were never seen as files have no stat and are read when asked about.
 *
 * Stored as one zstd frame of columns (version 1): magic "cairnst" 01, raw size is in the frame; u32 count, base tree id
 * (32 bytes, zeros for none), then columns of `count`: flags u8; size, mtime, ctime (NaN where it is mtime), inode difference
 * to the entry before, device as float64 (little-endian); digests 32 bytes for entries without `same`; paths, NUL-terminated UTF-8.
 *
 * Racily clean: an entry whose file was touched so shortly before it was read that a later write could leave the same
 * times is not trusted (git's rule; `racyWindowMs`).
 */
import { fromHex, toHex, utf8, utf8Decode } from '../../core/bytes.ts';
import type { BlobId, TreeId } from '../../core/ids.ts';
import type { ByteCodec } from '../../ports/system.ts';
import { statColumns, statCtime, statDevice, statInode, statMode, statMtime, statSize } from '../../ports/workspace.ts';

/** The path is in the base tree. */
export const tracked = 1;
/** The file's content, kind and mode are those of the base. */
export const same = 2;
/** The stat columns are filled and may be compared. */
export const seen = 4;
export const executableFlag = 8;
export const linkFlag = 16;
/** The file was in this workspace once: only then is its absence a removal, and not a file that another workspace made. */
export const here = 32;

/** Longest that a file system's clock may stand still between two writes that leave the same time. */
const racyWindowMs = 20;

export interface CachedFile {
  flags: number;
  size: number;
  mtime: number;
  ctime: number;
  inode: number;
  device: number;
  /** Content of the file; undefined where `same` says it or nothing is known. */
  blob: BlobId | undefined;
}

export interface StatCache {
  /** The tree the marks refer to; undefined before the first commit. */
  base: TreeId | undefined;
  /** In the order of paths. */
  readonly files: Map<string, CachedFile>;
}

export function emptyCache(base: TreeId | undefined): StatCache {
  return { base, files: new Map() };
}

/** True when the file still has the stat of the entry. */
export function sameStat(entry: CachedFile, stats: Float64Array, row: number): boolean {
  const at = statColumns * row;
  return (
    (entry.flags & seen) !== 0 &&
    entry.size === stats[at + statSize] &&
    entry.mtime === stats[at + statMtime] &&
    entry.ctime === stats[at + statCtime] &&
    entry.inode === stats[at + statInode] &&
    entry.device === stats[at + statDevice] &&
    ((entry.flags & executableFlag) !== 0) === (((stats[at + statMode] as number) & 0o100) !== 0)
  );
}

/** An entry for a file just read. Not `seen` when its times are too fresh to be told from a later write. */
export function entryOf(
  stats: Float64Array,
  row: number,
  readAtMs: number,
  flags: number,
  blob: BlobId | undefined,
): CachedFile {
  const at = statColumns * row;
  const mtime = stats[at + statMtime] as number;
  const ctime = stats[at + statCtime] as number;
  const racy = Math.max(mtime, ctime) > readAtMs - racyWindowMs;
  return {
    flags: flags | here | (racy ? 0 : seen) | (((stats[at + statMode] as number) & 0o100) !== 0 ? executableFlag : 0),
    size: stats[at + statSize] as number,
    mtime,
    ctime,
    inode: stats[at + statInode] as number,
    device: stats[at + statDevice] as number,
    blob,
  };
}

const magic = new Uint8Array([0x63, 0x61, 0x69, 0x72, 0x6e, 0x73, 0x74, 0x01]);
const fixedSize = 4 + 32;
const columns = 5;

export function encodeCache(cache: StatCache, codec: ByteCodec): Uint8Array {
  const entries = [...cache.files];
  const count = entries.length;
  const owned = entries.filter(([, file]) => file.blob !== undefined);
  const paths = utf8(entries.map(([path]) => `${path}\0`).join(''));
  const raw = new Uint8Array(fixedSize + count + 8 * columns * count + 32 * owned.length + paths.length);
  const view = new DataView(raw.buffer);
  view.setUint32(0, count);
  if (cache.base !== undefined) raw.set(fromHex(cache.base), 4);
  const at = fixedSize + count;
  let inode = 0;
  entries.forEach(([, file], row) => {
    raw[fixedSize + row] = (file.flags & 0x7f) | (file.blob === undefined ? 0 : 0x80);
    const values = [
      file.size,
      file.mtime,
      file.ctime === file.mtime ? Number.NaN : file.ctime,
      file.inode - inode,
      file.device,
    ];
    inode = file.inode;
    values.forEach((value, column) => {
      view.setFloat64(at + 8 * (column * count + row), value, true);
    });
  });
  let digestAt = at + 8 * columns * count;
  for (const [, file] of owned) {
    raw.set(fromHex(file.blob as string), digestAt);
    digestAt += 32;
  }
  raw.set(paths, digestAt);
  const compressed = codec.compress(raw);
  const bytes = new Uint8Array(magic.length + 4 + compressed.length);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(magic.length, raw.length);
  bytes.set(compressed, magic.length + 4);
  return bytes;
}

/** Decodes a cache; undefined for anything that is not one of ours, since a cache may always be rebuilt. */
export function decodeCache(bytes: Uint8Array, codec: ByteCodec): StatCache | undefined {
  if (bytes.length < magic.length + 4 || magic.some((byte, index) => bytes[index] !== byte)) return undefined;
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(magic.length);
  let raw: Uint8Array;
  try {
    raw = codec.decompress(bytes.subarray(magic.length + 4), size);
  } catch {
    // A damaged cache is as good as none.
    return undefined;
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const count = view.getUint32(0);
  const baseBytes = raw.subarray(4, 36);
  const at = fixedSize + count;
  // Copied so that the numbers are aligned; read as the platform's own order where that is little-endian, as nearly always.
  const numbers = readFloats(raw, at, columns * count);
  let digestAt = at + 8 * columns * count;
  const flags = raw.subarray(fixedSize, at);
  let owned = 0;
  for (const flag of flags) if ((flag & 0x80) !== 0) owned++;
  const paths = utf8Decode(raw.subarray(digestAt + 32 * owned)).split('\0');
  const files = new Map<string, CachedFile>();
  let inode = 0;
  for (let row = 0; row < count; row++) {
    const flag = flags[row] as number;
    let blob: BlobId | undefined;
    if ((flag & 0x80) !== 0) {
      blob = toHex(raw.subarray(digestAt, digestAt + 32)) as BlobId;
      digestAt += 32;
    }
    const mtime = numbers[count + row] as number;
    const ctime = numbers[2 * count + row] as number;
    inode += numbers[3 * count + row] as number;
    files.set(paths[row] as string, {
      flags: flag & 0x7f,
      size: numbers[row] as number,
      mtime,
      ctime: Number.isNaN(ctime) ? mtime : ctime,
      inode,
      device: numbers[4 * count + row] as number,
      blob,
    });
  }
  return { base: baseBytes.every((byte) => byte === 0) ? undefined : (toHex(baseBytes) as TreeId), files };
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function readFloats(raw: Uint8Array, at: number, count: number): Float64Array {
  const bytes = raw.slice(at, at + 8 * count);
  if (littleEndian) return new Float64Array(bytes.buffer);
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: count }, (_, index) => view.getFloat64(8 * index, true));
}
