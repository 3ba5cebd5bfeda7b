/** Claims about what events change: status, tags, holds, retirements; and about replaying the log. */
import { expect } from 'vitest';
import type { BlobId } from '../../src/core/ids.ts';
import { parseEvent } from '../../src/core/records/event.ts';
import type { LogPosition } from '../../src/ports/event-log.ts';
import type { Fact, FactEvent, Manifest, ManifestBatch } from '../../src/ports/manifest.ts';
import type { Claim } from './claims.ts';
import {
  actorFact,
  apply,
  artifact,
  at,
  codeOf,
  collect,
  commit,
  content,
  draft,
  dumpText,
  idOf,
  type ManifestFixture,
  main,
  refFact,
  type SampleArtifact,
  sampleRun,
  startMs,
  statusFact,
  supersedeFact,
  tagsFact,
} from './manifest-sample.ts';

/** Applies a story, and gives back its facts with their sealed events and the end of the log behind each batch. */
export async function record(manifest: Manifest, story: readonly (readonly Fact[])[]): Promise<ManifestBatch[]> {
  const replay: ManifestBatch[] = [];
  for (const [index, facts] of story.entries()) {
    const { events } = await apply(manifest, facts, 10 * index);
    const sealed = [...events];
    const again = facts.map(
      (fact) => ('event' in fact ? { ...fact, event: sealed.shift() as FactEvent } : fact) as Fact,
    );
    replay.push({ facts: again, nowMs: startMs, clock: 'wall', logEnd: await manifest.logPosition() });
  }
  return replay;
}

export function story(): Fact[][] {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((key) => artifact(key)) as [
    SampleArtifact,
    SampleArtifact,
    SampleArtifact,
    SampleArtifact,
  ];
  const table = artifact('t', { type: 'table', version: 3 });
  const one = sampleRun({
    name: 'one',
    outputs: [a, b],
    identity: { params: { n: 1, x: [true] } },
    record: { tags: { t: 'v' }, metrics: { m: 1.5 } },
  });
  const two = sampleRun({
    name: 'two',
    outputs: [c, ['elsewhere/c', c], table],
    inputs: [{ of: a, run: one.id, path: 'in/a' }, b],
    parents: [one.id],
    record: { removed: ['old', 'old2'], relations: [{ run: one.id, relation: 'retries' }] },
    contents: [
      content(table, 'prices', { rows: 7, minTs: '2026-01-01T00:00:00.000Z', maxTs: '2026-01-02T00:00:00.000Z' }),
      content(idOf<BlobId>('written in another order'), 'prices', { rows: 7 }),
    ],
    publication: 'prices',
  });
  const three = sampleRun({
    name: 'three',
    outputs: [d, a],
    inputs: [c],
    edges: [
      [d, c],
      [d, c, 'uses_null'],
    ],
    parents: [two.id],
    contents: [content(table, 'prices by another rule', { spec: 'other spec', rows: 6 })],
  });
  const objects = (run: typeof one): Fact => ({ kind: 'objects', objects: run.objects });
  return [
    [actorFact, objects(one), one.fact, refFact(main, undefined, one.id, 'begin')],
    [objects(two), two.fact, refFact(main, one.id, two.id)],
    [tagsFact(a, { stage: 'dev', keep: 'yes' }), tagsFact(a, { keep: undefined, stage: 'prod' })],
    [supersedeFact(b, c, 'better'), statusFact('tombstone', a, 'withdrawn')],
    [objects(three), three.fact, refFact(main, two.id, undefined)],
    [statusFact('erase', a), statusFact('restore', b)],
    [
      {
        kind: 'hold',
        subject: { kind: 'artifact', id: c.id },
        reason: 'why',
        event: draft('hold.add', 'artifact', c.id),
      },
    ],
    [
      {
        kind: 'hold',
        subject: { kind: 'run', id: one.id },
        reason: undefined,
        event: draft('hold.add', 'run', one.id),
      },
      {
        kind: 'unhold',
        subject: { kind: 'artifact', id: c.id },
        reason: undefined,
        event: draft('hold.remove', 'artifact', c.id),
      },
      { kind: 'retire', run: one.id, reason: 'old', event: draft('retire', 'run', one.id) },
    ],
  ];
}

export const statusClaims: readonly Claim<ManifestFixture>[] = [
  {
    claim: 'allows the transitions of status and no others, naming artifact and status',
    async check({ manifest }) {
      const [a, b] = [artifact('a'), artifact('b')];
      await commit(manifest, { outputs: [a, b] });
      const entry = async (): Promise<unknown> => {
        const [found] = await manifest.artifacts([a.id]);
        return [found?.status, found?.supersededBy, found?.reason, found?.absent];
      };
      const refused = async (fact: Fact, status: string): Promise<void> => {
        const before = await entry();
        await expect(apply(manifest, [fact])).rejects.toMatchObject({
          code: 'STATUS_CONFLICT',
          data: { artifact: a.id, status },
        });
        expect(await entry()).toStrictEqual(before);
      };
      expect(await entry()).toStrictEqual(['active', undefined, undefined, false]);
      await refused(statusFact('restore', a), 'active');
      await refused(statusFact('erase', a), 'active');
      await apply(manifest, [supersedeFact(a, b, 'newer')]);
      expect(await entry()).toStrictEqual(['superseded', b.id, 'newer', false]);
      await refused(supersedeFact(a, b), 'superseded');
      await refused(statusFact('erase', a), 'superseded');
      await apply(manifest, [statusFact('restore', a)]);
      expect(await entry()).toStrictEqual(['active', undefined, undefined, false]);
      await apply(manifest, [supersedeFact(a, b), statusFact('tombstone', a, 'wrong')]);
      expect(await entry()).toStrictEqual(['tombstoned', undefined, 'wrong', false]);
      await refused(statusFact('tombstone', a), 'tombstoned');
      await refused(supersedeFact(a, b), 'tombstoned');
      await apply(manifest, [statusFact('erase', a)]);
      expect(await entry()).toStrictEqual(['tombstoned', undefined, 'wrong', true]);
      await apply(manifest, [statusFact('restore', a, 'right')]);
      expect(await entry()).toStrictEqual(['active', undefined, 'right', false]);
    },
  },
  {
    claim: 'refuses to supersede by itself, in a circle, by a withdrawn artifact, or what it does not know',
    async check({ manifest }) {
      const [a, b, c] = [artifact('a'), artifact('b'), artifact('c')];
      await commit(manifest, { outputs: [a, b, c] });
      expect(await codeOf(apply(manifest, [supersedeFact(a, a)]))).toBe('STATUS_CONFLICT');
      await apply(manifest, [supersedeFact(a, b), supersedeFact(b, c)]);
      expect(await codeOf(apply(manifest, [supersedeFact(c, a)]))).toBe('STATUS_CONFLICT');
      const unknown = artifact('unknown');
      expect(await codeOf(apply(manifest, [supersedeFact(c, unknown)]))).toBe('REV_NOT_FOUND');
      for (const fact of [supersedeFact(unknown, c), statusFact('tombstone', unknown), tagsFact(unknown, { a: 'b' })]) {
        expect(await codeOf(apply(manifest, [fact]))).toBe('REV_NOT_FOUND');
      }
      await apply(manifest, [statusFact('tombstone', c), statusFact('restore', b)]);
      expect(await codeOf(apply(manifest, [supersedeFact(b, c)]))).toBe('STATUS_CONFLICT');
    },
  },
  {
    claim: 'shows a run as stale while one of its inputs is superseded or withdrawn',
    async check({ manifest }) {
      const [a, b] = [artifact('a'), artifact('b')];
      const run = await commit(manifest, { outputs: [b], inputs: [a] });
      const stale = async (): Promise<boolean | undefined> => (await manifest.runs([run.id]))[0]?.stale;
      expect(await stale()).toBe(false);
      await apply(manifest, [supersedeFact(a, b)]);
      expect(await stale()).toBe(true);
      await apply(manifest, [statusFact('restore', a)]);
      expect(await stale()).toBe(false);
      await apply(manifest, [statusFact('tombstone', a), statusFact('tombstone', b)]);
      expect(await stale()).toBe(true);
    },
  },
  {
    claim: 'keeps tags, replaces them, and removes them',
    async check({ manifest }) {
      const one = artifact('a');
      await commit(manifest, { outputs: [one] });
      const tags = async (): Promise<unknown> => (await manifest.artifacts([one.id]))[0]?.tags;
      await apply(manifest, [tagsFact(one, { b: '2', a: '1', never: undefined })]);
      expect(await tags()).toStrictEqual({ a: '1', b: '2' });
      await apply(manifest, [tagsFact(one, { a: undefined, b: '3', ünï: '' })]);
      expect(await tags()).toStrictEqual({ b: '3', ünï: '' });
      await apply(manifest, [tagsFact(one, { a: '1' })]);
      expect(await tags()).toStrictEqual({ a: '1', b: '3', ünï: '' });
    },
  },
  {
    claim: 'keeps holds and retirements',
    async check({ manifest }) {
      const run = await commit(manifest, {});
      const hold = (kind: 'hold' | 'unhold', id: string, reason?: string): Fact => {
        const event = draft(kind === 'hold' ? 'hold.add' : 'hold.remove', 'object', id);
        return { kind, subject: { kind: 'object', id }, reason, event };
      };
      await apply(manifest, [hold('hold', 'b'), hold('hold', 'a', 'why')], 4);
      await apply(manifest, [hold('hold', 'b', 'more'), hold('unhold', 'a')], 5);
      expect(await manifest.holds()).toStrictEqual([
        { subject: { kind: 'object', id: 'b' }, reason: 'more', since: at(5) },
      ]);
      await apply(manifest, [hold('hold', 'a')], 6);
      expect((await manifest.holds()).map(({ subject }) => subject.id)).toStrictEqual(['a', 'b']);
      const retire: Fact = { kind: 'retire', run: run.id, reason: 'old', event: draft('retire', 'run', run.id) };
      await apply(manifest, [retire, retire]);
      expect((await manifest.runs([run.id]))[0]?.retired).toBe(true);
      expect(await codeOf(apply(manifest, [{ ...retire, run: idOf('unknown') }]))).toBe('REV_NOT_FOUND');
    },
  },
  {
    claim: 'is the same again when its log is replayed, and goes on from there',
    async check({ manifest, another, log }) {
      const replay = await record(manifest, story());
      const copy = await another();
      for (const batch of replay) await copy.apply(batch);
      expect(await dumpText(copy)).toBe(await dumpText(manifest));
      expect(await copy.logPosition()).toStrictEqual(await log.end());
      expect(await copy.check()).toStrictEqual([]);
      const size = (await copy.logHead()).size;
      await apply(copy, [tagsFact(artifact('a'), { again: 'yes' })], 1000);
      const lines = await collect(log.read());
      expect(lines.length).toBe(size + 1);
      expect(parseEvent(lines.at(-1)?.line as Uint8Array).record.seq).toBe(size + 1);
    },
  },
  {
    claim: 'refuses a replayed event that does not continue the log',
    async check({ manifest, another }) {
      const replay = await record(manifest, story());
      const copy = await another();
      await copy.apply(replay[0] as ManifestBatch);
      const before = await dumpText(copy);
      expect(await codeOf(copy.apply(replay[2] as ManifestBatch))).toBe('LOG_CORRUPT');
      const logEnd: LogPosition | undefined = undefined;
      const { logEnd: _, ...without } = replay[1] as ManifestBatch;
      expect(await codeOf(copy.apply(logEnd === undefined ? without : { ...without, logEnd }))).toBe('INTERNAL');
      expect(await dumpText(copy)).toBe(before);
      await copy.apply(replay[1] as ManifestBatch);
      expect((await copy.logHead()).size).toBe(5);
    },
  },
];
