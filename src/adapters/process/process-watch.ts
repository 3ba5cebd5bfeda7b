/**
 * Watches a process and everything below it while it runs: the programs, and the largest resident set.
 *
 * Node waits for its children itself and keeps what the system says of them then, so the exact peak is out of reach without
 * native code. Each look reads the high-water mark that the kernel keeps, so only growth after the last look of a process
 * is missed: the figure is a lower bound. Looks come quickly at first, then every 50 ms, and never take more than a
 * twentieth of the time.
 */
import type { ObservedProgram } from '../../ports/process.ts';
import { calledAs, childrenOf, executableOf, peakMemory, startOf } from './proc-files.ts';

const longestPauseMs = 50;
/** Processes that one look takes into account, and programs that are remembered. */
const processLimit = 512;
const programLimit = 64;

interface Seen {
  readonly start: string;
  executable: string;
}

export class ProcessWatch {
  readonly #root: number;
  readonly #seen = new Map<number, Seen>();
  readonly #programs = new Map<string, ObservedProgram>();
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = 1;
  peakBytes: number | undefined;
  samples = 0;

  constructor(pid: number) {
    this.#root = pid;
    // A program that has just been loaded has touched nothing yet: what it takes is asked from the second look on.
    this.#note(pid, false);
    this.#wait(0);
  }

  #look(): void {
    const before = performance.now();
    const pending = [this.#root];
    for (let looked = 0; looked < processLimit && pending.length > 0; looked++) {
      const pid = pending.pop() as number;
      this.#note(pid, true);
      pending.push(...childrenOf(pid));
    }
    this.#wait(performance.now() - before);
  }

  #wait(took: number): void {
    this.#timer = setTimeout(() => this.#look(), Math.max(this.#pauseMs, 20 * took));
    this.#timer.unref();
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs);
  }

  #note(pid: number, asksMemory: boolean): void {
    const peak = asksMemory ? peakMemory(pid) : undefined;
    if (peak !== undefined) {
      this.samples++;
      this.peakBytes = Math.max(this.peakBytes ?? 0, peak);
    }
    const executable = executableOf(pid);
    const start = startOf(pid);
    if (executable === undefined || start === undefined) return;
    if (this.#seen.get(pid)?.executable === executable) return;
    this.#seen.set(pid, { start, executable });
    if (this.#programs.has(executable) || this.#programs.size >= programLimit) return;
    this.#programs.set(executable, { executable, name: calledAs(pid) ?? executable });
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  get programs(): readonly ObservedProgram[] {
    return [...this.#programs.values()];
  }

  /** Processes that were seen and still run. */
  stillRunning(): readonly { pid: number; program: string }[] {
    return [...this.#seen]
      .filter(([pid, { start }]) => startOf(pid) === start)
      .map(([pid, { executable }]) => ({ pid, program: executable }));
  }
}
