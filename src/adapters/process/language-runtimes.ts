/**
 * Which language runtimes stand behind a command. What was seen running counts first. Besides, a command names its runtime
 * itself: as its program, behind a launcher (`uv run python fit.py`), in a line for a shell, or in the first line of a script.
 */
import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { ObservedProgram } from '../../ports/process.ts';
import { findProgram } from './find-program.ts';

export interface Runtime {
  readonly language: string;
  /** What to call to ask it, and what is recorded. */
  readonly executable: string;
  readonly evidence: 'seen' | 'named';
}

const languages: readonly (readonly [language: string, pattern: RegExp])[] = [
  ['python', /^(?:python|pypy)[0-9.]*$/],
  ['node', /^(?:node|nodejs)$/],
  ['R', /^(?:R|Rscript)$/],
  ['julia', /^julia(?:-[0-9.]+)?$/],
];
const launchers =
  /^(?:env|uv|poetry|pipenv|pdm|rye|hatch|conda|mamba|micromamba|pixi|nice|nohup|time|timeout|stdbuf|taskset|numactl|srun|xargs)$/;
const shells = /^(?:sh|bash|dash|zsh|ksh|busybox)$/;

export function languageOf(program: string): string | undefined {
  const name = basename(program);
  return languages.find(([, pattern]) => pattern.test(name))?.[0];
}

/** Words of the first line of a script behind `#!`. */
function interpreterLine(path: string): readonly string[] {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(256);
      const line = bytes.toString('latin1', 0, readSync(file, bytes, 0, 256, 0)).split('\n')[0] ?? '';
      return line.startsWith('#!') ? line.slice(2).trim().split(/\s+/) : [];
    } finally {
      closeSync(file);
    }
  } catch {
    return []; // a program that may be run and not be read
  }
}

/** Words of a command that name programs; not its arguments, which may be called like a program. */
function programWords(argv: readonly string[], path: string | undefined): readonly string[] {
  const [word = '', ...args] = argv;
  const name = basename(word);
  if (launchers.test(name)) return argv;
  if (shells.test(name)) {
    const at = args.findIndex((arg) => /^-[a-z]*c[a-z]*$/.test(arg));
    return at < 0 ? [word] : (args[at + 1] ?? '').split(/[\s;|&()]+/);
  }
  if (languageOf(word) !== undefined || path === undefined) return [word];
  return interpreterLine(path);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

export interface CommandFacts {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  readonly programs: readonly ObservedProgram[];
}

/** Each runtime once. A runtime that was only named is left out when one of its language was seen. */
export function runtimesOf({ argv, cwd, env, programs }: CommandFacts): readonly Runtime[] {
  const search = env['PATH'] ?? '';
  const runtimes = new Map<string, Runtime>();
  for (const { executable, name } of programs) {
    const language = languageOf(executable) ?? languageOf(name);
    if (language === undefined) continue;
    // By the name it was called by where that is the same file: a virtual environment is a link to its python.
    const called = findProgram(name, search, cwd);
    const path = called.kind === 'found' && realPath(called.path) === executable ? called.path : executable;
    runtimes.set(executable, { language, executable: path, evidence: 'seen' });
  }
  const seen = new Set([...runtimes.values()].map((runtime) => runtime.language));
  const found = findProgram(argv[0] ?? '', search, cwd);
  for (const word of programWords(argv, found.kind === 'found' ? found.path : undefined)) {
    const language = languageOf(word);
    const program = findProgram(word, search, cwd);
    if (language === undefined || seen.has(language) || program.kind !== 'found') continue;
    const real = realPath(program.path);
    if (!runtimes.has(real)) runtimes.set(real, { language, executable: program.path, evidence: 'named' });
  }
  return [...runtimes.values()];
}
