/**
 * `reindex` over the files of a store: the new manifest is built in a file beside the old one, which is renamed out of the
 * way only when the new one is whole. The old one is kept until the next time; a kill between the two renames leaves a
 * store without a manifest file, which is refused by everything but the next reindex.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from '../adapters/fs/durable-write.ts';
import { openFileEventLog } from '../adapters/fs/file-event-log.ts';
import { openFsObjectBackend } from '../adapters/fs/fs-object-backend.ts';
import { nativeCodec } from '../adapters/node/native-codec.ts';
import { fixedClock, systemClock } from '../adapters/node/system-clock.ts';
import { systemRandom } from '../adapters/node/system-random.ts';
import { openStoreLock } from '../adapters/sqlite/store-lock.ts';
import { openWorkspaceState } from '../adapters/sqlite/workspace-state.ts';
import { toHex } from '../core/bytes.ts';
import type { BlobId } from '../core/ids.ts';
import { systemError } from '../core/system-error.ts';
import { type ManifestSwap, type ReindexOptions, type ReindexResult, reindexStore } from '../store/upkeep/reindex.ts';
import { readEnvironment } from './environment.ts';
import { type Located, locate } from './locate.ts';
import type { OpenOptions } from './open-store.ts';
import { manifestFile, openManifest } from './wiring.ts';

export interface RebuildResult extends ReindexResult {
  /** Path of the old manifest, which is kept until the next rebuild; undefined when there was none. */
  readonly previous: string | undefined;
}

/** A database with its log of writes and its shared memory. */
const parts = ['', '-wal', '-shm'] as const;

function removeDatabase(path: string): void {
  for (const part of parts) rmSync(path + part, { force: true });
}

function fileSwap(storeDirectory: string, fresh: ManifestSwap['fresh'], freshPath: string): ManifestSwap {
  const path = join(storeDirectory, manifestFile);
  return {
    fresh,
    async commit() {
      await fresh.close();
      try {
        const fd = openSync(freshPath, 'r');
        fsyncSync(fd);
        closeSync(fd);
        removeDatabase(`${path}.replaced`);
        // The old log of writes must be out of the way before the new file has the name that it belongs to.
        for (const part of parts) if (existsSync(path + part)) renameSync(path + part, `${path}.replaced${part}`);
        renameSync(freshPath, path);
        syncDirectory(storeDirectory);
      } catch (error) {
        throw systemError('cannot replace', error, path);
      }
    },
    async discard() {
      await fresh.close();
      removeDatabase(freshPath);
    },
  };
}

/** What the staging areas of this place's workspace need. Other workspaces over the store stage again with their next add. */
async function stagedHere(located: Located): Promise<NonNullable<ReindexOptions['staged']>> {
  const state = openWorkspaceState({
    dir: located.directory,
    createId: () => toHex(systemRandom().bytes(16)),
    writeText: async () => undefined,
    readOnly: true,
  });
  try {
    const staged: { stage: string; ids: BlobId[] }[] = [];
    for (const stage of await state.stages()) {
      const ids = (await state.staged(stage)).flatMap((entry) =>
        entry.blob === undefined ? [] : [entry.blob as BlobId],
      );
      if (ids.length > 0) staged.push({ stage: `${state.id}/${stage}`, ids });
    }
    return staged;
  } finally {
    await state.close();
  }
}

/** Opens neither the manifest nor anything that rests on it: it may be missing or damaged. */
export async function rebuildManifest(options: OpenOptions): Promise<RebuildResult> {
  const environment = readEnvironment(options.env);
  const located = locate(options.cwd, environment);
  const { storeDirectory } = located;
  const random = systemRandom();
  const note = (line: string): void => options.progress.note(line);
  const backend = openFsObjectBackend({ root: storeDirectory, random });
  const lock = openStoreLock({
    path: join(storeDirectory, 'locks.sqlite'),
    waitMs: undefined,
    onWait: note,
    random,
    readOnly: false,
  });
  const path = join(storeDirectory, manifestFile);
  const had = existsSync(path);
  try {
    const result = await reindexStore(
      {
        backend,
        codec: nativeCodec(),
        log: openFileEventLog({ directory: join(storeDirectory, 'log') }),
        lock,
        clock: environment.fixedTimeMs === undefined ? systemClock() : fixedClock(environment.fixedTimeMs),
        progress: options.progress,
      },
      {
        swap: async () => {
          const freshPath = `${path}.new-${toHex(random.bytes(6))}`;
          return fileSwap(
            storeDirectory,
            await openManifest(freshPath, storeDirectory, { readOnly: false, note }),
            freshPath,
          );
        },
        staged: await stagedHere(located),
      },
    );
    return { ...result, previous: had ? `${path}.replaced` : undefined };
  } finally {
    await lock.close();
    await backend.close();
  }
}
