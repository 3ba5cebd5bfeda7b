/**
 * Running a command with its streams attached and kept. Output goes through pipes, so that it can be kept: a program sees a
 * pipe where it would see a terminal, and the two streams keep their own order but not their order among each other.
 *
 * A chunk is read, kept and handed on before the next one is read; while nobody takes it, the pipe fills and the command
 * waits. A reader that goes away is passed on too: the pipe is closed, and the command gets SIGPIPE as it would have.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
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
import { descriptorWriter, ReaderGoneError, type Writer } from './descriptor-writer.ts';
import { findProgram } from './find-program.ts';
import { OutputCapture } from './output-capture.ts';
import { waitedCpu } from './proc-files.ts';
import { ProcessWatch } from './process-watch.ts';
import { SignalRelay } from './signal-relay.ts';

/** How long the output of a command that has ended may be silent before it is let go, and how long it may go on. */
const quietMs = 250;
const lingerMs = 5000;

/** One stream on its way through. */
class Pump {
  readonly capture: OutputCapture;
  readonly #stream: Readable;
  readonly #writer: Writer | undefined;
  #busy = false;
  #ended = false;
  #lastMs = performance.now();
  failure: unknown;

  constructor(stream: Readable, writer: Writer | undefined, capture: OutputCapture) {
    this.capture = capture;
    this.#stream = stream;
    this.#writer = writer;
    stream.on('data', (chunk: Uint8Array) => {
      capture.add(chunk);
      this.#lastMs = performance.now();
      if (this.#writer === undefined) return;
      stream.pause();
      this.#busy = true;
      void this.#pass(this.#writer, chunk);
    });
    stream.on('error', (error) => this.#end(error));
    stream.on('close', () => this.#end(undefined));
  }

  async #pass(writer: Writer, chunk: Uint8Array): Promise<void> {
    try {
      await writer(chunk);
      this.#stream.resume();
    } catch (error) {
      if (error instanceof ReaderGoneError) this.capture.readerGone = true;
      else this.failure ??= error;
      this.#stream.destroy();
    }
    this.#lastMs = performance.now();
    this.#busy = false;
  }

  #end(error: unknown): void {
    this.failure ??= error;
    this.#ended = true;
  }

  get done(): boolean {
    return this.#ended && !this.#busy;
  }
  /** Since when nothing came, in milliseconds; 0 while something waits to be taken. */
  get silentMs(): number {
    return this.#busy ? 0 : performance.now() - this.#lastMs;
  }
  letGo(): void {
    this.#stream.destroy();
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Waits for the rest of the output; true when it had to be let go because somebody else still holds it. */
async function drain(pumps: readonly Pump[]): Promise<boolean> {
  let waitedMs = 0;
  for (let step = 1; pumps.some((pump) => !pump.done); step = Math.min(2 * step, 25)) {
    const before = performance.now();
    await pause(step);
    const open = pumps.filter((pump) => !pump.done);
    if (open.every((pump) => pump.silentMs > 0)) waitedMs += performance.now() - before;
    if (open.length === 0 || (waitedMs < lingerMs && open.some((pump) => pump.silentMs < quietMs))) continue;
    for (const pump of open) pump.letGo();
    return true;
  }
  return false;
}

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

function started(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    child.once('spawn', () => resolve(undefined));
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
    const relay = new SignalRelay();
    try {
      const cpu = waitedCpu();
      const startedAtMs = options.clock.now();
      const startMs = performance.now();
      let child: ChildProcess;
      try {
        child = spawn(word, args, {
          cwd: request.cwd,
          env: request.env,
          stdio: [request.stdin === 'inherit' ? 'inherit' : 'ignore', 'pipe', 'pipe'],
        });
      } catch (error) {
        return refusal(word, error);
      }
      const { pid, stdout: out, stderr: err } = child;
      if (pid === undefined || out === null || err === null) return refusal(word, await started(child));
      const watch = new ProcessWatch(pid);
      relay.to((signal) => child.kill(signal));
      const pumps = [
        new Pump(out, writers[request.stdoutTo], new OutputCapture(request.keep)),
        new Pump(err, writers[request.stderrTo], new OutputCapture(request.keep)),
      ] as const;
      const exit = await new Promise<Exit>((resolve) => {
        child.once('exit', (code, signal) => {
          watch.stop();
          resolve({ code, signal, atMs: options.clock.now(), use: usedSince(cpu, startMs, watch) });
        });
      });
      const outputLetGo = await drain(pumps);
      const failure = pumps.find((pump) => pump.failure !== undefined)?.failure;
      if (failure !== undefined) throw failure;
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
      };
    } finally {
      relay.end();
    }
  }
  return { run };
}
