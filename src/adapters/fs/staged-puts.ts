/**
 * What was put and is not settled yet: temporary files under `tmp/`, each with the name it is to have.
 *
 * Order of durability: all bytes of all files synced, then every file moved to its name, then every directory on the way
 * to it synced. A crash before the moves leaves only temporary files; a crash between them leaves some of the objects,
 * whole. A file whose sync failed is dropped and `settle` keeps failing until `abandon`: the system may report such a
 * failure only once and then call the lost pages clean.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { CodedError } from '../../core/errors.ts';
import { systemError, systemErrorCode } from '../../core/system-error.ts';
import type { PutName } from '../../ports/object-backend.ts';
import { syncDirectory } from './durable-write.ts';
import { objectPath, quarantineFolder } from './object-names.ts';
import { placeFile, sizeIfThere, unlinkIfThere } from './place-file.ts';
import { syncData, writeChunks } from './ring-writer.ts';

/** Descriptors kept open for `settle`. When there are more, this many of the oldest are synced and closed at once. */
const openLimit = 64;
const openBatch = 32;

interface Staged {
  readonly name: string;
  readonly temporary: string;
  readonly size: number;
  readonly fd: number;
  /** Settles when the file is synced and closed; undefined while nobody has asked for that. */
  synced: Promise<void> | undefined;
}

export interface StagedPuts {
  put(name: PutName, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number>;
  settle(): Promise<void>;
  abandon(): Promise<void>;
  /** True for a temporary file that this process still needs. */
  owns(temporary: string): boolean;
}

export function stagedPuts(root: string, randomName: () => string): StagedPuts {
  const temporaryFolder = join(root, 'tmp');
  const staged = new Map<string, Staged>();
  const writing = new Set<string>();
  /** Staged files that are still open, oldest first. */
  let open: Staged[] = [];
  /** Directories that got names which are not durable yet. */
  const unsynced = new Set<string>();
  let lost: CodedError | undefined;
  let settling: Promise<void> = Promise.resolve();

  function openTemporary(): { temporary: string; fd: number } {
    const temporary = join(temporaryFolder, randomName());
    try {
      return { temporary, fd: openSync(temporary, 'wx', 0o444) };
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw systemError('cannot write', error, temporary);
    }
    try {
      mkdirSync(temporaryFolder, { recursive: true });
      return { temporary, fd: openSync(temporary, 'wx', 0o444) };
    } catch (error) {
      throw systemError('cannot write', error, temporary);
    }
  }

  function targetOf(name: string): string {
    const target = objectPath(root, name);
    if (name.startsWith(`${quarantineFolder}/`)) {
      throw new CodedError('BAD_PATH', `nothing is put into ${quarantineFolder}/: ${name}`, { data: { name } });
    }
    return target;
  }

  /**
   * Size of what already answers to a name, visible or waiting. What is visible is whole, but the process that put it may
   * not have synced the directories yet, and this one is about to rely on it.
   */
  function sizeOf(name: string): number | undefined {
    const waiting = staged.get(name);
    if (waiting !== undefined) return waiting.size;
    const target = targetOf(name);
    try {
      const size = sizeIfThere(target);
      if (size !== undefined) for (const directory of directoriesOf(target)) unsynced.add(directory);
      return size;
    } catch (error) {
      throw systemError('cannot read', error, target);
    }
  }

  /** Syncs and closes a file once, however many ask for it. A failure is kept in `lost`. */
  function syncAndClose(file: Staged): Promise<void> {
    file.synced ??= syncData(file.fd)
      .catch((error: unknown) => {
        lost ??= systemError('cannot write', error, file.temporary);
        if (staged.get(file.name) === file) staged.delete(file.name);
        unlinkIfThere(file.temporary);
      })
      .finally(() => closeSync(file.fd));
    return file.synced;
  }

  async function put(name: PutName, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
    if (typeof name === 'string') targetOf(name);
    const { temporary, fd } = openTemporary();
    writing.add(temporary);
    let keep = false;
    try {
      const size = await writeChunks(fd, source, (error) => systemError('cannot write', error, temporary));
      const finalName = typeof name === 'string' ? name : name();
      const known = sizeOf(finalName);
      if (known !== undefined) return known;
      const file: Staged = { name: finalName, temporary, size, fd, synced: undefined };
      staged.set(finalName, file);
      open.push(file);
      keep = true;
      if (open.length > openLimit) await Promise.all(open.splice(0, openBatch).map(syncAndClose));
      return size;
    } finally {
      writing.delete(temporary);
      if (!keep) {
        closeSync(fd);
        unlinkIfThere(temporary);
      }
    }
  }

  /** Every directory from the object up to the root: another process may have made one and not have synced it yet. */
  function directoriesOf(target: string): string[] {
    const directories: string[] = [];
    for (let path = dirname(target); relative(root, path).split(sep)[0] !== '..'; path = dirname(path)) {
      directories.push(path);
      if (path === root) break;
    }
    return directories;
  }

  async function settleNow(): Promise<void> {
    const files = [...staged.values()];
    open = [];
    await Promise.all(files.map(syncAndClose));
    if (lost !== undefined) throw lost;
    for (const file of files) {
      const target = objectPath(root, file.name);
      try {
        if (placeFile(file.temporary, target, randomName) === 'taken') dropDuplicate(file, target);
      } catch (error) {
        throw systemError('cannot write', error, target);
      }
      staged.delete(file.name);
      for (const directory of directoriesOf(target)) unsynced.add(directory);
    }
    for (const directory of unsynced) {
      try {
        syncDirectory(directory);
        unsynced.delete(directory);
      } catch (error) {
        throw systemError('cannot sync', error, directory);
      }
    }
  }

  /** Another process settled the name meanwhile. Its bytes are the same, unless one of the two is damaged. */
  function dropDuplicate(file: Staged, target: string): void {
    const size = sizeIfThere(target);
    if (size !== file.size) {
      throw new CodedError('OBJECT_CORRUPT', `${file.name} has ${file.size} bytes here and ${size} in the store`, {
        hint: 'Run the command again; when it fails again, run `cairn fsck`.',
        data: { name: file.name, size: file.size, stored: size },
      });
    }
    unlinkIfThere(file.temporary);
  }

  async function abandonNow(): Promise<void> {
    open = [];
    for (const file of [...staged.values()]) {
      staged.delete(file.name);
      if (file.synced === undefined) closeSync(file.fd);
      else await file.synced;
      try {
        unlinkIfThere(file.temporary);
      } catch (error) {
        throw systemError('cannot remove', error, file.temporary);
      }
    }
    // Last: a sync that was under way may have failed just now, of a file that is dropped anyway.
    lost = undefined;
  }

  /** One settle or abandon at a time. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const next = settling.then(work, work);
    settling = next.catch(() => undefined);
    return next;
  }

  return {
    put,
    settle: () => inTurn(settleNow),
    abandon: () => inTurn(abandonNow),
    owns: (path) => writing.has(path) || [...staged.values()].some((file) => file.temporary === path),
  };
}
