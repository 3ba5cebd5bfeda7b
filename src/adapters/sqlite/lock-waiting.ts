/**
 * Waiting for a lock that can only be tried: attempts with random pauses between them, in the order of asking within this
 * process, with one line for people after two seconds and an end where one was asked for.
 *
 * The longer somebody waits, the shorter the pauses get, so among processes the one that waits longest tries most.
 */
import { CodedError } from '../../core/errors.ts';
import type { Random } from '../../ports/system.ts';

export type LockKind = 'shared' | 'exclusive' | 'turn';

export interface LockWaiting {
  /** The first answer of `attempt` that is not undefined. */
  until<T>(kind: LockKind, purpose: string, attempt: () => T | undefined): Promise<T>;
  /** Something was released in this process: the first of each queue tries at once. */
  wake(): void;
}

export interface LockWaitingOptions {
  readonly waitMs?: number | undefined;
  readonly onWait?: ((line: string) => void) | undefined;
  readonly random: Random;
}

const tellAfterMs = 2000;

function longestPause(waitedMs: number): number {
  if (waitedMs < 20) return 4;
  if (waitedMs < 1000) return 40;
  return waitedMs < 5000 ? 20 : 8;
}

function forWhom(kind: LockKind, holder: string | undefined): string {
  if (holder !== undefined) return holder;
  if (kind === 'turn') return 'other commits';
  return kind === 'exclusive' ? 'running commands' : 'another command';
}

export function lockWaiting(options: LockWaitingOptions, describeHolder: () => string | undefined): LockWaiting {
  const sleepers = new Map<symbol, () => void>();
  /** Waiters of this process a kind, oldest first. Only the first one tries. */
  const queues: Readonly<Record<LockKind, symbol[]>> = { shared: [], exclusive: [], turn: [] };

  function sleep(ticket: symbol, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wakeUp = (): void => {
        clearTimeout(timer);
        sleepers.delete(ticket);
        resolve();
      };
      const timer = setTimeout(wakeUp, ms);
      sleepers.set(ticket, wakeUp);
    });
  }

  async function until<T>(kind: LockKind, purpose: string, attempt: () => T | undefined): Promise<T> {
    const queue = queues[kind];
    const ticket = Symbol(purpose);
    queue.push(ticket);
    const start = performance.now();
    let told = false;
    try {
      for (;;) {
        const got = queue[0] === ticket ? attempt() : undefined;
        if (got !== undefined) return got;
        const waited = performance.now() - start;
        if (options.waitMs !== undefined && waited >= options.waitMs) {
          const whom = forWhom(kind, kind === 'turn' ? undefined : describeHolder());
          throw new CodedError('BUSY', `${purpose} gave up waiting for ${whom} after ${Math.round(waited)} ms`, {
            hint: 'Try again when the other command has ended.',
          });
        }
        if (!told && waited >= tellAfterMs) {
          told = true;
          options.onWait?.(`${purpose} waits for ${forWhom(kind, kind === 'turn' ? undefined : describeHolder())}`);
        }
        const share = (options.random.bytes(1)[0] ?? 0) / 255;
        await sleep(
          ticket,
          Math.min(1 + share * longestPause(waited), Math.max(1, (options.waitMs ?? Infinity) - waited)),
        );
      }
    } finally {
      queue.splice(queue.indexOf(ticket), 1);
      wake();
    }
  }

  function wake(): void {
    for (const [first] of Object.values(queues)) if (first !== undefined) sleepers.get(first)?.();
  }

  return { until, wake };
}
