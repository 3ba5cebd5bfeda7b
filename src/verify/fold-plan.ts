/** A split plan as it is read: its entries, and its times in one unit with the dataset's. */
import { type FoldTimestamps, foldTime, unitNanoseconds } from '../core/evidence/fold-times.ts';
import type { LosslessObject, LosslessValue } from '../core/lossless-json.ts';
import type { FoldOutcome, FoldRule } from '../core/records/facts.ts';

interface Window {
  readonly start: bigint;
  readonly end: bigint;
}

export interface FoldEntry {
  readonly train: Window;
  readonly test: Window;
  readonly purge: number;
  readonly embargo: number;
  readonly lag: number;
  readonly scoreEnd: bigint | undefined;
}

export type FoldFailure = FoldOutcome['failures'][number];
export type Fail = (rule: FoldRule, reason: string) => void;

/** The times of plan and dataset in one unit. */
export class FoldTimes {
  readonly #bars: BigInt64Array;
  readonly #factorOfBars: bigint;
  readonly #factorOfNumbers: bigint;

  constructor(timestamps: FoldTimestamps, ofPlan: readonly (LosslessValue | undefined)[]) {
    const times = ofPlan.map(foldTime);
    const hasInstants = timestamps.kind === 'instant' || times.some((time) => time?.kind === 'instant');
    let largest = 0n;
    const look = (value: bigint): void => {
      const magnitude = value < 0n ? -value : value;
      if (magnitude > largest) largest = magnitude;
    };
    if (timestamps.kind === 'number') {
      for (const bar of [timestamps.bars.at(0), timestamps.bars.at(-1)]) if (bar !== undefined) look(bar);
    } else for (const time of times) if (time?.kind === 'number') look(time.at);
    this.#factorOfNumbers = hasInstants ? unitNanoseconds(largest) : 1n;
    this.#factorOfBars = timestamps.kind === 'number' ? this.#factorOfNumbers : 1n;
    this.#bars = timestamps.bars;
  }

  of(value: LosslessValue | undefined): bigint | undefined {
    const time = foldTime(value);
    return time?.kind === 'number' ? time.at * this.#factorOfNumbers : time?.at;
  }

  /** The time of a bar that is there. */
  barAt(index: number): bigint {
    return (this.#bars[index] as bigint) * this.#factorOfBars;
  }

  /** Number of bars before a time. */
  before(time: bigint): number {
    return this.#search((bar) => bar < time);
  }

  /** Number of bars up to a time. */
  upTo(time: bigint): number {
    return this.#search((bar) => bar <= time);
  }

  #search(isBefore: (bar: bigint) => boolean): number {
    let low = 0;
    let high = this.#bars.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.barAt(middle))) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export const foldTimeFields = [
  'train_start_ts',
  'train_end_ts',
  'test_start_ts',
  'test_end_ts',
  'score_end_ts',
] as const;

export function listOf(value: LosslessValue | undefined): readonly LosslessValue[] {
  return Array.isArray(value) ? (value as readonly LosslessValue[]) : [];
}

export function idText(value: LosslessValue | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'bigint' ? String(value).slice(0, 200) : undefined;
}

function shown(value: LosslessValue | undefined): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value).slice(0, 60);
}

export function readEntry(fold: LosslessObject, times: FoldTimes, fail: Fail): FoldEntry | undefined {
  let failed = false;
  const time = (name: (typeof foldTimeFields)[number]): bigint => {
    const at = times.of(fold[name]);
    if (at !== undefined) return at;
    failed = true;
    fail('plan', fold[name] === undefined ? `${name} is missing` : `${name} is no time: ${shown(fold[name])}`);
    return 0n;
  };
  const count = (name: string): number => {
    const given = fold[name];
    const value = typeof given === 'bigint' ? Number(given) : given;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    failed = true;
    fail(
      'plan',
      fold[name] === undefined ? `${name} is missing` : `${name} is no whole number from 0: ${shown(fold[name])}`,
    );
    return 0;
  };
  const entry = {
    train: { start: time('train_start_ts'), end: time('train_end_ts') },
    test: { start: time('test_start_ts'), end: time('test_end_ts') },
    purge: count('purge_gap_bars'),
    embargo: count('embargo_bars'),
    lag: count('asof_lag_bars'),
    scoreEnd: fold['score_end_ts'] === undefined || fold['score_end_ts'] === null ? undefined : time('score_end_ts'),
  };
  return failed ? undefined : entry;
}
