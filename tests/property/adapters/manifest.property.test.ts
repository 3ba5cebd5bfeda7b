/** Any sequence of facts does the same to the manifest in memory and to the one over SQLite, and both can be replayed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openMemoryEventLog } from '../../../src/adapters/memory/memory-event-log.ts';
import { openMemoryManifest } from '../../../src/adapters/memory/memory-manifest.ts';
import { openSqliteManifest } from '../../../src/adapters/sqlite/sqlite-manifest.ts';
import type { RefName, RunId } from '../../../src/core/ids.ts';
import type { Fact, Manifest } from '../../../src/ports/manifest.ts';
import {
  actorFact,
  apply,
  artifact,
  codeOf,
  collect,
  draft,
  dumpText,
  idOf,
  loose,
  refFact,
  type SampleRun,
  sampleRun,
  statusFact,
  supersedeFact,
  tagsFact,
} from '../../conformance/manifest-sample.ts';
import { record } from '../../conformance/manifest-status.ts';

const migrationsDir = join(import.meta.dirname, '../../../migrations/sqlite');
const samples = ['a', 'b', 'dir/c', 'dir/d', 'ü'].flatMap((key) => [
  artifact(key),
  artifact(key, { content: 'other', type: 'table' }),
]);
const small = fc.nat({ max: samples.length - 1 });
const list = (maxLength: number): fc.Arbitrary<number[]> => fc.uniqueArray(small, { maxLength });

/** One step of a story; indexes are resolved against what there is when it is applied. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      outputs: list(4),
      inputs: list(3),
      edges: fc.boolean(),
      parent: fc.nat(3),
      known: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('ref' as const),
      name: fc.constantFrom('heads/main', 'tags/x'),
      to: fc.nat(4),
      wrong: fc.nat(5),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('tombstone' as const, 'restore' as const, 'erase' as const),
      on: small,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('supersede' as const), on: small, by: small }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('tag' as const),
      on: small,
      name: fc.constantFrom('x', 'y'),
      value: fc.option(fc.string(), { nil: undefined }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('hold' as const, 'unhold' as const, 'retire' as const), on: fc.nat(3) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('forget' as const, 'store' as const, 'stage' as const, 'touch' as const),
      on: list(3),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'actor' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

class Story {
  readonly runs: SampleRun[] = [];
  readonly #targets = new Map<string, RunId>();

  facts(one: Step, number: number): Fact[] {
    switch (one.do) {
      case 'actor':
        return [actorFact];
      case 'run': {
        const pick = (indexes: readonly number[]): (typeof samples)[number][] =>
          indexes.flatMap((index) => samples[index] ?? []);
        const [outputs, inputs] = [pick(one.outputs), pick(one.inputs)];
        const parent = this.runs.at(-1 - one.parent);
        const edges = outputs.flatMap((child) =>
          inputs.slice(0, 1).map((parentArtifact) => [child, parentArtifact] as const),
        );
        const run = sampleRun({
          name: `run ${number}`,
          // Two samples share each key; the second one of them goes to a path of its own.
          outputs: outputs
            .map((output, index) => (index % 2 === 0 ? output : ([`path ${index}`, output] as const)))
            .filter(uniquePath()),
          inputs: inputs.map((of) => ({ of, ...(parent !== undefined && number % 2 === 0 ? { run: parent.id } : {}) })),
          parents: parent === undefined ? [] : [parent.id],
          ...(one.edges ? { edges } : {}),
        });
        this.runs.push(run);
        if (!one.known) return [run.fact];
        const objects: Fact = { kind: 'objects', objects: run.objects };
        return one.parent === 1 ? [run.fact, objects] : [objects, run.fact];
      }
      case 'ref': {
        const from = one.wrong === 0 ? idOf<RunId>('wrong') : this.#targets.get(one.name);
        return [refFact(one.name as RefName, from, this.runs.at(-1 - one.to)?.id)];
      }
      case 'tombstone':
      case 'restore':
      case 'erase':
        return [statusFact(one.do, samples[one.on] as never)];
      case 'supersede':
        return [supersedeFact(samples[one.on] as never, samples[one.by] as never)];
      case 'tag':
        return [tagsFact(samples[one.on] as never, { [one.name]: one.value })];
      case 'hold':
      case 'unhold': {
        const id = this.runs.at(-1 - one.on)?.id ?? idOf<string>('nothing');
        return [
          {
            kind: one.do,
            subject: { kind: 'run', id },
            reason: undefined,
            event: draft(one.do === 'hold' ? 'hold.add' : 'hold.remove', 'run', id),
          },
        ];
      }
      case 'retire': {
        const run = this.runs.at(-1 - one.on)?.id ?? idOf<RunId>('nothing');
        return [{ kind: 'retire', run, reason: 'r', event: draft('retire', 'run', run) }];
      }
      default: {
        const ids = one.on.flatMap((index) => samples[index]?.blob ?? []);
        if (one.do === 'stage') return [{ kind: 'stage', stage: 's', ids }];
        if (one.do === 'touch') return [{ kind: 'touch', namespace: 'blob', ids }];
        if (one.do === 'forget') return [{ kind: 'forget', objects: ids.map((id) => ({ namespace: 'blob', id })) }];
        return [{ kind: 'objects', objects: ids.map((id) => ({ namespace: 'blob', id, size: 100, location: loose })) }];
      }
    }
  }

  /** What a batch changed, when it was applied. */
  note(facts: readonly Fact[]): void {
    for (const fact of facts) {
      if (fact.kind !== 'ref') continue;
      if (fact.to === undefined) this.#targets.delete(fact.name);
      else this.#targets.set(fact.name, fact.to);
    }
  }
}

function uniquePath(): (output: (typeof samples)[number] | readonly [string, unknown]) => boolean {
  const seen = new Set<string>();
  return (output) => {
    const path = 'id' in output ? output.record.logicalKey : output[0];
    return !seen.has(path) && seen.add(path) !== undefined;
  };
}

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Answers to every kind of question, as text. */
async function answers(manifest: Manifest, story: Story): Promise<string> {
  const all = { limit: 0 };
  const ids = samples.map(({ id }) => id);
  const objects = await collect(manifest.allObjects());
  const byId = (left: { id: string; namespace: string }, right: { id: string; namespace: string }): number =>
    left.id < right.id || (left.id === right.id && left.namespace < right.namespace) ? -1 : 1;
  const questions = [
    await manifest.artifacts(ids),
    await manifest.artifactBlobs(ids),
    await manifest.listArtifacts({}, all),
    await manifest.listArtifacts({ status: 'superseded' }, all),
    await manifest.listArtifacts({ type: 'table', tags: { x: '' } }, all),
    await manifest.listArtifacts({ key: 'dir/*' }, { limit: 2 }).then(({ rows }) => rows),
    await manifest.listRuns({}, all),
    await manifest.listRuns({ from: story.runs.slice(-1).map(({ id }) => id), paths: ['dir', 'path 1'] }, all),
    await Promise.all(ids.map(async (id) => [await manifest.productions(id), await manifest.consumers(id)])),
    await Promise.all(
      (['up', 'down'] as const).flatMap((direction) =>
        [undefined, 1].map(async (depth) => {
          const { artifacts, edges } = await manifest.lineage({ roots: ids.slice(0, 2), direction, depth });
          return [
            artifacts.map((one) => JSON.stringify(one)).sort(),
            edges.map(({ child, parent, relation, run }) => `${child}${parent}${relation}${run}`).sort(),
          ];
        }),
      ),
    ),
    await manifest.affected(samples.slice(0, 3).map(({ blob }) => ({ namespace: 'blob', id: blob }))),
    await manifest.stats(),
    await manifest.refLog(undefined, all),
    await manifest.holds(),
    [...(await manifest.stagedBlobs())].sort(),
    objects.sort(byId),
  ];
  return JSON.stringify(questions, sortedKeys);
}

test('random stories end alike in memory and in SQLite, fact by fact, and after a replay', {
  timeout: 300_000,
}, async () => {
  const root = mkdtempSync(join(tmpdir(), 'cairn-property-'));
  let count = 0;
  const sqlite = (log: ReturnType<typeof openMemoryEventLog>): Promise<Manifest> =>
    openSqliteManifest({ path: join(root, `${count++}.sqlite`), migrationsDir, log });
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const [memoryLog, sqliteLog] = [openMemoryEventLog(), openMemoryEventLog()];
        const [inMemory, inSqlite] = [openMemoryManifest({ log: memoryLog }), await sqlite(sqliteLog)];
        const story = new Story();
        const applied: Fact[][] = [];
        for (const [number, one] of steps.entries()) {
          const facts = story.facts(one, number);
          const [expected, actual] = [
            await codeOf(apply(inMemory, facts, number * 1800)),
            await codeOf(apply(inSqlite, facts, number * 1800)),
          ];
          expect(actual).toBe(expected);
          if (expected !== 'no error') continue;
          story.note(facts);
          applied.push(facts);
        }
        expect(await dumpText(inSqlite)).toBe(await dumpText(inMemory));
        expect((await answers(inSqlite, story)).split('{')).toStrictEqual((await answers(inMemory, story)).split('{'));
        expect(await inSqlite.check()).toStrictEqual([]);
        expect((await collect(sqliteLog.read())).length).toBe((await inSqlite.logHead()).size);
        const replayLog = openMemoryEventLog();
        const batches = await record(openMemoryManifest({ log: replayLog }), applied);
        const replayed = await sqlite(replayLog);
        const original = openMemoryManifest({ log: openMemoryEventLog() });
        for (const batch of batches) {
          await replayed.apply(batch);
          await original.apply(batch);
        }
        expect(await dumpText(replayed)).toBe(await dumpText(original));
        for (const manifest of [inSqlite, replayed]) await manifest.close();
      }),
      { numRuns: 60 },
    );
  } finally {
    rmSync(root, { recursive: true });
  }
});
