/** Claims about questions: runs by condition and in an order, settled as core means it. */
import { expect } from 'vitest';
import type { RunId } from '../../src/core/ids.ts';
import { compareRuns, satisfies } from '../../src/core/run-query.ts';
import { parseCondition, parseOrder } from '../../src/core/run-query-parser.ts';
import type { Manifest, RunFilter } from '../../src/ports/manifest.ts';
import type { Claim } from './claims.ts';
import { apply, artifact, at, codeOf, commit, type ManifestFixture, statusFact } from './manifest-sample.ts';

/** Conditions of every kind of field, operator and value, alone and together. */
const conditions = [
  'metric.ic > 0.02',
  'metric.ic >= 0.02 and param.window == 20',
  'metric.ic < 0.5 or tag.stage == "draft"',
  'metric.ic != 0.02',
  'metric.ic == "0.02"',
  'not metric.ic > 0.02',
  'not (metric.ic > 0.02 or param.window == 20)',
  'metric.missing == 1 or not metric.missing',
  'param.window == 20',
  'param.window != 20',
  'param.window < "a"',
  'param.window <= 20.5',
  'param.window in (20, "20", null, true)',
  'param.window in (7)',
  'not param.window in (20, true)',
  'param.window',
  'not param.window',
  'param.window == null',
  'param.window != null',
  'param.window == true or param.window == false',
  'param.window > "2"',
  'param.window ~ "2*"',
  'not param.window ~ "2*"',
  'param.model.depth > 1',
  'not param.model.depth > 1',
  'param.model == "x" or param.model != "x"',
  'param."a.b" == 3',
  'tag.stage ~ "dr*"',
  'tag.stage > "a"',
  'tag.stage == 1 or tag.stage != 1',
  'tag.stage in ("draft", "paper")',
  'status == "failed"',
  'status != "failed" and author ~ "Ada*"',
  'message == "message of 3"',
  'created > "2026-01-01T00:00:02.000Z"',
  'artifacts >= 1',
  'artifacts == "1"',
  'git_commit',
  'not git_commit',
  'git_dirty or stale',
  'not stale and not retired',
  'stale == true',
  'engine_version == "1.0" and config_version != "2"',
  `run == "${'0'.repeat(64)}"`,
];
const orders = [
  'metric.ic',
  '-metric.ic',
  'param.window,-created',
  '-param.window',
  'tag.stage,metric.ic',
  '-stale',
  'param.model.depth',
  'status,-message',
];

async function idsInPages(manifest: Manifest, filter: RunFilter): Promise<readonly RunId[]> {
  const all = (await manifest.listRuns(filter, { limit: 0 })).rows.map(({ id }) => id);
  for (const limit of [1, 3, 100]) {
    const paged: RunId[] = [];
    let cursor: string | undefined;
    do {
      const page = await manifest.listRuns(filter, { limit, cursor });
      expect(page.rows.length).toBeLessThanOrEqual(limit);
      paged.push(...page.rows.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(paged).toStrictEqual(all);
  }
  return all;
}

/** Runs with values of every kind; the last of a branch of which the others are ancestors, and one beside it. */
async function trials(manifest: Manifest): Promise<RunId> {
  const used = artifact('used');
  const windows = [20, 20.5, '20', null, true, false, [20], { depth: 20 }];
  let parents: readonly RunId[] = [];
  for (const [index, window] of windows.entries()) {
    const run = await commit(manifest, {
      name: `${index}`,
      parents,
      createdAt: at(index),
      inputs: index === 3 ? [used] : [],
      outputs: index % 2 === 0 ? [artifact(`made ${index}`)] : [],
      identity: { params: { window, model: { depth: index }, 'a.b': index }, engineVersion: index > 4 ? '2' : '1.0' },
      record: {
        status: index === 5 ? 'failed' : 'succeeded',
        metrics: index === 2 ? {} : { ic: 0.01 * (index % 4) },
        tags: index % 3 === 0 ? { stage: index === 0 ? 'draft' : 'paper' } : {},
        code: index === 6 ? { gitCommit: '1'.repeat(40), gitDirty: true } : {},
      },
    });
    parents = [run.id];
  }
  await commit(manifest, { name: 'beside', createdAt: at(99), record: { metrics: { ic: 1 } } });
  await apply(manifest, [statusFact('tombstone', used, 'wrong')], 200);
  return parents[0] as RunId;
}

export const questionClaims: readonly Claim<ManifestFixture>[] = [
  {
    claim: 'lists the runs for which a condition holds, among all and in an ancestry',
    async check({ manifest }) {
      const tip = await trials(manifest);
      for (const filter of [{}, { from: [tip] }, { from: [tip], status: 'succeeded' }] satisfies RunFilter[]) {
        const { rows } = await manifest.listRuns(filter, { limit: 0 });
        for (const text of conditions) {
          const where = parseCondition(text);
          const expected = rows.filter((run) => satisfies(run, where)).map(({ id }) => id);
          expect([text, await idsInPages(manifest, { ...filter, where })]).toStrictEqual([text, expected]);
        }
      }
    },
  },
  {
    claim: 'sorts runs by what they have, equal ones newest first',
    async check({ manifest }) {
      const tip = await trials(manifest);
      const where = parseCondition('metric.ic >= 0 or param.window');
      for (const filter of [{}, { from: [tip] }, { where }] satisfies RunFilter[]) {
        const { rows } = await manifest.listRuns(filter, { limit: 0 });
        for (const text of orders) {
          const order = parseOrder(text);
          const expected = rows.toSorted(compareRuns(order)).map(({ id }) => id);
          expect([text, await idsInPages(manifest, { ...filter, order })]).toStrictEqual([text, expected]);
        }
      }
      const order = parseOrder('metric.ic');
      const cursor = 'x';
      expect(await codeOf(manifest.listRuns({ order }, { limit: 1, cursor }))).toBe('BAD_ARGUMENT');
    },
  },
];
