import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../../src/ports/manifest.ts';
import type { ObjectBackend } from '../../../../src/ports/object-backend.ts';
import { applyFacts, statusFact } from '../../../../src/store/log/governance.ts';
import { verifyStored } from '../../../../src/store/objects/object-reader.ts';
import { WriteSession } from '../../../../src/store/objects/write-session.ts';
import { checkStore, type UpkeepContext } from '../../../../src/store/upkeep/fsck.ts';
import { collectGarbage } from '../../../../src/store/upkeep/gc.ts';
import { findReachable } from '../../../../src/store/upkeep/reachable.ts';
import { repairStore } from '../../../../src/store/upkeep/repair.ts';
import { retireRuns } from '../../../../src/store/upkeep/retire.ts';
import { day, makeStore, type TestStore } from './a-store.ts';
import { flipped, noise } from './some-packs.ts';

class Killed extends Error {}

/** A store whose process dies before the change with this number: from then on nothing happens any more. */
function dyingAt(store: TestStore, number: number): { context: UpkeepContext; reached: () => boolean } {
  let changes = 0;
  const mortal = <Args extends readonly unknown[], Result>(change: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      if (++changes > number) throw new Killed();
      return change(...args);
    };
  };
  const backend: ObjectBackend = {
    ...store.backend,
    settle: mortal(store.backend.settle),
    remove: mortal(store.backend.remove),
    quarantine: mortal(store.backend.quarantine),
    sweepTemporary: mortal(store.backend.sweepTemporary),
  };
  const manifest: Manifest = { ...store.manifest, apply: mortal((batch) => store.manifest.apply(batch)) };
  return { context: { ...store, backend, manifest }, reached: () => changes > number };
}

async function eventful(store: TestStore): Promise<void> {
  for (let index = 0; index < 4; index++) {
    await store.commit({
      'a.bin': noise(index, 4000),
      'big.bin': noise(100 + index, 1_050_000),
      [`k${index}.txt`]: `kept ${index}`,
    });
  }
  const { artifacts } = await store.commit({ 'secret.txt': 'withdrawn bytes' });
  const session = new WriteSession(store);
  await applyFacts(store, session, [
    statusFact(store, session, 'tombstone', artifacts.get('secret.txt') as never, 'licence'),
  ]);
  await retireRuns(store, { keepLast: 2 });
  await store.backend.put(`objects/ab/${'c'.repeat(62)}`, [new Uint8Array(5)]);
  await store.backend.settle();
  store.time.now = Date.now() + 20 * day;
}

async function expectEverythingNeeded(store: TestStore): Promise<void> {
  const reachable = await findReachable(store, { withStaged: true });
  for await (const object of store.manifest.allObjects()) {
    if (object.location.kind === 'absent') continue;
    if (reachable.has(object.namespace, object.id)) await verifyStored(store, object);
  }
}

describe('a kill', () => {
  test('of gc at any change it makes leaves a store that fsck finds clean, with everything needed, and the next gc ends the work', async () => {
    let number = 0;
    for (let done = false; !done; number++) {
      const store = await makeStore();
      try {
        await eventful(store);
        const { context, reached } = dyingAt(store, number);
        try {
          await collectGarbage(context, { eraseTombstoned: true });
        } catch (error) {
          expect(error).toBeInstanceOf(Killed);
        }
        done = !reached();
        await store.backend.abandon(); // what a dead process had not settled
        expect((await checkStore(store, 'all')).problems, `killed at change ${number}`).toEqual([]);
        await expectEverythingNeeded(store);
        await collectGarbage(store, { eraseTombstoned: true });
        expect((await checkStore(store, 'all')).problems).toEqual([]);
        await expectEverythingNeeded(store);
        const names = [...store.files().keys()];
        expect(
          names.filter((name) => name.startsWith('packs/')),
          `killed at change ${number}`,
        ).toHaveLength(1);
        expect(names.filter((name) => name.startsWith('objects/'))).toHaveLength(1);
      } finally {
        await store.close();
      }
    }
    expect(number).toBeGreaterThan(8);
  }, 240_000);

  test('of a repair at any change it makes leaves nothing unreadable that was readable, and the next repair ends the work', async () => {
    let number = 0;
    for (let done = false; !done; number++) {
      const store = await makeStore();
      try {
        const { run } = await store.commit({
          'a.bin': noise(1, 4000),
          'b.bin': noise(2, 4000),
          'c.txt': 'text '.repeat(50),
        });
        const [row] = await store.manifest.objects('record', [run]);
        const pack = `packs/${row?.location.kind === 'packed' ? row.location.pack : ''}.pack`;
        const bytes = store.files().get(pack) as Uint8Array;
        store.damage(pack, flipped(bytes, bytes.length - 3000)); // in a raw payload
        const { context, reached } = dyingAt(store, number);
        try {
          await repairStore(context, 'all');
        } catch (error) {
          expect(error).toBeInstanceOf(Killed);
        }
        done = !reached();
        await store.backend.abandon();
        const { left } = await repairStore(store, 'all');
        expect(left.problems.length, `killed at change ${number}`).toBe(1);
        expect((await checkStore(store, 'all')).objectsRead).toBe(left.objects - 1);
      } finally {
        await store.close();
      }
    }
    expect(number).toBeGreaterThan(4);
  }, 120_000);
});
