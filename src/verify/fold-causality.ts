/**
 * Fold causality recomputed: a split plan held against the dataset's distinct times, so that nobody has to believe what a pipeline
 * declares about itself. A bar is one distinct time. For each fold:
 *
 *   plan                the windows and the three counts are there; counts are whole numbers from 0
 *   windows             start <= end; windows are closed intervals; each holds a bar of the dataset
 *   overlap             train and test have no time in common
 *   purge_and_embargo   train before test: the bars strictly between train end and test start are at least
 *                       purge_gap_bars + embargo_bars
 *   embargo_after_test  train after test: the first train bar stands at least embargo_bars bars behind the last test bar (the bar that
 *                       follows it is one away)
 *   fit_window          no fit window of a transform reaches past its train end: that of its fold_id, or without one the earliest of all
 *   asof_lag            scoring uses nothing later than the bar asof_lag_bars before the last test bar: such a bar lies in the test
 *                       window, and a score_end_ts, where the fold has one, is not later than it
 *
 * Entries with one fold_id are one fold: the train window of each is held against the test window of each.
 * The plan may be hostile: at most 10,000 entries, 100 of one fold, 10,000 transforms; each is a few binary searches.
 */
import type { FoldTimestamps } from '../core/evidence/fold-times.ts';
import { isLosslessObject, type LosslessValue } from '../core/lossless-json.ts';
import type { FoldCheck, FoldOutcome } from '../core/records/facts.ts';
import {
  type Fail,
  type FoldEntry,
  type FoldFailure,
  FoldTimes,
  foldTimeFields,
  idText,
  listOf,
  readEntry,
} from './fold-plan.ts';

const entryLimit = 10_000;
const entriesOfOneFold = 100;

function bars(count: number): string {
  return count === 1 ? '1 bar' : `${count} bars`;
}

function checkWindows(entry: FoldEntry, times: FoldTimes, fail: Fail): boolean {
  let sound = true;
  for (const name of ['train', 'test'] as const) {
    const { start, end } = entry[name];
    const why =
      start > end
        ? `the ${name} window ends before it starts`
        : times.upTo(end) === times.before(start)
          ? `no bar of the dataset lies in the ${name} window`
          : undefined;
    if (why === undefined) continue;
    sound = false;
    fail('windows', why);
  }
  return sound;
}

function checkPair({ train, embargo, purge }: FoldEntry, other: FoldEntry, times: FoldTimes, fail: Fail): void {
  const { test } = other;
  if (train.start <= test.end && test.start <= train.end) {
    fail('overlap', 'the train window and the test window overlap');
  } else if (train.end < test.start) {
    const between = times.before(test.start) - times.upTo(train.end);
    // The larger claim of the two entries holds.
    const wanted = Math.max(purge, other.purge) + Math.max(embargo, other.embargo);
    if (between < wanted) {
      const parts = `purge_gap_bars ${Math.max(purge, other.purge)} + embargo_bars ${Math.max(embargo, other.embargo)}`;
      fail('purge_and_embargo', `${bars(between)} between train end and test start, and ${parts} want ${wanted}`);
    }
  } else {
    const away = times.before(train.start) - (times.upTo(test.end) - 1);
    const wanted = Math.max(embargo, other.embargo);
    if (away < wanted) {
      fail(
        'embargo_after_test',
        `the first train bar stands ${bars(away)} after the test window, and embargo_bars wants ${wanted}`,
      );
    }
  }
}

function checkLag({ test, lag, scoreEnd }: FoldEntry, times: FoldTimes, fail: Fail): void {
  const last = times.upTo(test.end) - 1 - lag;
  if (last < times.before(test.start)) {
    fail(
      'asof_lag',
      `the test window has ${bars(times.upTo(test.end) - times.before(test.start))}, and asof_lag_bars ${lag} leaves none to score`,
    );
  } else if (scoreEnd !== undefined && scoreEnd > times.barAt(last)) {
    fail('asof_lag', `scoring goes on past the bar that stands asof_lag_bars ${lag} before the last test bar`);
  }
}

function checkFits(
  transforms: readonly LosslessValue[],
  folds: ReadonlyMap<string, { readonly entries: readonly FoldEntry[]; readonly fail: Fail }>,
  times: FoldTimes,
  failPlan: Fail,
): void {
  const trainEnd = (entries: readonly FoldEntry[]): bigint | undefined =>
    entries.reduce<bigint | undefined>(
      (least, { train }) => (least === undefined || train.end < least ? train.end : least),
      undefined,
    );
  const earliest = trainEnd(Array.from(folds.values()).flatMap(({ entries }) => entries));
  for (const [index, transform] of transforms.entries()) {
    if (!isLosslessObject(transform)) continue;
    const { fit_start_ts: from, fit_end_ts: to } = transform;
    if ((from ?? null) === null && (to ?? null) === null) continue;
    const foldId = idText(transform['fold_id']);
    const name =
      typeof transform['name'] === 'string' ? JSON.stringify(transform['name'].slice(0, 60)) : `number ${index + 1}`;
    const fold = foldId === undefined ? undefined : folds.get(foldId);
    const fail = fold?.fail ?? failPlan;
    if (foldId !== undefined && fold === undefined)
      fail('fit_window', `transform ${name} is of fold ${foldId}, which the plan does not have`);
    const [start, end] = [from, to].map((time) => ((time ?? null) === null ? undefined : times.of(time)));
    const limit = fold === undefined ? earliest : trainEnd(fold.entries);
    if (end === undefined || (start === undefined && (from ?? null) !== null)) {
      fail(
        'fit_window',
        `transform ${name} has a fit window whose ${end === undefined ? 'fit_end_ts' : 'fit_start_ts'} is no time`,
      );
    } else if (start !== undefined && start > end)
      fail('fit_window', `the fit window of transform ${name} ends before it starts`);
    else if (limit !== undefined && end > limit)
      fail('fit_window', `the fit window of transform ${name} reaches past the train end`);
  }
}

/**
 * Holds a split plan against the distinct times of its dataset. `attestation` brings the transforms, where one is in evidence; the
 * plan may have `transforms` too. Never throws for what they hold.
 */
export function checkFolds(
  plan: LosslessValue,
  timestamps: FoldTimestamps,
  attestation: LosslessValue = null,
): FoldCheck {
  const ofPlan: FoldFailure[] = [];
  const failPlan: Fail = (rule, reason) => ofPlan.push({ rule, reason });
  const entries = isLosslessObject(plan) ? listOf(plan['folds']) : [];
  const transforms = [plan, attestation].flatMap((one) => (isLosslessObject(one) ? listOf(one['transforms']) : []));
  const result = (folds: FoldOutcome[]): FoldCheck => {
    if (ofPlan.length > 0) folds.unshift({ foldId: '*', failures: ofPlan.slice(0, 100) });
    return {
      ok: folds.length > 0 && folds.every(({ failures }) => failures.length === 0),
      bars: timestamps.bars.length,
      folds,
    };
  };
  if (entries.length === 0) failPlan('plan', 'the plan has no folds');
  if (entries.length > entryLimit || transforms.length > entryLimit) {
    failPlan('plan', `more than ${entryLimit} folds or transforms`);
    return result([]);
  }
  const objects = entries.filter(isLosslessObject);
  if (objects.length < entries.length) failPlan('plan', 'a fold is no object');
  const fits = transforms.filter(isLosslessObject);
  const times = new FoldTimes(timestamps, [
    ...objects.flatMap((fold) => foldTimeFields.map((name) => fold[name])),
    ...fits.flatMap((transform) => [transform['fit_start_ts'], transform['fit_end_ts']]),
  ]);
  const folds = new Map<string, { entries: FoldEntry[]; failures: FoldFailure[]; fail: Fail }>();
  for (const [index, object] of objects.entries()) {
    const foldId = idText(object['fold_id']);
    const key = foldId ?? `#${index + 1}`;
    let fold = folds.get(key);
    if (fold === undefined) {
      const failures: FoldFailure[] = [];
      fold = { entries: [], failures, fail: (rule, reason) => failures.push({ rule, reason }) };
      folds.set(key, fold);
    }
    if (foldId === undefined) fold.fail('plan', 'fold_id is missing');
    const entry = readEntry(object, times, fold.fail);
    if (entry !== undefined && checkWindows(entry, times, fold.fail)) fold.entries.push(entry);
  }
  for (const { entries: ofFold, fail } of folds.values()) {
    if (ofFold.length > entriesOfOneFold) {
      fail('plan', `more than ${entriesOfOneFold} entries with one fold_id`);
      continue;
    }
    for (const one of ofFold) {
      for (const other of ofFold) checkPair(one, other, times, fail);
      checkLag(one, times, fail);
    }
  }
  checkFits(transforms, folds, times, failPlan);
  return result(Array.from(folds, ([foldId, { failures }]) => ({ foldId, failures: failures.slice(0, 100) })));
}
