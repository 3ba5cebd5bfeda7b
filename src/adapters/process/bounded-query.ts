/** Asking a program for a short answer, within bounds: time, length, and no environment but what is given. */
import { execFile } from 'node:child_process';

export interface Answer {
  readonly text?: string;
  /** Why there is no answer. */
  readonly problem?: string;
}

const limitMs = 15_000;
const limitBytes = 8 * 1024 * 1024;

/** Runs in `/`, where no file of the user's can take the place of a module of the runtime. */
export function ask(
  executable: string,
  args: readonly string[],
  env: { readonly [name: string]: string | undefined },
): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(
      executable,
      args,
      { cwd: '/', env, encoding: 'utf8', timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: limitBytes },
      (error, stdout, stderr) => {
        if (error === null) resolve({ text: stdout.trim() === '' ? stderr.trim() : stdout.trim() });
        else if (error.killed) resolve({ problem: `${executable} gave no answer within ${limitMs / 1000} s` });
        else resolve({ problem: `${executable}: ${error.message.split('\n')[0]?.toWellFormed().slice(0, 200)}` });
      },
    );
  });
}
