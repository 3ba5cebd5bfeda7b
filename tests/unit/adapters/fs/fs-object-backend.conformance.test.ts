import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFsObjectBackend } from '../../../../src/adapters/fs/fs-object-backend.ts';
import { describeConformance } from '../../../conformance/claims.ts';
import { objectBackendClaims } from '../../../conformance/object-backend.ts';

describeConformance('openFsObjectBackend', objectBackendClaims, async () => {
  const root = mkdtempSync(join(tmpdir(), 'cairn-objects-'));
  const backend = openFsObjectBackend({ root });
  const other = openFsObjectBackend({ root });
  return {
    backend,
    other,
    dispose: async () => {
      await Promise.all([backend.close(), other.close()]);
      rmSync(root, { recursive: true });
    },
  };
});
