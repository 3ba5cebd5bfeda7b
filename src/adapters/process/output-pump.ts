/**
 * One stream of a command on its way through: read, kept, handed on, and only then read further, so that the command waits
 * while nobody takes what it says.
 *
 * A reader that goes away is passed on: the pipe is closed, and the command gets SIGPIPE as it would have without us. Any
 * other trouble with handing on (a full disk behind a redirection) stops only the handing on: what the command says is
 * still kept, and the trouble is told.
 */
import type { Readable } from 'node:stream';
import { ReaderGoneError, type Writer } from './descriptor-writer.ts';
import type { OutputCapture } from './output-capture.ts';

/** How long the output of a command that has ended may be silent before it is let go, and how long it may go on. */
const quietMs = 250;
const lingerMs = 2000;

export class OutputPump {
  readonly capture: OutputCapture;
  readonly #stream: Readable;
  #writer: Writer | undefined;
  #busy = false;
  #ended = false;
  #lastMs = performance.now();
  /** Why it could not be handed on. */
  problem: unknown;

  constructor(stream: Readable, writer: Writer | undefined, capture: OutputCapture) {
    this.capture = capture;
    this.#stream = stream;
    this.#writer = writer;
    stream.on('data', (chunk: Uint8Array) => this.#take(chunk));
    stream.on('error', (error) => {
      this.problem ??= error;
      this.#ended = true;
    });
    stream.on('close', () => {
      this.#ended = true;
    });
  }

  #take(chunk: Uint8Array): void {
    this.capture.add(chunk);
    this.#lastMs = performance.now();
    if (this.#writer === undefined) return;
    this.#stream.pause();
    this.#busy = true;
    void this.#pass(this.#writer, chunk);
  }

  async #pass(writer: Writer, chunk: Uint8Array): Promise<void> {
    try {
      await writer(chunk);
    } catch (error) {
      this.#writer = undefined;
      if (error instanceof ReaderGoneError) {
        this.capture.readerGone = true;
        this.#stream.destroy();
      } else this.problem ??= error;
    }
    this.#lastMs = performance.now();
    this.#busy = false;
    this.#stream.resume();
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

/**
 * Waits for the rest of the output of a command that has ended; true when it had to be let go, because a process that
 * outlived the command still holds it. Time in which somebody does not take what is there does not count.
 */
export async function drain(pumps: readonly OutputPump[]): Promise<boolean> {
  let waitedMs = 0;
  for (let step = 1; pumps.some((pump) => !pump.done); step = Math.min(2 * step, 25)) {
    const before = performance.now();
    await pause(step);
    const open = pumps.filter((pump) => !pump.done);
    if (open.every((pump) => pump.silentMs > 0)) waitedMs += performance.now() - before;
    const isOver = waitedMs >= lingerMs || open.every((pump) => pump.silentMs >= quietMs);
    if (open.length === 0 || !isOver) continue;
    for (const pump of open) pump.letGo();
    return true;
  }
  return false;
}
