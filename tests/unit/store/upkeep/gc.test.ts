import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BlobId, ObjectId } from '../../../../src/core/ids.ts';
import { parseFrameHead } from '../../../../src/core/pack-format.ts';
import type { Namespace } from '../../../../src/ports/manifest.ts';
import { applyFacts, statusFact } from '../../../../src/store/log/governance.ts';
import { readBlob } from '../../../../src/store/objects/object-reader.ts';
import { WriteSession } from '../../../../src/store/objects/write-session.ts';
import { checkStore } from '../../../../src/store/upkeep/fsck.ts';
import { collectGarbage } from '../../../../src/store/upkeep/gc.ts';
import { addHold, removeHold } from '../../../../src/store/upkeep/hold.ts';
import { retireRuns } from '../../../../src/store/upkeep/retire.ts';
import { day, makeStore, type TestStore } from './a-store.ts';
import { flipped, noise } from './some-packs.ts';

let store: TestStore;
beforeEach(async () => {
  store = await makeStore();
});
afterEach(async () => {
  await store.close();
});

async function isThere(namespace: Namespace, id: ObjectId): Promise<boolean> {
  const [row] = await store.manifest.objects(namespace, [id]);
  return row !== undefined && row.location.kind !== 'absent';
}

/** Bytes stored by a command that staged or committed nothing. */
async function strayBlob(bytes: Uint8Array): Promise<BlobId> {
  const session = new WriteSession(store);
  const id = session.blob(bytes);
  await store.manifest.apply({ facts: await session.settle(), nowMs: store.time.now, clock: 'wall' });
  return id;
}

async function expectSound(): Promise<void> {
  const { problems } = await checkStore(store, 'all');
  expect(problems).toEqual([]);
}

describe('gc', () => {
  test('removes what nothing needs once it is older than the grace period, and not before', async () => {
    const { blobs } = await store.commit({ 'a.txt': 'kept' });
    const stray = await strayBlob(noise(1, 5000));
    store.time.now += 13 * day;
    expect((await collectGarbage(store)).objects).toBe(0);
    expect(await isThere('blob', stray)).toBe(true);
    store.time.now += 2 * day;
    const result = await collectGarbage(store);
    expect(result.removed).toEqual([{ namespace: 'blob', object: stray, size: 5000, why: 'unreachable' }]);
    expect(await isThere('blob', stray)).toBe(false);
    expect(await readBlob(store, blobs.get('a.txt') as BlobId)).toEqual(new TextEncoder().encode('kept'));
    await expectSound();
  });

  test('keeps what a writer has freshened within the grace period', async () => {
    await store.commit({ 'a.txt': 'kept' });
    const stray = await strayBlob(noise(1, 5000));
    store.time.now += 20 * day;
    await strayBlob(noise(1, 5000)); // found again, so freshened
    expect((await collectGarbage(store)).objects).toBe(0);
    expect(await isThere('blob', stray)).toBe(true);
  });

  test('keeps what is staged, however old', async () => {
    const stray = await strayBlob(noise(1, 5000));
    await store.manifest.apply({
      facts: [{ kind: 'stage', stage: 'w/default', ids: [stray] }],
      nowMs: store.time.now,
      clock: 'wall',
    });
    store.time.now += 100 * day;
    expect((await collectGarbage(store)).objects).toBe(0);
    await store.manifest.apply({
      facts: [{ kind: 'unstage', stage: 'w/default' }],
      nowMs: store.time.now,
      clock: 'wall',
    });
    expect((await collectGarbage(store)).objects).toBe(1);
  });

  test('changes nothing in a dry run and foretells what then happens', async () => {
    await store.commit({ 'a.txt': noise(1, 9000), 'big.bin': noise(2, 1_200_000) });
    const { run } = await store.commit({ 'b.txt': noise(3, 9000), 'big.bin': noise(4, 1_300_000) }, { branch: 'old' });
    await store.commit({ 'b.txt': undefined, 'big.bin': undefined }, { branch: 'old' });
    await retireRuns(store, { revisions: [run] });
    store.time.now += 15 * day;
    const before = [...store.files().keys()];
    const foretold = await collectGarbage(store, { dryRun: true });
    expect([...store.files().keys()]).toEqual(before);
    const done = await collectGarbage(store);
    expect(foretold.objects).toBe(2);
    expect(done.removed).toEqual(foretold.removed);
    expect(Math.abs(done.bytes - foretold.bytes)).toBeLessThan(20_000);
    await expectSound();
  });

  test('merges small packs, drops those without a needed object and rewrites those with much that is dead', async () => {
    for (let index = 0; index < 6; index++) await store.commit({ [`f${index}.txt`]: `content ${index} `.repeat(100) });
    expect((await store.manifest.packs()).length).toBeGreaterThan(5);
    const dead = await strayBlob(noise(9, 30_000));
    store.time.now += 15 * day;
    const result = await collectGarbage(store);
    expect(result.packs.dropped).toBe(1);
    expect(result.packs.written).toBe(1);
    expect(await isThere('blob', dead)).toBe(false);
    expect((await store.manifest.packs()).length).toBe(1);
    expect([...store.files().keys()].filter((name) => name.startsWith('packs/'))).toHaveLength(1);
    await expectSound();
    expect((await collectGarbage(store)).packs).toEqual({ dropped: 0, rewritten: 0, written: 0 });
  });

  test('removes nothing at all when one record that decides cannot be read', async () => {
    const { run } = await store.commit({ 'a.txt': 'kept' });
    await strayBlob(noise(1, 5000));
    store.time.now += 15 * day;
    const [row] = await store.manifest.objects('record', [run]);
    const place = row?.location as { pack: string; frame: number };
    const name = `packs/${place.pack}.pack`;
    const pack = store.files().get(name) as Uint8Array;
    const head = parseFrameHead(pack.subarray(place.frame));
    store.damage(name, flipped(pack, place.frame + (head?.headSize ?? 0) + 3));
    const before = [...store.files().keys()];
    await expect(collectGarbage(store)).rejects.toMatchObject({ code: 'GC_INCOMPLETE' });
    expect([...store.files().keys()]).toEqual(before);
  });

  test('lets go of the blobs of a retired run that no other run needs, and keeps its records and lineage', async () => {
    const first = await store.commit({ 'a.bin': noise(1, 4000), 'shared.bin': noise(2, 4000) }, { branch: 'x' });
    const second = await store.commit({ 'a.bin': noise(3, 4000) }, { branch: 'x' });
    const retired = await retireRuns(store, { revisions: [first.run] });
    expect(retired).toMatchObject({ objects: 1, bytes: 4000 });
    store.time.now += 15 * day;
    await collectGarbage(store);
    expect(await isThere('blob', first.blobs.get('a.bin') as BlobId)).toBe(false);
    expect(await isThere('blob', first.blobs.get('shared.bin') as BlobId)).toBe(true);
    expect(await isThere('blob', second.blobs.get('a.bin') as BlobId)).toBe(true);
    expect(await isThere('record', first.run)).toBe(true);
    expect((await store.manifest.outputs(first.run)).map((output) => output.path)).toEqual(['a.bin', 'shared.bin']);
    const [artifact] = await store.manifest.artifacts([first.artifacts.get('a.bin') as never]);
    expect(artifact?.absent).toBe(true);
    await expect(readBlob(store, first.blobs.get('a.bin') as BlobId)).rejects.toMatchObject({
      code: 'OBJECT_WITHDRAWN',
    });
    await expectSound();
  });

  test('keeps everything of a held run though it is retired, until the hold is removed', async () => {
    const first = await store.commit({ 'a.bin': noise(1, 4000) }, { branch: 'x' });
    await store.commit({ 'a.bin': noise(3, 4000) }, { branch: 'x' });
    await retireRuns(store, { revisions: [first.run] });
    await addHold(store, first.run, 'audit');
    store.time.now += 15 * day;
    expect((await collectGarbage(store)).objects).toBe(0);
    await removeHold(store, first.run, undefined);
    expect((await collectGarbage(store)).objects).toBe(1);
  });

  test('removes second copies and strangers that are older than the grace period, and spares the only good copy', async () => {
    const { blobs } = await store.commit({ 'a.txt': 'kept' });
    const id = blobs.get('a.txt') as BlobId;
    const backend = store.backend;
    await backend.put(`objects/${id.slice(0, 2)}/${id.slice(2)}`, [new TextEncoder().encode('kept')]);
    await backend.put(`objects/ab/${'c'.repeat(62)}`, [new Uint8Array(10)]);
    await backend.put(`packs/${'d'.repeat(64)}.pack`, [new Uint8Array(10)]);
    await backend.settle();
    store.time.now = Date.now(); // files have the time of the system
    expect((await collectGarbage(store)).orphans).toBe(0);
    store.time.now += 15 * day;
    const pack = [...store.files()].find(([name]) => name.startsWith('packs/') && !name.includes('ddd')) as [
      string,
      Uint8Array,
    ];
    expect(await collectGarbage(store)).toMatchObject({ orphans: 3, notes: [] });

    await backend.put(`objects/${id.slice(0, 2)}/${id.slice(2)}`, [new TextEncoder().encode('kept')]);
    await backend.settle();
    const [object] = await store.manifest.objects('blob', [id]);
    const frame = object?.location.kind === 'packed' ? object.location.frame : 0;
    store.damage(pack[0], flipped(pack[1], frame + 33)); // in the payload
    const spared = await collectGarbage(store);
    expect(spared.orphans).toBe(0);
    expect(spared.notes.join()).toContain('may be the only good copy');
  });
});

describe('gc --erase-tombstoned', () => {
  async function tombstone(artifact: string | undefined): Promise<void> {
    const session = new WriteSession(store);
    await applyFacts(store, session, [statusFact(store, session, 'tombstone', artifact as never, 'licence ended')]);
  }

  test('erases the bytes of a tombstoned artifact with an event each, from packs and files, though they are reachable', async () => {
    const secret = new TextEncoder().encode('a secret that must go '.repeat(50));
    const { artifacts, blobs } = await store.commit({
      'small.txt': secret,
      'large.bin': noise(7, 1_100_000),
      'other.txt': 'stays',
    });
    await tombstone(artifacts.get('small.txt'));
    await tombstone(artifacts.get('large.bin'));
    expect((await collectGarbage(store)).erased).toBe(0);
    const result = await collectGarbage(store, { eraseTombstoned: true });
    expect(result.erased).toBe(2);
    expect(result.removed.map((one) => one.why)).toEqual(['erased', 'erased']);
    const events = await store.manifest.events({ action: 'artifact.erase' }, { limit: 0 });
    expect(events.rows.map(({ event }) => event.record.subject.id).sort()).toEqual(
      [artifacts.get('small.txt'), artifacts.get('large.bin')].sort(),
    );
    await expect(readBlob(store, blobs.get('small.txt') as BlobId)).rejects.toMatchObject({ code: 'OBJECT_WITHDRAWN' });
    const stored = [...store.files()];
    expect(stored.some(([name]) => name.startsWith('objects/'))).toBe(false);
    expect(existsSync(join(store.root, 'objects'))).toBe(true);
    await expectSound();
    expect((await collectGarbage(store, { eraseTombstoned: true })).erased).toBe(0);
  });

  test('spares bytes that are held, staged, or also those of an artifact that is not tombstoned', async () => {
    const { run, artifacts } = await store.commit({
      'a.txt': 'held bytes',
      'b.txt': 'staged bytes',
      'c.txt': 'same bytes',
      'd.txt': 'same bytes',
    });
    for (const path of ['a.txt', 'b.txt', 'c.txt']) await tombstone(artifacts.get(path));
    await addHold(store, artifacts.get('a.txt') as string, 'dispute');
    const [staged] = await store.manifest.artifacts([artifacts.get('b.txt') as never]);
    await store.manifest.apply({
      facts: [{ kind: 'stage', stage: 'w', ids: [staged?.blob as BlobId] }],
      nowMs: store.time.now,
      clock: 'wall',
    });
    expect((await collectGarbage(store, { eraseTombstoned: true })).erased).toBe(0);
    await removeHold(store, artifacts.get('a.txt') as string, undefined);
    await addHold(store, run, 'a hold on the run holds its files');
    expect((await collectGarbage(store, { eraseTombstoned: true })).erased).toBe(0);
    await removeHold(store, run, undefined);
    expect((await collectGarbage(store, { eraseTombstoned: true })).erased).toBe(1);
  });
});
