/** The built program as a child process, for tests that kill it, race it, and look at what it leaves behind. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const bin = join(import.meta.dirname, '../../bin/cairn');

export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const environment = { ...process.env, CAIRN_AUTHOR: 'Ada Lovelace <ada@example.org>', NO_COLOR: '1' };

export function cairn(cwd: string, ...args: string[]): Outcome {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    encoding: 'utf8',
    env: environment,
    maxBuffer: 1 << 28,
  });
  return { status, signal, stdout, stderr };
}

/** Runs and parses the `--json` document; throws with both streams when the status is not the expected one. */
export function cairnJson(cwd: string, ...args: string[]): Record<string, unknown> {
  return parse(cairn(cwd, ...args, '--json'), args);
}

function parse(outcome: Outcome, args: readonly string[]): Record<string, unknown> {
  if (outcome.status !== 0)
    throw new Error(`cairn ${args.join(' ')}: ${outcome.status}\n${outcome.stdout}\n${outcome.stderr}`);
  return JSON.parse(outcome.stdout) as Record<string, unknown>;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
}

export function start(cwd: string, ...args: string[]): Running {
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data) => {
    stdout += data;
  });
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<Outcome>((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return { child, ended };
}

/** Starts it and kills it with SIGKILL after a while, unless it has ended before. */
export async function killed(afterMs: number, cwd: string, ...args: string[]): Promise<Outcome> {
  const { child, ended } = start(cwd, ...args);
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  const outcome = await ended;
  clearTimeout(timer);
  return outcome;
}

export function emptyDirectory(what: string): string {
  return mkdtempSync(join(tmpdir(), `cairn-${what}-`));
}

/** Numbers from 0 to 1 that a seed decides (mulberry32), so that a failing run can be had again. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Seed and rounds of a fault test: short in CI, as long as one likes by hand. */
export function faultPlan(rounds: number): { seed: number; rounds: number } {
  const seed = Number(process.env['CAIRN_FAULT_SEED'] ?? Date.now() % 1_000_000);
  return { seed, rounds: Number(process.env['CAIRN_FAULT_ROUNDS'] ?? rounds) };
}
