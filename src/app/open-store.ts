/** Opening what a command or a program works on: the store of a place, and the workspace where there is one. */
import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { openUpkeepNotes } from '../adapters/fs/upkeep-notes.ts';
import { systemRandom } from '../adapters/node/system-random.ts';
import { CodedError } from '../core/errors.ts';
import { parseRelativePath } from '../core/names.ts';
import type { Progress } from '../ports/system.ts';
import type { TableReader } from '../ports/tables.ts';
import type { UpkeepNotes } from '../ports/upkeep-notes.ts';
import type { StoreContext, WorkspaceContext } from '../store/context.ts';
import { type Env, readEnvironment } from './environment.ts';
import { type GovernancePorts, governancePorts } from './governance-ports.ts';
import { lazyTables } from './lazy-tables.ts';
import { cairnFolder, type Located, locate } from './locate.ts';
import { type QueryPorts, queryPorts } from './query-ports.ts';
import { temporaryDirectory, wireStore, wireWorkspace } from './wiring.ts';

export interface OpenOptions {
  /** Where to look from. */
  readonly cwd: string;
  readonly env: Env;
  readonly progress: Progress;
  readonly allowSecretLike?: boolean | undefined;
}

interface Opened extends QueryPorts, GovernancePorts {
  readonly notes: UpkeepNotes;
  readonly tables: TableReader;
  /** The `.cairn` directory, and the one that holds objects and manifest. */
  readonly directory: string;
  readonly storeDirectory: string;
  readonly located: Located;
  readonly cwd: string;
  /** The current directory relative to the workspace's root: '' or 'a/b'. */
  readonly prefix: string;
  close(): Promise<void>;
}

export type OpenStore = StoreContext & Partial<Pick<WorkspaceContext, 'state' | 'files'>> & Opened;
export type OpenWorkspace = WorkspaceContext & Opened & { readonly root: string };

/** A workspace is the directory in which `.cairn` lies; a bare store directory has none. */
function workspaceRoot(located: Located): string | undefined {
  return located.directory.endsWith(`${sep}${cairnFolder}`) ? dirname(located.directory) : undefined;
}

function prefixIn(root: string, cwd: string): string {
  const inside = relative(realpathSync(root), realpathSync(cwd));
  return inside.startsWith('..') || isAbsolute(inside) ? '' : inside.split(sep).join('/');
}

export function noWorkspace(directory: string): CodedError {
  return new CodedError('NO_WORKSPACE', `${directory} is a store without a workspace`, {
    hint: 'Make a workspace over it: `cairn init --store <path>` in a directory of your own.',
  });
}

async function open(options: OpenOptions, needsWorkspace: boolean): Promise<OpenStore> {
  const environment = readEnvironment(options.env);
  const located = locate(options.cwd, environment);
  const root = workspaceRoot(located);
  if (root === undefined && needsWorkspace) {
    throw noWorkspace(located.directory);
  }
  const store = await wireStore(located, environment, {
    progress: options.progress,
    allowSecretLike: options.allowSecretLike === true,
  });
  const wired = root === undefined ? store : wireWorkspace(store, located, root, environment);
  const tables = lazyTables(temporaryDirectory(located.storeDirectory));
  const opened: Opened & { root?: string } = {
    directory: located.directory,
    storeDirectory: located.storeDirectory,
    located,
    cwd: options.cwd,
    prefix: root === undefined ? '' : prefixIn(root, options.cwd),
    close: async () => {
      try {
        await tables.close();
      } finally {
        await wired.close();
      }
    },
    notes: openUpkeepNotes({ directory: located.storeDirectory, random: systemRandom() }),
    ...queryPorts(located.storeDirectory),
    ...governancePorts(root ?? located.storeDirectory, environment.variables['PATH']),
    tables,
    ...(root === undefined ? {} : { root }),
  };
  return Object.defineProperties(opened as unknown as OpenStore, Object.getOwnPropertyDescriptors(wired.context));
}

/** The store of this directory or of one above it. Throws NO_STORE, NEWER_STORE, MANIFEST_CORRUPT. */
export function openStore(options: OpenOptions): Promise<OpenStore> {
  return open(options, false);
}

/** The workspace of this directory, with its store. Throws NO_WORKSPACE besides. */
export async function openWorkspace(options: OpenOptions): Promise<OpenWorkspace> {
  return (await open(options, true)) as OpenWorkspace;
}

/**
 * A path as a user typed it, as a workspace path: relative to the current directory, '' for the root. Throws BAD_PATH for a
 * path outside of the workspace.
 */
export function workspacePath(opened: { readonly root?: string; readonly cwd: string }, text: string): string {
  if (text === '') throw new CodedError('BAD_PATH', 'a path is empty');
  const root = opened.root ?? opened.cwd;
  // The parent directories may be spelled through links; the last name is taken as it is, since it may itself be a link.
  const absolute = resolve(opened.cwd, text);
  const inside = insideOf(root, absolute) ?? insideOf(realpathSync(root), throughLinks(absolute));
  if (inside === undefined) {
    throw new CodedError('BAD_PATH', `${text} is outside of the workspace ${root}`, {
      hint: 'Only files below the directory that holds .cairn can be stored.',
      data: { path: text },
    });
  }
  return inside === '' ? '' : parseRelativePath(inside.split(sep).join('/')).join('/');
}

function insideOf(root: string, absolute: string): string | undefined {
  const inside = relative(root, absolute);
  return inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) ? undefined : inside;
}

/** The path with its existing parent directories resolved. */
function throughLinks(absolute: string): string {
  for (let at = dirname(absolute); ; at = dirname(at)) {
    try {
      return resolve(realpathSync(at), relative(at, absolute));
    } catch {
      if (dirname(at) === at) return absolute; // nothing of it exists
    }
  }
}
