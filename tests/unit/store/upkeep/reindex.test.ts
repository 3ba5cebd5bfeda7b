import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canonicalBytes } from '../../../../src/core/canonical-json.ts';
import type { BlobId, RefName, RunId } from '../../../../src/core/ids.ts';
import type { Manifest } from '../../../../src/ports/manifest.ts';
import {
  applyFacts,
  artifactTagsFact,
  refFact,
  statusFact,
  supersedeFact,
} from '../../../../src/store/log/governance.ts';
import { readStored } from '../../../../src/store/objects/object-reader.ts';
import { WriteSession } from '../../../../src/store/objects/write-session.ts';
import { dumpManifest } from '../../../../src/store/upkeep/dump.ts';
import { collectGarbage } from '../../../../src/store/upkeep/gc.ts';
import { addHold, removeHold } from '../../../../src/store/upkeep/hold.ts';
import { type ReindexResult, reindexStore } from '../../../../src/store/upkeep/reindex.ts';
import { retireRuns } from '../../../../src/store/upkeep/retire.ts';
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

async function rebuild(staged?: { stage: string; ids: BlobId[] }[]): Promise<ReindexResult & { manifest: Manifest }> {
  const fresh = await store.openManifest(`fresh-${opened.length}.sqlite`);
  opened.push(fresh);
  const swap = { fresh, commit: async () => undefined, discard: async () => undefined };
  const result = await reindexStore(store, { swap: async () => swap, ...(staged === undefined ? {} : { staged }) });
  return { ...result, manifest: fresh };
}

/** A store in which something of everything has happened. */
async function eventful(): Promise<{ first: RunId; artifacts: ReadonlyMap<string, string> }> {
  const prices = await store.commit({
    'data/prices.csv': 'a,b\n1,2\n',
    'data/more/deep.bin': noise(1, 1_100_000),
    empty: '',
  });
  const input = prices.artifacts.get('data/prices.csv') as never;
  const second = await store.commit(
    { 'out/signal.csv': 'x\n1\n', 'zeros.bin': new Uint8Array(1_200_000), empty: undefined },
    { inputs: [{ artifact: input, run: prices.run }], tags: { stage: 'paper' } },
  );
  const old = await store.commit({ 'f.bin': noise(3, 3000) }, { branch: 'old' });
  await store.commit({ 'f.bin': noise(4, 3000) }, { branch: 'old' });
  const failed = await store.commit({ 'failed.txt': 'never mind' }, { loose: true });
  const session = new WriteSession(store);
  const signal = second.artifacts.get('out/signal.csv') as never;
  await applyFacts(store, session, [
    artifactTagsFact(store, session, signal, { quality: 'good', draft: 'yes' }),
    artifactTagsFact(store, session, signal, { draft: undefined }),
    supersedeFact(store, session, input, signal, 'a better one'),
    statusFact(store, session, 'tombstone', prices.artifacts.get('data/more/deep.bin') as never, 'licence'),
    statusFact(store, session, 'tombstone', second.artifacts.get('zeros.bin') as never, 'by mistake'),
    statusFact(store, session, 'restore', second.artifacts.get('zeros.bin') as never, 'not after all'),
    refFact(store, session, 'tags/v1' as RefName, undefined, second.run, 'first version'),
    refFact(store, session, 'tags/gone' as RefName, undefined, second.run, undefined),
    refFact(store, session, 'tags/gone' as RefName, second.run, undefined, 'never mind'),
  ]);
  await addHold(store, failed.run, 'audit');
  await addHold(store, prices.artifacts.get('data/prices.csv') as string, undefined);
  await removeHold(store, prices.artifacts.get('data/prices.csv') as string, 'over');
  await retireRuns(store, { revisions: [old.run] });
  return { first: prices.run, artifacts: prices.artifacts };
}

describe('reindex', () => {
  test('gives back every row that the log names, and every object is read from where the new manifest says', async () => {
    await eventful();
    const before = await dump(store.manifest);
    const { manifest, lost, notes } = await rebuild();
    expect(await dump(manifest)).toEqual(before);
    expect([lost, notes]).toEqual([[], []]);
    for await (const object of manifest.allObjects()) await readStored({ ...store, manifest }, object);
    expect(await manifest.logHead()).toEqual(await store.manifest.logHead());
    expect(await manifest.logPosition()).toEqual(await store.manifest.logPosition());
    expect(before.length).toBeGreaterThan(50);
  });

  test('gives back the same after gc has merged packs, let go of retired bytes and erased withdrawn ones', async () => {
    const { artifacts } = await eventful();
    store.time.now = Date.now() + 20 * day;
    expect((await collectGarbage(store, { eraseTombstoned: true })).objects).toBe(2);
    const before = await dump(store.manifest);
    const { manifest, lost } = await rebuild();
    expect(await dump(manifest)).toEqual(before);
    expect(lost).toEqual([]);
    const [erased] = await manifest.artifacts([artifacts.get('data/more/deep.bin') as never]);
    expect(erased).toMatchObject({ status: 'tombstoned', absent: true });
  });

  test('does not bring back erased bytes that a killed gc left on the disk', async () => {
    const { artifacts } = await eventful();
    const artifact = artifacts.get('data/more/deep.bin') as never;
    await collectGarbage(store, { eraseTombstoned: true });
    const [before] = await store.manifest.artifacts([artifact]);
    const blob = before?.blob as BlobId;
    await store.backend.put(`objects/${blob.slice(0, 2)}/${blob.slice(2)}`, [noise(1, 1_100_000)]);
    await store.backend.settle();
    const { manifest, lost } = await rebuild();
    expect((await manifest.artifacts([artifact]))[0]).toMatchObject({ status: 'tombstoned', absent: true });
    expect(lost).toEqual([]);
    expect((await collectGarbage(store)).orphans).toBe(1);
  });

  test('says the same however garbage and duplicates lie about', async () => {
    await eventful();
    const before = await dump(store.manifest);
    const session = new WriteSession(store);
    session.blob(noise(50, 2000));
    session.record(canonicalBytes({ schema: 'cairn.payload/1', text: 'named by nothing' }));
    await session.settle();
    await store.backend.put(`objects/ab/${'c'.repeat(62)}`, [new Uint8Array(3)]);
    await store.backend.settle();
    const { manifest, objects } = await rebuild();
    expect(await dump(manifest)).toEqual(before);
    expect(objects).toBeGreaterThan(0);
  });

  test('takes nothing for an event or a record that only looks like one', async () => {
    await eventful();
    const forged: { [path: string]: Uint8Array } = {};
    let index = 0;
    for await (const { line } of store.log.read()) forged[`event-${index++}.json`] = line.slice();
    forged['run.json'] = await readStored(
      store,
      (await store.manifest.objects('record', [(await store.manifest.refs(''))[0]?.target as RunId]))[0] as never,
    );
    await store.commit(forged, { branch: 'forged' });
    const before = await dump(store.manifest);
    const { manifest, events } = await rebuild();
    expect(await dump(manifest)).toEqual(before);
    expect(events).toBe((await store.manifest.logHead()).size);
  });

  test('ignores a line without an end, and refuses a log that was changed, cut in the middle or reordered', async () => {
    await eventful();
    const path = join(store.root, 'log/events-000001.jsonl');
    const text = readFileSync(path, 'utf8');
    const lines = text.trimEnd().split('\n');
    appendFileSync(path, '{"half":');
    expect((await rebuild()).events).toBe(lines.length);
    for (const changed of [
      lines.toSpliced(3, 1),
      lines.toSpliced(3, 2, lines[4] as string, lines[3] as string),
      lines.with(2, (lines[2] as string).replace('"wall"', '"fixed"')),
      lines.with(2, '{}'),
    ]) {
      writeFileSync(path, `${changed.join('\n')}\n`);
      await expect(rebuild()).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    }
  });

  test('names the record that it cannot do without, and reports a needed blob that is nowhere as lost', async () => {
    const { blobs } = await store.commit({ 'large.bin': noise(1, 1_100_000), 'a.txt': 'small' });
    const large = blobs.get('large.bin') as BlobId;
    await store.backend.remove(`objects/${large.slice(0, 2)}/${large.slice(2)}`);
    const { lost, manifest } = await rebuild();
    expect(lost).toEqual([large]);
    expect((await manifest.objects('blob', [large]))[0]?.location).toEqual({ kind: 'absent', lost: true });
    const [pack] = await store.manifest.packs();
    await store.backend.remove(`packs/${pack?.name}.pack`);
    await expect(rebuild()).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
  });

  test('keeps what staging areas need, when it is told', async () => {
    const session = new WriteSession(store);
    const id = session.blob(noise(8, 500));
    await session.settle();
    const { manifest } = await rebuild([{ stage: 'w/default', ids: [id] }]);
    expect([...(await manifest.stagedBlobs())]).toEqual([id]);
  });
});
