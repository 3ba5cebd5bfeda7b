/**
 * Writing files into a workspace, so that no symbolic link on the way can lead a write outside of it.
 *
 * On Linux every directory is opened once, component by component, with O_NOFOLLOW, and used through
 * `/proc/self/fd/<n>`, which is what openat(2) is elsewhere: a directory that is swapped for a link after it was opened
 * changes nothing. Where that does not exist, each component is checked with lstat before it is used.
 *
 * A new file is made with O_EXCL and written by one call; an existing one is replaced by a temporary file and a rename,
 * so that a reader sees the old content or the new one.
 */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fchmodSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../core/errors.ts';
import { systemError } from '../../core/system-error.ts';
import type { FileToWrite } from '../../ports/workspace.ts';
import { statColumns } from '../../ports/workspace.ts';
import { statRow, writeStat } from './file-stat.ts';

const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Directories kept open at once. */
const openDirectories = 64;

function errno(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function split(path: string): { parent: string; name: string } {
  const slash = path.lastIndexOf('/');
  return { parent: slash < 0 ? '' : path.slice(0, slash), name: path.slice(slash + 1) };
}

export class SafeWriter {
  readonly #root: string;
  readonly #viaDescriptors = existsSync('/proc/self/fd');
  readonly #open = new Map<string, { fd: number; base: string }>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Path by which entries of the directory can be named safely; makes missing directories when `create` is set. */
  #directory(path: string, create: boolean): string {
    const known = this.#open.get(path);
    if (known !== undefined) return known.base;
    const { parent, name } = split(path);
    const absolute = path === '' ? this.#root : join(this.#directory(parent, create), name);
    try {
      if (create && path === '') mkdirSync(absolute, { recursive: true });
      else if (create) {
        try {
          mkdirSync(absolute);
        } catch (error) {
          if (errno(error) !== 'EEXIST') throw error;
        }
      }
      if (!this.#viaDescriptors) {
        if (path !== '' && !lstatSync(absolute).isDirectory())
          throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
        this.#open.set(path, { fd: -1, base: absolute });
        return absolute;
      }
      const fd = openSync(absolute, path === '' ? constants.O_RDONLY | constants.O_DIRECTORY : directoryFlags);
      this.#makeRoom();
      const base = `/proc/self/fd/${fd}`;
      this.#open.set(path, { fd, base });
      return base;
    } catch (error) {
      if (errno(error) === 'ENOTDIR' || errno(error) === 'ELOOP') {
        throw new CodedError(
          'WOULD_OVERWRITE',
          `${path} is in the way: it is a file or a symbolic link where a directory is needed`,
          {
            hint: 'Move it away, then try again.',
            data: { path },
            cause: error,
          },
        );
      }
      throw systemError('cannot write', error, join(this.#root, path));
    }
  }

  /** Directories are opened parents first, so the oldest entries that nobody is using are deep ones of earlier files. */
  #makeRoom(): void {
    if (this.#open.size < openDirectories) return;
    for (const [path, { fd }] of this.#open) {
      if (path === '') continue;
      if (fd >= 0) closeSync(fd);
      this.#open.delete(path);
      if (this.#open.size < openDirectories / 2) return;
    }
  }

  close(): void {
    for (const { fd } of this.#open.values()) if (fd >= 0) closeSync(fd);
    this.#open.clear();
  }

  /** Writes one file and its stat, as row `row`; a file that replaces another takes the final name when it is whole. */
  #create({ path, executable, bytes }: FileToWrite, stats: Float64Array, row: number, replace: boolean): void {
    const { parent, name } = split(path);
    const base = this.#directory(parent, true);
    const target = `${base}/${name}`;
    const mode = executable ? 0o777 : 0o666;
    const temporary = replace ? `${base}/.cairn-${randomBytes(8).toString('hex')}.tmp` : target;
    let fd: number;
    try {
      fd = openSync(temporary, createFlags, mode);
    } catch (error) {
      if (!replace && errno(error) === 'EEXIST') {
        this.#create({ path, executable, bytes }, stats, row, true);
        return;
      }
      throw systemError('cannot write', error, join(this.#root, path));
    }
    try {
      writeAll(fd, bytes);
      if (replace) renameSync(temporary, target);
      writeStat(stats, row, fstatSync(fd));
    } catch (error) {
      try {
        unlinkSync(temporary);
      } catch {
        // The first error says what went wrong; a temporary file that cannot be removed either adds nothing to it.
      }
      if (errno(error) === 'EISDIR' || errno(error) === 'ENOTEMPTY') throw this.#inTheWay(path, error);
      throw systemError('cannot write', error, join(this.#root, path));
    } finally {
      closeSync(fd);
    }
  }

  #inTheWay(path: string, cause: unknown): CodedError {
    return new CodedError('WOULD_OVERWRITE', `${path} is a directory, and a file of that name is to be written`, {
      hint: 'Move the directory away, then try again.',
      data: { path },
      cause,
    });
  }

  writeFiles(files: readonly FileToWrite[]): Float64Array {
    const stats = new Float64Array(statColumns * files.length);
    for (const [row, file] of files.entries()) this.#create(file, stats, row, false);
    return stats;
  }

  async writeStream(path: string, executable: boolean, source: AsyncIterable<Uint8Array>): Promise<Float64Array> {
    const { parent, name } = split(path);
    // A stream may end in an error (a hash that does not match), so it never writes under the final name.
    const temporary = `.cairn-${randomBytes(8).toString('hex')}.tmp`;
    const whole = parent === '' ? temporary : `${parent}/${temporary}`;
    const fd = openSync(join(this.#directory(parent, true), temporary), createFlags, executable ? 0o777 : 0o666);
    try {
      for await (const chunk of source) writeAll(fd, chunk);
      const base = this.#directory(parent, true);
      renameSync(join(base, temporary), join(base, name));
      return statRow(fstatSync(fd));
    } catch (error) {
      this.removeFile(whole);
      if (errno(error) === 'EISDIR' || errno(error) === 'ENOTEMPTY') throw this.#inTheWay(path, error);
      throw systemError('cannot write', error, join(this.#root, path));
    } finally {
      closeSync(fd);
    }
  }

  writeLinked(path: string, from: string, how: 'hardlink' | 'reflink', executable: boolean): Float64Array {
    const { parent, name } = split(path);
    const base = this.#directory(parent, true);
    const temporary = join(base, `.cairn-${randomBytes(8).toString('hex')}.tmp`);
    try {
      if (how === 'hardlink') linkSync(from, temporary);
      else copyFileSync(from, temporary, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
      const fd = openSync(temporary, constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        // A hard link shares its inode with the store, so nobody may write to it.
        fchmodSync(fd, how === 'hardlink' ? 0o444 : executable ? 0o777 & ~process.umask() : 0o666 & ~process.umask());
        renameSync(temporary, join(base, name));
        return statRow(fstatSync(fd));
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      this.removeFile(parent === '' ? split(temporary).name : `${parent}/${split(temporary).name}`);
      if (errno(error) === 'EXDEV') {
        throw new CodedError(
          'BAD_ARGUMENT',
          `${path}: the store is on another file system, so the file cannot be linked`,
          {
            hint: 'Use --link copy.',
            cause: error,
          },
        );
      }
      throw systemError('cannot write', error, join(this.#root, path));
    }
  }

  writeLink(path: string, target: string): Float64Array {
    const { parent, name } = split(path);
    const base = this.#directory(parent, true);
    const temporary = join(base, `.cairn-${randomBytes(8).toString('hex')}.tmp`);
    try {
      symlinkSync(target, temporary);
      renameSync(temporary, join(base, name));
      return statRow(lstatSync(join(base, name)));
    } catch (error) {
      throw systemError('cannot write', error, join(this.#root, path));
    }
  }

  readLink(path: string): string {
    const { parent, name } = split(path);
    try {
      return readlinkSync(join(this.#directory(parent, false), name));
    } catch (error) {
      throw systemError('cannot write', error, join(this.#root, path));
    }
  }

  makeDirectory(path: string): void {
    this.#directory(path, true);
  }

  /** Removes one file or link; one that is not there is fine. */
  removeFile(path: string): void {
    const { parent, name } = split(path);
    try {
      unlinkSync(join(this.#directory(parent, false), name));
    } catch (error) {
      if (errno(error) === 'ENOENT' || errno((error as Error).cause) === 'ENOENT') return;
      throw systemError('cannot write', error, join(this.#root, path));
    }
  }

  /** Removes a directory and its parents as long as they are empty. */
  removeEmptyDirectories(path: string): void {
    for (let at = path; at !== ''; at = split(at).parent) {
      const { parent, name } = split(at);
      const known = this.#open.get(at);
      if (known !== undefined) {
        if (known.fd >= 0) closeSync(known.fd);
        this.#open.delete(at);
      }
      try {
        rmdirSync(join(this.#directory(parent, false), name));
      } catch (error) {
        const code = errno(error) ?? errno((error as Error).cause);
        if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT') return;
        throw systemError('cannot write', error, join(this.#root, at));
      }
    }
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
}
