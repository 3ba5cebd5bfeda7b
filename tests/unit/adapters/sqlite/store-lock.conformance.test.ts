import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '../../../../src/adapters/node/system-random.ts';
import { openStoreLock } from '../../../../src/adapters/sqlite/store-lock.ts';
import type { StoreLock } from '../../../../src/ports/store-lock.ts';
import { describeConformance } from '../../../conformance/claims.ts';
import { storeLockClaims } from '../../../conformance/store-lock.ts';

const random = systemRandom();

describeConformance('openStoreLock', storeLockClaims, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'cairn-lock-'));
  const opened: StoreLock[] = [];
  return {
    open: (options) => {
      const lock = openStoreLock({ path: join(dir, 'locks.sqlite'), random, ...options });
      opened.push(lock);
      return lock;
    },
    dispose: async () => {
      for (const lock of opened) await lock.close();
      rmSync(dir, { recursive: true });
    },
  };
});
