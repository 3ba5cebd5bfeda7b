/**
 * Finding the `.cairn` directory of a place, and the store behind it: where `CAIRN_DIR` says, else the store that
 * `ARTIFACT_MANIFEST_DB` and `ARTIFACTS_ROOT` name by what lies in it, else upwards from the working directory.
 */
import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CodedError } from '../core/errors.ts';
import { systemError } from '../core/system-error.ts';
import { type Config, readConfig } from './config.ts';
import type { Environment } from './environment.ts';

export const cairnFolder = '.cairn';

export interface Located {
  /** The `.cairn` directory of the workspace. */
  readonly directory: string;
  readonly config: Config;
  /** Where objects and manifest are; the same directory unless the store lies elsewhere. */
  readonly storeDirectory: string;
  readonly storeConfig: Config;
}

export function locateIn(directory: string): Located | undefined {
  const config = readConfig(directory);
  if (config === undefined) return undefined;
  if (config.store === undefined) return { directory, config, storeDirectory: directory, storeConfig: config };
  const storeConfig = readConfig(config.store);
  if (storeConfig === undefined) {
    throw new CodedError('NO_STORE', `the store of this workspace is gone: ${config.store}`, {
      hint: `Mount or restore it, or correct "store" in ${join(directory, 'config.json')}.`,
      data: { store: config.store },
    });
  }
  return { directory, config, storeDirectory: config.store, storeConfig };
}

type Places = Pick<Environment, 'directory' | 'manifestFile' | 'objectDirectory'>;

const manifestName = 'manifest.sqlite';
const sqliteMagic = 'SQLite format 3\0';

/** Whether this is a SQLite database, whosever it is. */
function isDatabase(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw systemError('cannot read', error, path);
  }
  try {
    const head = Buffer.alloc(sqliteMagic.length);
    return readSync(file, head, 0, head.length, 0) === head.length && head.toString('latin1') === sqliteMagic;
  } catch (error) {
    if ((error as { code?: string }).code === 'EISDIR') return false;
    throw systemError('cannot read', error, path);
  } finally {
    closeSync(file);
  }
}

/** The store of a manifest file. Throws MANIFEST_CORRUPT for a database of another program, NO_STORE for anything else. */
function storeOfManifest(path: string, given: string): string {
  const directory = dirname(path);
  if (basename(path) === manifestName && readConfig(directory)?.storeId !== undefined) return directory;
  if (isDatabase(path)) {
    throw new CodedError('MANIFEST_CORRUPT', `ARTIFACT_MANIFEST_DB is a database, but no manifest of cairn: ${given}`, {
      hint: `Name the file ${manifestName} in the directory of a store.`,
      data: { path },
    });
  }
  throw new CodedError('NO_STORE', `ARTIFACT_MANIFEST_DB is no manifest of a store: ${given}`, {
    hint: `Name the file ${manifestName} in the directory of a store; \`cairn init\` makes one.`,
    data: { path },
  });
}

/** The store of an object directory, or of the directory that holds it. Throws NO_STORE. */
function storeOfObjects(path: string, given: string): string {
  for (const directory of basename(path) === 'objects' ? [dirname(path), path] : [path])
    if (readConfig(directory)?.storeId !== undefined) return directory;
  throw new CodedError('NO_STORE', `ARTIFACTS_ROOT is no object directory of a store: ${given}`, {
    hint: 'Name the directory "objects" of a store; `cairn init` makes one.',
    data: { directory: path },
  });
}

/** The store that the variables of pipelines name; undefined when none is set. */
function namedStore(cwd: string, { manifestFile, objectDirectory }: Places): string | undefined {
  const byManifest = manifestFile === undefined ? undefined : storeOfManifest(resolve(cwd, manifestFile), manifestFile);
  const byObjects =
    objectDirectory === undefined ? undefined : storeOfObjects(resolve(cwd, objectDirectory), objectDirectory);
  if (byManifest === undefined || byObjects === undefined) return byManifest ?? byObjects;
  if (realpathSync(byManifest) === realpathSync(byObjects)) return byManifest;
  throw new CodedError('BAD_ARGUMENT', 'ARTIFACT_MANIFEST_DB and ARTIFACTS_ROOT name two different stores', {
    hint: 'Set one of them; it says where the other is.',
    data: { manifest: byManifest, objects: byObjects },
  });
}

function searchUpwards(cwd: string): Located | undefined {
  for (let at = resolve(cwd); ; at = dirname(at)) {
    const found = locateIn(join(at, cairnFolder));
    if (found !== undefined) return found;
    if (dirname(at) === at) return undefined;
  }
}

/** Throws NO_STORE, and MANIFEST_CORRUPT for a database that is not ours. */
export function locate(cwd: string, places: Places): Located {
  const given = places.directory;
  if (given !== undefined) {
    const found = locateIn(resolve(cwd, given)) ?? locateIn(join(resolve(cwd, given), cairnFolder));
    if (found !== undefined) return found;
    throw new CodedError('NO_STORE', `CAIRN_DIR is no cairn directory: ${given}`, {
      hint: 'Make one with `cairn init`.',
      data: { directory: given },
    });
  }
  const named = namedStore(cwd, places);
  const around = searchUpwards(cwd);
  if (named !== undefined) {
    // A workspace over that very store stays what it is.
    if (around !== undefined && realpathSync(around.storeDirectory) === realpathSync(named)) return around;
    return locateIn(named) as Located;
  }
  if (around !== undefined) return around;
  throw new CodedError('NO_STORE', `no cairn store in ${cwd} or in any directory above it`, {
    hint: 'Make one with `cairn init`.',
    data: { cwd },
  });
}
