/** A directory with locks in it, opened here and in other processes, and everything closed behind each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { systemRandom } from '../../../../src/adapters/node/system-random.ts';
import { openStoreLock, type StoreLockOptions } from '../../../../src/adapters/sqlite/store-lock.ts';
import type { StoreLock } from '../../../../src/ports/store-lock.ts';
import { type Child, source, startChild } from '../../../conformance/child.ts';

export interface LockPlace {
  dir: string;
  /** Of `locks.sqlite`. */
  path: string;
  open(options?: Partial<StoreLockOptions>): StoreLock;
  /** Another process, whose code has `lock` on the same store and `pause(ms)`. */
  child(code: string, options?: { readonly uid?: number }): Child;
}

export const holdForEver = 'setInterval(() => {}, 1000);';

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A fresh place for every test of the file. */
export function lockPlace(): LockPlace {
  const random = systemRandom();
  const opened: StoreLock[] = [];
  const children: Child[] = [];
  const place: LockPlace = {
    dir: '',
    path: '',
    open: (options = {}) => {
      const lock = openStoreLock({ path: place.path, random, ...options });
      opened.push(lock);
      return lock;
    },
    child: (code, options) => {
      const started = startChild(
        `import { openStoreLock } from '${source('adapters/sqlite/store-lock.ts')}';
        import { systemRandom } from '${source('adapters/node/system-random.ts')}';
        const lock = openStoreLock({ path: ${JSON.stringify(place.path)}, random: systemRandom() });
        const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
        ${code}`,
        options,
      );
      children.push(started);
      return started;
    },
  };

  beforeEach(() => {
    place.dir = mkdtempSync(join(tmpdir(), 'cairn-lock-'));
    place.path = join(place.dir, 'locks.sqlite');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await child.kill();
    for (const lock of opened.splice(0)) await lock.close();
    rmSync(place.dir, { recursive: true });
  });
  return place;
}
