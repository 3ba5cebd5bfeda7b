import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldTimestamps } from '../../../src/core/evidence/fold-times.ts';
import type { LosslessValue } from '../../../src/core/lossless-json.ts';
import { checkFolds } from '../../../src/verify/fold-causality.ts';

interface Fold {
  readonly fold_id: string;
  readonly train_start_ts: number;
  readonly train_end_ts: number;
  readonly test_start_ts: number;
  readonly test_end_ts: number;
  readonly purge_gap_bars: number;
  readonly embargo_bars: number;
  readonly asof_lag_bars: number;
  readonly score_end_ts?: number;
}
interface Transform {
  readonly fold_id?: string;
  readonly fit_start_ts: number;
  readonly fit_end_ts: number;
}

/** The rules written down bar by bar, with sets and loops. */
function naiveRules(folds: readonly Fold[], transforms: readonly Transform[], bars: readonly number[]): string[] {
  const broken = new Set<string>();
  const within = (start: number, end: number): number[] => bars.filter((bar) => bar >= start && bar <= end);
  const sound: Fold[] = [];
  for (const fold of folds) {
    const train = within(fold.train_start_ts, fold.train_end_ts);
    const test = within(fold.test_start_ts, fold.test_end_ts);
    if (train.length === 0 || test.length === 0) broken.add(`${fold.fold_id} windows`);
    else sound.push(fold);
  }
  for (const one of sound) {
    const train = within(one.train_start_ts, one.train_end_ts);
    for (const other of sound.filter(({ fold_id }) => fold_id === one.fold_id)) {
      const test = within(other.test_start_ts, other.test_end_ts);
      const purge = Math.max(one.purge_gap_bars, other.purge_gap_bars);
      const embargo = Math.max(one.embargo_bars, other.embargo_bars);
      let overlap = false;
      for (let at = one.train_start_ts; at <= one.train_end_ts; at++) {
        if (at >= other.test_start_ts && at <= other.test_end_ts) overlap = true;
      }
      if (overlap) {
        broken.add(`${one.fold_id} overlap`);
        continue;
      }
      const between = bars.filter((bar) => bar > one.train_end_ts && bar < other.test_start_ts);
      if (one.train_end_ts < other.test_start_ts && between.length < purge + embargo) {
        broken.add(`${one.fold_id} purge_and_embargo`);
      }
      const lastTest = bars.indexOf(test.at(-1) as number);
      for (const bar of train) {
        const distance = bars.indexOf(bar) - lastTest;
        if (distance > 0 && one.train_start_ts > other.test_end_ts && distance < embargo) {
          broken.add(`${one.fold_id} embargo_after_test`);
        }
      }
    }
    const test = within(one.test_start_ts, one.test_end_ts);
    const usable = test.slice(0, Math.max(0, test.length - one.asof_lag_bars));
    const last = usable.at(-1);
    if (last === undefined || (one.score_end_ts !== undefined && one.score_end_ts > last)) {
      broken.add(`${one.fold_id} asof_lag`);
    }
  }
  for (const { fold_id, fit_start_ts, fit_end_ts } of transforms) {
    const ends = sound
      .filter((fold) => fold_id === undefined || fold.fold_id === fold_id)
      .map((fold) => fold.train_end_ts);
    if (fit_start_ts > fit_end_ts || ends.some((end) => fit_end_ts > end)) broken.add(`${fold_id ?? '*'} fit_window`);
  }
  return [...broken].sort();
}

const time = fc.integer({ min: -5, max: 60 });
const small = fc.integer({ min: 0, max: 5 });
const window = fc.tuple(time, time).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const fold = fc
  .record({
    fold_id: fc.constantFrom('a', 'b'),
    train: window,
    test: window,
    purge_gap_bars: small,
    embargo_bars: small,
    asof_lag_bars: small,
    score: fc.option(time, { nil: undefined }),
  })
  .map(
    ({ train, test, score, ...rest }): Fold => ({
      ...rest,
      train_start_ts: train[0],
      train_end_ts: train[1],
      test_start_ts: test[0],
      test_end_ts: test[1],
      ...(score === undefined ? {} : { score_end_ts: score }),
    }),
  );
const bars = fc.uniqueArray(fc.integer({ min: 0, max: 55 }), { minLength: 1, maxLength: 40 });

describe('fold causality', () => {
  test('comes out as bar by bar', () => {
    return fc.assert(
      fc.property(
        fc.array(fold, { minLength: 1, maxLength: 4 }),
        fc.array(
          fc.record({
            fold: fc.option(fc.constantFrom(0, 1), { nil: undefined }),
            fit_start_ts: time,
            fit_end_ts: time,
          }),
          {
            maxLength: 3,
          },
        ),
        bars,
        (folds, fits, times) => {
          const transforms = fits.map(({ fold: at, ...fit }): Transform => {
            const of = at === undefined ? undefined : (folds[at] ?? folds[0])?.fold_id;
            return { ...fit, ...(of === undefined ? {} : { fold_id: of }) };
          });
          const dataset = foldTimestamps(times);
          if (dataset === undefined) throw new Error('no times');
          const check = checkFolds({ folds, transforms } as unknown as LosslessValue, dataset);
          const rules = check.folds.flatMap(({ foldId, failures }) =>
            failures.map((failure) => `${foldId} ${failure.rule}`),
          );
          const expected = naiveRules(
            folds,
            transforms,
            times.toSorted((a, b) => a - b),
          );
          expect([...new Set(rules)].sort()).toEqual(expected);
          expect(check.ok).toBe(expected.length === 0);
        },
      ),
    );
  });

  test('does not throw for any plan', () => {
    const dataset = foldTimestamps([1, 2, 3]);
    if (dataset === undefined) throw new Error('no times');
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('fold_id', 'train_start_ts', 'toString'), fc.jsonValue()),
    );
    return fc.assert(
      fc.property(fc.array(anything), anything, (folds, attestation) => {
        checkFolds({ folds } as LosslessValue, dataset, attestation as LosslessValue);
      }),
    );
  });
});
