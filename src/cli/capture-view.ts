/** A command that was run and recorded, and one that need not be run. */
import { type RunKey, shortId } from '../core/ids.ts';
import type { CapturedRun } from '../store/runs/capture-run.ts';
import type { Reusable } from '../store/runs/find-reusable.ts';
import type { RecordedArtifact } from '../store/runs/record-run.ts';
import type { Rerun } from '../store/runs/rerun.ts';
import type { Placed } from '../store/workspace/place-plan.ts';
import { commitFields, commitLines } from './commit-view.ts';
import type { Fields, Output } from './output.ts';
import { byteSize, counted, inLine } from './text.ts';
import { changeFields, valueLines } from './value-changes.ts';

/** Paths that are named in a remark; the rest is counted. */
const namedPaths = 5;

function pathList(paths: readonly string[]): string {
  const more = paths.length - namedPaths;
  return `${paths.slice(0, namedPaths).map(inLine).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What people should know besides, one line each. */
export function captureNotes({ ended, missing, untouched, undeclared, notes }: CapturedRun): string[] {
  const alive = ended.stillRunning.map(({ pid, program }) => `${program} (${pid})`);
  return [
    ...(ended.signal === undefined ? [] : [`the command was ended by ${ended.signal}`]),
    ...(missing.length === 0 ? [] : [`declared outputs are missing: ${pathList(missing)}`]),
    ...(untouched.length === 0 ? [] : [`not written by the command, so not its outputs: ${pathList(untouched)}`]),
    ...(undeclared.length === 0 ? [] : [`written or removed without being declared: ${pathList(undeclared)}`]),
    ...(alive.length === 0 ? [] : [`still running: ${alive.join(', ')}`]),
    ...(ended.outputProblem === undefined ? [] : [ended.outputProblem]),
    ...notes,
  ].map(inLine);
}

/** `--json`: the fields of `commit`, and how the command ended. A run that was dropped has none of the former. */
export function captureFields(captured: CapturedRun, runKey: RunKey, brief: boolean): Fields {
  const { run, ended, missing, undeclared, metrics } = captured;
  return {
    ...(run === undefined ? { runInstanceId: null, runKey, ref: null, tree: null } : commitFields(run, brief)),
    status: ended.exitStatus === 0 && missing.length === 0 ? 'succeeded' : 'failed',
    exitStatus: ended.exitStatus,
    signal: ended.signal ?? null,
    reused: false,
    metrics,
    missing,
    undeclared,
  };
}

export function captureLines({ run, ended }: CapturedRun, out: Output): string[] {
  if (run === undefined) return ['the command failed: nothing was recorded'];
  const time =
    ended.use.wallMs < 1000 ? `${Math.round(ended.use.wallMs)} ms` : `${(ended.use.wallMs / 1000).toFixed(1)} s`;
  if (run.ref !== undefined) return [...commitLines(run, out), `  in ${time}`];
  return [`failed run ${shortId(run.runInstanceId)} (status ${ended.exitStatus}): the branch stays where it is`];
}

export function reusedFields(
  { entry, record }: Reusable,
  artifacts: readonly RecordedArtifact[],
  brief: boolean,
): Fields {
  return {
    runInstanceId: entry.id,
    runKey: entry.runKey,
    ref: null,
    parents: entry.parents,
    outputs: entry.outputs,
    tree: entry.tree,
    rebased: false,
    removed: record.removed,
    ...(brief ? {} : { artifacts }),
    status: 'succeeded',
    exitStatus: 0,
    signal: null,
    reused: true,
    metrics: entry.metrics,
    missing: [],
    undeclared: [],
  };
}

export function reusedLines({ entry }: Reusable, placed: Placed, out: Output): string[] {
  const { written, bytes, unchanged } = placed;
  return [
    `not run: run ${out.style('yellow', shortId(entry.id))} of ${entry.createdAt} is equal, and its outputs are here`,
    `  ${counted(written, 'file')} written (${byteSize(bytes)}), ${unchanged} there already`,
  ];
}

export function rerunFields(
  { of, run, verdict, outputs, environment, ended, notes }: Rerun,
  tolerance: number,
): Fields {
  return {
    runInstanceId: run.runInstanceId,
    reproduces: of,
    runKey: run.runKey,
    verdict,
    tolerance,
    exitStatus: ended.exitStatus,
    outputs: outputs.map((one) => ({ path: one.path, verdict: one.verdict, detail: one.detail ?? null })),
    environment: environment === undefined ? null : changeFields(environment),
    notes,
  };
}

export function rerunLines({ of, run, verdict, outputs, environment }: Rerun, out: Output): string[] {
  const colour = verdict === 'differs' ? 'red' : 'green';
  return [
    `run ${out.style('yellow', shortId(of))} done again: ${out.style(colour, verdict)} (run ${shortId(run.runInstanceId)})`,
    ...outputs.map(
      ({ path, verdict: one, detail }) =>
        `  ${one} ${inLine(path)}${detail === undefined ? '' : `: ${inLine(detail)}`}`,
    ),
    ...valueLines('Environment', environment ?? [], out),
  ];
}
