/**
 * The one way to write a small durable file (HEAD, configuration, keys): a new file under a random name in the same
 * directory, its bytes synced, renamed over the target, the directory synced.
 *
 * Invariants: a reader sees the old content or the new one, never a mixture; when this returns, the new content survives
 * a power failure; when it throws, the old content is still there. A writer that is killed leaves at most a file
 * `.tmp-…` beside the target.
 */
import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toHex, utf8 } from '../../core/bytes.ts';
import { systemError } from '../../core/system-error.ts';
import type { Random } from '../../ports/system.ts';

/** Starts the names of temporary files beside their targets. */
export const temporaryPrefix = '.tmp-';

export interface DurableWriteOptions {
  readonly random: Random;
  /** Mode of a new file, before the umask. */
  readonly mode?: number;
}

/** Makes the names in a directory durable. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Writes all bytes at the file's position; a short write is continued. */
export function writeFully(fd: number, bytes: Uint8Array, position: number | null = null): void {
  let at = 0;
  while (at < bytes.length) {
    at += writeSync(fd, bytes, at, bytes.length - at, position === null ? null : position + at);
  }
}

export async function durableWrite(
  path: string,
  content: Uint8Array | string,
  options: DurableWriteOptions,
): Promise<void> {
  const bytes = typeof content === 'string' ? utf8(content) : content;
  const temporary = join(dirname(path), `${temporaryPrefix}${toHex(options.random.bytes(12))}`);
  let made = false;
  try {
    const fd = openSync(temporary, 'wx', options.mode ?? 0o666);
    made = true;
    try {
      writeFully(fd, bytes);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    made = false;
    syncDirectory(dirname(path));
  } catch (error) {
    const failure = systemError('cannot write', error, path);
    if (made) removeTemporary(temporary, failure);
    throw failure;
  }
}

/** Removes a temporary file on the way out of `failure`, which stays the error that is reported. */
function removeTemporary(path: string, failure: Error): void {
  try {
    unlinkSync(path);
  } catch (error) {
    failure.message += ` (and the temporary file ${path} could not be removed: ${String(error)})`;
  }
}
