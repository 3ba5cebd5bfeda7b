/** The store as it stood at each hour of the day on which a signal was accepted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenWorkspace } from '../../../../src/app/open-store.ts';
import { asOf } from '../../../../src/store/governance/at-time.ts';
import { withdrawCandidate } from '../../../../src/store/governance/promote.ts';
import { traceOf } from '../../../../src/store/governance/trace.ts';
import { restore, supersede, tagArtifact, tombstone } from '../../../../src/store/lineage/status-change.ts';
import { listArtifacts } from '../../../../src/store/runs/list-artifacts.ts';
import { resolveArtifact, resolveRevision } from '../../../../src/store/runs/revision.ts';
import { showRevision } from '../../../../src/store/runs/show.ts';
import { anAcceptedSignal, hour, type Signal } from './an-accepted-signal.ts';

let signal: Signal;
beforeAll(async () => {
  signal = await anAcceptedSignal();
  await signal.at(12, (store) => tombstone(store, signal.bundle, 'the vendor withdrew it'));
  await signal.at(13, (store) => withdrawCandidate(store, signal.candidate, 'evidence is gone'));
  await signal.at(14, (store) => restore(store, signal.bundle, 'the vendor was wrong'));
  await signal.at(14, (store) => tagArtifact(store, signal.bundle, { checked: 'yes' }));
  await signal.commit(15, 'new prices', { 'prices.csv': 'day,price\n1,10\n2,12\n' });
  await signal.at(16, async (store) => {
    const [older, newer] = [
      await resolveArtifact(store, `${signal.prices}:prices.csv`),
      await resolveArtifact(store, 'HEAD:prices.csv'),
    ];
    await supersede(store, newer, older, 'corrected');
  });
}, 60_000);
afterAll(() => signal.remove());

const then = <Result>(count: number, work: (store: OpenWorkspace) => Promise<Result>): Promise<Result> =>
  signal.at(20, async (store) => work(await asOf(store, hour(count))));

describe('a candidate', () => {
  const states = [
    [5, 'exploratory', undefined, 0],
    [6, 'candidate', undefined, 0],
    [10, 'accepted', 'accepted/momentum-h20', 0],
    [12, 'accepted', 'accepted/momentum-h20', 1],
    [13, 'exploratory', undefined, 0],
  ] as const;
  for (const [count, status, name, risks] of states) {
    test(`is ${status} at ${count}:00, with ${risks} risks`, async () => {
      const [entry] = await then(count, ({ manifest }) => manifest.candidates([signal.candidate]));
      expect([entry?.status, entry?.name, entry?.risks.length]).toEqual([status, name, risks]);
    });
  }

  test('was nothing before it was made', async () => {
    expect(await then(4, ({ manifest }) => manifest.candidates([signal.candidate]))).toEqual([undefined]);
    await expect(then(4, (store) => resolveRevision(store, signal.candidate))).rejects.toMatchObject({
      code: 'REV_NOT_FOUND',
    });
  });

  test('is listed by the status that it had', async () => {
    const accepted = (count: number): Promise<unknown> =>
      then(count, async ({ manifest }) => {
        const { rows } = await manifest.listCandidates({ status: 'accepted' }, { limit: 100 });
        return rows.map(({ id }) => id);
      });
    expect(await accepted(9)).toEqual([]);
    expect(await accepted(11)).toEqual([signal.candidate]);
    expect(await accepted(14)).toEqual([]);
  });

  test('is traced as it stood, with the acts up to then', async () => {
    const found = await then(9, (store) => traceOf(store, signal.candidate));
    const [candidate] = found.candidates;
    expect(candidate?.entry.status).toBe('candidate');
    expect(candidate?.acts.at(-1)?.action).toBe('approve');
    expect(found.complete).toBe(true);
  });
});

test('an accepted name stands from its promotion to its withdrawal', async () => {
  const named = (count: number): Promise<unknown> =>
    then(count, (store) => resolveRevision(store, 'accepted/momentum-h20').then(({ run }) => run));
  await expect(named(9)).rejects.toMatchObject({ code: 'REV_NOT_FOUND' });
  expect(await named(10)).toBe(signal.signals);
  await expect(named(13)).rejects.toMatchObject({ code: 'REV_NOT_FOUND' });
});

test('a branch stands where it stood', async () => {
  const main = (count: number): Promise<string> =>
    then(count, (store) => resolveRevision(store, 'main').then(({ id }) => id));
  expect([await main(2), await main(3), await main(14)]).toEqual([signal.prices, signal.signals, signal.signals]);
  expect(await main(15)).not.toBe(signal.signals);
});

test('an artifact has the status, reason and tags that it had', async () => {
  const state = (count: number): Promise<unknown> =>
    then(count, async (store) => {
      const shown = await showRevision(store, signal.bundle, 10);
      return shown.kind === 'artifact' && [shown.entry.status, shown.entry.reason, shown.entry.tags];
    });
  expect(await state(11)).toEqual(['active', undefined, {}]);
  expect(await state(12)).toEqual(['tombstoned', 'the vendor withdrew it', {}]);
  expect(await state(13)).toEqual(['tombstoned', 'the vendor withdrew it', {}]);
  expect(await state(14)).toEqual(['active', undefined, { checked: 'yes' }]);
});

test('lists of artifacts are those of the moment', async () => {
  const list = (count: number, status?: 'tombstoned' | 'superseded'): Promise<unknown> =>
    then(count, async (store) => {
      const { rows } = await listArtifacts(store, { status }, { limit: 100 });
      return rows.map(({ entry }) => entry.logicalKey).sort();
    });
  expect(await list(2)).toEqual(['prices.csv']);
  expect(await list(3)).toEqual(['bundle.json', 'prices.csv', 'signals.csv']);
  expect(await list(12, 'tombstoned')).toEqual(['bundle.json']);
  expect(await list(15, 'superseded')).toEqual([]);
  expect(await list(16, 'superseded')).toEqual(['prices.csv']);
  expect(await list(16)).toEqual(['bundle.json', 'prices.csv', 'prices.csv', 'signals.csv']);
});

test('an artifact says what replaced it only from when that was said', async () => {
  const replaced = (count: number): Promise<unknown> =>
    then(count, async (store) => {
      const [old] = await store.manifest.artifacts([await resolveArtifact(store, `${signal.prices}:prices.csv`)]);
      return [old?.supersededBy, old?.reason];
    });
  const newer = await then(16, (store) => resolveArtifact(store, 'main:prices.csv'));
  expect([await replaced(15), await replaced(16)]).toEqual([
    [undefined, undefined],
    [newer, 'corrected'],
  ]);
});

test('a run is stale only from when its input was replaced', async () => {
  const stale = (count: number): Promise<unknown> =>
    then(count, async ({ manifest }) => (await manifest.runs([signal.signals]))[0]?.stale);
  expect([await stale(15), await stale(16)]).toEqual([false, true]);
});

test('roles, keys and the active policy are those of the moment', async () => {
  const seen = (count: number): Promise<unknown> =>
    then(count, async ({ manifest }) => [
      (await manifest.actors()).map(({ name, roles }) => [name, roles.includes('approver')]),
      (await manifest.keys()).length,
      (await manifest.activePolicy())?.name,
    ]);
  expect(await seen(0)).toEqual([[['Ada Lovelace', false]], 1, undefined]);
  expect(await seen(4)).toEqual([
    [
      ['Ada Lovelace', false],
      ['Bob Noyce', true],
    ],
    2,
    'plain',
  ]);
});

test('what the past has no answer to is refused', async () => {
  await expect(then(10, ({ manifest }) => manifest.stats())).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  await expect(signal.at(20, (store) => asOf(store, '2025-12-31T00:00:00.000Z' as never))).rejects.toMatchObject({
    code: 'BAD_ARGUMENT',
  });
});
