/**
 * What `run` is about to do, settled before the command starts: words, inputs, identity, the state of the code. Everything
 * that would be refused later is refused here, while nothing has happened yet.
 */
import type { JsonValue } from '../../core/canonical-json.ts';
import { recordedEnvironment } from '../../core/environment-variables.ts';
import { CodedError } from '../../core/errors.ts';
import type { RunKey } from '../../core/ids.ts';
import { normalizePath } from '../../core/names.ts';
import type { RunInput } from '../../core/records/run.ts';
import { type RunIdentity, runKey, sortIdentity } from '../../core/run-key.ts';
import { seedVersion } from '../../core/seeds.ts';
import type { NamedRun, WorkspaceConfig } from '../../core/workspace-config/workspace-config.ts';
import type { CodeState, WorkspaceContext } from '../context.ts';
import { screenText } from '../log/governance.ts';
import type { TableContext } from '../tables/changed-tables.ts';
import { ignoredPaths } from '../workspace/ignored.ts';
import { readWorkspaceConfig } from '../workspace/workspace-config.ts';
import { patchLimit } from './captured-files.ts';
import { capturedFolder } from './captured-paths.ts';
import { type CodeFiles, codeFilesOf } from './code-files.ts';
import { refuseChangedDatasets } from './dataset-files.ts';
import { type Head, readHead } from './head.ts';
import { datasetsOf, distinctInputs, resolveWithDirectories } from './inputs.ts';
import { namedDatasets } from './named-datasets.ts';
import { refuseChangedInputs, refuseUncommittedFiles } from './run-inputs.ts';
import { metricsFile } from './run-metrics.ts';
import { isBelow } from './watch-files.ts';

export interface CaptureRequest {
  /** A run of cairn.yaml; its values stand where the request has none. */
  readonly name?: string | undefined;
  readonly argv: readonly string[];
  /** Working directory in the workspace, '' for its root. */
  readonly prefix: string;
  readonly message?: string | undefined;
  /** `[<relation>=]<rev or path>` */
  readonly inputs: readonly string[];
  /** Workspace paths of files and directories. */
  readonly outputs: readonly string[];
  readonly outputDir?: string | undefined;
  readonly params: { readonly [name: string]: JsonValue };
  readonly metrics: { readonly [name: string]: number };
  readonly tags: { readonly [name: string]: string };
  readonly engineVersion?: string | undefined;
  readonly configVersion?: string | undefined;
  /** Turns what a user typed into a workspace path. */
  readonly toPath: (text: string) => string;
}

export interface PlannedCode {
  readonly state: CodeState;
  /** Of a dirty tree; undefined where it cannot be told. */
  readonly patch: Uint8Array | undefined;
  readonly files: CodeFiles;
}

export interface RunPlan {
  readonly head: Head;
  readonly argv: readonly string[];
  readonly prefix: string;
  readonly message: string;
  readonly inputs: readonly RunInput[];
  readonly outputs: readonly string[];
  readonly outputDir: string | undefined;
  readonly metrics: { readonly [name: string]: number };
  readonly tags: { readonly [name: string]: string };
  readonly identity: RunIdentity;
  readonly runKey: RunKey;
  readonly code: PlannedCode;
  /** Variables of the allow-list that are set. */
  readonly variables: { readonly [name: string]: string };
}

/** Longest message that is made of a command's words. */
const messageLength = 200;

function namedRun(config: WorkspaceConfig, name: string | undefined): NamedRun | undefined {
  if (name === undefined) return undefined;
  const found = config.runs.get(name);
  if (found !== undefined) return found;
  const known = [...config.runs.keys()];
  throw new CodedError('BAD_ARGUMENT', `cairn.yaml has no run called ${JSON.stringify(name)}`, {
    hint:
      known.length === 0
        ? 'Write a command behind `--`: cairn run -- python fit.py'
        : `It has: ${known.slice(0, 10).join(', ')}.`,
    data: { name, known },
  });
}

function screenAll(workspace: WorkspaceContext, plan: Omit<RunPlan, 'runKey' | 'head' | 'inputs'>): void {
  const screen = (what: string, text: string): void => screenText(workspace, what, text);
  screen('the command', plan.argv.join(' '));
  for (const word of plan.argv) screen('the command', word);
  screen('the message', plan.message);
  for (const [name, value] of Object.entries(plan.identity.params))
    screen(`parameter ${name}`, typeof value === 'string' ? `${name}=${value}` : JSON.stringify(value));
  for (const [name, value] of Object.entries(plan.tags)) screen(`tag ${name}`, `${name}=${value}`);
  for (const [name, value] of Object.entries(plan.variables)) screen(`the variable ${name}`, `${name}=${value}`);
  if (plan.code.state.gitRemote !== undefined) screen('the address of the remote', plan.code.state.gitRemote);
  if (plan.code.patch !== undefined)
    screen('the patch of uncommitted changes', new TextDecoder().decode(plan.code.patch));
}

/** Outputs must be paths that can be recorded: not the root, not ignored, not where cairn puts its own. */
async function checkOutputs(
  workspace: WorkspaceContext,
  outputs: readonly string[],
  outputDir?: string,
): Promise<void> {
  const ignores = await ignoredPaths(workspace);
  for (const path of [...outputs, ...(outputDir === undefined ? [] : [outputDir])]) {
    const parts = path.split('/');
    if (path === '' && path !== outputDir)
      throw new CodedError(
        'BAD_ARGUMENT',
        '--output: the whole workspace is no output; name files or directories of it',
      );
    if (parts[0] === capturedFolder)
      throw new CodedError('BAD_ARGUMENT', `${path}: cairn keeps what commands print in ${capturedFolder}`, {
        data: { path },
      });
    const hidden = parts.some((_, depth) => {
      const part = parts.slice(0, depth + 1).join('/');
      return part !== '' && ignores(part, depth < parts.length - 1 || path === outputDir);
    });
    if (hidden) {
      throw new CodedError('BAD_ARGUMENT', `${path} is ignored by .cairnignore, so it cannot be an output`, {
        hint: 'Take it out of .cairnignore, or write elsewhere.',
        data: { path },
      });
    }
  }
}

async function codeOf(
  workspace: WorkspaceContext,
  argv: readonly string[],
  prefix: string,
  declared: readonly string[],
): Promise<PlannedCode> {
  const state = await workspace.codeState();
  const patch = state.gitDirty === true ? await workspace.code.patch(patchLimit) : undefined;
  const files = await codeFilesOf(
    workspace,
    { argv, prefix },
    (path) => path === metricsFile || isBelow(path, declared),
    state.gitCommit !== undefined,
  );
  return { state, patch, files };
}

/** Throws what is wrong with the request; nothing was run or stored. */
export async function planRun(workspace: WorkspaceContext & TableContext, request: CaptureRequest): Promise<RunPlan> {
  const config = await readWorkspaceConfig(workspace);
  const named = namedRun(config, request.name);
  const argv = named?.argv ?? request.argv;
  if (argv.length === 0 || argv[0] === '') {
    throw new CodedError('BAD_ARGUMENT', 'there is no command to run', {
      hint: 'Write it behind `--`: cairn run -- python fit.py',
      data: { argument: 'command' },
    });
  }
  const wrong = argv.find((word) => !word.isWellFormed());
  if (wrong !== undefined) throw new CodedError('BAD_ARGUMENT', 'a word of the command is not valid UTF-8');
  const prefix = named === undefined ? request.prefix : '';
  const outputs = [...new Set([...(named?.outputs ?? []).map(normalizePath), ...request.outputs])];
  const outputDir = request.outputDir ?? (named?.outputDir === undefined ? undefined : normalizePath(named.outputDir));
  await checkOutputs(workspace, outputs, outputDir);

  const head = await readHead(workspace);
  const resolved = [
    await resolveWithDirectories(workspace, named?.inputs ?? [], normalizePath),
    await resolveWithDirectories(workspace, request.inputs, request.toPath),
  ];
  const inputs = distinctInputs(resolved.flatMap((one) => one.inputs));
  await refuseChangedInputs(workspace, head, inputs);
  const written = [...outputs, ...(outputDir === undefined ? [] : [outputDir])];
  const directories = resolved.flatMap((one) => one.directories);
  await refuseUncommittedFiles(workspace, directories, inputs, written);
  await refuseChangedDatasets(workspace, head, config, named?.datasets ?? []);
  const { pins } = config;
  const identity = sortIdentity({
    datasets:
      named?.datasets === undefined
        ? await datasetsOf(workspace, inputs)
        : await namedDatasets(workspace, config, named.datasets, head.tip?.tree),
    params: { ...named?.params, ...request.params },
    engineVersion: request.engineVersion ?? pins.engineVersion ?? '',
    configVersion: request.configVersion ?? pins.configVersion ?? '',
    ...(pins.researchSpecVersion === undefined ? {} : { researchSpecVersion: pins.researchSpecVersion }),
    ...(pins.pipelineContractVersion === undefined ? {} : { pipelineContractVersion: pins.pipelineContractVersion }),
    seedVersion,
  });
  const inputPaths = inputs.flatMap((input) => (input.path === undefined ? [] : [input.path]));
  const declared = [...outputs, ...inputPaths, ...(outputDir === undefined || outputDir === '' ? [] : [outputDir])];
  const words = argv.join(' ');
  const plan = {
    argv,
    prefix,
    message:
      request.message ??
      named?.message ??
      request.name ??
      (words.length > messageLength ? `${words.slice(0, messageLength).toWellFormed()}…` : words),
    outputs,
    outputDir,
    metrics: request.metrics,
    tags: request.tags,
    identity,
    code: await codeOf(workspace, argv, prefix, declared),
    variables: recordedEnvironment(workspace.variables, [...config.variables, ...(named?.variables ?? [])]),
  };
  screenAll(workspace, plan);
  return { ...plan, head, inputs, runKey: runKey(identity) };
}
