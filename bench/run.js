// @ts-check
/**
 * `npm run bench`: cairn beside its peers, in one run, on this machine. See bench/README.md for the rules.
 *
 *   --only <name>          one workload (repeatable); prints, and leaves bench/results alone
 *   --quick                small input and few rounds: whether it works, not how fast it is; leaves bench/results alone
 *   --rounds <n>           timed rounds after the warm-up (default 5; short commands take more)
 *   --scratch <directory>  where to write (default: the system's temporary directory); about 30 GiB
 *   --large-store <dir>    keep the store of a million artifacts there, and use it when it is there
 *   --keep                 leave what was written
 *   --list                 the workloads
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.js';
import { compete } from './measure.js';
import { judge, toMarkdown } from './report.js';
import { openScratch, waitForQuietFileSystem } from './scratch.js';
import { largeFile, verifyLarge } from './workloads/large-file.js';
import { largeManifest, publish } from './workloads/one-command.js';
import { smallFiles } from './workloads/small-files.js';
import { storedSize } from './workloads/stored-size.js';
import { checkout, unchanged, verifySmall } from './workloads/stored-tree.js';

/**
 * @typedef {import('./measure.js').Contestant} Contestant
 * @typedef {import('./report.js').Comparison} Comparison
 * @typedef {{
 *   scratch: ReturnType<typeof openScratch>, count: number, largeBytes: number, artifacts: number,
 *   largeStore?: string, log: (line: string) => void,
 * }} Bench what a workload is given: how much, and where
 * @typedef {{
 *   name: string, work: (bench: Bench) => string, fewestRounds?: number,
 *   prepare: (bench: Bench) => Contestant[] | Promise<Contestant[]>, comparisons: readonly Comparison[],
 * }} Workload
 */

/** @type {readonly Workload[]} */
const workloads = [
  smallFiles,
  largeFile,
  unchanged,
  checkout,
  verifySmall,
  verifyLarge,
  publish,
  largeManifest,
  storedSize,
];

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    scratch: { type: 'string' },
    'large-store': { type: 'string' },
    keep: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

/** @param {string} line */
function log(line) {
  process.stderr.write(`bench: ${line}\n`);
}

/** @param {readonly string[] | undefined} names */
function chosen(names) {
  if (!names) return workloads;
  return names.map((name) => {
    const found = workloads.find((workload) => workload.name === name);
    if (!found)
      throw new Error(`no workload ${name}; there are ${workloads.map((workload) => workload.name).join(', ')}`);
    return found;
  });
}

/** @param {Workload} workload @param {Bench} bench @param {number} rounds */
async function measure(workload, bench, rounds) {
  const work = workload.work(bench);
  log(`${workload.name}: ${work}`);
  try {
    const contestants = await workload.prepare(bench);
    for (const { name, missing } of contestants) if (missing) log(`${workload.name}: without ${name}: ${missing}`);
    const measured = compete(contestants, {
      rounds: options.quick ? rounds : Math.max(rounds, workload.fewestRounds ?? 0),
      scratch: bench.scratch.place,
      log: (line) => log(`${workload.name}: ${line}`),
    });
    return { name: workload.name, work, measured, comparisons: judge(measured, workload.comparisons) };
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error);
    log(`${workload.name}: failed: ${failed}`);
    return { name: workload.name, work, failed, measured: [], comparisons: [] };
  }
}

/** @param {object} machine @param {object[]} results @param {string} markdown */
function save(machine, results, markdown) {
  const directory = join(import.meta.dirname, 'results');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'latest.json'), `${JSON.stringify({ machine, results }, null, 2)}\n`);
  writeFileSync(join(directory, 'latest.md'), markdown);
  log('wrote bench/results/latest.md and latest.json');
}

async function main() {
  if (options.list) {
    for (const { name } of workloads) process.stdout.write(`${name}\n`);
    return;
  }
  const selected = chosen(options.only);
  if (!options.quick) await waitForQuietFileSystem(log);
  const scratch = openScratch(options.scratch);
  const machine = describeMachine(scratch.place);
  /** @type {Bench} */
  const bench = {
    scratch,
    log,
    count: options.quick ? 2000 : 20_000,
    largeBytes: options.quick ? 2 ** 26 : 2 ** 31,
    artifacts: options.quick ? 20_000 : 1_000_000,
    ...(options['large-store'] === undefined ? {} : { largeStore: options['large-store'] }),
  };
  const rounds = Number(options.rounds ?? (options.quick ? 3 : 5));
  const results = [];
  try {
    for (const workload of selected) results.push(await measure(workload, bench, rounds));
    const markdown = toMarkdown(machine, results, options.quick);
    process.stdout.write(markdown);
    if (!options.quick && !options.only) save(machine, results, markdown);
  } finally {
    if (options.keep) log(`kept ${scratch.place}`);
    else scratch.removeAll(log);
  }
  const bad = results.filter(
    ({ failed, comparisons }) => failed || comparisons.some(({ verdict }) => verdict === 'missed'),
  );
  if (bad.length > 0) process.exitCode = 1;
}

await main();
