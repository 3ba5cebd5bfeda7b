/** Claims about lists, lineage, prefixes and sums. */
import { expect } from 'vitest';
import type { ArtifactId, RunId } from '../../src/core/ids.ts';
import type { ArtifactFilter, Lineage, LineageRequest, Manifest, RunFilter } from '../../src/ports/manifest.ts';
import type { Claim } from './claims.ts';
import {
  apply,
  artifact,
  at,
  blobAt,
  codeOf,
  commit,
  idOf,
  type ManifestFixture,
  main,
  refFact,
  type SampleArtifact,
  statusFact,
  supersedeFact,
  tagsFact,
} from './manifest-sample.ts';

/** Logical keys of a filtered list, read in pages of every size, which must all say the same. */
async function keys(manifest: Manifest, filter: ArtifactFilter): Promise<string[]> {
  const all = await manifest.listArtifacts(filter, { limit: 0 });
  expect(all.cursor).toBeUndefined();
  for (const limit of [1, 2, 3, 100]) {
    const paged: ArtifactId[] = [];
    let cursor: string | undefined;
    do {
      const page = await manifest.listArtifacts(filter, { limit, cursor });
      expect(page.rows.length).toBeLessThanOrEqual(limit);
      paged.push(...page.rows.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(paged).toStrictEqual(all.rows.map(({ id }) => id));
  }
  return all.rows.map(({ logicalKey }) => logicalKey);
}

async function runNames(manifest: Manifest, filter: RunFilter): Promise<(string | undefined)[]> {
  const all = await manifest.listRuns(filter, { limit: 0 });
  for (const limit of [1, 2, 100]) {
    const paged: RunId[] = [];
    let cursor: string | undefined;
    do {
      const page = await manifest.listRuns(filter, { limit, cursor });
      expect(page.rows.length).toBeLessThanOrEqual(limit);
      paged.push(...page.rows.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(paged).toStrictEqual(all.rows.map(({ id }) => id));
  }
  return all.rows.map(({ message }) => message);
}

/** Edges as texts of keys, sorted, and depths by key. */
function shape(
  lineage: Lineage,
  known: readonly SampleArtifact[],
): { edges: string[]; depths: { [key: string]: number } } {
  const key = (id: ArtifactId): string => known.find((one) => one.id === id)?.record.logicalKey ?? id;
  const edges = lineage.edges.map(({ child, parent, relation }) => `${key(child)} ${relation} ${key(parent)}`).sort();
  return { edges, depths: Object.fromEntries(lineage.artifacts.map(({ id, depth }) => [key(id), depth])) };
}

export const listClaims: readonly Claim<ManifestFixture>[] = [
  {
    claim: 'lists artifacts by every filter, the newest production first, then by key',
    async check({ manifest }) {
      const [a, b, c] = [artifact('dir/a'), artifact('dir/b'), artifact('c', { type: 'table', version: 2 })];
      const [again, input, same] = [artifact('z'), artifact('input'), artifact('dir/same', { content: 'dir/a' })];
      const one = await commit(manifest, { name: 'one', outputs: [b, again, a, ['other/path', a]], createdAt: at(1) });
      await commit(manifest, { name: 'two', outputs: [c, same], inputs: [input], createdAt: at(2) });
      await commit(manifest, { name: 'three', outputs: [again], createdAt: at(3) });
      await apply(manifest, [
        tagsFact(a, { stage: 'dev', x: '1' }),
        tagsFact(c, { stage: 'dev' }),
        supersedeFact(b, a),
        statusFact('tombstone', c),
      ]);
      expect(await keys(manifest, {})).toStrictEqual(['z', 'c', 'dir/same', 'dir/a', 'dir/b', 'input']);
      expect(await keys(manifest, { type: 'table' })).toStrictEqual(['c']);
      expect(await keys(manifest, { type: 'file' })).toStrictEqual(['z', 'dir/same', 'dir/a', 'dir/b', 'input']);
      expect(await keys(manifest, { type: 'none' })).toStrictEqual([]);
      expect(await keys(manifest, { key: 'dir/*' })).toStrictEqual(['dir/same', 'dir/a', 'dir/b']);
      for (const key of ['dir/**', '**/?*', '[d]ir/*', 'd[!a]r/*', 'd\\ir/*', '?ir/**', 'dir/**/*']) {
        const all =
          key === '**/?*' ? ['z', 'c', 'dir/same', 'dir/a', 'dir/b', 'input'] : ['dir/same', 'dir/a', 'dir/b'];
        expect(await keys(manifest, { key })).toStrictEqual(all);
      }
      expect(await keys(manifest, { key: '**/a' })).toStrictEqual(['dir/a']);
      expect(await keys(manifest, { key: 'dir/**/a', status: 'active' })).toStrictEqual(['dir/a']);
      expect(await keys(manifest, { key: '*' })).toStrictEqual(['z', 'c', 'input']);
      expect(await keys(manifest, { key: 'DIR/*' })).toStrictEqual([]);
      expect(await keys(manifest, { key: '[a-d]' })).toStrictEqual(['c']);
      expect(await keys(manifest, { logicalKey: 'dir/a' })).toStrictEqual(['dir/a']);
      expect(await keys(manifest, { logicalKey: 'dir/*' })).toStrictEqual([]);
      expect(await keys(manifest, { status: 'active' })).toStrictEqual(['z', 'dir/same', 'dir/a', 'input']);
      expect(await keys(manifest, { status: 'superseded' })).toStrictEqual(['dir/b']);
      expect(await keys(manifest, { status: 'tombstoned', type: 'file' })).toStrictEqual([]);
      expect(await keys(manifest, { tags: { stage: 'dev' } })).toStrictEqual(['c', 'dir/a']);
      expect(await keys(manifest, { tags: { stage: 'dev', x: '1' } })).toStrictEqual(['dir/a']);
      expect(await keys(manifest, { tags: { stage: 'none' } })).toStrictEqual([]);
      expect(await keys(manifest, { blob: a.blob })).toStrictEqual(['dir/same', 'dir/a']);
      expect(await keys(manifest, { blob: idOf('unknown') })).toStrictEqual([]);
      expect(await keys(manifest, { run: one.id })).toStrictEqual(['dir/a', 'dir/b', 'z']);
      expect(await keys(manifest, { run: one.id, key: '**/a' })).toStrictEqual(['dir/a']);
      expect(await keys(manifest, { run: idOf<RunId>('unknown') })).toStrictEqual([]);
      expect(await keys(manifest, { createdFrom: at(2) })).toStrictEqual(['c', 'dir/same']);
      expect(await keys(manifest, { createdTo: at(1) })).toStrictEqual(['z', 'dir/a', 'dir/b']);
      expect(await keys(manifest, { createdFrom: at(1), createdTo: at(2), type: 'table' })).toStrictEqual(['c']);
      const [entry] = (await manifest.listArtifacts({ logicalKey: 'dir/a' }, { limit: 1 })).rows;
      expect(entry).toMatchObject({
        type: 'file',
        schemaVersion: 1,
        blob: a.blob,
        size: 100,
        status: 'active',
        createdAt: at(1),
      });
      expect(await codeOf(manifest.listArtifacts({}, { limit: 1, cursor: 'nonsense' }))).toBe('BAD_ARGUMENT');
    },
  },
  {
    claim: 'orders keys by their UTF-8 bytes, over many pages of one run',
    async check({ manifest }) {
      const names = Array.from({ length: 2300 }, (_, index) => `k${index % 7}/${index}`);
      const outputs = ['\u{1F600}', '\uFB33', 'é', 'Z', 'z', ...names].map((key) => artifact(key));
      await commit(manifest, { outputs });
      const listed: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await manifest.listArtifacts({}, { limit: 700, cursor });
        listed.push(...page.rows.map(({ logicalKey }) => logicalKey));
        cursor = page.cursor;
      } while (cursor !== undefined);
      const bytewise = outputs
        .map(({ record }) => record.logicalKey)
        .sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
      expect(listed).toStrictEqual(bytewise);
    },
  },
  {
    claim: 'gives artifacts and their blobs in the order asked for',
    async check({ manifest }) {
      const [a, b] = [artifact('a', { size: 1 }), artifact('b', { size: 2 })];
      await commit(manifest, { outputs: [a, b] });
      const ids = [b.id, idOf<ArtifactId>('unknown'), a.id, b.id];
      expect((await manifest.artifacts(ids)).map((entry) => entry?.logicalKey)).toStrictEqual([
        'b',
        undefined,
        'a',
        'b',
      ]);
      expect(await manifest.artifactBlobs(ids)).toStrictEqual([
        blobAt(b.blob, 2),
        undefined,
        blobAt(a.blob, 1),
        blobAt(b.blob, 2),
      ]);
    },
  },
  {
    claim: 'lists runs newest first, by ancestry, status, key and path',
    async check({ manifest }) {
      const one = await commit(manifest, { name: '1', outputs: [artifact('dir/a'), ['elsewhere/x', artifact('x')]] });
      const two = await commit(manifest, {
        name: '2',
        parents: [one.id],
        record: { status: 'failed' },
        identity: { params: { n: 2 } },
      });
      const side = await commit(manifest, {
        name: 'side',
        parents: [one.id],
        outputs: [artifact('dir2/a')],
        record: { removed: ['dir/b'] },
      });
      const three = await commit(manifest, {
        name: '3',
        parents: [two.id, side.id],
        outputs: [artifact('dir/a'), artifact('dir')],
      });
      await commit(manifest, { name: 'alone', identity: { params: { n: 2 } } });
      const of = (...names: string[]): string[] => names.map((name) => `message of ${name}`);
      expect(await runNames(manifest, {})).toStrictEqual(of('alone', '3', 'side', '2', '1'));
      expect(await runNames(manifest, { from: [three.id] })).toStrictEqual(of('3', 'side', '2', '1'));
      expect(await runNames(manifest, { from: [two.id, side.id, two.id] })).toStrictEqual(of('side', '2', '1'));
      expect(await runNames(manifest, { from: [idOf<RunId>('unknown')] })).toStrictEqual([]);
      expect(await runNames(manifest, { status: 'failed' })).toStrictEqual(of('2'));
      expect(await runNames(manifest, { from: [three.id], status: 'succeeded' })).toStrictEqual(of('3', 'side', '1'));
      expect(await runNames(manifest, { runKey: two.record.runKey })).toStrictEqual(of('alone', '2'));
      expect(await runNames(manifest, { from: [three.id], runKey: two.record.runKey })).toStrictEqual(of('2'));
      expect(await runNames(manifest, { paths: ['dir'] })).toStrictEqual(of('3', 'side', '1'));
      expect(await runNames(manifest, { paths: ['dir/a'] })).toStrictEqual(of('3', '1'));
      expect(await runNames(manifest, { paths: ['dir/b', 'elsewhere'] })).toStrictEqual(of('side', '1'));
      expect(await runNames(manifest, { paths: ['x', 'di', 'dir/a/b'] })).toStrictEqual([]);
      expect(await runNames(manifest, { paths: [''], from: [three.id] })).toStrictEqual(of('3', 'side', '1'));
    },
  },
  {
    claim: 'walks lineage as each run made it, with the least depth, and out of circles',
    async check({ manifest }) {
      const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((key) => artifact(key)) as [
        SampleArtifact,
        SampleArtifact,
        SampleArtifact,
        SampleArtifact,
        SampleArtifact,
      ];
      const all = [a, b, c, d, e];
      const one = await commit(manifest, { name: '1', outputs: [b], inputs: [a] });
      const two = await commit(manifest, { name: '2', outputs: [b], inputs: [e] });
      await commit(manifest, {
        name: '3',
        outputs: [c],
        inputs: [
          { of: b, run: one.id },
          { of: a, relation: 'uses_config' },
          { of: a, relation: 'uses_config', path: 'x' },
        ],
      });
      await commit(manifest, { name: '4', outputs: [d, ['twice', d]], inputs: [c] });
      await commit(manifest, { name: '5', outputs: [a], inputs: [d] });
      const walk = async (request: LineageRequest): Promise<unknown> => shape(await manifest.lineage(request), all);
      expect(await walk({ roots: [d.id], direction: 'up' })).toStrictEqual({
        edges: ['a derived_from d', 'b derived_from a', 'c derived_from b', 'c uses_config a', 'd derived_from c'],
        depths: { a: 2, b: 2, c: 1, d: 0 },
      });
      expect(await walk({ roots: [b.id], direction: 'up', depth: 1 })).toStrictEqual({
        edges: ['b derived_from a', 'b derived_from e'],
        depths: { a: 1, b: 0, e: 1 },
      });
      expect(await walk({ roots: [b.id], direction: 'up', run: two.id })).toStrictEqual({
        edges: ['b derived_from e'],
        depths: { b: 0, e: 1 },
      });
      expect(await walk({ roots: [b.id], direction: 'down', depth: 2 })).toStrictEqual({
        edges: ['c derived_from b', 'd derived_from c'],
        depths: { b: 0, c: 1, d: 2 },
      });
      expect(await walk({ roots: [b.id], direction: 'down', run: two.id })).toStrictEqual({
        edges: [],
        depths: { b: 0 },
      });
      expect(await walk({ roots: [e.id], direction: 'down' })).toStrictEqual({
        edges: ['b derived_from e'],
        depths: { b: 1, e: 0 },
      });
      expect(await walk({ roots: [a.id, idOf<ArtifactId>('unknown')], direction: 'up', depth: 0 })).toStrictEqual({
        edges: [],
        depths: { a: 0 },
      });
      const { edges } = await manifest.lineage({ roots: [b.id], direction: 'up', depth: 1 });
      expect(edges.map(({ run }) => run).sort()).toStrictEqual([one.id, two.id].sort());
    },
  },
  {
    claim: 'gives lineage with the entries of its artifacts, the nearest first, where they are asked for',
    async check({ manifest }) {
      const [a, b, c] = [artifact('a', { type: 'table', version: 2 }), artifact('b'), artifact('c')];
      await commit(manifest, { name: '1', outputs: [b], inputs: [a], createdAt: at(1) });
      await commit(manifest, { name: '2', outputs: [c], inputs: [b], createdAt: at(2) });
      await apply(manifest, [tagsFact(a, { stage: 'dev' }), supersedeFact(b, c, 'better')]);
      const request = { roots: [c.id, idOf<ArtifactId>('unknown')], direction: 'up', entries: true } as const;
      const { artifacts } = await manifest.lineage(request);
      expect(artifacts.map(({ id, depth }) => [id, depth])).toStrictEqual([
        [c.id, 0],
        [b.id, 1],
        [a.id, 2],
      ]);
      expect(artifacts.map(({ entry }) => entry)).toStrictEqual(await manifest.artifacts([c.id, b.id, a.id]));
      const plain = await manifest.lineage({ roots: [c.id], direction: 'up' });
      expect(plain.artifacts.every((one) => !('entry' in one))).toBe(true);
    },
  },
  {
    claim: 'follows the edges of a run that lists them, and none besides',
    async check({ manifest }) {
      const [a, b, x, y] = ['a', 'b', 'x', 'y'].map((key) => artifact(key)) as [
        SampleArtifact,
        SampleArtifact,
        SampleArtifact,
        SampleArtifact,
      ];
      await commit(manifest, {
        name: '1',
        outputs: [x, y],
        inputs: [a, b],
        edges: [
          [x, a],
          [y, a, 'uses_null'],
          [y, b],
          [y, b],
        ],
      });
      await commit(manifest, { name: '2', outputs: [b], inputs: [a], edges: [] });
      const walk = async (root: SampleArtifact, direction: 'up' | 'down'): Promise<string[]> =>
        shape(await manifest.lineage({ roots: [root.id], direction }), [a, b, x, y]).edges;
      expect(await walk(x, 'up')).toStrictEqual(['x derived_from a']);
      expect(await walk(y, 'up')).toStrictEqual(['y derived_from b', 'y uses_null a']);
      expect(await walk(a, 'down')).toStrictEqual(['x derived_from a', 'y uses_null a']);
      expect(await walk(b, 'up')).toStrictEqual([]);
    },
  },
  {
    claim: 'finds everything by the beginning of its id',
    async check({ manifest }) {
      const one = artifact('a');
      const run = await commit(manifest, { outputs: [one] });
      const { events } = await apply(manifest, [refFact(main, undefined, run.id)]);
      const event = events[0]?.id ?? '';
      const wanted = [
        ['run', run.id],
        ['artifact', one.id],
        ['blob', one.blob],
        ['record', run.record.tree],
        ['event', event],
      ] as const;
      for (const [kind, id] of wanted) {
        for (const digits of [4, 5, 7, 8, 9, 12, 63, 64]) {
          expect(await manifest.find(id.slice(0, digits), 10)).toContainEqual({ kind, id });
        }
        const last = id.endsWith('0') ? '1' : '0';
        expect(await manifest.find(id.slice(0, 63) + last, 10)).toStrictEqual([]);
      }
      expect(await codeOf(manifest.find('abc', 10))).toBe('BAD_ID');
      const many = Array.from({ length: 20 }, (_, index) => `ffff${String(index).padStart(60, '0')}`);
      await apply(manifest, [{ kind: 'objects', objects: many.map((id) => blobAt(id as never)) }]);
      expect((await manifest.find('ffff', 5)).map(({ id }) => id)).toStrictEqual(many.slice(0, 5));
      expect((await manifest.find('ffff0', 50)).length).toBe(20);
    },
  },
  {
    claim: 'says what a loss touches',
    async check({ manifest }) {
      const [a, same, b, other] = [artifact('a'), artifact('same', { content: 'a' }), artifact('b'), artifact('other')];
      const one = await commit(manifest, { name: '1', outputs: [a] });
      const two = await commit(manifest, { name: '2', outputs: [b, same], inputs: [a] });
      const three = await commit(manifest, { name: '3', outputs: [other], inputs: [b] });
      const ids = (...artifacts: SampleArtifact[]): ArtifactId[] => artifacts.map(({ id }) => id).sort();
      expect(await manifest.affected([{ namespace: 'blob', id: a.blob }])).toStrictEqual({
        artifacts: ids(a, same),
        runs: [two.id, one.id],
        candidates: [],
      });
      expect(await manifest.affected([{ namespace: 'record', id: b.id }])).toStrictEqual({
        artifacts: ids(b),
        runs: [three.id, two.id],
        candidates: [],
      });
      expect(await manifest.affected([{ namespace: 'record', id: three.record.tree }])).toStrictEqual({
        artifacts: [],
        runs: [three.id],
        candidates: [],
      });
      expect(
        await manifest.affected([
          { namespace: 'record', id: a.blob },
          { namespace: 'blob', id: idOf('x') },
        ]),
      ).toStrictEqual({ artifacts: [], runs: [], candidates: [] });
      expect(await manifest.affected([])).toStrictEqual({ artifacts: [], runs: [], candidates: [] });
      expect(await manifest.consumers(a.id)).toStrictEqual([two.id]);
      expect(await manifest.consumers(other.id)).toStrictEqual([]);
    },
  },
  {
    claim: 'sums up',
    async check({ manifest }) {
      const [a, b] = [artifact('a', { size: 10 }), artifact('b', { size: 20 })];
      await commit(manifest, { name: '1', outputs: [a, b] });
      await commit(manifest, { name: '2', outputs: [a] });
      const packs = [{ name: 'p', bytes: 77 }];
      const objects = [
        blobAt(idOf('p1'), 5, { kind: 'packed', pack: 'p', frame: 8, offset: 0 }),
        blobAt(idOf('z'), 50, { kind: 'loose-zstd', storedSize: 9 }),
      ];
      await apply(manifest, [
        { kind: 'objects', objects, packs },
        { kind: 'forget', objects: [{ namespace: 'blob', id: b.blob }] },
      ]);
      expect(await manifest.stats()).toStrictEqual({
        runs: 2,
        artifacts: 2,
        events: 2,
        blobs: { count: 3, bytes: 65 },
        records: { count: 10, bytes: 2000 },
        packs: { count: 1, bytes: 77 },
        loose: { count: 12, bytes: 2060, storedBytes: 2019 },
        productions: { count: 3, bytes: 40 },
      });
      expect(await manifest.check()).toStrictEqual([]);
    },
  },
  {
    claim: 'never shows half of a batch',
    async check({ manifest }) {
      const seen = new Set<string>();
      let done = false;
      const watch = async (): Promise<void> => {
        while (!done) {
          const [target, { rows }] = [await manifest.ref(main), await manifest.listRuns({}, { limit: 1 })];
          if (target !== undefined) seen.add(target === rows[0]?.id ? 'whole' : 'newer');
          const head = await manifest.logHead();
          if (head.size % 2 !== 0) seen.add('half');
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      const watching = watch();
      let tip: RunId | undefined;
      for (let index = 0; index < 20; index++) {
        const run = await import('./manifest-sample.ts').then(({ sampleRun }) => sampleRun({ name: `${index}` }));
        await apply(manifest, [{ kind: 'objects', objects: run.objects }, run.fact, refFact(main, tip, run.id)]);
        tip = run.id;
      }
      done = true;
      await watching;
      expect(seen.has('half')).toBe(false);
    },
  },
  {
    claim: 'applies batches that come at once one after another',
    async check({ manifest, log }) {
      const runs = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          commit(manifest, { name: `${index}`, outputs: [artifact(`a${index}`)] }),
        ),
      );
      const { rows } = await manifest.listRuns({}, { limit: 0 });
      expect(new Set(rows.map(({ id }) => id))).toStrictEqual(new Set(runs.map(({ id }) => id)));
      expect(rows.map(({ seq }) => seq)).toStrictEqual(Array.from({ length: 12 }, (_, index) => 12 - index));
      expect(await manifest.logPosition()).toStrictEqual(await log.end());
    },
  },
];
