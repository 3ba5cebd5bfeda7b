/**
 * `run`: a command with everything that says how its outputs came to be. No lock of the store is held while it runs; what
 * it wrote is found by looking at every file's stat before and after.
 */

import { CodedError, isCodedError } from '../../core/errors.ts';
import type { ContextId } from '../../core/ids.ts';
import { isExactNumber } from '../../core/json-value.ts';
import { checkedContextBytes } from '../../core/records/sound-context.ts';
import type { ProcessEnded } from '../../ports/process.ts';
import type { ScanResult, StagedEntry } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';
import { writing } from '../objects/write-session.ts';
import { collectPaths } from '../workspace/collect.ts';
import { WorkingTree } from '../workspace/working-tree.ts';
import { storeCaptured } from './captured-files.ts';
import { type RecordedRun, recordRun } from './record-run.ts';
import { contextOf } from './run-context.ts';
import { metricsFile, readMetrics } from './run-metrics.ts';
import type { RunPlan } from './run-plan.ts';
import { recordedCommand, startCommand } from './start-command.ts';
import { compareLooks, type FileChanges, isBelow, lookAtFiles } from './watch-files.ts';

export interface CaptureOptions {
  readonly stdoutTo: 'stdout' | 'stderr';
  /** Records nothing of a run that failed. */
  readonly discardFailed: boolean;
}

export interface CapturedRun {
  /** undefined when a failed run was to be dropped. */
  readonly run: RecordedRun | undefined;
  readonly ended: ProcessEnded;
  /** Declared outputs that are not there: then the run failed, whatever the command says. */
  readonly missing: readonly string[];
  /** Declared outputs that are there and that the command did not write. */
  readonly untouched: readonly string[];
  /** Files that the command wrote or removed without their being declared. */
  readonly undeclared: readonly string[];
  readonly metrics: { readonly [name: string]: number };
  readonly notes: readonly string[];
}

/** Places where a program may leave its metrics, the most particular last. */
function metricPlaces({ outputDir }: RunPlan): string[] {
  return outputDir === undefined || outputDir === '' ? [metricsFile] : [metricsFile, `${outputDir}/${metricsFile}`];
}

async function statTexts(workspace: WorkspaceContext, paths: readonly string[]): Promise<string[]> {
  return (await workspace.files.stat(paths)).map((stat) => (stat === undefined ? '' : stat.stat.join(' ')));
}

async function metricsOf(
  workspace: WorkspaceContext,
  plan: RunPlan,
  before: readonly string[],
): Promise<{ metrics: { [name: string]: number }; notes: string[] }> {
  const places = metricPlaces(plan);
  const after = await statTexts(workspace, places);
  let metrics: { [name: string]: number } = {};
  const notes: string[] = [];
  for (const [index, place] of places.entries()) {
    if (after[index] === '' || after[index] === before[index]) continue;
    const read = await readMetrics(workspace, place);
    const kept = Object.entries(read.metrics).filter(([, value]) => isExactNumber(value));
    metrics = { ...metrics, ...Object.fromEntries(kept) };
    notes.push(...read.notes);
  }
  return { metrics: { ...metrics, ...plan.metrics }, notes };
}

/** Declared places, and of each whether the command left something there that it wrote. */
async function sortOutputs(
  workspace: WorkspaceContext,
  plan: RunPlan,
  changes: FileChanges,
): Promise<{ present: string[]; missing: string[]; untouched: string[] }> {
  const { outputs, outputDir } = plan;
  const declared = outputDir === undefined || outputs.includes(outputDir) ? outputs : [...outputs, outputDir];
  const stats = await workspace.files.stat(declared);
  const sorted: { present: string[]; missing: string[]; untouched: string[] } = {
    present: [],
    missing: [],
    untouched: [],
  };
  const touched = [...changes.written, ...changes.emptied, ...changes.removed];
  declared.forEach((path, index) => {
    if (stats[index] === undefined) {
      if (outputs.includes(path)) sorted.missing.push(path);
    } else {
      sorted.present.push(path);
      if (outputs.includes(path) && !touched.some((one) => isBelow(one, [path]))) sorted.untouched.push(path);
    }
  });
  return sorted;
}

function undeclaredOf(plan: RunPlan, changes: FileChanges): string[] {
  const declared = [...plan.outputs, ...(plan.outputDir === undefined ? [] : [plan.outputDir])];
  return [...changes.written, ...changes.removed]
    .filter((path) => !isBelow(path, declared) && path !== metricsFile)
    .sort();
}

/** Runs the planned command and records it. Throws when it cannot be started, and what reading its outputs throws. */
export async function captureRun(
  workspace: WorkspaceContext,
  plan: RunPlan,
  options: CaptureOptions,
): Promise<CapturedRun> {
  const { root } = workspace.files;
  const cwd = plan.prefix === '' ? root : `${root}/${plan.prefix}`;
  const before = await lookAtFiles(workspace);
  const metricsBefore = await statTexts(workspace, metricPlaces(plan));
  const { argv, identity, runKey } = plan;
  const ended = await startCommand(workspace, {
    argv,
    cwd,
    identity,
    runKey,
    stdoutTo: options.stdoutTo,
    stdin: 'inherit',
  });
  try {
    return await recordEnded(workspace, plan, options, { ended, before, metricsBefore, cwd });
  } catch (error) {
    throw isCodedError(error) ? notRecorded(error, ended) : error;
  }
}

/** The command has run, whatever went wrong afterwards: people must not take it for not done. */
function notRecorded(error: CodedError, { exitStatus }: ProcessEnded): CodedError {
  const { code, message, hint, data } = error;
  return new CodedError(code, `the command ended with status ${exitStatus}, and its run is not recorded: ${message}`, {
    hint: `What it wrote lies as it left it.${hint === undefined ? '' : ` ${hint}`}`,
    data: { ...data, commandStatus: exitStatus },
    cause: error,
  });
}

interface Ended {
  readonly ended: ProcessEnded;
  /** The files of the workspace as they were before it started. */
  readonly before: ScanResult;
  readonly metricsBefore: readonly string[];
  readonly cwd: string;
}

async function recordEnded(
  workspace: WorkspaceContext,
  plan: RunPlan,
  options: CaptureOptions,
  { ended, before, metricsBefore, cwd }: Ended,
): Promise<CapturedRun> {
  const { root } = workspace.files;
  const { argv, identity } = plan;
  const changes = compareLooks(before, await lookAtFiles(workspace));
  const { present, missing, untouched } = await sortOutputs(workspace, plan, changes);
  const { metrics, notes } = await metricsOf(workspace, plan, metricsBefore);
  const undeclared = undeclaredOf(plan, changes);
  const failed = ended.exitStatus !== 0 || missing.length > 0;
  const found = { ended, missing, untouched, undeclared, metrics, notes };
  if (failed && options.discardFailed) return { ...found, run: undefined };

  const run = await writing(workspace, 'run', async (session) => {
    const tree = await WorkingTree.open(workspace, plan.head.tip?.tree);
    // A directory is read whole, and only what the command wrote in it is taken: the rest is of other runs.
    const collected = present.filter((path) => !untouched.includes(path));
    const taken =
      collected.length === 0
        ? []
        : (await collectPaths(workspace, session, tree, collected, { symlinks: true, unchanged: true })).entries;
    const entries = taken.filter((entry) => isProduced(entry, changes));
    const captured = await storeCaptured(session, ended, plan.code.patch);
    const context = await contextOfRun(workspace, plan, { cwd, root, ended, output: captured.output, undeclared });
    const recorded = await recordRun(workspace, session, {
      message: plan.message,
      identity,
      inputs: plan.inputs,
      changes: entries,
      captured: captured.entries,
      ...(context === undefined ? {} : { context: session.record<ContextId>(context) }),
      code: { ...plan.code.state, ...(captured.patch === undefined ? {} : { patch: captured.patch }) },
      command: recordedCommand(argv, plan.prefix, ended),
      status: failed ? 'failed' : 'succeeded',
      tags: plan.tags,
      metrics,
      ref: failed ? undefined : plan.head.ref,
      tip: plan.head.tip,
    });
    if (!failed) {
      await workspace.state.unstage(workspace.stage, entries);
      if (!recorded.rebased && recorded.parents[0] === plan.head.tip?.run) tree.adopt(recorded.tree, entries);
    }
    await tree.save();
    return recorded;
  });
  return { ...found, run };
}

function isProduced(entry: StagedEntry, changes: FileChanges): boolean {
  if (entry.kind === 'removal') return changes.removed.has(entry.path);
  if (entry.kind === 'directory') return changes.emptied.has(entry.path);
  return changes.written.has(entry.path);
}

async function contextOfRun(
  workspace: WorkspaceContext,
  plan: RunPlan,
  parts: Omit<Parameters<typeof contextOf>[1], 'argv' | 'variables' | 'code'>,
): Promise<Uint8Array | undefined> {
  if (workspace.clock.kind === 'fixed') return undefined;
  const { argv, variables } = plan;
  return checkedContextBytes(await contextOf(workspace, { ...parts, argv, variables, code: plan.code.files }));
}
