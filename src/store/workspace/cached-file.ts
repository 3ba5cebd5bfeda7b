/** What the stat cache knows of one file: marks, stat, content. */
import type { BlobId } from '../../core/ids.ts';
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

/** Whether the owner may execute the file, by row `row` of stat columns. */
export function isExecutable(stats: Float64Array, row: number): boolean {
  return ((stats[statColumns * row + statMode] as number) & 0o100) !== 0;
}

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

/** A path of the base that was never seen as a file. */
export function unknownFile(): CachedFile {
  return { flags: 0, size: 0, mtime: 0, ctime: 0, inode: 0, device: 0, blob: undefined };
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
    flags: flags | here | (racy ? 0 : seen) | (isExecutable(stats, row) ? executableFlag : 0),
    size: stats[at + statSize] as number,
    mtime,
    ctime,
    inode: stats[at + statInode] as number,
    device: stats[at + statDevice] as number,
    blob,
  };
}
