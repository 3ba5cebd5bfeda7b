import { memoryLockTable, memoryStoreLock } from '../../../../src/adapters/memory/memory-store-lock.ts';
import type { HeldLock, StoreLock } from '../../../../src/ports/store-lock.ts';
import { describeConformance, describeDefects, type Open } from '../../../conformance/claims.ts';
import { type LockFixture, storeLockClaims } from '../../../conformance/store-lock.ts';

const sound: Open<LockFixture> = async () => {
  const table = memoryLockTable();
  return { open: (options) => memoryStoreLock({ table, ...options }), dispose: async () => undefined };
};

describeConformance('memoryStoreLock', storeLockClaims, sound);

function defective(
  change: (sound: StoreLock, options?: { readonly waitMs?: number }) => Partial<StoreLock>,
): Open<LockFixture> {
  return async () => {
    const fixture = await sound();
    const open: LockFixture['open'] = (options) => {
      const lock = fixture.open(options);
      return { ...lock, ...change(lock, options) };
    };
    return { ...fixture, open };
  };
}

const granted: HeldLock = { release: async () => undefined };

/** Like the sound lock, but a shared request that finds a shared holder joins it at once. */
function readerPreference(): Open<LockFixture> {
  let readers = 0;
  let group: Promise<HeldLock> | undefined;
  return defective((lock) => ({
    shared: async (purpose) => {
      readers++;
      group ??= lock.shared(purpose);
      await group;
      let open = true;
      return {
        release: async () => {
          if (!open) return;
          open = false;
          if (--readers > 0) return;
          const last = group;
          group = undefined;
          await (await last)?.release();
        },
      };
    },
  }));
}

describeDefects('store lock', storeLockClaims, [
  {
    defect: 'takes shared for exclusive',
    open: defective((lock) => ({ shared: (purpose) => lock.exclusive(purpose) })),
    breaks: 'lets shared holders in together',
  },
  {
    defect: 'takes exclusive for shared',
    open: defective((lock) => ({ exclusive: (purpose) => lock.shared(purpose) })),
    breaks: 'keeps exclusive apart from shared and from exclusive',
  },
  {
    defect: 'gives turns to everybody',
    open: defective(() => ({ turn: async () => granted })),
    breaks: 'gives one turn at a time, whatever else is held',
  },
  {
    defect: 'takes a turn for exclusive',
    open: defective((lock) => ({ turn: (purpose) => lock.exclusive(purpose) })),
    breaks: 'gives one turn at a time, whatever else is held',
  },
  {
    defect: 'counts only one shared holder of a process',
    open: defective((lock) => {
      let first: Promise<HeldLock> | undefined;
      return { shared: (purpose) => (first ??= lock.shared(purpose)) };
    }),
    breaks: 'waits until the last shared holder has gone',
  },
  {
    defect: 'lets shared holders overtake',
    open: readerPreference(),
    breaks: 'lets new shared holders wait behind an exclusive one that waits',
  },
  {
    defect: 'lets shared holders overtake',
    open: readerPreference(),
    breaks: 'does not starve exclusive by shared holders that overlap without end',
  },
  {
    defect: 'gives back twice what is released twice',
    open: defective((lock) => {
      let last: HeldLock | undefined;
      return {
        shared: async (purpose) => {
          last = await lock.shared(purpose);
          return { release: async () => await last?.release() };
        },
      };
    }),
    breaks: 'takes a second release for the first one',
  },
  {
    defect: 'waits as long as it takes',
    open: async () => {
      const table = memoryLockTable();
      return { open: () => memoryStoreLock({ table, waitMs: 2500 }), dispose: async () => undefined };
    },
    breaks: 'gives up with BUSY when waiting was limited, and leaves no trace of it',
  },
  {
    defect: 'lets two in at once',
    open: defective(() => ({ turn: async () => granted })),
    breaks: 'gives every one of many their turn, one at a time',
  },
  {
    defect: 'lets those who ask later overtake',
    open: defective((lock) => {
      let asked = 0;
      return {
        turn: async (purpose) => {
          if (asked++ === 1) await new Promise((resolve) => setTimeout(resolve, 200));
          return await lock.turn(purpose);
        },
      };
    }),
    breaks: 'gives turns in the order in which a process asked',
  },
  {
    defect: 'keeps what it held when it is closed',
    open: async () => {
      const table = memoryLockTable();
      const open: LockFixture['open'] = () => ({
        ...memoryStoreLock({ table, waitMs: 300 }),
        close: async () => undefined,
      });
      return { open, dispose: async () => undefined };
    },
    breaks: 'gives back on close whatever it held',
  },
]);
