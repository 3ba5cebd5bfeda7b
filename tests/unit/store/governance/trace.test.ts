/** Traces of a candidate and of an artifact: the whole way back, what is missing, and the bounds. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMemoryEventLog } from '../../../../src/adapters/memory/memory-event-log.ts';
import { openMemoryManifest } from '../../../../src/adapters/memory/memory-manifest.ts';
import type { ArtifactId } from '../../../../src/core/ids.ts';
import type { ObjectBackend } from '../../../../src/ports/object-backend.ts';
import { type Trace, type TraceOptions, traceOf } from '../../../../src/store/governance/trace.ts';
import { tombstone } from '../../../../src/store/lineage/status-change.ts';
import type { RevisionContext } from '../../../../src/store/runs/revision.ts';
import { artifact, commit } from '../../../conformance/manifest-sample.ts';
import { anAcceptedSignal, hour, type Signal } from './an-accepted-signal.ts';

let signal: Signal;
beforeAll(async () => {
  signal = await anAcceptedSignal();
}, 60_000);
afterAll(() => signal.remove());

/** In a store whose objects cannot be read. */
function trace(rev: string, options: TraceOptions = {}, of = signal): Promise<Trace> {
  return of.at(20, (store) => {
    const backend = new Proxy({} as ObjectBackend, {
      get: (_, name) => () => {
        throw new Error(`an object was asked for: ${String(name)}`);
      },
    });
    return traceOf(Object.create(store, { backend: { value: backend } }), rev, options);
  });
}

const keysOf = (found: Trace, ids: readonly ArtifactId[]): (string | undefined)[] =>
  ids.map((id) => found.artifacts.get(id)?.logicalKey);

test('an accepted name leads to report, approval, evidence, runs and data, and no object is read', async () => {
  const found = await trace('accepted/momentum-h20');
  const [candidate] = found.candidates;
  expect(candidate?.entry.id).toBe(signal.candidate);
  expect(candidate?.acts.map(({ action, timestamp }) => [action, timestamp])).toEqual([
    ['candidate.create', hour(5)],
    ['candidate.evaluate', hour(5)],
    ['candidate.promote', hour(6)],
    ['candidate.evaluate', hour(8)],
    ['approve', hour(9)],
    ['candidate.promote', hour(10)],
  ]);
  expect(candidate?.report?.id).toBe(signal.report);
  expect(candidate?.policy?.name).toBe('plain');
  expect(candidate?.approvals.map(({ actor }) => found.actors.get(actor))).toEqual(['Bob Noyce <bob@example.org>']);
  expect(candidate?.evidence).toEqual([
    { role: 'validation_bundle', artifact: signal.bundle, run: signal.signals, path: 'bundle.json' },
  ]);
  expect(found.runs.map(({ entry, depth }) => [entry.id, depth, entry.engineVersion, entry.configVersion])).toEqual([
    [signal.signals, 0, '1.0', '7'],
    [signal.prices, 1, '1.0', '7'],
  ]);
  expect(
    keysOf(
      found,
      found.productions.map(({ artifact }) => artifact),
    ).toSorted(),
  ).toEqual(['bundle.json', 'prices.csv', 'signals.csv']);
  expect(found.edges.map(({ run }) => run)).toEqual([signal.signals, signal.signals]);
  expect(
    keysOf(
      found,
      found.edges.map(({ parent }) => parent),
    ),
  ).toEqual(['prices.csv', 'prices.csv']);
  expect([found.complete, found.missing]).toEqual([true, []]);
});

test('a candidate answers to its id and to its report as well', async () => {
  const ids = await Promise.all([signal.candidate, signal.report].map(async (id) => (await trace(id)).target.id));
  expect(ids).toEqual([signal.candidate, signal.candidate]);
});

test('an artifact leads to what made it, and to every candidate that rests on it, the accepted one first', async () => {
  const found = await trace(signal.bundle);
  expect(found.target).toEqual({ kind: 'artifact', id: signal.bundle });
  expect(found.candidates.map(({ entry }) => entry.id)).toEqual([signal.candidate, signal.other]);
  expect(found.runs.map(({ entry }) => entry.id)).toEqual([signal.signals, signal.prices]);
  expect(found.complete).toBe(true);
  const raw = found.edges.map(({ parent }) => parent)[0] as ArtifactId;
  // Data that an accepted signal was made from, through a run.
  expect((await trace(raw)).candidates.map(({ entry }) => entry.id)).toEqual([signal.candidate, signal.other]);
  const bounded = await trace(raw, { limit: 2 });
  expect(bounded.candidates).toEqual([]);
  expect(bounded.missing.map(({ kind }) => kind)).toContain('limit');
});

test('an input that no run is known to have produced is missing', async () => {
  const manifest = openMemoryManifest({ log: openMemoryEventLog() });
  const [raw, made] = [artifact('raw'), artifact('made')];
  const run = await commit(manifest, { inputs: [raw], outputs: [made] });
  const found = await traceOf({ manifest } as RevisionContext, made.id);
  expect(found.missing.map(({ kind, subject }) => [kind, subject])).toEqual([['producer', raw.id]]);
  expect(found.missing[0]?.detail).toContain(`of run ${run.id.slice(0, 12)}`);
  expect(found.complete).toBe(false);
});

test('depth and limit bound it, and then it is not complete', async () => {
  const shallow = await trace(signal.candidate, { depth: 0 });
  expect(shallow.runs.map(({ entry }) => entry.id)).toEqual([signal.signals]);
  expect(shallow.missing.map(({ kind }) => kind)).toEqual(['depth']);
  const short = await trace(signal.candidate, { limit: 1 });
  expect(short.complete).toBe(false);
  expect(short.productions).toHaveLength(1);
  expect(short.missing.every(({ kind }) => kind === 'limit')).toBe(true);
});

test('what was withdrawn since is said', async () => {
  const copy = signal.copy();
  await copy.at(12, (store) => tombstone(store, copy.bundle, 'the vendor withdrew it'));
  const [candidate] = (await trace(copy.candidate, {}, copy)).candidates;
  expect(candidate?.entry.risks).toEqual([
    { kind: 'evidence-tombstoned', role: 'validation_bundle', artifact: copy.bundle },
  ]);
});

test('a run is no beginning of a trace', async () => {
  await expect(trace(signal.prices)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  await expect(trace('accepted/nothing')).rejects.toMatchObject({ code: 'REV_NOT_FOUND' });
});
