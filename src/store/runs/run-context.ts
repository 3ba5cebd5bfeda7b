/** The context record of a captured run: what it ran on and what it took. Left out under a fixed clock. */
import { canonicalize } from '../../core/canonical-json.ts';
import { isCodedError } from '../../core/errors.ts';
import type { ContextRecord } from '../../core/records/context.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { checkedContext } from '../../core/records/sound-context.ts';
import type { ObservedProgram, ProcessEnded } from '../../ports/process.ts';
import type { StoreContext, WorkspaceContext } from '../context.ts';
import { readRecord } from '../objects/object-reader.ts';
import type { CapturedFiles } from './captured-files.ts';
import type { CodeFiles } from './code-files.ts';

/** Paths that were written without being declared and are named; the rest is counted. */
const namedPaths = 20;

export interface ContextParts {
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly root: string;
  readonly ended: ProcessEnded;
  readonly output: CapturedFiles['output'];
  readonly variables: { readonly [name: string]: string };
  readonly code: CodeFiles;
  readonly undeclared: readonly string[];
}

export async function contextOf(workspace: WorkspaceContext, parts: ContextParts): Promise<ContextRecord> {
  const { argv, cwd, root, ended, undeclared } = parts;
  const { environment, variables } = workspace;
  const { userCpuMs, systemCpuMs, peakMemoryBytes, wallMs, samples } = ended.use;
  const [host, runtimes] = await Promise.all([
    environment.host(),
    environment.runtimes({ argv, cwd, root, env: variables, programs: ended.programs }),
  ]);
  return {
    schema: 'cairn.context/1',
    host,
    runtimes,
    variables: parts.variables,
    use: {
      wallMs,
      ...(userCpuMs === undefined ? {} : { userCpuMs }),
      ...(systemCpuMs === undefined ? {} : { systemCpuMs }),
      ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
      samples,
    },
    output: parts.output,
    ...(parts.code.unknown === undefined ? { code: parts.code.files } : {}),
    ...(undeclared.length === 0
      ? {}
      : { undeclared: { count: undeclared.length, paths: undeclared.slice(0, namedPaths) } }),
    ...(ended.stillRunning.length === 0
      ? {}
      : { stillRunning: ended.stillRunning.map(({ pid, program }) => `${program} (${pid})`) }),
  };
}

export type ReadingContext = Pick<StoreContext, 'backend' | 'codec' | 'manifest'>;

/** undefined when the run has none, or it was erased. */
export async function readContext(
  context: ReadingContext,
  { context: id }: Pick<RunRecord, 'context'>,
): Promise<ContextRecord | undefined> {
  if (id === undefined) return undefined;
  let bytes: Uint8Array;
  try {
    bytes = await readRecord(context, id);
  } catch (error) {
    if (isCodedError(error, 'OBJECT_NOT_FOUND') || isCodedError(error, 'OBJECT_WITHDRAWN')) return undefined;
    throw error;
  }
  // Loaded only here: most runs that are read have no context, and schemas cost start-up.
  return checkedContext(bytes);
}

type Runtime = ContextRecord['runtimes'][number];

/** What a runtime is, without how it was found out. */
function runtimeText({ language, version, executable, packages, locks }: Runtime): string {
  return canonicalize({ language, version: version ?? null, executable, packages: packages ?? [], locks: locks ?? [] });
}

/**
 * Why the runtimes and variables of an earlier run are not what a run would have now; undefined when they are. The same
 * programs are asked that were seen then.
 */
export async function environmentChange(
  workspace: WorkspaceContext,
  before: ContextRecord,
  command: { readonly argv: readonly string[]; readonly cwd: string; readonly root: string },
  variables: { readonly [name: string]: string },
): Promise<string | undefined> {
  if (canonicalize(before.variables) !== canonicalize(variables)) return 'environment variables differ';
  const programs: ObservedProgram[] = before.runtimes.map(({ executable, language }) => ({
    executable,
    name: language,
  }));
  const now = await workspace.environment.runtimes({ ...command, env: workspace.variables, programs });
  for (const runtime of before.runtimes) {
    if (runtime.problem !== undefined) return `what ${runtime.language} was then is not known`;
    const same = now.find((one) => runtimeText(one) === runtimeText(runtime));
    if (same === undefined) return `${runtime.language} or its packages differ`;
  }
  if (now.length > before.runtimes.length) return 'other programs would run';
  return undefined;
}
