/** The columns of a stat(2) that the stat cache compares. */
import type { Stats } from 'node:fs';
import {
  type FileKind,
  statColumns,
  statCtime,
  statDevice,
  statInode,
  statMode,
  statMtime,
  statSize,
} from '../../ports/workspace.ts';

export function writeStat(into: Float64Array, index: number, stat: Stats): void {
  const at = statColumns * index;
  into[at + statSize] = stat.size;
  into[at + statMtime] = stat.mtimeMs;
  into[at + statCtime] = stat.ctimeMs;
  into[at + statInode] = stat.ino;
  into[at + statDevice] = stat.dev;
  into[at + statMode] = stat.mode;
}

export function statRow(stat: Stats): Float64Array {
  const row = new Float64Array(statColumns);
  writeStat(row, 0, stat);
  return row;
}

export function kindOf(stat: Stats): FileKind {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  return stat.isSymbolicLink() ? 'link' : 'other';
}
