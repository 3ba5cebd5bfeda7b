/** Governance through reindex and gc, with real records. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ArtifactId, ObjectId } from '../../../../src/core/ids.ts';
import type { Manifest } from '../../../../src/ports/manifest.ts';
import { dumpManifest } from '../../../../src/store/upkeep/dump.ts';
import { collectGarbage } from '../../../../src/store/upkeep/gc.ts';
import { reindexStore } from '../../../../src/store/upkeep/reindex.ts';
import { retireRuns } from '../../../../src/store/upkeep/retire.ts';
import { accept, undo } from './a-candidate.ts';
import { day, makeStore, type TestStore } from './a-store.ts';
import { noise } from './some-packs.ts';

let store: TestStore;
let opened: Manifest[];
beforeEach(async () => {
  store = await makeStore();
  opened = [];
});
afterEach(async () => {
  for (const manifest of opened) await manifest.close();
  await store.close();
});

async function dump(manifest: Manifest): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of dumpManifest({ ...store, manifest })) lines.push(line);
  return lines;
}

async function rebuilt(): Promise<Manifest> {
  const fresh = await store.openManifest(`fresh-${opened.length}.sqlite`);
  opened.push(fresh);
  const swap = { fresh, commit: async () => undefined, discard: async () => undefined };
  await reindexStore(store, { swap: async () => swap });
  return fresh;
}

test('a rebuilt manifest shows the same governance, and goes on from there', async () => {
  const { run, artifacts } = await store.commit({ 'bundle.json': '{}', 'x.bin': noise(1, 3000) });
  const evidence = [artifacts.get('bundle.json') as ArtifactId];
  const first = await accept(store, { run, name: 'momentum', evidence, notes: 'why "this"\u0001' });
  expect(await dump(await rebuilt())).toEqual(await dump(store.manifest));
  await undo(store, first);
  const fresh = await rebuilt();
  expect(await dump(fresh)).toEqual(await dump(store.manifest));
  expect(await fresh.check()).toEqual([]);
  expect((await fresh.candidates([first]))[0]).toMatchObject({ status: 'rejected', name: undefined });
});

test('gc keeps the records of a claim and its evidence, though its run is retired', async () => {
  const { run, artifacts } = await store.commit({ 'bundle.json': noise(2, 3000), 'x.bin': noise(3, 3000) });
  const evidence = [artifacts.get('bundle.json') as ArtifactId];
  const id = await accept(store, { run, name: 'momentum', evidence, notes: 'kept' });
  await undo(store, id);
  await store.commit({ 'bundle.json': 'other', 'x.bin': 'other' });
  await retireRuns(store, { revisions: [run] });
  store.time.now += 100 * day;
  await collectGarbage(store, {});
  const [bundle, gone] = await store.manifest.artifacts([
    evidence[0] as ArtifactId,
    artifacts.get('x.bin') as ArtifactId,
  ]);
  expect([bundle?.absent, gone?.absent]).toEqual([false, true]);
  const reports = await store.manifest.reportsOf(id);
  const approvals = await store.manifest.approvals(reports[0]?.id as never);
  const [candidate] = await store.manifest.candidates([id]);
  const named = [
    id,
    candidate?.record.notes,
    ...reports.flatMap(({ id: report, record }) => [report, record.facts, record.policy]),
  ];
  const records = [...named, ...approvals.map((approval) => approval.id)] as ObjectId[];
  const found = await store.manifest.objects('record', records);
  expect(found.map((object) => object?.location.kind === 'absent')).toEqual(records.map(() => false));
  expect(approvals.length).toBe(1);
});
