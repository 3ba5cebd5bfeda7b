/** What an audit needs besides the store: a manifest of its own, in a temporary file that is gone when it is through. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { verifyEd25519 } from '../adapters/node/ed25519.ts';
import type { AuditContext } from '../store/governance/audit.ts';
import type { OpenStore } from './open-store.ts';
import { openManifest, temporaryDirectory } from './wiring.ts';

export function auditContext(open: OpenStore): AuditContext {
  const scratchManifest: AuditContext['scratchManifest'] = async () => {
    const directory = mkdtempSync(join(temporaryDirectory(open.storeDirectory), 'audit-'));
    const remove = (): void => rmSync(directory, { recursive: true, force: true });
    try {
      const manifest = await openManifest(join(directory, 'manifest.sqlite'), open.storeDirectory, {
        readOnly: false,
        note: (line) => open.progress.note(line),
      });
      return {
        manifest,
        async discard() {
          await manifest.close();
          remove();
        },
      };
    } catch (error) {
      remove();
      throw error;
    }
  };
  // Not a spread: that would ask for the author.
  return Object.create(open, {
    scratchManifest: { value: scratchManifest },
    verifyEd25519: { value: verifyEd25519 },
  }) as AuditContext;
}
