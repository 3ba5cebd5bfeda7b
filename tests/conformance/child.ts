/** A real second process, for claims about what happens when one dies. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

export interface Child {
  /** The next line that it prints. */
  line(): Promise<string>;
  /** Ends it as a power failure would: no handler runs. Resolves when the system has it gone. */
  kill(): Promise<void>;
  /** Resolves with its exit status when it ends by itself. */
  exit(): Promise<number | null>;
  readonly pid: number;
}

/** URL of a source file, for `import` in a child's code. */
export function source(path: string): string {
  return pathToFileURL(resolve(import.meta.dirname, '../../src', path)).href;
}

/** Ends the child when the tests do, however they end. */
const endWithParent = `process.stdin.on('end', () => process.exit(1)).resume(); process.stdin.unref();\n`;

/** Runs a module, given as text. Whatever it prints to stderr shows up with the tests'. */
export function startChild(code: string, options: { readonly uid?: number } = {}): Child {
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '--eval', endWithParent + code], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  if (child.stdout === null || child.pid === undefined) throw new Error('the child did not start');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'exit');
  return {
    pid: child.pid,
    async line() {
      const step = await lines.next();
      if (step.done === true) throw new Error('the child ended without printing another line');
      return step.value;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async exit() {
      const [status] = (await ended) as [number | null];
      return status;
    },
  };
}
