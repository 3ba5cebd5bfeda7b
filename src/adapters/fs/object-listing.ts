/** The names below the store's root in bytewise order, and the temporary files that killed writers left. */
import { lstatSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemError, systemErrorCode } from '../../core/system-error.ts';
import type { BackendEntry } from '../../ports/object-backend.ts';
import { temporaryPrefix } from './durable-write.ts';
import { isNameSegment, objectFolders } from './object-names.ts';
import { unlinkIfThere } from './place-file.ts';

interface Entry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** Entries of a directory in the order of the full names below it; nothing where the directory does not exist. */
function readFolder(path: string): Entry[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .map((entry) => ({
        name: entry.name,
        isDirectory:
          entry.isDirectory() ||
          (entry.isSymbolicLink() &&
            statSync(join(path, entry.name), { throwIfNoEntry: false })?.isDirectory() === true),
      }))
      .sort((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw systemError('cannot list', error, path);
  }
}

/** `ab/` sorts behind `ab-c`: what follows in the full name is a slash. Names are ASCII, so this is bytewise. */
function sortKey(entry: Entry): string {
  return entry.isDirectory ? `${entry.name}/` : entry.name;
}

export function* listNames(root: string, prefix: string): Generator<BackendEntry> {
  function* walk(folder: string): Generator<BackendEntry> {
    for (const entry of readFolder(join(root, folder))) {
      const name = `${folder}/${entry.name}`;
      // What is no name is no object: temporary files, and what people put there.
      if (!isNameSegment(entry.name)) continue;
      if (entry.isDirectory) {
        const below = `${name}/`;
        if (below.startsWith(prefix) || prefix.startsWith(below)) yield* walk(name);
        continue;
      }
      if (!name.startsWith(prefix)) continue;
      // Undefined when it was removed meanwhile, and then it is not visible any more.
      const stat = statOf(join(root, name));
      if (stat !== undefined) yield { name, ...stat };
    }
  }
  for (const folder of objectFolders) {
    if (`${folder}/`.startsWith(prefix) || prefix.startsWith(`${folder}/`)) yield* walk(folder);
  }
}

function statOf(path: string): { size: number; modifiedMs: number } | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat && { size: stat.size, modifiedMs: stat.mtimeMs };
  } catch (error) {
    throw systemError('cannot read', error, path);
  }
}

/**
 * Every temporary file, but for those in directories: those under `tmp/`, those of durable writes in the root, and those beside the objects of a folder
 * on another file system.
 */
function* temporaryFiles(root: string): Generator<string> {
  const folder = join(root, 'tmp');
  for (const entry of readFolder(folder)) if (!entry.isDirectory) yield join(folder, entry.name);
  for (const entry of readFolder(root)) {
    if (!entry.isDirectory && entry.name.startsWith(temporaryPrefix)) yield join(root, entry.name);
  }
  const device = deviceOf(root);
  for (const name of objectFolders) {
    const path = join(root, name);
    const other = deviceOf(path);
    if (other !== undefined && other !== device) yield* besideObjects(path);
  }
}

function* besideObjects(folder: string): Generator<string> {
  for (const entry of readFolder(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* besideObjects(path);
    else if (entry.name.startsWith(temporaryPrefix)) yield path;
  }
}

function deviceOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.dev;
  } catch (error) {
    throw systemError('cannot read', error, path);
  }
}

/** Directories of a DuckDB (adapters/duckdb/instance.ts): gigabytes of use to nobody once their process is gone. */
const enginePrefix = 'duckdb-';
const enginesKeptMs = 24 * 3_600_000;

/** Removes the directories of DuckDB in which nothing was written for a day. Returns the bytes freed. */
function sweepEngineDirectories(root: string, nowMs: number): number {
  let freed = 0;
  const folder = join(root, 'tmp');
  for (const { name, isDirectory } of readFolder(folder)) {
    const path = join(folder, name);
    try {
      if (!isDirectory || !name.startsWith(enginePrefix)) continue;
      if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
      const stats = ['', ...readdirSync(path, { recursive: true, encoding: 'utf8' })].flatMap(
        (below) => lstatSync(join(path, below), { throwIfNoEntry: false }) ?? [],
      );
      if (stats.some(({ mtimeMs }) => mtimeMs > nowMs - enginesKeptMs)) continue;
      rmSync(path, { recursive: true, force: true });
      freed += stats.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
    } catch (error) {
      throw systemError('cannot remove', error, path);
    }
  }
  return freed;
}

/**
 * Removes temporary files that were not written for `olderThanMs`, but for those that `keep` names, and directories of
 * DuckDB that were not for a day. Returns the bytes freed.
 */
export function sweepTemporary(root: string, olderThanMs: number, keep: (path: string) => boolean): number {
  // Compared with times that the file system gave, so it is the system's own clock that counts.
  const nowMs = Date.now();
  const beforeMs = nowMs - olderThanMs;
  let freed = sweepEngineDirectories(root, nowMs);
  for (const path of temporaryFiles(root)) {
    if (keep(path)) continue;
    try {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat === undefined || stat.mtimeMs > beforeMs) continue;
      unlinkIfThere(path);
      if (stat.nlink === 1) freed += stat.size;
    } catch (error) {
      throw systemError('cannot remove', error, path);
    }
  }
  return freed;
}
