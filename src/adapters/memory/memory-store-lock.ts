/**
 * The store lock within one process: queues instead of files, in the order of asking.
 *
 * Several locks on one `MemoryLockTable` exclude each other, as several processes do on one store.
 */
import { CodedError } from '../../core/errors.ts';
import type { HeldLock, StoreLock } from '../../ports/store-lock.ts';

type Kind = 'shared' | 'exclusive' | 'turn';

interface Request {
  readonly kind: Kind;
  readonly grant: () => void;
}

export interface MemoryLockTable {
  /** Resolves when the lock is held; the answer gives it back. */
  take(kind: Kind): { readonly granted: Promise<void>; readonly release: () => void };
}

export function memoryLockTable(): MemoryLockTable {
  const held = { shared: 0, exclusive: 0, turn: 0 };
  let queue: Request[] = [];

  /** `behindExclusive`: an exclusive request waits before this one. */
  function isFree(kind: Kind, behindExclusive: boolean): boolean {
    if (kind === 'turn') return held.turn === 0;
    if (kind === 'shared') return held.exclusive === 0 && !behindExclusive;
    return held.exclusive === 0 && held.shared === 0 && !behindExclusive;
  }

  function grantWhatIsFree(): void {
    let behindExclusive = false;
    const granted = new Set<Request>();
    for (const request of queue) {
      if (isFree(request.kind, behindExclusive)) {
        held[request.kind]++;
        granted.add(request);
      } else if (request.kind === 'exclusive') behindExclusive = true;
    }
    queue = queue.filter((request) => !granted.has(request));
    for (const request of granted) request.grant();
  }

  return {
    take(kind) {
      const { promise, resolve } = Promise.withResolvers<void>();
      let isHeld = false;
      const request: Request = {
        kind,
        grant: () => {
          isHeld = true;
          resolve();
        },
      };
      queue.push(request);
      grantWhatIsFree();
      return {
        granted: promise,
        release: () => {
          if (isHeld) held[kind]--;
          else queue = queue.filter((waiting) => waiting !== request);
          isHeld = false;
          grantWhatIsFree();
        },
      };
    },
  };
}

export interface MemoryStoreLockOptions {
  /** Shared by the locks that are to exclude each other. */
  readonly table?: MemoryLockTable;
  /** BUSY after this time; waiting without limit when left out. */
  readonly waitMs?: number;
}

export function memoryStoreLock(options: MemoryStoreLockOptions = {}): StoreLock {
  const table = options.table ?? memoryLockTable();
  const releases = new Set<() => void>();
  let closed = false;

  async function acquire(kind: Kind, purpose: string): Promise<HeldLock> {
    if (closed) throw new CodedError('INTERNAL', 'the store lock was closed before it was asked for');
    const taken = table.take(kind);
    releases.add(taken.release);
    const release = async (): Promise<void> => {
      if (releases.delete(taken.release)) taken.release();
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<never>((_, reject) => {
      if (options.waitMs === undefined) return;
      timer = setTimeout(() => reject(new CodedError('BUSY', `${purpose} gave up waiting`)), options.waitMs);
    });
    try {
      await Promise.race([taken.granted, timeout]);
    } catch (error) {
      await release();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return { release };
  }

  return {
    shared: (purpose) => acquire('shared', purpose),
    exclusive: (purpose) => acquire('exclusive', purpose),
    turn: (purpose) => acquire('turn', purpose),
    async close() {
      closed = true;
      for (const release of releases) release();
      releases.clear();
    },
  };
}
