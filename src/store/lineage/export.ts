/**
 * The neutral document that every lineage export is made from: the runs in the ancestry or among the descendants of what is
 * named, the runs that made what those used, and every artifact that one of them names.
 */
import type { ArtifactId, RunId } from '../../core/ids.ts';
import {
  baseName,
  type LineageArtifact,
  type LineageDocument,
  type LineageRun,
} from '../../core/lineage-export/lineage-document.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { formatTimestamp } from '../../core/time.ts';
import type { RunEntry } from '../../ports/manifest.ts';
import { pinsOf, readRun } from '../runs/compare-runs.ts';
import { type RevisionContext, resolveArtifact, resolveRevision } from '../runs/revision.ts';
import type { LineageOptions } from './lineage.ts';

/** Runs that made an artifact and are told about, where nothing says which of them is meant. */
const makers = 100;
const identityPins = ['engineVersion', 'configVersion', 'researchSpecVersion', 'pipelineContractVersion'] as const;

interface Scope {
  readonly title: string;
  readonly roots: readonly ArtifactId[];
  readonly run: RunId | undefined;
}

async function scopeOf(context: RevisionContext, rev: string, down: boolean): Promise<Scope> {
  const found = await resolveRevision(context, rev);
  if (found.kind !== 'run') {
    const artifact = await resolveArtifact(context, rev);
    const [entry] = await context.manifest.artifacts([artifact]);
    const what = `${entry?.logicalKey ?? 'artifact'} (${artifact.slice(0, 12)})`;
    return { title: `${down ? 'Descendants' : 'Ancestry'} of ${what}`, roots: [artifact], run: undefined };
  }
  const run = found.id as RunId;
  const outputs = await context.manifest.outputs(run);
  const roots = [...new Set(outputs.map(({ artifact }) => artifact))];
  return { title: `${down ? 'Descendants' : 'Ancestry'} of run ${run.slice(0, 12)}`, roots, run };
}

/** The runs of the document. */
async function runsOf(
  context: RevisionContext,
  scope: Scope,
  options: LineageOptions,
): Promise<{ records: Map<RunId, RunRecord>; entries: Map<RunId, RunEntry> }> {
  const { manifest } = context;
  const direction = options.down === true ? 'down' : 'up';
  const { run, roots } = scope;
  const wanted = new Set<RunId>(run === undefined ? [] : [run]);
  const walk = async (from: readonly ArtifactId[], by: RunId | undefined): Promise<void> => {
    if (from.length === 0) return;
    const lineage = await manifest.lineage({ roots: from, run: by, direction, depth: options.depth });
    for (const edge of lineage.edges) wanted.add(edge.run);
  };
  await walk(roots, direction === 'up' ? run : undefined);
  const records = new Map<RunId, RunRecord>();
  // A run without outputs has no edges; its ancestry is that of its inputs.
  if (run !== undefined && roots.length === 0 && direction === 'up') {
    const { inputs } = await readRun(context, run);
    await walk([...new Set(inputs.map(({ artifact }) => artifact))], undefined);
  }
  if (run === undefined) {
    for (const root of roots) for (const made of await manifest.productions(root, makers)) wanted.add(made.run);
  }
  // Whoever made an input may have used nothing itself, and then no edge names it.
  const reached = [...wanted];
  for (const id of reached) {
    const record = await readRun(context, id);
    records.set(id, record);
    for (const input of record.inputs) {
      if (input.run !== undefined) wanted.add(input.run);
      else for (const made of await manifest.productions(input.artifact, 1)) wanted.add(made.run);
    }
  }
  const entries = new Map<RunId, RunEntry>();
  for (const entry of await manifest.runs([...wanted])) {
    if (entry === undefined) continue;
    entries.set(entry.id, entry);
    if (!records.has(entry.id)) records.set(entry.id, await readRun(context, entry.id));
  }
  return { records, entries };
}

function authorOf(text: string): LineageRun['author'] {
  const match = /^(.*?)\s*<([^<>]*)>$/.exec(text);
  return match === null ? { name: text } : { name: match[1] ?? text, mail: match[2] ?? '' };
}

function lineageRun(entry: RunEntry, record: RunRecord, outputs: LineageRun['outputs']): LineageRun {
  const { command, code } = record;
  const pins = pinsOf(record);
  const program = command?.argv[0];
  return {
    id: entry.id,
    runKey: record.runKey,
    job: program === undefined ? 'commit' : baseName(program),
    ...(entry.message === undefined || entry.message === '' ? {} : { message: entry.message }),
    author: authorOf(record.author),
    createdAt: record.createdAt,
    ...(command?.startedAt === undefined ? {} : { startedAt: command.startedAt }),
    ...(command?.endedAt === undefined ? {} : { endedAt: command.endedAt }),
    status: record.status,
    ...(command === undefined ? {} : { argv: command.argv }),
    ...(command?.exitCode === undefined ? {} : { exitCode: command.exitCode }),
    ...(command?.signal === undefined ? {} : { signal: command.signal }),
    params: record.identity.params,
    metrics: record.metrics,
    pins: Object.fromEntries(
      identityPins.flatMap((name) => {
        const value = pins[name];
        return typeof value === 'string' && value !== '' ? [[name, value]] : [];
      }),
    ),
    code: {
      ...(code.gitCommit === undefined ? {} : { gitCommit: code.gitCommit }),
      ...(code.gitDirty === undefined ? {} : { gitDirty: code.gitDirty }),
      ...(code.gitRemote === undefined ? {} : { gitRemote: code.gitRemote }),
    },
    inputs: record.inputs,
    outputs,
    ...(record.edges === undefined ? {} : { edges: record.edges }),
    relations: record.relations,
  };
}

export async function lineageDocument(
  context: RevisionContext,
  rev: string,
  options: LineageOptions = {},
): Promise<LineageDocument> {
  const scope = await scopeOf(context, rev, options.down === true);
  const { records, entries } = await runsOf(context, scope, options);
  const runs: LineageRun[] = [];
  const named = new Set<ArtifactId>(scope.roots);
  for (const entry of [...entries.values()].sort((left, right) => left.seq - right.seq)) {
    const record = records.get(entry.id);
    if (record === undefined) continue;
    const outputs = (await context.manifest.outputs(entry.id)).map(({ artifact, path }) => ({ artifact, path }));
    for (const { artifact } of [...record.inputs, ...outputs]) named.add(artifact);
    runs.push(lineageRun(entry, record, outputs));
  }
  const found = await context.manifest.artifacts([...named]);
  const artifacts = found.flatMap((entry): LineageArtifact[] => {
    if (entry === undefined) return [];
    const { id, type, schemaVersion, logicalKey, blob, size } = entry;
    return [{ id, type, schemaVersion, logicalKey, sha256: blob, size }];
  });
  return {
    storeId: context.storeId,
    createdAt: formatTimestamp(context.clock.now()),
    title: scope.title,
    writer: context.writer,
    runs,
    artifacts,
  };
}
