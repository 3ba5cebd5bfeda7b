import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../../../src/core/bytes.ts';
import type { BlobId, TreeId } from '../../../../src/core/ids.ts';
import type { StoredObject } from '../../../../src/ports/manifest.ts';
import { readBlob, readStored, verifyStored } from '../../../../src/store/objects/object-reader.ts';
import { WriteSession } from '../../../../src/store/objects/write-session.ts';
import { TreeReader } from '../../../../src/store/runs/trees.ts';
import { checkStore } from '../../../../src/store/upkeep/fsck.ts';
import { collectGarbage } from '../../../../src/store/upkeep/gc.ts';
import { repairStore } from '../../../../src/store/upkeep/repair.ts';
import { type Committed, day, makeStore, type TestStore } from './a-store.ts';
import { flipped, noise } from './some-packs.ts';

let store: TestStore;
let first: Committed;
/** What the files of the run hold: two that go into a pack, a large raw one and a large compressed one. */
const small = { 'text.txt': utf8('some text, '.repeat(40)), 'noise.bin': noise(1, 80) };
const contents = { ...small, 'raw.bin': noise(2, 1_048_700), 'zeros.bin': new Uint8Array(1_100_000) };

beforeEach(async () => {
  store = await makeStore();
  first = await store.commit(contents);
});
afterEach(async () => {
  await store.close();
});

/** A new store with only the small files, which are checked quickly. */
async function startAgain(): Promise<void> {
  await store.close();
  store = await makeStore();
  first = await store.commit(small);
}

async function everyObject(): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of store.manifest.allObjects()) objects.push(object);
  return objects;
}

/** Ids of the objects that can be read. */
async function readable(): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const object of await everyObject()) {
    try {
      await verifyStored(store, object);
      ids.add(`${object.namespace}:${object.id}`);
    } catch {
      // not readable
    }
  }
  return ids;
}

async function fileOf(path: string): Promise<string> {
  const [row] = await store.manifest.objects('blob', [first.blobs.get(path) as BlobId]);
  const id = row?.id ?? '';
  if (row?.location.kind === 'packed') return `packs/${row.location.pack}.pack`;
  return `objects/${id.slice(0, 2)}/${id.slice(2)}${row?.location.kind === 'loose-zstd' ? '.zst' : ''}`;
}

describe('fsck', () => {
  test('finds a sound store sound and reads every stored byte once', async () => {
    const result = await checkStore(store, 'all');
    const stored = [...store.files().values()].reduce((sum, bytes) => sum + bytes.length, 0);
    expect(result).toMatchObject({ ok: true, problems: [], notes: [], bytesRead: stored, events: 3 });
    expect(result.objectsRead).toBe(result.objects);
    expect(result.coverage).toMatchObject({ bytes: stored, bytesCovered: stored, recorded: true });
    expect(await checkStore(store, 'structure')).toMatchObject({ ok: true, objectsRead: 0 });
  });

  test('names the object and the run for any byte of a pack that is flipped', async () => {
    await startAgain();
    const name = await fileOf('text.txt');
    const bytes = store.files().get(name) as Uint8Array;
    for (let at = 0; at < bytes.length; at += 9) {
      store.damage(name, flipped(bytes, at));
      const { ok, problems } = await checkStore(store, 'all');
      expect(ok, `byte ${at}`).toBe(false);
      expect(
        problems.some((problem) => problem.affects.runs.includes(first.run)),
        `byte ${at}`,
      ).toBe(true);
    }
  }, 120_000);

  test('names a run that holds a lost directory below directories that are not lost', async () => {
    await startAgain();
    const deep = await store.commit({ 'a/b/c.txt': 'deep' });
    const [entry] = await store.manifest.runs([deep.run]);
    const lost = (await new TreeReader(store).lookup(entry?.tree as TreeId, 'a/b')) as { readonly tree: TreeId };
    const later = await store.commit({ 'a/d.txt': 'the directory a is another one now' });
    const [object] = await store.manifest.objects('record', [lost.tree]);
    if (object?.location.kind !== 'packed') throw new Error('the record of the directory is in no pack');
    const name = `packs/${object.location.pack}.pack`;
    const bytes = store.files().get(name) as Uint8Array;
    let seen = 0;
    for (let at = 0; at < bytes.length; at += 40) {
      store.damage(name, flipped(bytes, at));
      const { problems } = await checkStore(store, 'all');
      const own = problems.filter(({ object: id }) => id === lost.tree);
      seen += own.length;
      for (const { affects } of own) expect(affects.runs, `byte ${at}`).toContain(later.run);
    }
    expect(seen).toBeGreaterThan(0);
  });

  test('names the object, its artifact and its run for flipped bytes of loose objects, raw and compressed', async () => {
    for (const path of ['raw.bin', 'zeros.bin']) {
      const name = await fileOf(path);
      const bytes = store.files().get(name) as Uint8Array;
      const step = Math.ceil(bytes.length / 25);
      for (let at = 0; at < bytes.length; at += step) {
        store.damage(name, flipped(bytes, at));
        const { problems } = await checkStore(store, 'all');
        expect(
          problems.map((problem) => [problem.code, problem.object]),
          `${path} byte ${at}`,
        ).toEqual([['OBJECT_CORRUPT', first.blobs.get(path)]]);
        expect(problems[0]?.affects).toMatchObject({ artifacts: [first.artifacts.get(path)], runs: [first.run] });
      }
      store.damage(name, bytes);
    }
    expect((await checkStore(store, 'all')).ok).toBe(true);
  }, 120_000);

  test('misses nothing that is gone: without reading data it names every object of a missing file', async () => {
    const pack = await fileOf('text.txt');
    await store.backend.remove(pack);
    await store.backend.remove(await fileOf('raw.bin'));
    const { problems } = await checkStore(store, 'structure');
    const objects = (await everyObject()).filter(
      ({ location }) => location.kind === 'packed' || location.kind === 'loose',
    );
    expect(new Set(problems.filter((problem) => problem.kind !== 'pack').map((problem) => problem.object))).toEqual(
      new Set(objects.map((object) => object.id)),
    );
  });

  test('reads another part each time with a share, until all is covered, and then the oldest again', async () => {
    for (let index = 0; index < 4; index++) await store.commit({ [`f${index}.bin`]: noise(10 + index, 200_000) });
    const covered: number[] = [];
    for (let round = 0; round < 12; round++) {
      store.time.now += day;
      const { ok, coverage, bytesRead } = await checkStore(store, { share: 0.1 });
      expect(ok).toBe(true);
      expect(bytesRead).toBeGreaterThan(0);
      covered.push(coverage.bytesCovered / coverage.bytes);
    }
    expect([...covered].sort((left, right) => left - right)).toEqual(covered);
    expect(covered[0]).toBeLessThan(0.8);
    expect(covered.at(-1)).toBe(1);
  });

  test('finds a log that says something else than the manifest, is shorter, or is not a chain', async () => {
    const lines: Uint8Array[] = [];
    for await (const { line } of store.log.read()) lines.push(line.slice());
    const text = new TextDecoder().decode(lines[1]);
    const rewrite = async (changed: readonly Uint8Array[]): Promise<void> => {
      await store.log.append({ segment: 1, length: 0 }, changed);
    };
    for (const changed of [
      [lines[0], utf8(text.replace('"wall"', '"fixed"')), lines[2]],
      lines.slice(0, 2),
      [lines[0], lines[2], lines[1]],
      [lines[0], utf8('{}'), lines[2]],
    ]) {
      await rewrite(changed as Uint8Array[]);
      const { problems } = await checkStore(store, 'structure');
      expect(problems.map((problem) => problem.code)).toEqual(['LOG_CORRUPT']);
    }
    await rewrite(lines);
    expect((await checkStore(store, 'structure')).problems).toEqual([]);
    await store.log.append(await store.log.end(), [utf8('{"left":"by a killed command"}')]);
    expect(await checkStore(store, 'structure')).toMatchObject({
      ok: true,
      notes: [expect.stringContaining('killed')],
    });
  });
});

describe('fsck --repair', () => {
  test('never leaves less readable than before, and after it the store says the truth, whichever byte of the pack is flipped', async () => {
    await startAgain();
    const size = (store.files().get(await fileOf('text.txt')) as Uint8Array).length;
    const whole = await readable();
    for (let at = 0; at < size; at += 23) {
      await startAgain();
      const pack = await fileOf('text.txt');
      store.damage(pack, flipped(store.files().get(pack) as Uint8Array, at));
      const before = await readable();
      const { left, lost, quarantined } = await repairStore(store, 'all');
      const after = await readable();
      for (const id of before) expect(after.has(id), `byte ${at}: ${id}`).toBe(true);
      expect(quarantined.length, `byte ${at}`).toBe(1);
      expect(left.problems.length, `byte ${at}`).toBe(lost);
      expect(after.size, `byte ${at}`).toBe(whole.size - lost);
    }
  }, 240_000);

  test('marks what cannot be had as lost, keeps saying so, and a writer that brings it again heals it', async () => {
    const id = first.blobs.get('noise.bin') as BlobId;
    const [row] = await store.manifest.objects('blob', [id]);
    const place = row?.location as { pack: string; frame: number };
    const name = `packs/${place.pack}.pack`;
    const bytes = store.files().get(name) as Uint8Array;
    // The frame is compressed, so with one byte of its payload both objects in it are gone.
    store.damage(name, flipped(bytes, place.frame + 15 + 3 * 10 + 8 + 30));
    const { lost, left } = await repairStore(store, 'all');
    expect(lost).toBe(2);
    const blobs = [first.blobs.get('text.txt'), id].sort();
    const reported = async () =>
      (await checkStore(store, 'structure')).problems.map((problem) => problem.object).sort();
    expect(left.problems.map((problem) => problem.object).sort()).toEqual(blobs);
    expect(left.problems).toMatchObject([{ affects: { runs: [first.run] } }, { affects: { runs: [first.run] } }]);
    expect(await reported()).toEqual(blobs);
    await expect(readBlob(store, id)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    const session = new WriteSession(store);
    session.blob(contents['noise.bin']);
    await store.manifest.apply({ facts: await session.settle(), nowMs: store.time.now, clock: 'wall' });
    expect(await reported()).toEqual([first.blobs.get('text.txt')]);
    expect(await readBlob(store, id)).toEqual(contents['noise.bin']);
  });

  test('without reading data finds, while it moves a pack with a damaged index, what cannot be read and says so', async () => {
    const id = first.blobs.get('noise.bin') as BlobId;
    const [row] = await store.manifest.objects('blob', [id]);
    const place = row?.location as { pack: string; frame: number };
    const name = `packs/${place.pack}.pack`;
    const bytes = store.files().get(name) as Uint8Array;
    // The header is what the structural check sees; the payload is what it does not.
    store.damage(name, flipped(flipped(bytes, 3), place.frame + 15 + 3 * 10 + 8 + 30));
    expect((await checkStore(store, 'structure')).problems.map((problem) => problem.kind)).toEqual(['pack']);
    const { lost, left } = await repairStore(store, 'structure');
    expect(lost).toBe(2);
    expect(left.problems.map((problem) => problem.object)).toContain(id);
  });

  test('takes a good loose copy, or one in a pack that the manifest does not know, for a damaged object', async () => {
    const id = first.blobs.get('text.txt') as BlobId;
    const pack = await fileOf('text.txt');
    const bytes = store.files().get(pack) as Uint8Array;
    await store.backend.put(`objects/${id.slice(0, 2)}/${id.slice(2)}`, [contents['text.txt']]);
    await store.backend.settle();
    await store.backend.remove(pack);
    const stranger = await import('./some-packs.ts');
    await stranger.writePack([[{ namespace: 'blob', bytes: contents['noise.bin'] }]], store.backend);
    const { left } = await repairStore(store, 'structure');
    expect(await readBlob(store, id)).toEqual(contents['text.txt']);
    expect(await readBlob(store, first.blobs.get('noise.bin') as BlobId)).toEqual(contents['noise.bin']);
    expect(left.problems.every((problem) => problem.kind === 'record')).toBe(true);
    // The rest comes back when the pack does.
    store.damage(pack, bytes);
    const again = await repairStore(store, 'structure');
    expect(again.left).toMatchObject({ ok: true });
    expect((await collectGarbage(store)).objects).toBe(0);
  });

  test('writes a compressed object again whose digest frame alone is damaged, and puts a damaged raw one aside', async () => {
    const [zstd, raw] = [await fileOf('zeros.bin'), await fileOf('raw.bin')];
    const bytes = store.files().get(zstd) as Uint8Array;
    store.damage(zstd, flipped(bytes, bytes.length - 1));
    store.damage(raw, flipped(store.files().get(raw) as Uint8Array, 500));
    const { left, lost, quarantined } = await repairStore(store, 'all');
    expect(lost).toBe(1);
    expect(quarantined).toHaveLength(2);
    expect(left.problems).toMatchObject([{ object: first.blobs.get('raw.bin') }]);
    const [row] = await store.manifest.objects('blob', [first.blobs.get('zeros.bin') as BlobId]);
    expect(row?.location).toEqual({ kind: 'loose' });
    expect((await readStored(store, row as StoredObject)).length).toBe(1_100_000);
  });

  test('does nothing to a sound store', async () => {
    const before = [...store.files().keys()];
    expect(await repairStore(store, 'all')).toMatchObject({ moved: 0, lost: 0, quarantined: [], left: { ok: true } });
    expect([...store.files().keys()]).toEqual(before);
  });
});
