/**
 * The one place where adapters are put behind ports. Plain functions and frozen values; nothing is registered, nothing is
 * looked up.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { durableWrite } from '../adapters/fs/durable-write.ts';
import { openFileEventLog } from '../adapters/fs/file-event-log.ts';
import { openFsObjectBackend } from '../adapters/fs/fs-object-backend.ts';
import { openWorkspaceFiles } from '../adapters/fs/workspace-files.ts';
import { gitState } from '../adapters/git/code-state.ts';
import { nativeCodec } from '../adapters/node/native-codec.ts';
import { fixedClock, systemClock } from '../adapters/node/system-clock.ts';
import { systemRandom } from '../adapters/node/system-random.ts';
import { openSqliteManifest } from '../adapters/sqlite/sqlite-manifest.ts';
import { openStoreLock } from '../adapters/sqlite/store-lock.ts';
import { openWorkspaceState } from '../adapters/sqlite/workspace-state.ts';
import { toHex } from '../core/bytes.ts';
import { CodedError } from '../core/errors.ts';
import { parseDuration } from '../core/time.ts';
import type { Manifest } from '../ports/manifest.ts';
import type { Progress } from '../ports/system.ts';
import type { Author, StoreContext, WorkspaceContext } from '../store/context.ts';
import type { Environment } from './environment.ts';
import { lazyPorts } from './lazy-ports.ts';
import type { Located } from './locate.ts';
import { programVersion } from './version.ts';

export const manifestFile = 'manifest.sqlite';

export interface Wired<Context> {
  readonly context: Context;
  close(): Promise<void>;
}

/** Where the SQL files lie: beside dist/ in a package, beside src/ in a checkout. */
export function migrationsDirectory(): string {
  const here = fileURLToPath(import.meta.url);
  const levels = here.endsWith('.cjs') ? '../..' : '../../..';
  return resolve(here, levels, 'migrations/sqlite');
}

export function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false; // for whatever reason: then it is only read
  }
}

/** Where files of a command lie while it runs: in the store, or with the system where the store can only be read. */
export function temporaryDirectory(storeDirectory: string): string {
  return isWritable(storeDirectory) ? join(storeDirectory, 'tmp') : tmpdir();
}

function waitLimit(located: Located): number | undefined {
  const text = located.config.settings?.['lock.wait'] ?? located.storeConfig.settings?.['lock.wait'];
  return text === undefined ? undefined : parseDuration(text);
}

function settledAuthor(environment: Environment, located: Located): Author {
  if (environment.author !== undefined) return environment.author;
  const settings = { ...located.storeConfig.settings, ...located.config.settings };
  const name = settings['actor.name'];
  if (name !== undefined) return { name, mail: settings['actor.mail'] ?? '' };
  throw new CodedError('BAD_ARGUMENT', 'nobody is named as the author', {
    hint: 'Set one: `cairn config set actor.name "Ada Lovelace"` and `cairn config set actor.mail ada@example.org`.',
  });
}

/** Opens a manifest file; reindex uses it for the new one beside the old. */
export function openManifest(
  path: string,
  storeDirectory: string,
  options: { readOnly: boolean; waitMs?: number | undefined; note: (line: string) => void },
): Promise<Manifest> {
  return openSqliteManifest({
    path,
    migrationsDir: migrationsDirectory(),
    log: openFileEventLog({ directory: join(storeDirectory, 'log') }),
    readOnly: options.readOnly,
    waitMs: options.waitMs,
    onWait: options.note,
    note: options.note,
  });
}

export interface WireOptions {
  readonly progress: Progress;
  readonly allowSecretLike: boolean;
}

/**
 * A manifest that is missing beside a log that is not empty was lost. Opening would make an empty one, which would say
 * that there are no runs, and whose first write would cut the log to nothing.
 */
async function refuseLostManifest(storeDirectory: string): Promise<void> {
  const path = join(storeDirectory, manifestFile);
  if (existsSync(path)) return;
  const end = await openFileEventLog({ directory: join(storeDirectory, 'log') }).end();
  if (end.segment === 1 && end.length === 0) return;
  throw new CodedError('MANIFEST_CORRUPT', `the manifest ${path} is missing, and the log says that there was one`, {
    hint: 'Build it again from the records and the log: `cairn reindex`.',
    data: { path },
  });
}

export async function wireStore(
  located: Located,
  environment: Environment,
  options: WireOptions,
): Promise<Wired<StoreContext>> {
  const { storeDirectory } = located;
  await refuseLostManifest(storeDirectory);
  const readOnly = !isWritable(storeDirectory);
  const note = (line: string): void => options.progress.note(line);
  const waitMs = waitLimit(located);
  const random = systemRandom();
  const backend = openFsObjectBackend({ root: storeDirectory, readOnly, random });
  const lock = openStoreLock({ path: join(storeDirectory, 'locks.sqlite'), waitMs, onWait: note, random, readOnly });
  const manifest = await openManifest(join(storeDirectory, manifestFile), storeDirectory, { readOnly, waitMs, note });
  const context: StoreContext = {
    storeId: located.storeConfig.storeId ?? '',
    backend,
    manifest,
    log: openFileEventLog({ directory: join(storeDirectory, 'log') }),
    lock,
    codec: nativeCodec(),
    clock: environment.fixedTimeMs === undefined ? systemClock() : fixedClock(environment.fixedTimeMs),
    random,
    progress: options.progress,
    // Only those who write need one, so it is asked for only then.
    get author() {
      return settledAuthor(environment, located);
    },
    writer: { name: 'cairn', version: programVersion() },
    allowSecretLike: options.allowSecretLike,
  };
  return {
    context,
    async close() {
      await manifest.close();
      await lock.close();
      await backend.close();
    },
  };
}

/** `root` is the directory of the user's files. */
export function wireWorkspace(
  store: Wired<StoreContext>,
  located: Located,
  root: string,
  environment: Environment,
): Wired<WorkspaceContext> {
  const { directory } = located;
  const random = systemRandom();
  const state = openWorkspaceState({
    dir: directory,
    createId: () => toHex(random.bytes(16)),
    writeText: (path, text) => durableWrite(path, text, { random }),
    readOnly: !isWritable(directory),
  });
  const probeDirectory = join(directory, 'tmp');
  const context: WorkspaceContext = Object.defineProperties(
    {
      files: openWorkspaceFiles({ root, probeDirectory }),
      filesAt: (place: string) => openWorkspaceFiles({ root: place, probeDirectory }),
      state,
      stage: environment.stage,
      codeState: () => gitState(root),
      variables: environment.variables,
      ...lazyPorts({ root, temporary: probeDirectory, clock: store.context.clock }),
    } as unknown as WorkspaceContext,
    // Not a spread: that would ask for the author.
    Object.getOwnPropertyDescriptors(store.context),
  );
  return {
    context,
    async close() {
      await state.close();
      await store.close();
    },
  };
}
