import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMemoryEventLog } from '../../../../src/adapters/memory/memory-event-log.ts';
import { openSqliteManifest } from '../../../../src/adapters/sqlite/sqlite-manifest.ts';
import type { Manifest } from '../../../../src/ports/manifest.ts';
import { describeConformance } from '../../../conformance/claims.ts';
import { manifestClaims } from '../../../conformance/manifest.ts';

const migrationsDir = join(import.meta.dirname, '../../../../migrations/sqlite');

describeConformance('openSqliteManifest', manifestClaims, async () => {
  const root = mkdtempSync(join(tmpdir(), 'cairn-manifest-'));
  const log = openMemoryEventLog();
  const opened: Manifest[] = [];
  const another = async (): Promise<Manifest> => {
    const manifest = await openSqliteManifest({ path: join(root, `${opened.length}.sqlite`), migrationsDir, log });
    opened.push(manifest);
    return manifest;
  };
  return {
    manifest: await another(),
    log,
    another,
    dispose: async () => {
      for (const manifest of opened) await manifest.close();
      rmSync(root, { recursive: true });
    },
  };
});
