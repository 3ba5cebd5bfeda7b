/**
 * Objects in a directory of a local file system: `objects/`, `records/`, `packs/`, `quarantine/`, and `tmp/` for what is
 * being written. Every visible file is whole, durable and never changed; its mode is read-only to say so.
 *
 * Small work is synchronous inside, large writes and reads overlap with the caller's hashing. Every failure is a
 * `CodedError` with the system's error as its cause; only ENOENT is "not found".
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { toHex } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import { systemError, systemErrorCode } from '../../core/system-error.ts';
import type { ObjectBackend } from '../../ports/object-backend.ts';
import type { Random } from '../../ports/system.ts';
import { syncDirectory } from './durable-write.ts';
import { isObjectNotFound, notAFile, readError } from './object-errors.ts';
import { listNames, sweepTemporary } from './object-listing.ts';
import { objectPath, quarantineFolder } from './object-names.ts';
import { readRange, streamRange } from './object-reading.ts';
import { openPacks } from './open-packs.ts';
import { placeFile, unlinkIfThere } from './place-file.ts';
import { stagedPuts } from './staged-puts.ts';

export interface FsObjectBackendOptions {
  /** Directory that holds `objects/`, `records/`, `packs/` and `tmp/`. */
  readonly root: string;
  /** Refuses every write with READ_ONLY before it touches the disk. */
  readonly readOnly?: boolean;
  /** For names of temporary files. The system's by default. */
  readonly random?: Random;
}

export interface FsObjectBackend extends ObjectBackend {
  /** Closes the descriptors that are kept for reading. The backend can still be used; it opens them again. */
  close(): Promise<void>;
}

function systemBytes(count: number): Uint8Array {
  return process.getBuiltinModule('node:crypto').randomBytes(count);
}

export function openFsObjectBackend(options: FsObjectBackendOptions): FsObjectBackend {
  const { readOnly = false } = options;
  const root = resolve(options.root);
  const randomBytes = options.random?.bytes ?? systemBytes;
  const randomName = (): string => toHex(randomBytes(12));
  const puts = stagedPuts(root, randomName);
  const packs = openPacks();

  function refuseReadOnly(): void {
    if (!readOnly) return;
    throw new CodedError('READ_ONLY', `the store at ${root} is open for reading only`, { data: { path: root } });
  }

  /** Also after ENOENT: an earlier removal may have died before this. */
  function syncParent(path: string): void {
    try {
      syncDirectory(dirname(path));
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
  }

  return {
    async put(name, source) {
      refuseReadOnly();
      return await puts.put(name, source);
    },
    settle: puts.settle,
    abandon: puts.abandon,

    async *get(name, range) {
      yield* streamRange(objectPath(root, name), name, range);
    },
    async read(name, range) {
      return readRange(objectPath(root, name), name, range, packs);
    },
    async stat(name) {
      const path = objectPath(root, name);
      try {
        const stat = statSync(path);
        if (!stat.isFile()) throw notAFile(path);
        return { size: stat.size, modifiedMs: stat.mtimeMs };
      } catch (error) {
        throw readError(name, path, error);
      }
    },
    async *list(prefix) {
      yield* listNames(root, prefix);
    },

    async remove(name) {
      refuseReadOnly();
      const path = objectPath(root, name);
      packs.drop(path);
      try {
        unlinkIfThere(path);
        syncParent(path);
      } catch (error) {
        throw systemError('cannot remove', error, path);
      }
    },

    async quarantine(name) {
      refuseReadOnly();
      const path = objectPath(root, name);
      const aside = `${quarantineFolder}/${name.replaceAll('/', '_')}.${randomName()}`;
      const target = objectPath(root, aside);
      packs.drop(path);
      try {
        statSync(path);
      } catch (error) {
        throw readError(name, path, error);
      }
      try {
        mkdirSync(dirname(target), { recursive: true });
        placeFile(path, target, randomName);
        for (const directory of [dirname(target), root, dirname(path)]) syncDirectory(directory);
      } catch (error) {
        throw systemError('cannot quarantine', error, path);
      }
      return aside;
    },

    async sweepTemporary(olderThanMs) {
      refuseReadOnly();
      return sweepTemporary(root, olderThanMs, puts.owns);
    },
    localPath: (name) => objectPath(root, name),
    isNotFound: isObjectNotFound,

    async close() {
      packs.close();
    },
  };
}
