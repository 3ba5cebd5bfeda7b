import { openMemoryEventLog } from '../../../../src/adapters/memory/memory-event-log.ts';
import { openMemoryManifest } from '../../../../src/adapters/memory/memory-manifest.ts';
import type { Manifest } from '../../../../src/ports/manifest.ts';
import { describeConformance, describeDefects, type Open } from '../../../conformance/claims.ts';
import { manifestClaims } from '../../../conformance/manifest.ts';
import type { ManifestFixture } from '../../../conformance/manifest-sample.ts';

function fixture(change: (sound: Manifest) => Partial<Manifest> = () => ({})): ManifestFixture {
  const log = openMemoryEventLog();
  const open = (): Manifest => {
    const sound = openMemoryManifest({ log });
    return { ...sound, ...change(sound) };
  };
  return { manifest: open(), log, another: async () => open(), dispose: async () => undefined };
}

describeConformance('openMemoryManifest', manifestClaims, async () => fixture());

const defective =
  (change: (sound: Manifest) => Partial<Manifest>): Open<ManifestFixture> =>
  async () =>
    fixture(change);

describeDefects('manifest', manifestClaims, [
  {
    defect: 'answers for any type, version and key',
    open: defective((sound) => ({
      artifactsWithContent: async (questions) => {
        const { rows } = await sound.listArtifacts({}, { limit: 0 });
        return questions.map(({ sha256 }) => rows.findLast(({ content }) => content?.sha256 === sha256)?.id);
      },
    })),
    breaks: 'finds the first produced artifact of a type, version and key that has a content, and no other',
  },
  {
    defect: 'ignores the guards of publications',
    open: defective((sound) => ({
      apply: ({ guards = [], ...batch }) =>
        sound.apply({ ...batch, guards: guards.filter(({ kind }) => kind !== 'expect-content') }),
    })),
    breaks: 'applies nothing when a guard of a publication does not hold, and says which',
  },
  {
    defect: 'forgets the contents of a run',
    open: defective((sound) => ({
      apply: (batch) => {
        const facts = batch.facts.map((fact) => {
          if (fact.kind !== 'run') return fact;
          const { contents: _, ...record } = fact.record;
          return { ...fact, record };
        });
        return sound.apply({ ...batch, facts });
      },
    })),
    breaks: 'shows artifacts with the content of their bytes, the newest that a run recorded',
  },
  {
    defect: 'ignores guards',
    open: defective((sound) => ({ apply: ({ guards: _, ...batch }) => sound.apply(batch) })),
    breaks: 'applies nothing when a guard does not hold',
  },
  {
    defect: 'applies fact by fact',
    open: defective((sound) => ({
      apply: async (batch) => {
        const events = [];
        for (const fact of batch.facts) events.push(...(await sound.apply({ ...batch, facts: [fact] })).events);
        return { events };
      },
    })),
    breaks: 'applies nothing when the last of many facts is refused',
  },
  {
    defect: 'knows what is absent',
    open: defective((sound) => ({
      knows: async (namespace, digests) => {
        const ids = Array.from({ length: digests.length / 32 }, (_, index) =>
          Buffer.from(digests.subarray(32 * index, 32 * index + 32)).toString('hex'),
        );
        return Uint8Array.from(await sound.objects(namespace, ids as never), (entry) => Number(entry !== undefined));
      },
    })),
    breaks: 'forgets bytes: what a record names stays known as absent, the rest is unknown',
  },
  {
    defect: 'records no use',
    open: defective((sound) => ({
      apply: (batch) => sound.apply({ ...batch, facts: batch.facts.filter(({ kind }) => kind !== 'touch') }),
    })),
    breaks: 'records a use again only when the last one is an hour old',
  },
  {
    defect: 'lists runs oldest first',
    open: defective((sound) => ({
      listRuns: async (filter, page) => {
        const { rows, cursor } = await sound.listRuns(filter, page);
        return { rows: rows.toReversed(), cursor };
      },
    })),
    breaks: 'lists runs newest first, by ancestry, status, key and path',
  },
  {
    defect: 'believes every condition',
    open: defective((sound) => ({ listRuns: ({ where: _, ...filter }, page) => sound.listRuns(filter, page) })),
    breaks: 'lists the runs for which a condition holds, among all and in an ancestry',
  },
  {
    defect: 'sorts nothing',
    open: defective((sound) => ({ listRuns: ({ order: _, ...filter }, page) => sound.listRuns(filter, page) })),
    breaks: 'sorts runs by what they have, equal ones newest first',
  },
  {
    defect: 'drops the last page',
    open: defective((sound) => ({
      listArtifacts: async (filter, page) => ({ ...(await sound.listArtifacts(filter, page)), cursor: undefined }),
    })),
    breaks: 'lists artifacts by every filter, the newest production first, then by key',
  },
  {
    defect: 'mixes what different runs made',
    open: defective((sound) => ({ lineage: ({ run: _, ...request }) => sound.lineage(request) })),
    breaks: 'walks lineage as each run made it, with the least depth, and out of circles',
  },
  {
    defect: 'dumps tags of nobody',
    open: defective((sound) => ({
      async *dump(named) {
        for await (const line of sound.dump(named))
          yield { ...line, row: { ...line.row, salt: String(Math.random()) } };
      },
    })),
    breaks: 'is the same again when its log is replayed, and goes on from there',
  },
]);
