/**
 * `run --if-needed`: an earlier run that would be done again exactly. Whatever is not known to be equal is different: a run
 * is never reused when the state of the code or of the environment cannot be told.
 */
import { canonicalize } from '../../core/canonical-json.ts';
import type { ArtifactId } from '../../core/ids.ts';
import type { ContextRecord } from '../../core/records/context.ts';
import type { RunInput, RunRecord } from '../../core/records/run.ts';
import type { RunEntry } from '../../ports/manifest.ts';
import type { WorkspaceContext } from '../context.ts';
import { placeLeaves } from '../workspace/place.ts';
import type { Placed } from '../workspace/place-plan.ts';
import { WorkingTree } from '../workspace/working-tree.ts';
import { isCaptured } from './captured-paths.ts';
import { readRun } from './compare-runs.ts';
import type { RecordedArtifact } from './record-run.ts';
import { environmentChange, readContext } from './run-context.ts';
import type { RunPlan } from './run-plan.ts';
import { type Leaf, TreeReader } from './trees.ts';
import { isBelow } from './watch-files.ts';

export interface Reusable {
  readonly entry: RunEntry;
  readonly record: RunRecord;
  /** Its outputs, without what cairn captured. */
  readonly leaves: ReadonlyMap<string, Leaf>;
}

/** Runs of equal run key that are looked at, newest first. */
const looked = 20;

function inputsText(inputs: readonly RunInput[]): string {
  return canonicalize(inputs.map(({ artifact, relation, path }) => `${artifact} ${relation} ${path ?? ''}`).sort());
}

/** The leaves of a run's outputs that are files of the workspace. */
export async function workspaceOutputs(workspace: WorkspaceContext, record: RunRecord): Promise<Map<string, Leaf>> {
  const leaves = await new TreeReader(workspace).leaves(record.outputs);
  return new Map([...leaves].filter(([path]) => !isCaptured(path)));
}

/** Why the code is not known to be what it was then; undefined when it is. */
function codeChange(plan: RunPlan, record: RunRecord, context: ContextRecord): string | undefined {
  const { state, files } = plan.code;
  if (files.unknown !== undefined) return `the state of the code is not known: ${files.unknown}`;
  if (context.code === undefined) return 'the state of its code is not known';
  if (canonicalize(context.code) !== canonicalize(files.files)) return 'files that the command names differ';
  if (state.gitCommit !== record.code.gitCommit) return 'the git commit differs';
  if (state.gitCommit === undefined) return undefined;
  if (state.gitDirty === undefined || record.code.gitDirty === undefined) return 'git does not say what was changed';
  return state.gitDirty === record.code.gitDirty ? undefined : 'uncommitted changes differ';
}

/** The patch as it is now against the one that was recorded; only asked for a dirty tree. */
async function patchChange(workspace: WorkspaceContext, plan: RunPlan, record: RunRecord): Promise<string | undefined> {
  if (plan.code.state.gitDirty !== true) return undefined;
  if (plan.code.patch === undefined || record.code.patch === undefined) return 'the uncommitted changes are not known';
  const [patch] = await workspace.manifest.artifacts([record.code.patch]);
  return patch?.blob === workspace.codec.sha256Hex(plan.code.patch) ? undefined : 'uncommitted changes differ';
}

async function outputsProblem(
  workspace: WorkspaceContext,
  plan: RunPlan,
  leaves: ReadonlyMap<string, Leaf>,
): Promise<string | undefined> {
  const declared = [...plan.outputs, ...(plan.outputDir === undefined ? [] : [plan.outputDir])];
  const paths = [...leaves.keys()];
  if (paths.some((path) => !isBelow(path, declared))) return 'it had other outputs';
  if (declared.some((place) => !paths.some((path) => isBelow(path, [place])))) return 'it had other outputs';
  const ids = [...leaves.values()].flatMap((leaf): ArtifactId[] => (leaf.kind === 'file' ? [leaf.artifact] : []));
  const artifacts = await workspace.manifest.artifacts(ids);
  if (artifacts.some((one) => one === undefined || one.status === 'tombstoned')) return 'an output was withdrawn';
  if (artifacts.some((one) => one?.absent === true)) return 'the bytes of an output are gone';
  return undefined;
}

async function difference(
  workspace: WorkspaceContext,
  plan: RunPlan,
  entry: RunEntry,
  record: RunRecord,
  leaves: ReadonlyMap<string, Leaf>,
): Promise<string | undefined> {
  const { command } = record;
  if (command === undefined) return 'it is no captured command';
  if (entry.stale) return 'it is stale: an input was superseded or withdrawn since';
  if (entry.retired) return 'it was retired';
  if (record.relations.some(({ relation }) => relation === 'reproduces')) return 'it is the check of another run';
  if (canonicalize(command.argv) !== canonicalize(plan.argv)) return 'the command differs';
  if (command.cwd !== (plan.prefix === '' ? '.' : plan.prefix)) return 'the working directory differs';
  if (inputsText(record.inputs) !== inputsText(plan.inputs)) return 'the inputs differ';
  if (record.removed.length > 0) return 'it removed files';
  const context = await readContext(workspace, record);
  if (context === undefined) return 'what it ran on was not recorded';
  const { root } = workspace.files;
  const cwd = plan.prefix === '' ? root : `${root}/${plan.prefix}`;
  return (
    codeChange(plan, record, context) ??
    (await patchChange(workspace, plan, record)) ??
    (await outputsProblem(workspace, plan, leaves)) ??
    (await environmentChange(workspace, context, { argv: plan.argv, cwd, root }, plan.variables))
  );
}

/** The newest run that can be reused; else why the newest of equal run key cannot, where there is one. */
export async function findReusable(
  workspace: WorkspaceContext,
  plan: RunPlan,
): Promise<{ readonly found: Reusable | undefined; readonly why: string | undefined }> {
  let why: string | undefined;
  const { rows } = await workspace.manifest.listRuns({ runKey: plan.runKey, status: 'succeeded' }, { limit: looked });
  for (const entry of rows) {
    const record = await readRun(workspace, entry.id);
    const leaves = await workspaceOutputs(workspace, record);
    const reason = await difference(workspace, plan, entry, record, leaves);
    if (reason === undefined) return { found: { entry, record, leaves }, why: undefined };
    why ??= `run ${entry.id.slice(0, 12)} is not reused: ${reason}`;
  }
  return { found: undefined, why };
}

/** Everything that it produced, as `commit` tells of a new run. */
export async function reusedArtifacts(workspace: WorkspaceContext, { entry }: Reusable): Promise<RecordedArtifact[]> {
  const outputs = await workspace.manifest.outputs(entry.id);
  const artifacts = await workspace.manifest.artifacts(outputs.map((one) => one.artifact));
  return outputs.flatMap(({ path, artifact: artifactId }, index) => {
    const artifact = artifacts[index];
    if (artifact === undefined) return [];
    const { blob: sha256, size, type, logicalKey } = artifact;
    return [{ artifactId, path, sha256, size, type, logicalKey }];
  });
}

/** Brings its outputs to the workspace. A file with changes that are not stored is not overwritten. */
export async function placeReused(workspace: WorkspaceContext, plan: RunPlan, reused: Reusable): Promise<Placed> {
  const lock = await workspace.lock.shared('run');
  try {
    const tree = await WorkingTree.open(workspace, plan.head.tip?.tree);
    try {
      const placed = await placeLeaves(workspace, { files: workspace.files, tree }, reused.leaves, {});
      await tree.settleSame(reused.leaves.keys());
      return placed;
    } finally {
      await tree.save();
    }
  } finally {
    await lock.release();
  }
}
