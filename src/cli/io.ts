/**
 * The process as values: what `run` reads and writes, so that nothing but main.ts knows the process.
 *
 * Output is written synchronously: it is there when the command ends, in order, and the streams of Node, which cost a
 * short command milliseconds, are never made.
 */
import { fstatSync, statSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { processEnvironment } from '../app/environment.ts';
import { systemError } from '../core/system-error.ts';

export interface Sink {
  readonly isTerminal: boolean;
  /** Width in characters; undefined where nobody looks. */
  readonly columns: number | undefined;
  /** Throws `ReaderGone` when the other end was closed. */
  write(data: string | Uint8Array): void;
}

export interface Io {
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Standard input, made when it is asked for. */
  readonly input: () => AsyncIterable<Uint8Array>;
  /** True when a person can answer questions on standard input. */
  readonly canAsk: boolean;
}

/** Whoever read the output has gone; the command ends without a word, as if SIGPIPE had ended it. */
export class ReaderGone extends Error {}

const retryDelayMs = 2;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Writes everything; a pipe that another program made non-blocking is waited for. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at);
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code === 'EPIPE') throw new ReaderGone();
      if (code !== 'EAGAIN')
        throw systemError('cannot write to', error, fd === 1 ? 'standard output' : 'standard error');
      Atomics.wait(sleeper, 0, 0, retryDelayMs);
    }
  }
}

/** Asks first whether this can be a terminal at all: to load node:tty costs a short command a tenth of its time. */
function isTerminal(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    if (!stat.isCharacterDevice() || stat.rdev === statSync(devNull).rdev) return false;
    return process.getBuiltinModule('node:tty').isatty(fd);
  } catch {
    return false; // a closed descriptor is no terminal
  }
}

function descriptorSink(fd: 1 | 2): Sink {
  const terminal = isTerminal(fd);
  const encoder = new TextEncoder();
  return {
    isTerminal: terminal,
    get columns() {
      if (!terminal) return undefined;
      return (fd === 1 ? process.stdout : process.stderr).columns || 80;
    },
    write: (data) => writeAll(fd, typeof data === 'string' ? encoder.encode(data) : data),
  };
}

export function processIo(): Io {
  const stderr = descriptorSink(2);
  return {
    cwd: process.cwd(),
    env: processEnvironment(),
    stdout: descriptorSink(1),
    stderr,
    input: () => process.stdin,
    canAsk: stderr.isTerminal && isTerminal(0),
  };
}
