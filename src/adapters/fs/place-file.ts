/**
 * Moving finished files to their names without ever replacing one, across file systems where it must be.
 *
 * A hard link is the move that fails when the name is taken; the temporary name is removed behind it. File systems
 * without hard links get a rename after a look. When `objects/` is a symbolic link to another disk, the bytes are copied
 * beside the target under a temporary name and made durable there first.
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fdatasyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { systemErrorCode } from '../../core/system-error.ts';
import { temporaryPrefix } from './durable-write.ts';
import { notAFile } from './object-errors.ts';

const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES']);

/** Removes a file that may be gone already. */
export function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}

/** Size of a file, or undefined where nothing is. Throws for what is no regular file. */
export function sizeIfThere(path: string): number | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isFile()) throw notAFile(path);
  return stat?.size;
}

/** Copies to a durable temporary file in the target's directory. */
function copyBeside(from: string, target: string, randomName: string): string {
  const beside = join(dirname(target), `${temporaryPrefix}${randomName}`);
  try {
    copyFileSync(from, beside);
    const fd = openSync(beside, 'r');
    try {
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    unlinkIfThere(beside);
    throw error;
  }
  return beside;
}

function place(from: string, target: string): 'placed' | 'taken' {
  try {
    linkSync(from, target);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST') return 'taken';
    if (code === undefined || !noHardLinks.has(code)) throw error;
    if (existsSync(target)) return 'taken';
    renameSync(from, target);
    return 'placed';
  }
  unlinkSync(from);
  return 'placed';
}

/**
 * Gives a durable file its final name; `taken` when the name exists, and then `from` is left where it is. Directories
 * are made as needed. The caller syncs them.
 */
export function placeFile(from: string, target: string, randomName: () => string): 'placed' | 'taken' {
  const attempt = (source: string): 'placed' | 'taken' => {
    try {
      return place(source, target);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      mkdirSync(dirname(target), { recursive: true });
      return place(source, target);
    }
  };
  try {
    return attempt(from);
  } catch (error) {
    if (systemErrorCode(error) !== 'EXDEV') throw error;
  }
  if (existsSync(target)) return 'taken';
  const beside = copyBeside(from, target, randomName());
  let outcome: 'placed' | 'taken' = 'taken';
  try {
    outcome = place(beside, target);
  } finally {
    if (outcome === 'taken') unlinkIfThere(beside);
  }
  if (outcome === 'placed') unlinkSync(from);
  return outcome;
}
