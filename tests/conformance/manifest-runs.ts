/** Claims about runs, refs and the log. */
import { expect } from 'vitest';
import type { ActorId, RefName, RunId } from '../../src/core/ids.ts';
import { parseEvent } from '../../src/core/records/event.ts';
import { configHash } from '../../src/core/run-key.ts';
import type { Claim } from './claims.ts';
import {
  actorFact,
  ada,
  apply,
  artifact,
  at,
  blobAt,
  codeOf,
  collect,
  commit,
  idOf,
  type ManifestFixture,
  main,
  refFact,
  sampleRun,
  startMs,
} from './manifest-sample.ts';

export const runClaims: readonly Claim<ManifestFixture>[] = [
  {
    claim: 'gives back everything that a run says',
    async check({ manifest }) {
      const params = {
        window: 20,
        rate: 0.25,
        small: 1.5e-300,
        name: 'ü',
        deep: { list: [1, null, 'x'] },
        on: true,
        off: false,
        none: null,
      };
      const first = await commit(manifest, { name: 'first' });
      const run = await commit(manifest, {
        name: 'second',
        parents: [first.id],
        outputs: [artifact('a'), artifact('b')],
        identity: {
          params,
          engineVersion: 'e1',
          configVersion: 'c1',
          datasets: [{ id: 'd1', algorithm: 'file', mode: 'STRICT', sha256: idOf('d') }],
        },
        record: {
          tags: { stage: 'dev' },
          metrics: { ic: 0.031, n: 3 },
          code: { gitCommit: 'a'.repeat(40), gitDirty: false },
          status: 'failed',
        },
        createdAt: at(7),
        message: 'hello',
      });
      const [entry, unknown] = await manifest.runs([run.id, idOf<RunId>('unknown')]);
      expect(unknown).toBeUndefined();
      expect(entry).toMatchObject({
        parents: [first.id],
        message: 'hello',
        author: 'Ada <ada@example.org>',
        actor: ada,
        createdAt: at(7),
      });
      expect(entry).toMatchObject({
        id: run.id,
        seq: 2,
        runKey: run.record.runKey,
        status: 'failed',
        artifacts: 2,
        retired: false,
        stale: false,
      });
      expect(entry).toMatchObject({
        tree: run.record.tree,
        outputs: run.record.outputs,
        engineVersion: 'e1',
        configVersion: 'c1',
      });
      expect(entry).toMatchObject({
        configHash: configHash(params),
        datasetIdV2: 'd1',
        gitCommit: 'a'.repeat(40),
        gitDirty: false,
      });
      expect(entry?.params).toStrictEqual(params);
      expect(entry?.metrics).toStrictEqual({ ic: 0.031, n: 3 });
      expect(entry?.tags).toStrictEqual({ stage: 'dev' });
    },
  },
  {
    claim: 'shows the dataset id of a run: the external one, the only one, or none of several',
    async check({ manifest }) {
      const datasets = ['d1', 'd2'].map((id) => ({
        id,
        algorithm: 'file',
        mode: 'STRICT' as const,
        sha256: idOf<string>(id),
      }));
      const external = { datasetIdV2: 'outer' };
      const identities = [{}, { datasets: datasets.slice(0, 1) }, { datasets }, { datasets, external }];
      const runs = [];
      for (const identity of identities) runs.push(await commit(manifest, { identity }));
      const entries = await manifest.runs(runs.map(({ id }) => id));
      expect(entries.map((entry) => entry?.datasetIdV2)).toStrictEqual([undefined, 'd1', undefined, 'outer']);
    },
  },
  {
    claim: 'records a run once, and its event once',
    async check({ manifest, log }) {
      const run = await commit(manifest, { outputs: [artifact('a')] });
      const again = await apply(manifest, [{ kind: 'objects', objects: run.objects }, run.fact, run.fact]);
      expect(again.events).toStrictEqual([]);
      expect((await manifest.listRuns({}, { limit: 0 })).rows.length).toBe(1);
      expect((await collect(log.read())).length).toBe(1);
    },
  },
  {
    claim: 'refuses a run whose artifacts it does not know, or with two outputs at one path',
    async check({ manifest }) {
      const run = sampleRun({ outputs: [artifact('a')] });
      expect(await codeOf(apply(manifest, [{ ...run.fact, artifacts: [] }]))).toBe('OBJECT_NOT_FOUND');
      const twice = sampleRun({
        outputs: [
          ['x', artifact('a')],
          ['y', artifact('b')],
          ['x', artifact('c')],
        ],
      });
      expect(await codeOf(apply(manifest, [{ kind: 'objects', objects: twice.objects }, twice.fact]))).toBe(
        'RECORD_INVALID',
      );
      expect((await manifest.stats()).runs).toBe(0);
    },
  },
  {
    claim: 'takes a run whose objects it never saw, and says that they are absent',
    async check({ manifest }) {
      const one = artifact('a', { size: 12 });
      const run = sampleRun({ outputs: [one], parents: [idOf<RunId>('lost parent')] });
      await apply(manifest, [{ ...run.fact, message: undefined }]);
      const [entry] = await manifest.runs([run.id]);
      expect(entry).toMatchObject({ message: undefined, parents: [idOf('lost parent')] });
      expect((await manifest.artifacts([one.id]))[0]).toMatchObject({ absent: true, size: 12 });
      await apply(manifest, [{ kind: 'objects', objects: [blobAt(one.blob, 12)] }]);
      expect((await manifest.artifacts([one.id]))[0]).toMatchObject({ absent: false, size: 12 });
    },
  },
  {
    claim: 'takes a run and its objects in either order',
    async check({ manifest }) {
      const one = artifact('a', { size: 12 });
      const run = sampleRun({ outputs: [one, artifact('b')], inputs: [artifact('c')] });
      await apply(manifest, [run.fact, { kind: 'objects', objects: run.objects }]);
      const entries = await manifest.objects(
        'record',
        run.objects.flatMap(({ namespace, id }) => (namespace === 'record' ? [id] : [])),
      );
      expect(entries.map((entry) => entry?.location.kind)).toStrictEqual(entries.map(() => 'loose'));
      expect((await manifest.artifacts([one.id]))[0]).toMatchObject({ absent: false, size: 12 });
      expect((await manifest.outputs(run.id)).length).toBe(2);
      expect(await manifest.check()).toStrictEqual([]);
    },
  },
  {
    claim: 'lists outputs by path and productions newest first, one artifact at several paths and in several runs',
    async check({ manifest }) {
      const [a, b] = [artifact('k/a'), artifact('k/b')];
      const one = await commit(manifest, { name: 'one', outputs: [['z', a], ['b', a], b] });
      const two = await commit(manifest, { name: 'two', outputs: [a, ['\u{1F600}', b], ['\uFB33', a]] });
      expect(await manifest.outputs(one.id)).toStrictEqual([
        { run: one.id, path: 'b', artifact: a.id },
        { run: one.id, path: 'k/b', artifact: b.id },
        { run: one.id, path: 'z', artifact: a.id },
      ]);
      expect((await manifest.outputs(two.id)).map(({ path }) => path)).toStrictEqual(['k/a', '\uFB33', '\u{1F600}']);
      const productions = await manifest.productions(a.id);
      expect(productions.map(({ run, path }) => [run, path])).toStrictEqual([
        [two.id, 'k/a'],
        [two.id, '\uFB33'],
        [one.id, 'b'],
        [one.id, 'z'],
      ]);
      expect((await manifest.productions(a.id, 1)).map(({ run }) => run)).toStrictEqual([two.id]);
      expect(await manifest.productions(idOf('unknown'))).toStrictEqual([]);
      expect(await manifest.outputs(idOf<RunId>('unknown'))).toStrictEqual([]);
    },
  },
  {
    claim: 'moves refs only from where they are, and keeps their past',
    async check({ manifest }) {
      const [one, two] = [await commit(manifest, { name: 'one' }), await commit(manifest, { name: 'two' })];
      const tag = 'tags/v1' as RefName;
      await apply(manifest, [refFact(main, undefined, one.id, 'first'), refFact(tag, undefined, one.id)], 10);
      expect(await codeOf(apply(manifest, [refFact(main, undefined, two.id)]))).toBe('REF_MOVED');
      await apply(manifest, [refFact(main, one.id, two.id), refFact(tag, one.id, undefined, 'gone')], 20);
      const failed = apply(manifest, [refFact(main, one.id, two.id)]);
      await expect(failed).rejects.toMatchObject({
        code: 'REF_MOVED',
        data: { name: main, expected: one.id, actual: two.id },
      });
      expect(await codeOf(apply(manifest, [refFact(main, two.id, idOf<RunId>('unknown'))]))).toBe('REV_NOT_FOUND');
      expect([
        await manifest.ref(main),
        await manifest.ref(tag),
        await manifest.ref('heads/x' as RefName),
      ]).toStrictEqual([two.id, undefined, undefined]);
      expect(await manifest.refs('')).toStrictEqual([{ name: main, target: two.id }]);
      await apply(manifest, [refFact(tag, undefined, two.id)], 30);
      expect(await manifest.refs('tags/')).toStrictEqual([{ name: tag, target: two.id }]);
      const past = await manifest.refLog(tag, { limit: 0 });
      expect(past.rows).toStrictEqual([
        { name: tag, from: undefined, to: two.id, message: undefined, timestamp: at(30), actor: ada, seq: 7 },
        { name: tag, from: one.id, to: undefined, message: 'gone', timestamp: at(20), actor: ada, seq: 6 },
        { name: tag, from: undefined, to: one.id, message: undefined, timestamp: at(10), actor: ada, seq: 4 },
      ]);
      const pages = [await manifest.refLog(undefined, { limit: 3 })];
      while (pages.at(-1)?.cursor !== undefined)
        pages.push(await manifest.refLog(undefined, { limit: 3, cursor: pages.at(-1)?.cursor }));
      expect(pages.flatMap(({ rows }) => rows.map(({ seq }) => seq))).toStrictEqual([7, 6, 5, 4, 3]);
    },
  },
  {
    claim: 'applies nothing when a guard does not hold',
    async check({ manifest, log }) {
      const one = await commit(manifest, { name: 'one' });
      await apply(manifest, [refFact(main, undefined, one.id)]);
      const two = sampleRun({ name: 'two' });
      const facts = [{ kind: 'objects' as const, objects: two.objects }, two.fact];
      const before = await manifest.stats();
      expect(await codeOf(apply(manifest, facts, 0, [{ kind: 'expect-ref', name: main, target: undefined }]))).toBe(
        'REF_MOVED',
      );
      expect(await codeOf(apply(manifest, facts, 0, [{ kind: 'expect-log-size', size: 1 }]))).toBe('REF_MOVED');
      expect(await manifest.stats()).toStrictEqual(before);
      expect(await log.end()).toStrictEqual(await manifest.logPosition());
      await apply(manifest, facts, 0, [
        { kind: 'expect-ref', name: main, target: one.id },
        { kind: 'expect-log-size', size: 2 },
      ]);
      expect((await manifest.logHead()).size).toBe(3);
    },
  },
  {
    claim: 'applies nothing when the last of many facts is refused',
    async check({ manifest, log }) {
      const one = await commit(manifest, { name: 'one', outputs: [artifact('a')] });
      const before = [await manifest.stats(), await log.end(), await collect(manifest.allObjects())];
      const two = sampleRun({ name: 'two', outputs: [artifact('b'), artifact('a')] });
      const facts = [{ kind: 'objects' as const, objects: two.objects }, two.fact, refFact(main, one.id, two.id)];
      expect(await codeOf(apply(manifest, facts))).toBe('REF_MOVED');
      expect([await manifest.stats(), await log.end(), await collect(manifest.allObjects())]).toStrictEqual(before);
      await apply(manifest, [...facts.slice(0, 2), refFact(main, undefined, two.id)]);
      expect(await manifest.ref(main)).toBe(two.id);
    },
  },
  {
    claim: 'chains events, in order, in the log and in the index',
    async check({ manifest, log }) {
      const applied = await apply(manifest, [actorFact, actorFact], 3);
      const run = sampleRun();
      applied.events.length satisfies number;
      const more = await apply(
        manifest,
        [{ kind: 'objects', objects: run.objects }, run.fact, refFact(main, undefined, run.id)],
        1,
      );
      const events = [...applied.events, ...more.events];
      expect(events.map(({ record }) => record.action)).toStrictEqual(['actor.add', 'run.commit', 'ref.update']);
      expect(events.map(({ record }) => record.timestamp)).toStrictEqual([at(3), at(3), at(3)]);
      expect((await apply(manifest, [actorFact])).events).toStrictEqual([]);
      let head = { size: 0, last: '0'.repeat(64) as never, lastTimestamp: undefined as never };
      const entries = await collect(log.read());
      expect(entries.length).toBe(3);
      for (const [index, { line }] of entries.entries()) {
        const event = parseEvent(line, head);
        expect(event.id).toBe(events[index]?.id);
        expect(await manifest.event(event.id)).toStrictEqual({ ...event, bytes: new Uint8Array(event.bytes) });
        head = { size: event.record.seq, last: event.id as never, lastTimestamp: event.record.timestamp as never };
      }
      expect(await manifest.logHead()).toStrictEqual(head);
      expect(await manifest.logPosition()).toStrictEqual(await log.end());
      const moved = await apply(manifest, [refFact(main, run.id, undefined)]);
      expect(moved.events[0]?.record.subjectPrevious).toBe(events[2]?.id);
      expect(await manifest.actor(ada)).toStrictEqual({
        id: ada,
        name: 'Ada',
        mail: 'ada@example.org',
        roles: ['admin', 'researcher'],
      });
      expect(await manifest.actor(idOf<ActorId>('nobody'))).toBeUndefined();
    },
  },
  {
    claim: 'lists events by action, subject and time, either way, page by page',
    async check({ manifest }) {
      await apply(manifest, [actorFact], 0);
      const runs = [];
      for (let index = 1; index <= 5; index++) {
        const run = sampleRun({ name: `run ${index}` });
        await apply(
          manifest,
          [{ kind: 'objects', objects: run.objects }, run.fact, refFact(main, runs.at(-1)?.id, run.id)],
          index,
        );
        runs.push(run);
      }
      const seqs = async (filter: Parameters<typeof manifest.events>[0], limit = 0): Promise<number[]> => {
        const found: number[] = [];
        let cursor: string | undefined;
        do {
          const page = await manifest.events(filter, { limit, cursor });
          if (limit !== 0) expect(page.rows.length).toBeLessThanOrEqual(limit);
          found.push(...page.rows.map(({ event }) => event.record.seq));
          cursor = page.cursor;
        } while (cursor !== undefined);
        return found;
      };
      expect(await seqs({})).toStrictEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
      expect(await seqs({ ascending: true }, 2)).toStrictEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      expect(await seqs({ action: 'run.commit' }, 2)).toStrictEqual([10, 8, 6, 4, 2]);
      expect(await seqs({ subject: { kind: 'ref', id: main }, ascending: true }, 3)).toStrictEqual([3, 5, 7, 9, 11]);
      expect(await seqs({ subject: { kind: 'run', id: main } })).toStrictEqual([]);
      expect(await seqs({ from: at(2), to: at(3) })).toStrictEqual([7, 6, 5, 4]);
      expect(await seqs({ from: at(4), action: 'ref.update', subject: { kind: 'ref', id: main } })).toStrictEqual([
        11, 9,
      ]);
      expect(await seqs({ to: at(-1) })).toStrictEqual([]);
      const [newest] = (await manifest.events({}, { limit: 1 })).rows;
      expect(newest?.actorName).toBe('Ada <ada@example.org>');
      expect(startMs).toBeGreaterThan(0);
    },
  },
];
