import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RefName, RunId } from '../../../../src/core/ids.ts';
import { applyFacts, refFact } from '../../../../src/store/log/governance.ts';
import { WriteSession } from '../../../../src/store/objects/write-session.ts';
import { addHold, listHolds, removeHold } from '../../../../src/store/upkeep/hold.ts';
import { type RetireOptions, retireRuns } from '../../../../src/store/upkeep/retire.ts';
import { accept } from './a-candidate.ts';
import { day, makeStore, type TestStore } from './a-store.ts';
import { noise } from './some-packs.ts';

let store: TestStore;
beforeEach(async () => {
  store = await makeStore();
});
afterEach(async () => {
  await store.close();
});

async function setRef(name: string, from: RunId | undefined, to: RunId | undefined): Promise<void> {
  const session = new WriteSession(store);
  await applyFacts(store, session, [refFact(store, session, name as RefName, from, to, undefined)]);
}

/** A history of runs on one branch, a day apart, oldest first. */
async function history(count: number, branch = 'main'): Promise<RunId[]> {
  const runs: RunId[] = [];
  for (let index = 0; index < count; index++) {
    runs.push(
      (
        await store.commit(
          { 'f.bin': noise(1000 + index, 1000) },
          { branch, tags: index === 1 ? { stage: 'paper' } : {} },
        )
      ).run,
    );
    store.time.now += day;
  }
  return runs;
}

const retired = async (options: RetireOptions): Promise<RunId[]> =>
  (await retireRuns(store, options)).runs.map((run) => run.runInstanceId);

describe('retire', () => {
  test('retires a named run with one event, once', async () => {
    const [first] = await history(3);
    const result = await retireRuns(store, { revisions: [first as string] });
    expect(result).toMatchObject({ dryRun: false, runs: [{ runInstanceId: first }], objects: 1, bytes: 1000 });
    expect(await retired({ revisions: [first as string] })).toEqual([]);
    const events = await store.manifest.events({ action: 'retire' }, { limit: 0 });
    expect(events.rows.map(({ event }) => event.record.subject)).toEqual([{ kind: 'run', id: first }]);
    expect((await store.manifest.runs([first as RunId]))[0]?.retired).toBe(true);
  });

  test('refuses the tip of a branch or tag and a held run by name, saying what keeps it', async () => {
    const [first, second, third] = (await history(3)) as [RunId, RunId, RunId];
    await setRef('tags/v1', undefined, second);
    await addHold(store, first, 'audit');
    for (const [run, why] of [
      [third, 'heads/main'],
      [second, 'tags/v1'],
      [first, 'audit'],
    ] as const) {
      await expect(retireRuns(store, { revisions: [run] })).rejects.toMatchObject({
        code: 'HELD',
        message: expect.stringContaining(why),
      });
    }
    await removeHold(store, first, undefined);
    await setRef('tags/v1', second, undefined);
    expect(await retired({ revisions: [first, second] })).toEqual([first, second]);
  });

  test('never retires what an accepted result rests on, through parents and inputs', async () => {
    const data = await store.commit({ 'prices.csv': 'p' }, { branch: 'data' });
    await store.commit({ 'prices.csv': 'newer' }, { branch: 'data' });
    const [first] = await history(1, 'work');
    const artifact = data.artifacts.get('prices.csv') as never;
    const result = await store.commit({ 'signal.csv': 's' }, { branch: 'work', inputs: [{ artifact }] });
    await store.commit({ 'signal.csv': 't' }, { branch: 'work' });
    await accept(store, { run: result.run, name: 'momentum' });
    const outcome = await retireRuns(store, { olderThanMs: 0, dryRun: true });
    expect(outcome.runs).toEqual([]);
    expect(new Set(outcome.kept.map((kept) => kept.runInstanceId)).has(data.run)).toBe(true);
    await expect(retireRuns(store, { revisions: [data.run] })).rejects.toMatchObject({ code: 'HELD' });
    await expect(retireRuns(store, { revisions: [first as string] })).rejects.toMatchObject({ code: 'HELD' });
  });

  test('takes rules together: age, the newest of each history, tags, and what no ref leads to', async () => {
    const main = await history(5);
    const other = await history(2, 'other');
    const stray = (await store.commit({ 'x.txt': 'x' }, { loose: true })).run;
    const plan = (options: RetireOptions): Promise<RunId[]> => retired({ ...options, dryRun: true });
    expect(await plan({ keepLast: 2 })).toEqual(main.slice(0, 3));
    expect(await plan({ keepLast: 2, keepTags: ['stage=p*'] })).toEqual([main[0], main[2]]);
    expect(await plan({ keepLast: 2, keepTags: ['stage'] })).toEqual([main[0], main[2]]);
    expect(await plan({ olderThanMs: 5 * day })).toEqual(main.slice(0, 3));
    expect(await plan({ olderThanMs: 5 * day, keepLast: 4 })).toEqual([main[0]]);
    expect(await plan({ unreachable: true })).toEqual([stray]);
    expect(await plan({ unreachable: true, keepLast: 1 })).toEqual([]);
    expect(await plan({ keepLast: 0 })).toEqual([...main.slice(0, 4), other[0], stray]);
    await expect(plan({})).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await expect(plan({ keepTags: ['x'] })).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    expect((await store.manifest.events({ action: 'retire' }, { limit: 0 })).rows).toEqual([]);
  });

  test('counts only blobs that no other run, hold or staging area needs as freed', async () => {
    const shared = noise(1, 700);
    const first = await store.commit({ 'a.bin': shared, 'b.bin': noise(2, 300), 'c.bin': noise(3, 50) });
    await store.commit({ 'b.bin': noise(4, 300), 'c.bin': undefined });
    await addHold(store, first.artifacts.get('c.bin') as string, undefined);
    expect(await retireRuns(store, { revisions: [first.run], dryRun: true })).toMatchObject({ objects: 1, bytes: 300 });
  });
});

describe('hold', () => {
  test('is an event each time it changes, and none when it does not', async () => {
    const [run] = (await history(1)) as [RunId];
    expect(await addHold(store, run, 'audit')).toEqual({ subject: { kind: 'run', id: run }, changed: true });
    expect((await addHold(store, run, 'again')).changed).toBe(false);
    expect(await listHolds(store)).toMatchObject([{ subject: { kind: 'run', id: run }, reason: 'audit' }]);
    expect((await removeHold(store, run, 'over')).changed).toBe(true);
    expect((await removeHold(store, run, 'over')).changed).toBe(false);
    expect(await listHolds(store)).toEqual([]);
    const events = await store.manifest.events({ ascending: true }, { limit: 0 });
    expect(events.rows.map(({ event }) => event.record.action).filter((action) => action.startsWith('hold'))).toEqual([
      'hold.add',
      'hold.remove',
    ]);
  });

  test('holds an artifact, a directory or an object by what it is called', async () => {
    const { run, artifacts, blobs } = await store.commit({ 'a/b.txt': 'b', 'c.txt': 'c' });
    expect((await addHold(store, `${run}:c.txt`, undefined)).subject).toEqual({
      kind: 'artifact',
      id: artifacts.get('c.txt'),
    });
    expect((await addHold(store, `${run}:a`, undefined)).subject.kind).toBe('object');
    expect((await addHold(store, blobs.get('a/b.txt') as string, undefined)).subject).toEqual({
      kind: 'object',
      id: blobs.get('a/b.txt'),
    });
  });

  test('refuses a reason that looks like a secret', async () => {
    const [run] = (await history(1)) as [RunId];
    await expect(addHold(store, run, 'password=Tr0ub4dor&3xyz')).rejects.toMatchObject({ code: 'SECRET_LIKE' });
  });
});
