/** Questions about runs. */
import { compareUtf8 } from '../../core/bytes.ts';
import type { RunId } from '../../core/ids.ts';
import { configHash } from '../../core/run-key.ts';
import { compareRuns, satisfies } from '../../core/run-query.ts';
import type { Page, PageRequest, RunEntry, RunFilter } from '../../ports/manifest.ts';
import { pageOf } from './memory-pages.ts';
import type { MemoryTables, StoredRun } from './memory-tables.ts';

/** The external id when there is one, else that of the only dataset; several datasets have none between them. */
export function datasetIdOf({ record }: StoredRun): string | undefined {
  const { external, datasets } = record.identity;
  return external?.datasetIdV2 ?? (datasets.length === 1 ? datasets[0]?.id : undefined);
}

export function isStale(tables: MemoryTables, { record }: StoredRun): boolean {
  return record.inputs.some(({ artifact }) => tables.statusOf(artifact) !== 'active');
}

function sorted<Value>(values: { readonly [name: string]: Value }): { [name: string]: Value } {
  return Object.fromEntries(Object.entries(values).sort(([left], [right]) => compareUtf8(left, right)));
}

export function runEntry(tables: MemoryTables, run: StoredRun): RunEntry {
  const { id, seq, record, message } = run;
  const { identity } = record;
  return {
    id,
    seq,
    runKey: record.runKey,
    parents: record.parents,
    message,
    author: record.author,
    actor: record.actor,
    createdAt: record.createdAt,
    status: record.status,
    tree: record.tree,
    outputs: record.outputs,
    artifacts: run.outputs.length,
    engineVersion: identity.engineVersion,
    configVersion: identity.configVersion,
    configHash: configHash(identity.params),
    datasetIdV2: datasetIdOf(run),
    gitCommit: record.code.gitCommit,
    gitDirty: record.code.gitDirty,
    retired: tables.retirements.has(id),
    stale: isStale(tables, run),
    params: sorted(identity.params),
    metrics: sorted(record.metrics),
    tags: sorted(record.tags),
  };
}

function ancestry(tables: MemoryTables, from: readonly RunId[]): Set<RunId> {
  const reached = new Set<RunId>(from);
  for (const id of reached) for (const parent of tables.runs.get(id)?.record.parents ?? []) reached.add(parent);
  return reached;
}

function touches({ outputs, record }: StoredRun, paths: readonly string[]): boolean {
  const under = (path: string): boolean =>
    paths.some((wanted) => wanted === '' || path === wanted || path.startsWith(`${wanted}/`));
  return outputs.some(({ path }) => under(path)) || record.removed.some(under);
}

export function listMemoryRuns(tables: MemoryTables, filter: RunFilter, page: PageRequest): Page<RunEntry> {
  const { from, where, order } = filter;
  const within = from === undefined ? undefined : ancestry(tables, from);
  const runs = tables
    .runsNewestFirst()
    .filter(
      (run) =>
        (within === undefined || within.has(run.id)) &&
        (filter.status === undefined || run.record.status === filter.status) &&
        (filter.runKey === undefined || run.record.runKey === filter.runKey) &&
        (filter.paths === undefined || touches(run, filter.paths)),
    );
  if (where === undefined && order === undefined) {
    return pageOf(
      runs,
      page,
      ({ id }) => id,
      (run) => runEntry(tables, run),
    );
  }
  const entries = runs
    .map((run) => runEntry(tables, run))
    .filter((entry) => where === undefined || satisfies(entry, where));
  return pageOf(
    order === undefined ? entries : entries.sort(compareRuns(order)),
    page,
    ({ id }) => id,
    (entry) => entry,
  );
}
