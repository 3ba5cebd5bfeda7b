// @ts-check
/**
 * Times whole processes, contestants in turn, and takes medians. The rules come from measurements of measuring
 * (bench/README.md): contestants are interleaved, a warm-up round is thrown away, nothing is deleted between rounds.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ program: string, args: readonly string[], cwd?: string, env?: NodeJS.ProcessEnv }} Command
 * @typedef {{ commands: readonly Command[], after?: () => { bytes: number } }} Attempt what to time, and what to look at then
 * @typedef {{ name: string, missing?: string, beforeEach?: () => void, attempt: (round: number) => Attempt }} Contestant
 * @typedef {{ name: string, skipped?: string, seconds: number[], median: number, peakMiB?: number, bytes?: number }} Measured
 */

const timeProgram = '/usr/bin/time';

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Runs one process to its end; seconds of wall clock. @param {Command} command */
export function time({ program, args, cwd, env }) {
  const start = process.hrtime.bigint();
  const result = spawnSync(program, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'ignore', 'pipe'] });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (result.error) throw result.error;
  if (result.status !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${result.status ?? result.signal}: ${result.stderr}`);
  }
  return seconds;
}

/** The same under time(1), for the largest resident size in MiB. @param {Command} command @param {string} scratch */
function peakMemory(command, scratch) {
  if (!existsSync(timeProgram)) {
    time(command);
    return undefined;
  }
  const report = join(scratch, 'peak');
  const args = ['-f', '%M', '-o', report, command.program, ...command.args];
  time({ ...command, program: timeProgram, args });
  const kibibytes = Number(readFileSync(report, 'utf8').trim().split('\n').at(-1));
  rmSync(report);
  return kibibytes / 1024;
}

/**
 * @param {readonly Contestant[]} contestants
 * @param {{ rounds: number, scratch: string, log: (line: string) => void }} options
 * @returns {Measured[]}
 */
export function compete(contestants, { rounds, scratch, log }) {
  /** @type {Measured[]} */
  const results = contestants.map(({ name, missing }) => ({
    name,
    seconds: [],
    median: Number.NaN,
    ...(missing === undefined ? {} : { skipped: missing }),
  }));
  for (let round = 0; round <= rounds; round++) {
    // Each round starts with another contestant, so that none is always the one after the same neighbour.
    for (let turn = 0; turn < contestants.length; turn++) {
      const position = (turn + round) % contestants.length;
      const contestant = contestants[position];
      const result = results[position];
      if (!contestant || !result || result.skipped !== undefined) continue;
      contestant.beforeEach?.();
      const { commands, after } = contestant.attempt(round);
      if (round === 0) {
        const peaks = commands.map((command) => peakMemory(command, scratch));
        if (!peaks.includes(undefined)) result.peakMiB = Math.max(...peaks.map(Number));
      } else {
        result.seconds.push(commands.reduce((sum, command) => sum + time(command), 0));
      }
      const seen = after?.();
      if (seen) result.bytes = seen.bytes;
    }
    log(round === 0 ? 'warm-up' : `round ${round}`);
  }
  for (const result of results) result.median = median(result.seconds);
  return results;
}
