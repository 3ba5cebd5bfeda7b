/**
 * The pipes of a command's standard output and error. What Node gives a child under the name of a pipe is a socket, and a
 * program that opens /dev/stdout or /dev/stderr (`echo … > /dev/stderr` in any script) then fails. So real ones are made:
 * two named pipes, opened and unlinked at once. Where that is not possible, Node's sockets serve.
 */
import { type ChildProcess, type StdioOptions, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { assertInvariant } from '../../core/errors.ts';

export interface OutputPipes {
  /** For `stdio` of spawn, in the places of 1 and 2. */
  readonly ends: readonly [number, number] | readonly ['pipe', 'pipe'];
  /** What the command writes, once it was started; its ends are closed here. */
  readers(child: ChildProcess): readonly [Readable, Readable];
  /** Lets go of everything when the command did not start. */
  abandon(): void;
}

const sockets: OutputPipes = {
  ends: ['pipe', 'pipe'],
  readers: ({ stdout, stderr }) => {
    assertInvariant(stdout !== null && stderr !== null, 'a child with pipes has streams');
    return [stdout, stderr];
  },
  abandon: () => undefined,
};

interface Pipe {
  readonly read: number;
  readonly write: number;
}

function openPipe(path: string): Pipe {
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { read, write: openSync(path, constants.O_WRONLY) };
  } catch (error) {
    closeSync(read);
    throw error;
  }
}

function namedPipes(directory: string): readonly [Pipe, Pipe] | undefined {
  const name = randomBytes(8).toString('hex');
  const paths = [join(directory, `out-${name}`), join(directory, `err-${name}`)] as const;
  const opened: Pipe[] = [];
  try {
    if (spawnSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' }).status !== 0) return undefined;
    for (const path of paths) opened.push(openPipe(path));
    const [out, err] = opened as [Pipe, Pipe];
    return [out, err];
  } catch {
    // A file system without named pipes: nothing is lost but /dev/stdout.
    for (const { read, write } of opened) {
      closeSync(read);
      closeSync(write);
    }
    return undefined;
  } finally {
    for (const path of paths) rmSync(path, { force: true });
  }
}

/** `directory` is a place for two names that exist for an instant. */
export function openOutputPipes(directory: string): OutputPipes {
  const pipes = namedPipes(directory);
  if (pipes === undefined) return sockets;
  const [out, err] = pipes;
  const closeWriting = (): void => {
    closeSync(out.write);
    closeSync(err.write);
  };
  return {
    ends: [out.write, err.write],
    readers: () => {
      closeWriting();
      const reader = (fd: number): Readable => new Socket({ fd, readable: true, writable: false });
      return [reader(out.read), reader(err.read)];
    },
    abandon: () => {
      closeWriting();
      closeSync(out.read);
      closeSync(err.read);
    },
  };
}

/** `stdio` of spawn with these pipes. */
export function stdioWith(stdin: 'inherit' | 'none', { ends }: OutputPipes): StdioOptions {
  return [stdin === 'inherit' ? 'inherit' : 'ignore', ends[0], ends[1]];
}
