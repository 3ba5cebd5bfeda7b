/** `commit`: a run over what is staged, or over just the given paths. */

import type { JsonValue } from '../../core/canonical-json.ts';
import { CodedError } from '../../core/errors.ts';
import type { BlobId, RunId, RunKey } from '../../core/ids.ts';
import type { RunEdge } from '../../core/records/run.ts';
import type { RunFile } from '../../core/run-file.ts';
import { type RunIdentity, runKey, sortIdentity } from '../../core/run-key.ts';
import { seedVersion } from '../../core/seeds.ts';
import type { VersionPins } from '../../core/workspace-config/workspace-config.ts';
import type { StagedEntry } from '../../ports/workspace.ts';
import { stageKey, type WorkspaceContext } from '../context.ts';
import { screenText } from '../log/governance.ts';
import { type WriteSession, writing } from '../objects/write-session.ts';
import { collectPaths } from '../workspace/collect.ts';
import { WorkingTree } from '../workspace/working-tree.ts';
import { readWorkspaceConfig } from '../workspace/workspace-config.ts';
import { readHead, type Tip } from './head.ts';
import { datasetsOf, resolveInputs } from './inputs.ts';
import { type RecordedRun, recordRun } from './record-run.ts';
import { resolveRun } from './revision.ts';

export interface CommitOptions {
  readonly message?: string | undefined;
  /** Just these workspace paths, staged privately; what is staged otherwise stays staged. */
  readonly paths?: readonly string[] | undefined;
  /** Exactly these workspace paths are what the run produced, unchanged ones too; nothing that is staged. */
  readonly outputs?: readonly string[] | undefined;
  readonly params?: { readonly [name: string]: JsonValue } | undefined;
  readonly metrics?: { readonly [name: string]: number } | undefined;
  readonly tags?: { readonly [name: string]: string } | undefined;
  /** `[<relation>=]<rev or path>` */
  readonly inputs?: readonly string[] | undefined;
  readonly engineVersion?: string | undefined;
  readonly configVersion?: string | undefined;
  readonly researchSpecVersion?: string | undefined;
  readonly pipelineContractVersion?: string | undefined;
  readonly externalRunKey?: string | undefined;
  readonly externalDatasetId?: string | undefined;
  readonly runFile?: RunFile | undefined;
  /** Further parents, as revisions. */
  readonly parents?: readonly string[] | undefined;
  readonly take?: 'mine' | 'theirs' | undefined;
  readonly allowEmpty?: boolean | undefined;
  /** Moves no branch and takes nothing that is staged, as `cairn run` records a run that failed. */
  readonly detached?: boolean | undefined;
  readonly symlinks?: boolean | undefined;
  /** Turns what a user typed into a workspace path. */
  readonly toPath?: (text: string) => string;
}

/** Records a run. Throws NOTHING_TO_COMMIT, PATH_CONFLICT, or what reading the files throws. */
export async function commitRun(workspace: WorkspaceContext, options: CommitOptions): Promise<RecordedRun> {
  const file = options.runFile ?? {};
  const message = options.message ?? file.message ?? '';
  if (message.trim() === '') {
    throw new CodedError('BAD_ARGUMENT', 'the run has no message', { hint: 'Say what was done: -m "…".' });
  }
  const { pins } = await readWorkspaceConfig(workspace);
  const identityTexts = screened(workspace, message, options, file, pins);
  const toPath = options.toPath ?? ((text) => text);
  const head = await readHead(workspace);
  return writing(workspace, 'commit', async (session) => {
    const tree = await WorkingTree.open(workspace, head.tip?.tree);
    let changes: readonly StagedEntry[];
    if (options.outputs !== undefined) {
      const exact = { symlinks: options.symlinks, unchanged: true };
      const named = options.outputs;
      changes = named.length === 0 ? [] : (await collectPaths(workspace, session, tree, named, exact)).entries;
    } else if (options.paths !== undefined && options.paths.length > 0) {
      changes = (await collectPaths(workspace, session, tree, options.paths, { symlinks: options.symlinks })).entries;
    } else changes = await workspace.state.staged(workspace.stage);
    changes = [...changes, ...(await fileOutputs(workspace, session, tree, file, changes, options, toPath))];
    if (changes.length === 0 && options.allowEmpty !== true) throw nothing(options);

    const inputs = await resolveInputs(workspace, [...(options.inputs ?? []), ...fileInputs(file)], toPath);
    const parents: RunId[] = [];
    for (const parent of options.parents ?? []) parents.push(await resolveRun(workspace, parent));
    const identity: RunIdentity = { datasets: await datasetsOf(workspace, inputs), ...identityTexts };
    const isDetached = options.detached === true;
    const whole = !isDetached && options.outputs === undefined && (options.paths?.length ?? 0) === 0;
    const recorded = await recordRun(workspace, session, {
      message,
      identity,
      inputs,
      changes,
      edges: await fileEdges(workspace, file, changes, toPath),
      code: await workspace.codeState(),
      plugins: file.plugins ?? [],
      status: file.status ?? 'succeeded',
      tags: { ...file.tags, ...options.tags },
      metrics: { ...file.metrics, ...options.metrics },
      parents,
      ref: isDetached ? undefined : head.ref,
      tip: head.tip,
      take: options.take,
      ...(whole ? { facts: [{ kind: 'unstage', stage: stageKey(workspace) }] } : {}),
    });
    if (isDetached) return recorded;
    const left = await workspace.state.unstage(workspace.stage, changes);
    if (whole && left > 0) await keepStaged(workspace);
    await follow(tree, head.tip, recorded, changes);
    return recorded;
  });
}

/** The run key that `commitRun` would give: a program that needs its seeds asks before it runs. */
export async function plannedRunKey(workspace: WorkspaceContext, options: CommitOptions): Promise<RunKey> {
  const file = options.runFile ?? {};
  const { pins } = await readWorkspaceConfig(workspace);
  const identityTexts = screened(workspace, options.message ?? file.message ?? '', options, file, pins);
  const named = [...(options.inputs ?? []), ...fileInputs(file)];
  const inputs = await resolveInputs(workspace, named, options.toPath ?? ((text) => text));
  return runKey(sortIdentity({ datasets: await datasetsOf(workspace, inputs), ...identityTexts }));
}

function nothing(options: CommitOptions): CodedError {
  const named = options.paths !== undefined && options.paths.length > 0;
  return new CodedError(
    'NOTHING_TO_COMMIT',
    named ? 'the given paths are as the branch has them' : 'nothing is staged',
    {
      hint: named
        ? 'Use --allow-empty to record a run without outputs.'
        : 'Stage files with `cairn add`, or use --allow-empty.',
    },
  );
}

/** Everything of the run's identity but its datasets, after the secret screen. */
function screened(
  workspace: WorkspaceContext,
  message: string,
  options: CommitOptions,
  file: RunFile,
  pins: VersionPins,
): Omit<RunIdentity, 'datasets'> {
  const params = { ...(file.params as { [name: string]: JsonValue } | undefined), ...options.params };
  screenText(workspace, 'the message', message);
  for (const [name, value] of Object.entries(params)) {
    screenText(workspace, `parameter ${name}`, typeof value === 'string' ? `${name}=${value}` : JSON.stringify(value));
  }
  for (const [name, value] of Object.entries({ ...file.tags, ...options.tags }))
    screenText(workspace, `tag ${name}`, `${name}=${value}`);
  const externalRunKey = options.externalRunKey ?? file.externalRunKey;
  const externalDatasetId = options.externalDatasetId ?? file.externalDatasetId;
  const researchSpecVersion = options.researchSpecVersion ?? file.researchSpecVersion ?? pins.researchSpecVersion;
  const pipelineContractVersion =
    options.pipelineContractVersion ?? file.pipelineContractVersion ?? pins.pipelineContractVersion;
  const external = {
    ...(externalRunKey === undefined ? {} : { runKey: externalRunKey }),
    ...(externalDatasetId === undefined ? {} : { datasetIdV2: externalDatasetId }),
  };
  return {
    params,
    engineVersion: options.engineVersion ?? file.engineVersion ?? pins.engineVersion ?? '',
    configVersion: options.configVersion ?? file.configVersion ?? pins.configVersion ?? '',
    ...(researchSpecVersion === undefined ? {} : { researchSpecVersion }),
    ...(pipelineContractVersion === undefined ? {} : { pipelineContractVersion }),
    seedVersion,
    ...(Object.keys(external).length === 0 ? {} : { external }),
  };
}

function fileInputs(file: RunFile): string[] {
  return (file.inputs ?? []).map((input) =>
    typeof input === 'string' ? input : `${input.relation ?? 'derived_from'}=${input.rev}`,
  );
}

/** Outputs that the run file names and that are no change: what is staged counts as it was staged. */
async function fileOutputs(
  workspace: WorkspaceContext,
  session: WriteSession,
  tree: WorkingTree,
  file: RunFile,
  changes: readonly StagedEntry[],
  options: CommitOptions,
  toPath: (text: string) => string,
): Promise<StagedEntry[]> {
  const named = (file.outputs ?? []).map(toPath);
  if (named.length === 0) return [];
  const collecting = { symlinks: options.symlinks, unchanged: true };
  const { entries } = await collectPaths(workspace, session, tree, named, collecting);
  const known = new Set(changes.map(({ path }) => path));
  return entries.filter(({ path }) => !known.has(path));
}

/** Edges name outputs by path and parents by revision; they need the outputs' ids, so only files of this run may be children. */
async function fileEdges(
  workspace: WorkspaceContext,
  file: RunFile,
  changes: readonly StagedEntry[],
  toPath: (text: string) => string,
): Promise<readonly RunEdge[] | undefined> {
  if (file.edges === undefined) return undefined;
  const { artifactIdOf } = await import('./artifact-id.ts');
  const edges: RunEdge[] = [];
  for (const { child, parent, relation } of file.edges) {
    const change = changes.find((one) => one.path === child && one.kind === 'file');
    if (change === undefined) {
      throw new CodedError('BAD_JSON', `edges: ${child} is no output of this run`, {
        hint: 'A child is a path that the run commits.',
      });
    }
    for (const input of await resolveInputs(workspace, [parent], toPath))
      edges.push({ child: artifactIdOf(change), parent: input.artifact, relation: relation ?? 'derived_from' });
  }
  return edges;
}

/** What another process staged meanwhile is still needed; the commit has just let go of the whole staging area. */
async function keepStaged(workspace: WorkspaceContext): Promise<void> {
  const staged = await workspace.state.staged(workspace.stage);
  const ids = staged.flatMap((entry) => (entry.blob === undefined ? [] : [entry.blob as BlobId]));
  if (ids.length === 0) return;
  await workspace.manifest.apply({
    facts: [{ kind: 'stage', stage: stageKey(workspace), ids }],
    nowMs: workspace.clock.now(),
    clock: workspace.clock.kind,
  });
}

/** The stat cache follows to the new tip without reading anything. */
async function follow(
  tree: WorkingTree,
  before: Tip | undefined,
  recorded: RecordedRun,
  changes: readonly StagedEntry[],
): Promise<void> {
  if (recorded.rebased || recorded.parents[0] !== before?.run) return;
  tree.adopt(recorded.tree, changes);
  await tree.save();
}
