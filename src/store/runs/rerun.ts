/**
 * `rerun`: a recorded command once more, in a clean directory, compared output by output. The verdict is a run of its own
 * that moves no branch and reproduces the first.
 */

import { recordedEnvironment } from '../../core/environment-variables.ts';
import { CodedError } from '../../core/errors.ts';
import { type ContextId, type RunId, shortId } from '../../core/ids.ts';
import { checkedContextBytes } from '../../core/records/sound-context.ts';
import type { ArtifactEntry } from '../../ports/manifest.ts';
import type { ProcessEnded } from '../../ports/process.ts';
import type { StagedEntry } from '../../ports/workspace.ts';
import { statSize } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';
import { readBlob } from '../objects/object-reader.ts';
import { type WriteSession, writing } from '../objects/write-session.ts';
import type { TableContext } from '../tables/changed-tables.ts';
import type { TableVerdict } from '../tables/compare-tables.ts';
import { RepeatedOutputs } from '../tables/repeated-outputs.ts';
import { collectPaths } from '../workspace/collect.ts';
import { WorkingTree } from '../workspace/working-tree.ts';
import { storeCaptured } from './captured-files.ts';
import { compareContexts } from './compare-contexts.ts';
import { type ComparedOutput, compareContents, comparedBytes, overallVerdict } from './compare-outputs.ts';
import { readRun, type ValueChange } from './compare-runs.ts';
import { workspaceOutputs } from './find-reusable.ts';
import { type RecordedRun, recordRun } from './record-run.ts';
import { prepareRerun, type RerunPlace, type RerunSource, releasePlace } from './rerun-place.ts';
import { resolveRun } from './revision.ts';
import { contextOf, readContext } from './run-context.ts';
import { metricsFile, readMetrics } from './run-metrics.ts';
import { recordedCommand, startCommand } from './start-command.ts';
import type { Leaf } from './trees.ts';

export interface Rerun {
  readonly of: RunId;
  readonly run: RecordedRun;
  readonly verdict: 'identical' | 'within-tolerance' | 'differs';
  readonly outputs: readonly ComparedOutput[];
  /** undefined when one of the two has no recorded environment. */
  readonly environment: readonly ValueChange[] | undefined;
  readonly ended: ProcessEnded;
  readonly notes: readonly string[];
}

interface Compared {
  readonly output: ComparedOutput;
  readonly entry: StagedEntry | undefined;
}

async function readWhole(files: RerunPlace['files'], path: string, size: number): Promise<Uint8Array> {
  const file = await files.open(path);
  try {
    const bytes = new Uint8Array(size);
    let at = 0;
    for await (const chunk of file.chunks()) {
      bytes.set(chunk.subarray(0, size - at), at);
      at += Math.min(chunk.length, size - at);
    }
    return bytes.subarray(0, at);
  } finally {
    await file.close();
  }
}

async function compareOne(
  workspace: WorkspaceContext,
  place: RerunPlace,
  path: string,
  leaf: Leaf,
  entry: StagedEntry | undefined,
  judge: (path: string, first: ArtifactEntry) => Promise<TableVerdict | undefined>,
  tolerance: number,
): Promise<Compared> {
  if (leaf.kind === 'directory') {
    const [stat] = await place.files.stat([path]);
    return { output: { path, verdict: stat?.kind === 'directory' ? 'identical' : 'missing' }, entry };
  }
  if (entry === undefined) return { output: { path, verdict: 'missing', detail: 'it was not written' }, entry };
  if (leaf.kind === 'link') {
    const same = entry.kind === 'link' && entry.target === leaf.target;
    return {
      output: { path, verdict: same ? 'identical' : 'differs', ...(same ? {} : { detail: 'another link' }) },
      entry,
    };
  }
  if (entry.kind !== 'file') return { output: { path, verdict: 'differs', detail: 'it is no file now' }, entry };
  const [artifact] = await workspace.manifest.artifacts([leaf.artifact]);
  if (artifact === undefined) return { output: { path, verdict: 'missing', detail: 'its artifact is unknown' }, entry };
  const { type, schemaVersion, logicalKey } = artifact;
  const described = { ...entry, type, schemaVersion, logicalKey };
  if (entry.blob === artifact.blob) return { output: { path, verdict: 'identical' }, entry: described };
  const judged = await judge(path, artifact);
  if (judged !== undefined) return { output: { path, ...judged }, entry: described };
  const size = entry.size ?? 0;
  if (artifact.absent || Math.max(size, artifact.size) > comparedBytes) {
    const detail = artifact.absent ? 'the bytes differ, and the first ones are gone' : 'the bytes differ';
    return { output: { path, verdict: 'differs', detail }, entry: described };
  }
  const before = await readBlob(workspace, artifact.blob);
  const after = await readWhole(place.files, path, size);
  return { output: { path, ...compareContents(before, after, tolerance) }, entry: described };
}

async function compareAll(
  workspace: WorkspaceContext & TableContext,
  session: WriteSession,
  place: RerunPlace,
  outputs: ReadonlyMap<string, Leaf>,
  tolerance: number,
): Promise<Compared[]> {
  const paths = [...outputs.keys()];
  const stats = await place.files.stat(paths);
  const present = paths.filter((_, index) => stats[index] !== undefined);
  const there: WorkspaceContext = { ...workspace, files: place.files };
  const tree = await WorkingTree.scratch(workspace, place.files);
  const options = { symlinks: true, unchanged: true, force: true };
  const collected = present.length === 0 ? [] : (await collectPaths(there, session, tree, present, options)).entries;
  const entries = new Map(collected.map((entry) => [entry.path, entry]));
  const tables = new RepeatedOutputs(workspace);
  const judge = (path: string, first: ArtifactEntry): Promise<TableVerdict | undefined> =>
    tables.judge(path, first, place.files, tolerance);
  try {
    const compared: Compared[] = [];
    for (const [path, leaf] of outputs)
      compared.push(await compareOne(workspace, place, path, leaf, entries.get(path), judge, tolerance));
    return compared;
  } finally {
    await tables.close();
  }
}

function endedAlike(source: RerunSource, ended: ProcessEnded): ComparedOutput[] {
  const { command } = source.record;
  if (command?.exitCode === ended.exitCode && command?.signal === ended.signal) return [];
  const before = command?.signal ?? `status ${command?.exitCode ?? 0}`;
  return [
    {
      path: '(exit)',
      verdict: 'differs',
      detail: `${before} then, ${ended.signal ?? `status ${ended.exitCode ?? 0}`} now`,
    },
  ];
}

async function sourceOf(workspace: WorkspaceContext, of: RunId): Promise<RerunSource> {
  const record = await readRun(workspace, of);
  if (record.command === undefined) {
    throw new CodedError('BAD_ARGUMENT', `run ${shortId(of)} records no command, so it cannot be done again`, {
      hint: 'Only what `cairn run` recorded can.',
      data: { run: of },
    });
  }
  return {
    record,
    argv: record.command.argv,
    prefix: record.command.cwd === '.' ? '' : record.command.cwd,
    context: await readContext(workspace, record),
    outputs: await workspaceOutputs(workspace, record),
  };
}

async function metricsThere(
  place: RerunPlace,
  outputs: readonly string[],
): Promise<{ readonly [name: string]: number }> {
  const places = [metricsFile, ...outputs.filter((path) => path.endsWith(`/${metricsFile}`))];
  let metrics: { readonly [name: string]: number } = {};
  for (const path of places) {
    const [stat] = await place.files.stat([path]);
    if (stat !== undefined && (stat.stat[statSize] as number) > 0)
      metrics = { ...metrics, ...(await readMetrics({ files: place.files }, path)).metrics };
  }
  return metrics;
}

/** Does a run again. Throws what is missing for it, before anything is run. */
export async function rerun(
  workspace: WorkspaceContext & TableContext,
  rev: string,
  tolerance: number,
): Promise<Rerun> {
  const of = await resolveRun(workspace, rev);
  const source = await sourceOf(workspace, of);
  const { record, argv, prefix } = source;
  const place = await prepareRerun(workspace, source);
  try {
    const { root } = place.files;
    const cwd = prefix === '' ? root : `${root}/${prefix}`;
    const { identity, runKey } = record;
    const ended = await startCommand(workspace, { argv, cwd, identity, runKey, stdoutTo: 'stderr', stdin: 'none' });
    return await writing(workspace, 'rerun', async (session) => {
      const compared = await compareAll(workspace, session, place, source.outputs, tolerance);
      const outputs = [...endedAlike(source, ended), ...compared.map((one) => one.output)];
      const verdict = overallVerdict(outputs);
      const patch = undefined; // the same as the first run's, which is kept with that
      const captured = await storeCaptured(session, ended, patch);
      const names = Object.keys(source.context?.variables ?? {});
      const context =
        workspace.clock.kind === 'fixed'
          ? undefined
          : await contextOf(workspace, {
              argv,
              cwd,
              root,
              ended,
              output: captured.output,
              variables: recordedEnvironment(workspace.variables, names),
              code: { files: source.context?.code ?? [] },
              undeclared: [],
            });
      const run = await recordRun(workspace, session, {
        message: `rerun of ${shortId(of)}: ${verdict}`,
        identity,
        inputs: record.inputs,
        changes: compared.flatMap(({ entry }) => (entry === undefined ? [] : [entry])),
        captured: captured.entries,
        ...(context === undefined ? {} : { context: session.record<ContextId>(await checkedContextBytes(context)) }),
        relations: [{ run: of, relation: 'reproduces' }],
        code: record.code,
        command: recordedCommand(argv, prefix, ended),
        status: ended.exitStatus === 0 ? 'succeeded' : 'failed',
        tags: { 'rerun.verdict': verdict, 'rerun.tolerance': String(tolerance) },
        metrics: await metricsThere(place, [...source.outputs.keys()]),
        ref: undefined,
        tip: undefined,
      });
      const environment =
        source.context === undefined || context === undefined ? undefined : compareContexts(source.context, context);
      return { of, run, verdict, outputs, environment, ended, notes: place.notes };
    });
  } finally {
    await releasePlace(workspace, place.directory);
  }
}
