/** Starting a captured command: what it finds in its environment, and what it means when it does not start. */
import { canonicalize } from '../../core/canonical-json.ts';
import { keptOutput } from '../../core/captured-output.ts';
import { CodedError } from '../../core/errors.ts';
import type { RunKey } from '../../core/ids.ts';
import type { RunCommand } from '../../core/records/run.ts';
import type { RunIdentity } from '../../core/run-key.ts';
import { seedRoot } from '../../core/seeds.ts';
import { formatTimestamp } from '../../core/time.ts';
import type { ProcessEnded } from '../../ports/process.ts';
import type { WorkspaceContext } from '../context.ts';

export interface StartedCommand {
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly identity: RunIdentity;
  readonly runKey: RunKey;
  readonly stdoutTo: 'stdout' | 'stderr';
  readonly stdin: 'inherit' | 'none';
}

/** The environment of the command: cairn's own, and who the run is. */
export function commandEnvironment(
  workspace: WorkspaceContext,
  runKey: RunKey,
  paramsFile: string,
): { readonly [name: string]: string | undefined } {
  return {
    ...workspace.variables,
    CAIRN_RUN_KEY: runKey,
    CAIRN_SEED: seedRoot(runKey, 'root'),
    CAIRN_PARAMS: paramsFile,
  };
}

/** Runs it to its end. Throws when it cannot be started; `data.exitStatus` is what a shell would say (126, 127). */
export async function startCommand(workspace: WorkspaceContext, command: StartedCommand): Promise<ProcessEnded> {
  const paramsFile = await workspace.scratch.file('params.json', `${canonicalize(command.identity.params)}\n`);
  try {
    const done = await workspace.processes.run({
      argv: command.argv,
      cwd: command.cwd,
      env: commandEnvironment(workspace, command.runKey, paramsFile),
      stdin: command.stdin,
      stdoutTo: command.stdoutTo,
      stderrTo: 'stderr',
      keep: keptOutput,
    });
    if (done.kind === 'ended') return done;
    throw new CodedError(done.exitStatus === 127 ? 'PATH_NOT_FOUND' : 'NOT_PERMITTED', done.reason, {
      data: { program: command.argv[0], exitStatus: done.exitStatus },
    });
  } finally {
    await workspace.scratch.remove(paramsFile);
  }
}

/** The command as a run records it; `prefix` is its directory in the workspace. */
export function recordedCommand(argv: readonly string[], prefix: string, ended: ProcessEnded): RunCommand {
  return {
    argv,
    cwd: prefix === '' ? '.' : prefix,
    ...(ended.exitCode === undefined ? {} : { exitCode: ended.exitCode }),
    ...(ended.signal === undefined ? {} : { signal: ended.signal }),
    startedAt: formatTimestamp(ended.startedAtMs),
    endedAt: formatTimestamp(ended.endedAtMs),
  };
}
