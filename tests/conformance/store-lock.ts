/** What every `StoreLock` must do. */
import { expect } from 'vitest';
import type { HeldLock, StoreLock } from '../../src/ports/store-lock.ts';
import type { Claim, Fixture } from './claims.ts';

export interface LockFixture extends Fixture {
  /** Another lock on the same store, as another process would open it. */
  open(options?: { readonly waitMs?: number }): StoreLock;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Watches whether a lock has been granted. */
function watch(asked: Promise<HeldLock>): { granted: boolean; readonly lock: Promise<HeldLock> } {
  const watched = {
    granted: false,
    lock: asked.then((lock) => {
      watched.granted = true;
      return lock;
    }),
  };
  return watched;
}

/** Long enough for a request that can be granted to have been granted. */
const soon = (): Promise<void> => pause(120);

/** True as soon as the lock is granted; false when that takes longer than even a busy machine explains. */
async function isGranted(watched: { readonly lock: Promise<HeldLock>; readonly granted: boolean }): Promise<boolean> {
  await Promise.race([watched.lock, pause(5000)]);
  return watched.granted;
}

type Kind = 'shared' | 'exclusive' | 'turn';
const ask = (lock: StoreLock, kind: Kind): Promise<HeldLock> => lock[kind](`a ${kind} holder`);

/** Asks for `second` while `first` is held, through one lock and through two, and expects it to wait or not. */
async function expectWait(
  { open }: LockFixture,
  first: Kind,
  second: Kind,
  wait: 'waits' | 'does not wait',
): Promise<void> {
  const one = open();
  for (const other of [one, open()]) {
    const holder = await ask(one, first);
    const waiter = watch(ask(other, second));
    if (wait === 'does not wait') expect(await isGranted(waiter)).toBe(true);
    else {
      await soon();
      expect(waiter.granted).toBe(false);
    }
    await holder.release();
    await (await waiter.lock).release();
  }
}

export const storeLockClaims: readonly Claim<LockFixture>[] = [
  {
    claim: 'lets shared holders in together',
    async check(fixture) {
      await expectWait(fixture, 'shared', 'shared', 'does not wait');
    },
  },
  {
    claim: 'keeps exclusive apart from shared and from exclusive',
    async check(fixture) {
      await expectWait(fixture, 'shared', 'exclusive', 'waits');
      await expectWait(fixture, 'exclusive', 'shared', 'waits');
      await expectWait(fixture, 'exclusive', 'exclusive', 'waits');
    },
  },
  {
    claim: 'gives one turn at a time, whatever else is held',
    async check(fixture) {
      await expectWait(fixture, 'turn', 'turn', 'waits');
      await expectWait(fixture, 'shared', 'turn', 'does not wait');
      await expectWait(fixture, 'turn', 'shared', 'does not wait');
      await expectWait(fixture, 'exclusive', 'turn', 'does not wait');
      await expectWait(fixture, 'turn', 'exclusive', 'does not wait');
    },
  },
  {
    claim: 'waits until the last shared holder has gone',
    async check({ open }) {
      const [one, two] = [open(), open()];
      const holders = [await two.shared('a'), await one.shared('b'), await one.shared('c')];
      const gc = watch(open().exclusive('gc'));
      for (const holder of holders) {
        await soon();
        expect(gc.granted).toBe(false);
        await holder.release();
      }
      await (await gc.lock).release();
    },
  },
  {
    claim: 'lets new shared holders wait behind an exclusive one that waits',
    async check({ open }) {
      const [one, two, three] = [open(), open(), open()];
      const holder = await one.shared('early');
      const gc = watch(two.exclusive('gc'));
      await soon();
      const late = [one, two, three].map((lock) => watch(lock.shared('late')));
      await soon();
      expect(gc.granted).toBe(false);
      expect(late.map((waiter) => waiter.granted)).toEqual([false, false, false]);
      await holder.release();
      const held = await gc.lock;
      await soon();
      expect(late.map((waiter) => waiter.granted)).toEqual([false, false, false]);
      await held.release();
      for (const waiter of late) await (await waiter.lock).release();
    },
  },
  {
    claim: 'does not starve exclusive by shared holders that overlap without end',
    async check({ open }) {
      const locks = [open(), open()];
      let running = true;
      const workers = Array.from({ length: 8 }, async (_, index) => {
        const lock = locks[index % 2] as StoreLock;
        while (running) {
          const holder = await lock.shared(`worker ${index}`);
          await pause(15 + index);
          await holder.release();
        }
      });
      await pause(50);
      const gc = watch(open().exclusive('gc'));
      const granted = await isGranted(gc);
      running = false;
      await (await gc.lock).release();
      await Promise.all(workers);
      expect(granted).toBe(true);
    },
  },
  {
    claim: 'takes a second release for the first one',
    async check({ open }) {
      const [one, two] = [open(), open()];
      for (const kind of ['shared', 'exclusive', 'turn'] as const) {
        const first = await ask(one, kind);
        await first.release();
        const second = await ask(one, kind);
        await first.release();
        const rival = watch(ask(two, kind === 'turn' ? 'turn' : 'exclusive'));
        await soon();
        expect(rival.granted).toBe(false);
        await second.release();
        await (await rival.lock).release();
      }
    },
  },
  {
    claim: 'gives up with BUSY when waiting was limited, and leaves no trace of it',
    async check({ open }) {
      const [holder, impatient, patient] = [open(), open({ waitMs: 80 }), open()];
      for (const [held, asked] of [
        ['shared', 'exclusive'],
        ['exclusive', 'shared'],
        ['turn', 'turn'],
      ] as const) {
        const lock = await ask(holder, held);
        const start = performance.now();
        await expect(ask(impatient, asked)).rejects.toMatchObject({ code: 'BUSY' });
        expect(performance.now() - start).toBeLessThan(2000);
        const next = watch(ask(patient, held === 'turn' ? 'turn' : 'shared'));
        // A shared request need not wait for an exclusive one that has given up.
        if (held === 'shared') expect(await isGranted(next)).toBe(true);
        else {
          await soon();
          expect(next.granted).toBe(false);
        }
        await lock.release();
        await (await next.lock).release();
      }
    },
  },
  {
    claim: 'gives every one of many their turn, one at a time',
    async check({ open }) {
      const locks = [open(), open(), open()];
      let inside = 0;
      let most = 0;
      let done = 0;
      const work = async (index: number): Promise<void> => {
        const turn = await (locks[index % locks.length] as StoreLock).turn(`commit ${index}`);
        most = Math.max(most, ++inside);
        await pause(1);
        inside--;
        done++;
        await turn.release();
      };
      await Promise.all(Array.from({ length: 60 }, (_, index) => work(index)));
      expect(most).toBe(1);
      expect(done).toBe(60);
    },
  },
  {
    claim: 'gives turns in the order in which a process asked',
    async check({ open }) {
      const lock = open();
      const first = await lock.turn('first');
      const order: number[] = [];
      const waiters = Array.from({ length: 8 }, async (_, index) => {
        const turn = await lock.turn(`waiter ${index}`);
        order.push(index);
        await turn.release();
      });
      await soon();
      await first.release();
      await Promise.all(waiters);
      expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    },
  },
  {
    claim: 'gives back on close whatever it held',
    async check({ open }) {
      const [one, two] = [open(), open()];
      await one.exclusive('gc');
      await one.turn('commit');
      await one.close();
      const held = [await two.shared('next'), await two.turn('next')];
      for (const lock of held) await lock.release();
      const three = open();
      await three.shared('reader');
      await three.close();
      await (await two.exclusive('gc')).release();
    },
  },
];
