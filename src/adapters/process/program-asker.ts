/** Asking a program of a policy: the file that the policy pinned, and no other, for one answer within bounds. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ProgramAnswer, ProgramAsker } from '../../ports/process.ts';
import { findProgram } from './find-program.ts';

const standardLimitMs = 60_000;
const limitBytes = 1024 * 1024;

export interface ProgramAskerOptions {
  /** Where paths in `argv` start, and where the program runs. */
  readonly directory: string;
  readonly searchPath: string;
  readonly limitMs?: number;
}

async function digestOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

function shown(text: string): string {
  return (text.trim().split('\n').at(-1) ?? '').toWellFormed().slice(0, 200);
}

export function openProgramAsker(options: ProgramAskerOptions): ProgramAsker {
  const { directory, searchPath, limitMs = standardLimitMs } = options;

  function run(path: string, args: readonly string[], input: string): Promise<ProgramAnswer['said']> {
    return new Promise((resolve) => {
      const child = execFile(
        path,
        args,
        {
          cwd: directory,
          env: { PATH: searchPath, LC_ALL: 'C.UTF-8' },
          encoding: 'utf8',
          timeout: limitMs,
          killSignal: 'SIGKILL',
          maxBuffer: limitBytes,
        },
        (error, stdout, stderr) => {
          if (error === null) resolve({ text: stdout });
          else if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
            resolve({ problem: `it said more than ${limitBytes} bytes` });
          else if (error.killed) resolve({ problem: `it gave no answer within ${limitMs / 1000} s` });
          else if (typeof error.code === 'number')
            resolve({ problem: `it ended with status ${error.code}: ${shown(stderr)}` });
          else resolve({ problem: `it did not run to its end: ${shown(error.message)}` });
        },
      );
      // A program that decides without reading closes its input; that is its own business.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    });
  }

  return {
    async ask({ argv, sha256: wanted, input }) {
      const [word = '', ...args] = argv;
      const found = findProgram(word, searchPath, directory);
      if (found.kind !== 'found') {
        const why = found.kind === 'not-found' ? 'it was not found' : `it cannot be executed: ${found.reason}`;
        return { sha256: undefined, said: { problem: `${word}: ${why}` } };
      }
      try {
        const sha256 = await digestOf(found.path);
        if (sha256 !== wanted) return { sha256, said: { problem: `${word} is another program than the policy names` } };
        const said = await run(found.path, args, input);
        const changed = (await digestOf(found.path)) !== sha256;
        return { sha256, said: changed ? { problem: `${word} changed while it ran` } : said };
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return { sha256: undefined, said: { problem: `${word}: ${shown(why)}` } };
      }
    },
  };
}
