/**
 * Running a command with its streams attached and kept. Output goes through pipes, so that it can be kept: a program sees a
 * pipe where it would see a terminal, and each of the two streams keeps its order, but not their order among each other.
 * Standard input is the command's own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { CodedError } from '../../core/errors.ts';
import { systemError } from '../../core/system-error.ts';
import type {
  ProcessEnded,
  ProcessNotStarted,
  ProcessRequest,
  ProcessRunner,
  ResourceUse,
} from '../../ports/process.ts';
import type { Clock } from '../../ports/system.ts';
import { descriptorWriter, type Writer } from './descriptor-writer.ts';
import { findProgram } from './find-program.ts';
import { OutputCapture } from './output-capture.ts';
import { openOutputPipes, stdioWith } from './output-pipes.ts';
import { drain, OutputPump } from './output-pump.ts';
import { waitedCpu } from './proc-files.ts';
import { ProcessWatch } from './process-watch.ts';
import { SignalRelay } from './signal-relay.ts';

function notStarted(word: string, request: ProcessRequest): ProcessNotStarted | undefined {
  const found = findProgram(word, request.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', request.cwd);
  if (found.kind === 'found') return undefined;
  if (found.kind === 'not-executable') {
    return { kind: 'not-started', exitStatus: 126, reason: `${word}: cannot be executed: ${found.reason}` };
  }
  return { kind: 'not-started', exitStatus: 127, reason: `${word}: command not found` };
}

function checkDirectory(cwd: string): void {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new CodedError('PATH_NOT_FOUND', `the command cannot run in ${cwd}: there is no such directory`, {
    data: { path: cwd },
  });
}

/** The program was found and the system refused it: no interpreter, too many arguments, not a program at all. */
function refusal(word: string, error: unknown): ProcessNotStarted {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EAGAIN' || code === 'ENOMEM' || code === 'EMFILE' || code === 'ENFILE') {
    throw systemError('cannot start', error, word);
  }
  const reasons: { readonly [code: string]: string } = {
    ENOENT: 'its interpreter does not exist',
    EACCES: 'permission denied',
    E2BIG: 'the arguments are too long',
    ENOEXEC: 'it is not a program',
    ETXTBSY: 'somebody is writing to it',
    ERR_INVALID_ARG_VALUE: 'an argument holds a NUL',
  };
  const reason = reasons[code ?? ''] ?? code ?? String(error);
  return { kind: 'not-started', exitStatus: 126, reason: `${word}: cannot be executed: ${reason}` };
}

/** Why a child without a number did not start; Node says so a moment later. */
function startFailure(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    child.once('error', resolve);
  });
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly atMs: number;
  readonly use: ResourceUse;
}

function usedSince(before: ReturnType<typeof waitedCpu>, startMs: number, watch: ProcessWatch): ResourceUse {
  const after = waitedCpu();
  const known = before !== undefined && after !== undefined;
  return {
    wallMs: Math.round(1000 * (performance.now() - startMs)) / 1000,
    ...(known ? { userCpuMs: after.userMs - before.userMs, systemCpuMs: after.systemMs - before.systemMs } : {}),
    ...(watch.peakBytes === undefined ? {} : { peakMemoryBytes: watch.peakBytes }),
    samples: watch.samples,
  };
}

export interface RunnerOptions {
  readonly clock: Clock;
  /** A directory for names that exist for an instant. */
  readonly temporary: string;
  /** Where output goes; the own descriptors when left out. */
  readonly stdout?: Writer;
  readonly stderr?: Writer;
}

export function openProcessRunner(options: RunnerOptions): ProcessRunner {
  const stdout = options.stdout ?? descriptorWriter(1);
  const stderr = options.stderr ?? descriptorWriter(2);
  const writers = { stdout, stderr, nowhere: undefined };

  async function run(request: ProcessRequest): Promise<ProcessEnded | ProcessNotStarted> {
    const [word = '', ...args] = request.argv;
    checkDirectory(request.cwd);
    const refused = notStarted(word, request);
    if (refused !== undefined) return refused;
    const pipes = openOutputPipes(options.temporary);
    const relay = new SignalRelay();
    try {
      const cpu = waitedCpu();
      const startedAtMs = options.clock.now();
      const startMs = performance.now();
      let child: ChildProcess;
      try {
        child = spawn(word, args, { cwd: request.cwd, env: request.env, stdio: stdioWith(request.stdin, pipes) });
      } catch (error) {
        pipes.abandon();
        return refusal(word, error);
      }
      const { pid } = child;
      if (pid === undefined) {
        pipes.abandon();
        return refusal(word, await startFailure(child));
      }
      const watch = new ProcessWatch(pid);
      relay.to((signal) => child.kill(signal));
      const [out, err] = pipes.readers(child);
      const pumps = [
        new OutputPump(out, writers[request.stdoutTo], new OutputCapture(request.keep)),
        new OutputPump(err, writers[request.stderrTo], new OutputCapture(request.keep)),
      ] as const;
      const exit = await new Promise<Exit>((resolve) => {
        child.once('exit', (code, signal) => {
          watch.stop();
          resolve({ code, signal, atMs: options.clock.now(), use: usedSince(cpu, startMs, watch) });
        });
      });
      const outputLetGo = await drain(pumps);
      const problem = pumps.find((pump) => pump.problem !== undefined)?.problem;
      return {
        kind: 'ended',
        ...(exit.code === null ? {} : { exitCode: exit.code }),
        ...(exit.signal === null ? {} : { signal: exit.signal }),
        exitStatus: exit.signal === null ? (exit.code ?? 0) : 128 + constants.signals[exit.signal],
        startedAtMs,
        endedAtMs: exit.atMs,
        use: exit.use,
        stdout: pumps[0].capture.result(),
        stderr: pumps[1].capture.result(),
        programs: watch.programs,
        stillRunning: watch.stillRunning(),
        outputLetGo,
        ...(problem === undefined
          ? {}
          : { outputProblem: problem instanceof Error ? problem.message : String(problem) }),
      };
    } finally {
      relay.end();
    }
  }
  return { run };
}
