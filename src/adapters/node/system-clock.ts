/** The system's clock, and the clock that stands still for reproducible records (`CAIRN_DETERMINISTIC_TIME`). */
import { assertInvariant } from '../../core/errors.ts';
import type { Clock } from '../../ports/system.ts';

export function systemClock(): Clock {
  return { kind: 'wall', now: () => Date.now() };
}

export function fixedClock(ms: number): Clock {
  assertInvariant(Number.isSafeInteger(ms), `a fixed time is a whole number of milliseconds, not ${ms}`);
  return { kind: 'fixed', now: () => ms };
}
