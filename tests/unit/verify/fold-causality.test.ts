import { describe, expect, test } from 'vitest';
import { foldTimestamps, instantOf } from '../../../src/core/evidence/fold-times.ts';
import type { LosslessValue } from '../../../src/core/lossless-json.ts';
import { checkFolds } from '../../../src/verify/fold-causality.ts';

/** Bars 0, 10, 20, …, 990. */
const bars = Array.from({ length: 100 }, (_, index) => BigInt(10 * index));
const times = foldTimestamps(bars);
if (times === undefined) throw new Error('no times');

const good = {
  fold_id: 'f1',
  train_start_ts: 0n,
  train_end_ts: 490n,
  test_start_ts: 560n,
  test_end_ts: 790n,
  purge_gap_bars: 4n,
  embargo_bars: 2n,
  asof_lag_bars: 1n,
};

function failures(fold: { [name: string]: LosslessValue }, attestation: LosslessValue = null): string[] {
  const check = checkFolds({ folds: [{ ...good, ...fold }] }, times as NonNullable<typeof times>, attestation);
  return check.folds.flatMap(({ foldId, failures }) =>
    failures.map(({ rule, reason }) => `${foldId} ${rule}: ${reason}`),
  );
}

describe('a fold', () => {
  test('holds with exactly as many bars between as it claims', () => {
    // 500, 510, …, 550: six bars.
    expect(failures({})).toEqual([]);
    expect(checkFolds({ folds: [good] }, times)).toEqual({
      ok: true,
      bars: 100,
      folds: [{ foldId: 'f1', failures: [] }],
    });
  });

  test.each<[string, { [name: string]: LosslessValue }, string]>([
    [
      'one bar too few between train and test',
      { test_start_ts: 550n },
      'f1 purge_and_embargo: 5 bars between train end and test start, and purge_gap_bars 4 + embargo_bars 2 want 6',
    ],
    [
      'a test that starts at the train end',
      { test_start_ts: 490n },
      'f1 overlap: the train window and the test window overlap',
    ],
    ['a test inside of the train', { train_end_ts: 900n }, 'f1 overlap: the train window and the test window overlap'],
    [
      'a train bar too soon after the test',
      { train_start_ts: 800n, train_end_ts: 900n },
      'f1 embargo_after_test: the first train bar stands 1 bar after the test window, and embargo_bars wants 2',
    ],
    [
      'a train that ends before it starts',
      { train_start_ts: 500n },
      'f1 windows: the train window ends before it starts',
    ],
    [
      'a test without bars',
      { test_start_ts: 561n, test_end_ts: 569n },
      'f1 windows: no bar of the dataset lies in the test window',
    ],
    [
      'a lag as long as the test',
      { asof_lag_bars: 24n },
      'f1 asof_lag: the test window has 24 bars, and asof_lag_bars 24 leaves none to score',
    ],
    [
      'scoring beyond the lag',
      { score_end_ts: 781n },
      'f1 asof_lag: scoring goes on past the bar that stands asof_lag_bars 1 before the last test bar',
    ],
    ['no test end', { test_end_ts: null }, 'f1 plan: test_end_ts is no time: null'],
    ['a count that is negative', { purge_gap_bars: -1n }, 'f1 plan: purge_gap_bars is no whole number from 0: -1'],
    ['a count that is NaN', { embargo_bars: Number.NaN }, 'f1 plan: embargo_bars is no whole number from 0: NaN'],
    [
      'a count that is an object',
      { embargo_bars: { toString: 1n } },
      'f1 plan: embargo_bars is no whole number from 0: an object',
    ],
  ])('with %s fails, and says so', (_, fold, failure) => {
    expect(failures(fold)).toEqual([failure]);
  });

  test('may train after its test, at the distance that it claims', () => {
    expect(failures({ train_start_ts: 810n, train_end_ts: 900n })).toEqual([]);
  });

  test('may score up to the lag', () => {
    expect(failures({ score_end_ts: 780n })).toEqual([]);
  });

  test('of several entries holds each train window against each test window', () => {
    const after = { ...good, train_start_ts: 800n, train_end_ts: 990n };
    expect(checkFolds({ folds: [good, after] }, times).folds).toEqual([
      {
        foldId: 'f1',
        failures: Array.from({ length: 2 }, () => ({
          rule: 'embargo_after_test',
          reason: 'the first train bar stands 1 bar after the test window, and embargo_bars wants 2',
        })),
      },
    ]);
  });
});

describe('a fit window', () => {
  const fitted = (transform: { [name: string]: LosslessValue }): string[] =>
    failures({}, { transforms: [{ name: 'scaler', fold_id: 'f1', fit_start_ts: 0n, fit_end_ts: 490n, ...transform }] });

  test('may reach to its train end and not past it', () => {
    expect(fitted({})).toEqual([]);
    expect(fitted({ fit_end_ts: 491n })).toEqual([
      'f1 fit_window: the fit window of transform "scaler" reaches past the train end',
    ]);
    expect(fitted({ fit_start_ts: null, fit_end_ts: null })).toEqual([]);
  });

  test('without a fold must not pass the earliest train end of all', () => {
    expect(fitted({ fold_id: null, fit_end_ts: 491n })).toEqual([
      '* fit_window: the fit window of transform "scaler" reaches past the train end',
    ]);
  });

  test('that cannot be held against anything fails', () => {
    expect(fitted({ fold_id: 'f9' })).toEqual([
      '* fit_window: transform "scaler" is of fold f9, which the plan does not have',
    ]);
    expect(fitted({ fit_end_ts: null })).toEqual([
      'f1 fit_window: transform "scaler" has a fit window whose fit_end_ts is no time',
    ]);
    expect(fitted({ fit_start_ts: 495n })).toEqual([
      'f1 fit_window: the fit window of transform "scaler" ends before it starts',
    ]);
  });
});

describe('times', () => {
  test('of plan and dataset may be texts and whole numbers in any unit', () => {
    const day = 86_400_000n;
    const start = 1_704_067_200_000n; // 2024-01-01
    const fold = {
      ...good,
      train_start_ts: '2024-01-01',
      train_end_ts: '2024-01-10 00:00:00',
      test_start_ts: '2024-01-17T00:00:00Z',
      test_end_ts: '2024-01-25T01:00:00+01:00',
    };
    for (const [per, unit] of [
      [1n, 1n],
      [1n, 1000n],
      [1n, 1_000_000n],
      [1000n, 1n],
    ] as const) {
      const dataset = foldTimestamps(
        Array.from({ length: 40 }, (_, index) => ((start + day * BigInt(index)) * unit) / per),
      );
      if (dataset === undefined) throw new Error('no times');
      expect(checkFolds({ folds: [fold] }, dataset)).toMatchObject({ ok: true });
      expect(checkFolds({ folds: [{ ...fold, purge_gap_bars: 5n }] }, dataset)).toMatchObject({ ok: false });
    }
    const texts = foldTimestamps(
      Array.from({ length: 31 }, (_, index) => `2024-01-${String(index + 1).padStart(2, '0')}`),
    );
    if (texts === undefined) throw new Error('no times');
    const asNumbers = {
      ...good,
      train_start_ts: start,
      train_end_ts: start + 9n * day,
      test_start_ts: start + 16n * day,
      test_end_ts: start + 24n * day,
    };
    expect(checkFolds({ folds: [asNumbers] }, texts)).toMatchObject({ ok: true, bars: 31 });
  });

  test('are made distinct and put in order; a mixture is refused', () => {
    expect(foldTimestamps([3n, 1, 3n, -2n])?.bars).toEqual(BigInt64Array.of(-2n, 1n, 3n));
    expect(foldTimestamps([1n, '2024-01-01'])).toBeUndefined();
    expect(foldTimestamps([1.5])).toBeUndefined();
    expect(foldTimestamps(['yesterday'])).toBeUndefined();
  });

  test('are read as ISO 8601, in UTC where no zone is given', () => {
    expect(instantOf('1970-01-01')).toBe(0n);
    expect(instantOf('1970-01-01 00:00:01.5')).toBe(1_500_000_000n);
    expect(instantOf('1970-01-01T00:00:00.123456789Z')).toBe(123_456_789n);
    expect(instantOf('1970-01-01T01:00:00+01:00')).toBe(0n);
    expect(instantOf('1970-01-01 00:00:00 UTC')).toBe(0n);
    for (const text of ['2024-02-30', '2024-01-01T25:00', '1600-01-01', '01.02.2024', ''])
      expect(instantOf(text)).toBeUndefined();
  });

  test('that look hostile do not stop the check', () => {
    for (const plan of [
      null,
      5n,
      [],
      {},
      { folds: {} },
      { folds: [] },
      { folds: [null, []] },
      { folds: Array(10_001).fill(good) },
    ]) {
      expect(checkFolds(plan, times)).toMatchObject({ ok: false });
    }
    const extreme = { ...good, train_start_ts: -(2n ** 63n), test_end_ts: 2n ** 63n - 1n };
    const dataset = foldTimestamps([2n ** 63n - 1n, '1'.length, -(2n ** 63n)]);
    if (dataset === undefined) throw new Error('no times');
    expect(checkFolds({ folds: [extreme, { ...extreme, test_end_ts: '2024-01-01' }] }, dataset).ok).toBe(false);
  });
});
