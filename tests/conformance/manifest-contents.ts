/** Claims about table contents and publications. */
import { expect } from 'vitest';
import type { BlobId, PublicationId } from '../../src/core/ids.ts';
import type { Guard, Manifest } from '../../src/ports/manifest.ts';
import type { Claim } from './claims.ts';
import {
  apply,
  artifact,
  blobAt,
  codeOf,
  collect,
  commit,
  content,
  dumpText,
  idOf,
  type ManifestFixture,
  question,
  recordAt,
  sampleRun,
} from './manifest-sample.ts';

const publication = (text: string): PublicationId => idOf<PublicationId>(text);
const times = { minTs: '2026-01-01T00:00:00.000Z', maxTs: '2026-01-31T00:00:00.000Z' };

async function everything(manifest: Manifest): Promise<unknown> {
  return [await manifest.stats(), await collect(manifest.allObjects()), await dumpText(manifest)];
}

export const contentClaims: readonly Claim<ManifestFixture>[] = [
  {
    claim: 'shows artifacts with the content of their bytes, the newest that a run recorded',
    async check({ manifest }) {
      const [a, same, plain] = [artifact('a'), artifact('b', { content: 'a' }), artifact('c')];
      const first = content(a, 'prices', { rows: 20, ...times });
      await commit(manifest, { name: 'one', outputs: [a, plain], contents: [first] });
      const shown = async (): Promise<unknown[]> =>
        (await manifest.artifacts([a.id, plain.id])).map((entry) => entry?.content);
      const { sha256, spec } = first.record;
      expect(await shown()).toStrictEqual([{ sha256, spec, rows: 20, ...times }, undefined]);
      const views = async (hash: string, row_count: number, { minTs, maxTs }: Partial<typeof times>): Promise<void> => {
        const rows = await collect(manifest.dump({ has: () => true }));
        for (const view of ['artifacts', 'artifact_lineage']) {
          const of = (id: string): unknown =>
            rows.find(({ name, row }) => name === view && row['artifact_id'] === id)?.row;
          const [min_ts, max_ts] = [minTs ?? null, maxTs ?? null];
          expect(of(a.id)).toMatchObject({ content_hash: hash, row_count, min_ts, max_ts });
          expect(of(plain.id)).toMatchObject({ content_hash: null, row_count: null, min_ts: null, max_ts: null });
        }
      };
      await views(sha256, 20, times);
      const second = content(a, 'prices by a rule', { spec: 'rule', rows: 19 });
      await commit(manifest, { name: 'two', contents: [second] });
      const newer = { sha256: second.record.sha256, spec: second.record.spec, rows: 19 };
      expect(await shown()).toStrictEqual([{ ...newer, minTs: undefined, maxTs: undefined }, undefined]);
      await views(newer.sha256, 19, {});
      await commit(manifest, { name: 'three', outputs: [same], contents: [first] });
      expect((await shown())[0]).toMatchObject({ sha256, spec });
      const listed = (await manifest.listArtifacts({}, { limit: 0 })).rows;
      expect(listed.map(({ logicalKey, content: found }) => [logicalKey, found?.rows])).toStrictEqual([
        ['b', 20],
        ['a', 20],
        ['c', undefined],
      ]);
      await views(sha256, 20, times);
      expect(await manifest.check()).toStrictEqual([]);
    },
  },
  {
    claim: 'takes the last of two contents that one run recorded of the same bytes',
    async check({ manifest }) {
      const a = artifact('a');
      const contents = [content(a, 'x', { spec: 'one' }), content(a, 'x', { spec: 'two' })];
      const last = [...contents].sort((left, right) => (left.id < right.id ? -1 : 1))[1];
      await commit(manifest, { outputs: [a], contents });
      expect((await manifest.artifacts([a.id]))[0]?.content?.spec).toBe(last?.record.spec);
    },
  },
  {
    claim: 'finds the first produced artifact of a type, version and key that has a content, and no other',
    async check({ manifest }) {
      const t = (key: string, bytes: string, more = {}): ReturnType<typeof artifact> =>
        artifact(key, { content: bytes, type: 'table', ...more });
      const first = t('k', 'x1');
      const [again, elsewhere, older, file] = [
        t('k', 'x2'),
        t('other', 'x3'),
        t('k', 'x4', { version: 2 }),
        t('k', 'x5', { type: 'file' }),
      ];
      const all = [first, again, elsewhere, older, file];
      for (const one of all) {
        await commit(manifest, { name: one.id, outputs: [one], contents: [content(one, 'same', { rows: 3 })] });
      }
      await commit(manifest, { name: 'other rule', contents: [content(first, 'by a rule', { spec: 'known spec' })] });
      const found = async (...questions: Parameters<Manifest['artifactsWithContent']>[0][number][]): Promise<unknown> =>
        manifest.artifactsWithContent(questions);
      expect(await found(...all.map((one) => question(one, 'same')))).toStrictEqual([
        first.id,
        first.id,
        elsewhere.id,
        older.id,
        file.id,
      ]);
      expect(
        await found(
          question(first, 'different'),
          question(first, 'same', 'another spec'),
          question(first, 'same', 'known spec'),
          { ...question(first, 'same'), type: 'unheard of' },
          { ...question(first, 'same'), schemaVersion: 3 },
          { ...question(first, 'same'), logicalKey: 'k2' },
        ),
      ).toStrictEqual(new Array(6).fill(undefined));
      expect(await found()).toStrictEqual([]);
      expect(await manifest.check()).toStrictEqual([]);
    },
  },
  {
    claim: 'finds an artifact whichever came first, its production or its content; one that was only used is not found',
    async check({ manifest }) {
      const [late, early, used] = [artifact('late'), artifact('early'), artifact('used')];
      await commit(manifest, { name: 'one', outputs: [late], inputs: [used], contents: [content(used, 'u')] });
      await commit(manifest, { name: 'two', contents: [content(late, 'l'), content(early, 'e')] });
      const ask = async (): Promise<unknown> =>
        manifest.artifactsWithContent([question(late, 'l'), question(early, 'e'), question(used, 'u')]);
      expect(await ask()).toStrictEqual([late.id, undefined, undefined]);
      await commit(manifest, { name: 'three', outputs: [early] });
      expect(await ask()).toStrictEqual([late.id, early.id, undefined]);
      await commit(manifest, { name: 'four', outputs: [used] });
      expect(await ask()).toStrictEqual([late.id, early.id, used.id]);
      expect(await manifest.check()).toStrictEqual([]);
    },
  },
  {
    claim: 'of two artifacts that one run produced takes the one with the lowest id',
    async check({ manifest }) {
      const [x, y] = [artifact('k', { content: 'x' }), artifact('k', { content: 'y' })];
      const contents = [content(x, 'same'), content(y, 'same')];
      await commit(manifest, {
        outputs: [
          ['p', x],
          ['q', y],
        ],
        contents,
      });
      expect(await manifest.artifactsWithContent([question(x, 'same')])).toStrictEqual([[x.id, y.id].sort()[0]]);
    },
  },
  {
    claim: 'takes the content of bytes that were never stored: known as absent, not lost, and stored when they come',
    async check({ manifest }) {
      const [a, other] = [artifact('a'), artifact('a', { content: 'written otherwise', size: 70 })];
      await commit(manifest, { name: 'one', outputs: [a], contents: [content(a, 'same')] });
      const gone = content(other, 'same');
      const run = await commit(manifest, { name: 'two', contents: [gone] });
      const blob = async (): Promise<unknown> => (await manifest.objects('blob', [other.blob]))[0];
      expect(await blob()).toMatchObject({ size: 0, location: { kind: 'absent' } });
      expect(await manifest.knows('blob', Buffer.from(other.blob, 'hex'))).toStrictEqual(Uint8Array.of(0));
      expect(await manifest.artifactsWithContent([question(other, 'same')])).toStrictEqual([a.id]);
      const { id, record } = gone;
      const named = [recordAt(id), recordAt(record.spec), blobAt(other.blob)];
      await apply(manifest, [{ kind: 'forget', objects: named }]);
      for (const { namespace, id: known } of named)
        expect((await manifest.objects(namespace, [known]))[0]?.location).toStrictEqual({ kind: 'absent' });
      expect((await manifest.affected([recordAt(id)])).runs).toStrictEqual([run.id]);
      expect((await manifest.affected([recordAt(record.spec)])).runs.length).toBe(2);
      await commit(manifest, { name: 'three', outputs: [other] });
      expect(await blob()).toMatchObject({ size: 70, location: { kind: 'loose' } });
      expect((await manifest.artifacts([other.id]))[0]).toMatchObject({
        absent: false,
        size: 70,
        content: { rows: 1 },
      });
      expect(await manifest.check()).toStrictEqual([]);
    },
  },
  {
    claim: 'learns the size of bytes that it knew by their content alone from whoever names them',
    async check({ manifest }) {
      const [told, named, paired] = ['told', 'named', 'paired'].map((key) => artifact(key, { size: 33 }));
      const all = [told, named, paired].flatMap((one) => (one === undefined ? [] : [one]));
      await commit(manifest, { name: 'one', contents: all.map((one) => content(one, 'x')) });
      const absent = { kind: 'absent' } as const;
      const run = sampleRun({ name: 'two', outputs: all });
      const objects = run.objects.filter(({ id }) => id !== named?.id && id !== named?.blob && id !== paired?.blob);
      const known = objects.map((object) => (object.id === told?.blob ? { ...object, location: absent } : object));
      await apply(manifest, [{ kind: 'objects', objects: known }, run.fact]);
      const entries = await manifest.artifacts(all.map(({ id }) => id));
      expect(entries.map((entry) => [entry?.size, entry?.absent])).toStrictEqual(all.map(() => [33, true]));
      expect(await manifest.check()).toStrictEqual([]);
    },
  },
  {
    claim: 'refuses a run whose contents it is not told',
    async check({ manifest }) {
      const run = sampleRun({ contents: [content(idOf<BlobId>('b'), 'x')] });
      expect(await codeOf(apply(manifest, [{ ...run.fact, contents: [] }]))).toBe('OBJECT_NOT_FOUND');
      expect((await manifest.stats()).runs).toBe(0);
    },
  },
  {
    claim: 'knows publications by the runs that say they are one, and lets none say it again',
    async check({ manifest }) {
      const run = await commit(manifest, { name: 'one', publication: 'p' });
      await commit(manifest, { name: 'none' });
      expect(await manifest.publications([publication('q'), publication('p')])).toStrictEqual([undefined, run.id]);
      const before = await everything(manifest);
      const again = sampleRun({ name: 'two', publication: 'p' });
      await expect(apply(manifest, [{ kind: 'objects', objects: again.objects }, again.fact])).rejects.toMatchObject({
        code: 'PUBLICATION_MOVED',
        data: { guard: { kind: 'expect-unpublished', publication: publication('p') } },
      });
      expect(await everything(manifest)).toStrictEqual(before);
      expect((await apply(manifest, [run.fact])).events).toStrictEqual([]);
    },
  },
  {
    claim: 'applies nothing when a guard of a publication does not hold, and says which',
    async check({ manifest, log }) {
      const [a, b] = [artifact('a'), artifact('b')];
      await commit(manifest, { name: 'one', outputs: [a], contents: [content(a, 'x')], publication: 'p' });
      const two = sampleRun({ name: 'two', outputs: [b], contents: [content(b, 'x')], publication: 'q' });
      const facts = [{ kind: 'objects' as const, objects: two.objects }, two.fact];
      const holds: Guard[] = [
        { kind: 'expect-content', question: question(a, 'x'), artifact: a.id },
        { kind: 'expect-content', question: question(b, 'x'), artifact: undefined },
        { kind: 'expect-unpublished', publication: publication('q') },
      ];
      const fails: Guard[] = [
        { kind: 'expect-content', question: question(a, 'x'), artifact: undefined },
        { kind: 'expect-content', question: question(a, 'x'), artifact: b.id },
        { kind: 'expect-content', question: question(b, 'x'), artifact: b.id },
        { kind: 'expect-unpublished', publication: publication('p') },
      ];
      const before = await everything(manifest);
      for (const guard of fails) {
        await expect(apply(manifest, facts, 0, [...holds, guard])).rejects.toMatchObject({
          code: 'PUBLICATION_MOVED',
          data: { guard },
        });
      }
      expect(await everything(manifest)).toStrictEqual(before);
      expect(await log.end()).toStrictEqual(await manifest.logPosition());
      await apply(manifest, facts, 0, holds);
      expect(await manifest.artifactsWithContent([question(b, 'x')])).toStrictEqual([b.id]);
    },
  },
  {
    claim: 'records many publications in one batch, each with its event, or none when two are the same',
    async check({ manifest, log }) {
      const runs = Array.from({ length: 300 }, (_, index) => {
        const one = artifact(`k${index % 100}`, { type: 'table', content: `bytes ${index}` });
        const contents = [content(one, `says ${index % 100}`)];
        return sampleRun({ name: `run ${index}`, outputs: [one], contents, publication: `p${index}` });
      });
      const objects = new Map(runs.flatMap((run) => run.objects.map((one) => [`${one.namespace} ${one.id}`, one])));
      const facts = [{ kind: 'objects' as const, objects: [...objects.values()] }, ...runs.map(({ fact }) => fact)];
      const guards = runs.map(({ record }): Guard => {
        return { kind: 'expect-unpublished', publication: record.publication as PublicationId };
      });
      const twice = sampleRun({ name: 'twice', publication: 'p7' });
      expect(await codeOf(apply(manifest, [...facts, twice.fact], 0, guards))).toBe('INTERNAL');
      expect((await manifest.stats()).runs).toBe(0);
      const { events } = await apply(manifest, [...facts, (runs[0] as (typeof runs)[number]).fact], 0, guards);
      expect(events.map(({ record }) => record.subject.id)).toStrictEqual(runs.map(({ id }) => id));
      expect((await collect(log.read())).length).toBe(300);
      expect(await manifest.publications(runs.map(({ record }) => record.publication as PublicationId))).toStrictEqual(
        runs.map(({ id }) => id),
      );
      const first = runs.map((_, index) => runs[index % 100]?.fact.artifacts[0]?.id);
      const questions = runs.map(({ fact }, index) => {
        const { id, record } = fact.artifacts[0] as (typeof fact.artifacts)[number];
        return question({ id, record, blob: record.file.sha256 }, `says ${index % 100}`);
      });
      expect(await manifest.artifactsWithContent(questions)).toStrictEqual(first);
      expect(await manifest.check()).toStrictEqual([]);
    },
  },
];
