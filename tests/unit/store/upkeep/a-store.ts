/** A whole store on a temporary directory, with a clock that tests set, and runs made in one line. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileEventLog } from '../../../../src/adapters/fs/file-event-log.ts';
import { openFsObjectBackend } from '../../../../src/adapters/fs/fs-object-backend.ts';
import { memoryStoreLock } from '../../../../src/adapters/memory/memory-store-lock.ts';
import { memoryUpkeepNotes } from '../../../../src/adapters/memory/memory-upkeep-notes.ts';
import { nativeCodec } from '../../../../src/adapters/node/native-codec.ts';
import { systemRandom } from '../../../../src/adapters/node/system-random.ts';
import { openSqliteManifest } from '../../../../src/adapters/sqlite/sqlite-manifest.ts';
import { utf8 } from '../../../../src/core/bytes.ts';
import type { ArtifactId, BlobId, RefName, RunId } from '../../../../src/core/ids.ts';
import { packedObjectLimit } from '../../../../src/core/pack-format.ts';
import type { Manifest } from '../../../../src/ports/manifest.ts';
import type { StagedEntry } from '../../../../src/ports/workspace.ts';
import { WriteSession } from '../../../../src/store/objects/write-session.ts';
import { tipOf } from '../../../../src/store/runs/head.ts';
import { recordRun } from '../../../../src/store/runs/record-run.ts';
import type { UpkeepContext } from '../../../../src/store/upkeep/fsck.ts';

export const day = 24 * 3_600_000;
/** 2026-01-01 */
export const start = 1_767_225_600_000;

export interface TestStore extends UpkeepContext {
  readonly root: string;
  readonly time: { now: number };
  commit(
    files: { readonly [path: string]: string | Uint8Array | undefined },
    options?: CommitOptions,
  ): Promise<Committed>;
  /** Every stored file with its bytes, relative to the root. */
  files(): Map<string, Uint8Array>;
  /** Writes over a stored file, whatever its mode. */
  damage(name: string, bytes: Uint8Array): void;
  openManifest(name: string): Promise<Manifest>;
  close(): Promise<void>;
}

export interface CommitOptions {
  readonly branch?: string | undefined;
  readonly message?: string;
  readonly tags?: { readonly [name: string]: string };
  readonly inputs?: readonly { readonly artifact: ArtifactId; readonly run?: RunId }[];
  /** Record the run without moving any ref. */
  readonly loose?: boolean;
}

export interface Committed {
  readonly run: RunId;
  readonly artifacts: ReadonlyMap<string, ArtifactId>;
  readonly blobs: ReadonlyMap<string, BlobId>;
}

const silent = { begin: () => undefined, advance: () => undefined, end: () => undefined, note: () => undefined };

async function store(session: WriteSession, bytes: Uint8Array): Promise<BlobId> {
  if (bytes.length < packedObjectLimit) return session.blob(bytes);
  const stat = Float64Array.of(bytes.length, 0, 0, 0, 0, 0);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 262_144) yield bytes.subarray(at, at + 262_144);
  }
  return (await session.large({ stat, readAtMs: 0, chunks, close: async () => undefined })).id;
}

export async function makeStore(): Promise<TestStore> {
  const root = mkdtempSync(join(tmpdir(), 'cairn-upkeep-'));
  const time = { now: start };
  const log = openFileEventLog({ directory: join(root, 'log') });
  const openManifest = (name: string): Promise<Manifest> =>
    openSqliteManifest({
      path: join(root, name),
      migrationsDir: join(import.meta.dirname, '../../../../migrations/sqlite'),
      log,
    });
  const backend = openFsObjectBackend({ root });
  const context: UpkeepContext = {
    storeId: 'test',
    backend,
    manifest: await openManifest('manifest.sqlite'),
    log,
    lock: memoryStoreLock(),
    codec: nativeCodec(),
    clock: { now: () => time.now, kind: 'wall' },
    random: systemRandom(),
    progress: silent,
    author: { name: 'Ada', mail: 'ada@example.org' },
    writer: { name: 'cairn', version: '0.0.0' },
    allowSecretLike: false,
    notes: memoryUpkeepNotes(),
  };
  return {
    ...context,
    root,
    time,
    openManifest,
    async commit(contents, options = {}) {
      const session = new WriteSession(context);
      const changes: StagedEntry[] = [];
      const blobs = new Map<string, BlobId>();
      for (const [path, content] of Object.entries(contents)) {
        if (content === undefined) {
          changes.push({ path, kind: 'removal' });
          continue;
        }
        const bytes = typeof content === 'string' ? utf8(content) : content;
        const blob = await store(session, bytes);
        blobs.set(path, blob);
        changes.push({ path, kind: 'file', blob, size: bytes.length });
      }
      const ref = options.loose === true ? undefined : (`heads/${options.branch ?? 'main'}` as RefName);
      const recorded = await recordRun(context, session, {
        message: options.message ?? 'a run',
        identity: { datasets: [], params: {}, engineVersion: '', configVersion: '', seedVersion: 1 },
        inputs: (options.inputs ?? []).map((input) => ({ ...input, relation: 'derived_from' })),
        changes,
        code: {},
        status: 'succeeded',
        tags: options.tags ?? {},
        metrics: {},
        ref,
        tip: ref === undefined ? undefined : await tipOf(context, ref),
      });
      time.now += 1000;
      return {
        run: recorded.runInstanceId,
        artifacts: new Map(recorded.artifacts.map(({ path, artifactId }) => [path, artifactId])),
        blobs,
      };
    },
    files() {
      const found = new Map<string, Uint8Array>();
      for (const folder of ['objects', 'packs', 'records']) {
        let names: string[] = [];
        try {
          names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
        } catch {
          continue; // nothing was stored there
        }
        for (const name of names) {
          if (/[0-9a-f]{62}|\.pack$/.test(name))
            found.set(`${folder}/${name}`, new Uint8Array(readFileSync(join(root, folder, name))));
        }
      }
      return found;
    },
    damage(name, bytes) {
      rmSync(join(root, name), { force: true });
      writeFileSync(join(root, name), bytes);
      // Reads of ranges keep packs open.
      void backend.close();
    },
    async close() {
      await context.manifest.close();
      await backend.close();
      rmSync(root, { recursive: true });
    },
  };
}
