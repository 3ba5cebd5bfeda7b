/** Publishing against a model: what is recognised depends on what was published before, however it is cut into batches. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Published } from '../../../src/store/publish/request.ts';
import { makePublisher } from '../../unit/store/publish/a-publisher.ts';

interface Act {
  readonly type: number;
  readonly key: number;
  readonly rows: number;
  readonly spaces: number;
  readonly isTable: boolean;
  readonly window: number;
}

const act = fc.record({
  type: fc.nat(1),
  key: fc.nat(1),
  rows: fc.nat(2),
  spaces: fc.nat(2),
  isTable: fc.boolean(),
  window: fc.nat(1),
});

/** What the store must answer, from what was published before. Which of several artifacts of one content stands for it is the store's choice. */
class Model {
  /** Artifact by place and bytes. */
  readonly #artifacts = new Map<string, string>();
  /** Artifacts that were found to have a content. */
  readonly #contents = new Map<string, Set<string>>();
  readonly #publications = new Set<string>();

  check({ type, key, rows, spaces, isTable, window }: Act, published: Published): void {
    const place = `${type}/${key}`;
    const own = `${place}/${rows}/${spaces}`;
    const content = `${place}/${rows}`;
    const { mode, artifact, repeated } = published;
    const same = this.#contents.get(content) ?? new Set();
    const known = this.#artifacts.get(own);
    if (known !== undefined) expect({ mode, artifact }).toEqual({ mode: 'file_hash', artifact: known });
    else if (isTable && same.size > 0) expect([mode, same.has(artifact)]).toEqual(['content_hash', true]);
    else {
      expect([mode, [...this.#artifacts.values()].includes(artifact)]).toEqual([undefined, false]);
      this.#artifacts.set(own, artifact);
    }
    if (isTable) this.#contents.set(content, same.add(artifact));
    const publication = `${artifact} ${rows}/${spaces} ${window}`;
    expect(repeated).toBe(this.#publications.has(publication));
    this.#publications.add(publication);
  }

  get counts(): { artifacts: number; runs: number } {
    return { artifacts: this.#artifacts.size, runs: this.#publications.size };
  }
}

test('answers as the model does', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(act, fc.boolean()), { minLength: 1, maxLength: 14 }), async (acts) => {
      const at = await makePublisher();
      try {
        const batches: Act[][] = [[]];
        for (const [one, cut] of acts) {
          if (cut) batches.push([]);
          batches.at(-1)?.push(one);
        }
        const model = new Model();
        for (const batch of batches) {
          const requests = batch.map(({ type, key, rows, spaces, isTable, window }) => {
            const name = `${rows}-${spaces}`;
            at.write(name, `${rows}${' '.repeat(spaces)}\n`.repeat(rows + 1));
            const fileName = isTable ? 'data.csv' : 'data';
            return at.request(name, { type: `type${type}`, logicalKey: `key${key}`, fileName, params: { window } });
          });
          const done = await at.publish(...requests);
          for (const [index, one] of batch.entries()) model.check(one, done[index] as Published);
        }
        const { artifacts, runs } = await at.store.manifest.stats();
        expect({ artifacts, runs }).toEqual(model.counts);
      } finally {
        await at.close();
      }
    }),
    { numRuns: 100, seed: 20260131 },
  );
});
