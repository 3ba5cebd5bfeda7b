/** Questions about artifacts. */
import { compareUtf8 } from '../../core/bytes.ts';
import { globMatcher } from '../../core/glob.ts';
import type { ArtifactId, RunId } from '../../core/ids.ts';
import type { ArtifactEntry, ArtifactFilter, Page, PageRequest, Production } from '../../ports/manifest.ts';
import { newestContent } from './memory-contents.ts';
import { pageOf } from './memory-pages.ts';
import { type MemoryTables, objectKey } from './memory-tables.ts';

export function artifactEntry(tables: MemoryTables, id: ArtifactId): ArtifactEntry | undefined {
  const record = tables.artifacts.get(id);
  if (record === undefined) return undefined;
  const state = tables.states.get(id);
  const blob = tables.objects.get(objectKey('blob', record.file.sha256));
  const tags = Object.entries(tables.tags.get(id) ?? {}).sort(([left], [right]) => compareUtf8(left, right));
  return {
    id,
    type: record.type,
    schemaVersion: record.schemaVersion,
    logicalKey: record.logicalKey,
    blob: record.file.sha256,
    size: record.file.size,
    status: state?.status ?? 'active',
    supersededBy: state?.by,
    reason: state?.reason,
    absent: blob === undefined || blob.location.kind === 'absent' || state?.erased === true,
    createdAt: tables.producers(id).at(-1)?.record.createdAt,
    tags: Object.fromEntries(tags),
    content: newestContent(tables, record.file.sha256),
  };
}

function passes(entry: ArtifactEntry, filter: ArtifactFilter, matches: (key: string) => boolean): boolean {
  const { createdAt } = entry;
  return (
    (filter.type === undefined || entry.type === filter.type) &&
    (filter.logicalKey === undefined || entry.logicalKey === filter.logicalKey) &&
    (filter.status === undefined || entry.status === filter.status) &&
    (filter.blob === undefined || entry.blob === filter.blob) &&
    (filter.createdFrom === undefined || (createdAt !== undefined && createdAt >= filter.createdFrom)) &&
    (filter.createdTo === undefined || (createdAt !== undefined && createdAt <= filter.createdTo)) &&
    Object.entries(filter.tags ?? {}).every(([name, value]) => entry.tags[name] === value) &&
    matches(entry.logicalKey)
  );
}

export function listMemoryArtifacts(
  tables: MemoryTables,
  filter: ArtifactFilter,
  page: PageRequest,
): Page<ArtifactEntry> {
  const matches = filter.key === undefined ? (): boolean => true : globMatcher(filter.key);
  const ids = filter.run === undefined ? newestFirst(tables) : byPath(tables, filter.run);
  const entries = ids
    .flatMap((id) => artifactEntry(tables, id) ?? [])
    .filter((entry) => passes(entry, filter, matches));
  return pageOf(
    entries,
    page,
    ({ id }) => id,
    (entry) => entry,
  );
}

function newestFirst(tables: MemoryTables): ArtifactId[] {
  const newest = new Map<ArtifactId, number>();
  for (const run of tables.runsNewestFirst()) {
    for (const { artifact } of run.outputs) if (!newest.has(artifact)) newest.set(artifact, run.number);
  }
  const order = [...tables.artifacts.entries()].map(([id, record]) => ({
    id,
    run: newest.get(id) ?? 0,
    key: record.logicalKey,
  }));
  order.sort(
    (left, right) => right.run - left.run || compareUtf8(left.key, right.key) || compareUtf8(left.id, right.id),
  );
  return order.map(({ id }) => id);
}

function byPath(tables: MemoryTables, run: RunId): ArtifactId[] {
  return [...new Set(outputsOf(tables, run).map(({ artifact }) => artifact))];
}

export function outputsOf(tables: MemoryTables, run: RunId): Production[] {
  const outputs = [...(tables.runs.get(run)?.outputs ?? [])].sort((left, right) => compareUtf8(left.path, right.path));
  return outputs.map(({ path, artifact }) => ({ run, path, artifact }));
}

export function productionsOf(tables: MemoryTables, artifact: ArtifactId, limit: number | undefined): Production[] {
  return tables
    .producers(artifact)
    .flatMap(({ id }) => outputsOf(tables, id).filter((output) => output.artifact === artifact))
    .slice(0, limit);
}

export function consumersOf(tables: MemoryTables, artifact: ArtifactId, limit: number | undefined): RunId[] {
  const runs = tables
    .runsNewestFirst()
    .filter(({ record }) => record.inputs.some((input) => input.artifact === artifact));
  return runs.map(({ id }) => id).slice(0, limit);
}
