/** Claims about what a trace asks: how runs made what they made, and never more than is wanted. */
import { expect } from 'vitest';
import type { ArtifactId, RunId } from '../../src/core/ids.ts';
import type { Claim } from './claims.ts';
import { artifact, commit, type ManifestFixture } from './manifest-sample.ts';

export const traceClaims: readonly Claim<ManifestFixture>[] = [
  {
    claim: 'says how a run made an artifact: where it put it, what it used, and who had produced that',
    async check({ manifest }) {
      const [prices, rates, made] = [artifact('prices'), artifact('rates'), artifact('made')];
      const first = await commit(manifest, { name: 'first', outputs: [prices] });
      const inputs = [
        { of: prices, relation: 'derived_from', run: first.id, path: 'in/prices' },
        { of: rates, relation: 'uses_config' },
      ];
      const run = await commit(manifest, { name: 'second', inputs, outputs: [made] });
      const unknown = 'f'.repeat(64);
      const traced = await manifest.tracedRuns(
        [
          { run: run.id, artifacts: [made.id, prices.id, unknown as ArtifactId] },
          { run: unknown as RunId, artifacts: [] },
          { run: first.id, artifacts: [] },
        ],
        0,
      );
      expect(traced[0]).toMatchObject({
        run: run.id,
        plugins: [],
        productions: [{ run: run.id, artifact: made.id }],
        edges: undefined,
        more: false,
      });
      expect(traced[0]?.productions).toHaveLength(1);
      const used = traced[0]?.inputs.map((input) => [input.artifact, input.relation, input.producer]);
      expect(used?.toSorted()).toEqual(
        [
          [prices.id, 'derived_from', first.id],
          [rates.id, 'uses_config', undefined],
        ].toSorted(),
      );
      expect(traced[0]?.schemaVersions).toMatchObject({ seedVersion: expect.anything() });
      expect(traced[1]).toBeUndefined();
      expect(traced[2]).toMatchObject({ productions: [], inputs: [] });
    },
  },
  {
    claim: 'gives the edges of a run that lists them, only of what was asked about',
    async check({ manifest }) {
      const [one, two, left, right] = [artifact('one'), artifact('two'), artifact('left'), artifact('right')];
      const inputs = [one, two].map((of) => ({ of, relation: 'derived_from' }));
      const edges = [
        [left, one, 'derived_from'],
        [right, two, 'derived_from'],
      ] as const;
      const { id: run } = await commit(manifest, { inputs, outputs: [left, right], edges });
      const [traced] = await manifest.tracedRuns([{ run, artifacts: [left.id] }], 0);
      expect(traced?.edges).toEqual([{ child: left.id, parent: one.id, relation: 'derived_from', run }]);
    },
  },
  {
    claim: 'ends at the limit and says so',
    async check({ manifest }) {
      const inputs = ['a', 'b', 'c'].map((name) => ({ of: artifact(name), relation: 'derived_from' }));
      const made = artifact('made');
      const { id: run } = await commit(manifest, { inputs, outputs: [made] });
      const ask = async (limit: number): Promise<unknown> => {
        const [traced] = await manifest.tracedRuns([{ run, artifacts: [made.id] }], limit);
        return [traced?.inputs.length, traced?.more];
      };
      expect([await ask(2), await ask(3), await ask(0)]).toEqual([
        [2, true],
        [3, false],
        [3, false],
      ]);
    },
  },
];
