/** Running a program of the user's, watching what it takes, and asking what it ran on. */

export interface ProcessRequest {
  /** Program and arguments; the program is looked up in the PATH of `env`, as a shell does. At least one word. */
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** The whole environment of the program. */
  readonly env: { readonly [name: string]: string | undefined };
  /** `inherit` gives it the terminal or pipe that cairn itself reads. */
  readonly stdin: 'inherit' | 'none';
  /** Where its output goes besides being kept. `stderr` for both keeps standard output free for a JSON document. */
  readonly stdoutTo: 'stdout' | 'stderr' | 'nowhere';
  readonly stderrTo: 'stderr' | 'nowhere';
  /** Bytes of each stream that are kept at most: the first and the last so many. */
  readonly keep: { readonly head: number; readonly tail: number };
}

/** What one stream said. What lies between `head` and `tail` was passed on but not kept. */
export interface CapturedStream {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  /** Bytes in all. `head` and `tail` are all of them when they are as long. */
  readonly total: number;
  /** Whoever read cairn's output went away, and the program was told so: what it said after that is not counted. */
  readonly readerGone: boolean;
}

export interface ResourceUse {
  /** From start to exit, by a clock that nobody sets. */
  readonly wallMs: number;
  /** CPU time of the program and of every process that it waited for; undefined where the system does not say. */
  readonly userCpuMs?: number;
  readonly systemCpuMs?: number;
  /** Largest resident set of any one process, as far as it was seen: the true peak is at least this. */
  readonly peakMemoryBytes?: number;
  /** How often memory was looked at. */
  readonly samples: number;
}

/** A program that was seen running. */
export interface ObservedProgram {
  /** The file that ran, links resolved. */
  readonly executable: string;
  /** How it was called. */
  readonly name: string;
}

export interface ProcessEnded {
  readonly kind: 'ended';
  /** The command's own code; undefined when a signal ended it. */
  readonly exitCode?: number;
  /** `SIGTERM` */
  readonly signal?: string;
  /** What a shell would say: the code, or 128 + the number of the signal. */
  readonly exitStatus: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly use: ResourceUse;
  readonly stdout: CapturedStream;
  readonly stderr: CapturedStream;
  readonly programs: readonly ObservedProgram[];
  /** Processes that it started and that outlived it, as far as they were seen. They were left alone. */
  readonly stillRunning: readonly { readonly pid: number; readonly program: string }[];
  /** True when a process that outlived it still held its output, which was then let go. */
  readonly outputLetGo: boolean;
  /** Why some output could be kept but not passed on. */
  readonly outputProblem?: string;
}

/** It never ran: 127 when there is no such program, 126 when there is and the system does not run it. */
export interface ProcessNotStarted {
  readonly kind: 'not-started';
  readonly exitStatus: 126 | 127;
  readonly reason: string;
}

export interface ProcessRunner {
  /**
   * Runs a program to its end. Every byte of each stream is passed on in order, and the program waits while nobody takes
   * them. SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2 that this process gets meanwhile MUST be passed on and
   * MUST NOT end it. One program at a time, and no other child may be waited for meanwhile: CPU time is measured by
   * difference. Rejects only for failures of cairn (no such directory, no more processes).
   */
  run(request: ProcessRequest): Promise<ProcessEnded | ProcessNotStarted>;
}

export interface HostFacts {
  readonly name: string;
  /** `linux`, `darwin`, … */
  readonly os: string;
  readonly osVersion: string;
  readonly kernel: string;
  readonly arch: string;
  readonly cpus: number;
  readonly cpuModel?: string;
  readonly memoryBytes: number;
}

export interface RuntimeFacts {
  /** `python`, `node`, `R`, `julia` */
  readonly language: string;
  readonly version?: string;
  readonly executable: string;
  /** `seen` running, or only `named` by the command. */
  readonly evidence: 'seen' | 'named';
  /** Installed packages by name. */
  readonly packages?: readonly { readonly name: string; readonly version: string }[];
  /** Files that fix versions, as they were: path relative to the workspace where it lies there. */
  readonly locks?: readonly { readonly path: string; readonly sha256: string; readonly size: number }[];
  /** What could not be found out. */
  readonly problem?: string;
}

export interface EnvironmentProbe {
  host(): Promise<HostFacts>;
  /**
   * The language runtimes behind a command that ran. Asks the runtimes themselves, each within a bounded time; never
   * runs a script of the workspace, and never fails: what cannot be found out is a `problem`.
   */
  runtimes(command: {
    readonly argv: readonly string[];
    readonly cwd: string;
    readonly root: string;
    readonly env: { readonly [name: string]: string | undefined };
    readonly programs: readonly ObservedProgram[];
  }): Promise<readonly RuntimeFacts[]>;
}

/** A program that a policy asks: text on its standard input, its answer on its standard output. */
export interface ProgramQuestion {
  readonly argv: readonly string[];
  /** SHA-256 that the program's file must have; another one is not run. */
  readonly sha256: string;
  readonly input: string;
}

export interface ProgramAnswer {
  /** Of the file that was found; undefined when none was. */
  readonly sha256: string | undefined;
  readonly said: { readonly text: string } | { readonly problem: string };
}

export interface ProgramAsker {
  /**
   * Runs the program within a bounded time, with bounded output and no environment but a search path. Never fails: whatever
   * goes wrong is a `problem`, and so are a status other than 0 and a file that changed while it ran.
   */
  ask(question: ProgramQuestion): Promise<ProgramAnswer>;
}
