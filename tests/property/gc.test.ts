/** Whatever is put, committed, retired, held and swept, in any order: what is needed can be read. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifyStored } from '../../src/store/objects/object-reader.ts';
import { WriteSession } from '../../src/store/objects/write-session.ts';
import { checkStore } from '../../src/store/upkeep/fsck.ts';
import { collectGarbage } from '../../src/store/upkeep/gc.ts';
import { addHold, removeHold } from '../../src/store/upkeep/hold.ts';
import { retireRuns } from '../../src/store/upkeep/retire.ts';
import { type Committed, day, makeStore, type TestStore } from '../unit/store/upkeep/a-store.ts';
import { noise } from '../unit/store/upkeep/some-packs.ts';

type Step =
  | {
      readonly kind: 'commit';
      readonly branch: string;
      readonly files: readonly (readonly [path: number, content: number])[];
    }
  | { readonly kind: 'put'; readonly content: number }
  | { readonly kind: 'retire' | 'hold' | 'unhold'; readonly run: number }
  | { readonly kind: 'wait'; readonly days: number }
  | { readonly kind: 'gc' };

const content = fc.nat({ max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      branch: fc.constantFrom('main', 'other'),
      files: fc.array(fc.tuple(fc.nat({ max: 4 }), content), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('put' as const), content }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('retire' as const, 'hold' as const, 'unhold' as const),
      run: fc.nat({ max: 20 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'gc' as const }) },
);

const bytesOf = (number: number): Uint8Array => noise(number, 50 + 400 * number);

/** Trees of the runs that are to be kept, by run: path to content. */
type Model = Map<number, { committed: Committed; tree: Map<string, number>; retired: boolean; held: boolean }>;

async function take(store: TestStore, one: Step, model: Model, tips: Map<string, number>): Promise<void> {
  if (one.kind === 'wait') store.time.now += one.days * day;
  else if (one.kind === 'gc') await collectGarbage(store);
  else if (one.kind === 'put') {
    const session = new WriteSession(store);
    session.blob(bytesOf(one.content));
    await store.manifest.apply({ facts: await session.settle(), nowMs: store.time.now, clock: 'wall' });
  } else if (one.kind === 'commit') {
    const files = Object.fromEntries(one.files.map(([path, number]) => [`f${path}`, bytesOf(number)]));
    const committed = await store.commit(files, { branch: one.branch });
    const tree = new Map(model.get(tips.get(one.branch) ?? -1)?.tree ?? []);
    for (const [path, number] of one.files) tree.set(`f${path}`, number);
    tips.set(one.branch, model.size);
    model.set(model.size, { committed, tree, retired: false, held: false });
  } else {
    const entry = model.get(one.run % Math.max(1, model.size));
    if (entry === undefined) return;
    const { run } = entry.committed;
    if (one.kind === 'hold') await addHold(store, run, undefined);
    if (one.kind === 'unhold') await removeHold(store, run, undefined);
    if (one.kind !== 'retire') entry.held = one.kind === 'hold';
    const isTip = [...tips.values()].some((tip) => model.get(tip) === entry);
    if (one.kind !== 'retire' || isTip || entry.held) return;
    await retireRuns(store, { revisions: [run] });
    entry.retired = true;
  }
}

describe('gc', () => {
  test('never loses a byte that a kept run needs, and leaves the store sound', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const store = await makeStore();
        try {
          const model: Model = new Map();
          const tips = new Map<string, number>();
          for (const one of steps) await take(store, one, model, tips);
          await collectGarbage(store);
          for (const { committed, tree, retired } of model.values()) {
            // Bytes of a retired run are there only as long as they happen to be.
            if (retired) continue;
            const [entry] = await store.manifest.runs([committed.run]);
            expect(entry?.retired).toBe(false);
            for (const number of tree.values()) {
              const id = store.codec.sha256Hex(bytesOf(number));
              const [row] = await store.manifest.objects('blob', [id as never]);
              if (row === undefined) throw new Error(`blob ${number} is gone`);
              await verifyStored(store, row);
            }
          }
          expect((await checkStore(store, 'all')).problems).toEqual([]);
        } finally {
          await store.close();
        }
      }),
      { numRuns: 25 },
    );
  }, 240_000);
});
