/** A manifest in a directory of its own, with a past of every kind, for tests of what only the SQLite one does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileEventLog } from '../../../../src/adapters/fs/file-event-log.ts';
import { openSqliteManifest, type SqliteManifestOptions } from '../../../../src/adapters/sqlite/sqlite-manifest.ts';
import type { BlobId, RefName } from '../../../../src/core/ids.ts';
import type { Manifest } from '../../../../src/ports/manifest.ts';
import { governanceStory } from '../../../conformance/governance-sample.ts';
import { apply, blobAt, idOf, refFact } from '../../../conformance/manifest-sample.ts';
import { story } from '../../../conformance/manifest-status.ts';

export const migrationsDir = join(import.meta.dirname, '../../../../migrations/sqlite');

export interface ManifestPlace {
  readonly root: string;
  readonly path: string;
  open(options?: Partial<SqliteManifestOptions>): Promise<Manifest>;
  remove(): void;
}

export function manifestPlace(): ManifestPlace {
  const root = mkdtempSync(join(tmpdir(), 'cairn-sqlite-'));
  const path = join(root, 'manifest.sqlite');
  return {
    root,
    path,
    open: (options = {}) =>
      openSqliteManifest({ path, migrationsDir, log: openFileEventLog({ directory: join(root, 'log') }), ...options }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Applies the story of the conformance suite: runs, refs, tags, every status, holds, a retirement, and of governance; and a pack. */
export async function tell(manifest: Manifest): Promise<void> {
  for (const [index, facts] of [...story(), ...governanceStory()].entries()) await apply(manifest, facts, 10 * index);
  const packed = blobAt(idOf('packed'), 10, { kind: 'packed', pack: 'p', frame: 8, offset: 0 });
  const [run] = (await manifest.listRuns({}, { limit: 1 })).rows;
  await apply(manifest, [
    { kind: 'objects', objects: [packed], packs: [{ name: 'p', bytes: 100 }] },
    { kind: 'stage', stage: 'default', ids: [packed.id as BlobId] },
    refFact('tags/v1' as RefName, undefined, run?.id),
  ]);
}
