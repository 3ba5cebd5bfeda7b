// @ts-check
/**
 * A store with a million artifacts, made the way a million artifacts come about: run after run over the same 20,000
 * files, each with new bytes, through the command line. Takes some minutes; keep it and name it to the benchmark:
 *
 *   node bench/make-large-store.js <directory> [artifacts]
 *   npm run bench -- --only large-manifest --large-store <directory>
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { time } from './measure.js';
import { cairn, initCairn } from './peers.js';

const filesPerRun = 20_000;
const fewestRuns = 25;
const filesPerDirectory = 100;

/** @param {number} number */
const digits = (number) => String(number).padStart(9, '0');

/**
 * Later runs write over the files of the first, at equal length: cutting a file before it is written makes ext4 flush it.
 * @param {string} directory @param {number} run @param {number} count
 */
function writeOutputs(directory, run, count) {
  for (let index = 0; index < count; index++) {
    const folder = join(directory, 'out', String(Math.floor(index / filesPerDirectory)));
    if (run === 0 && index % filesPerDirectory === 0) mkdirSync(folder, { recursive: true });
    const text = `{"run":"${digits(run)}","item":"${digits(index)}","value":"${digits(run * count + index)}"}\n`;
    writeFileSync(join(folder, `${index}.json`), text, { flag: run === 0 ? 'w' : 'r+' });
  }
}

/** @param {string} directory @param {number} artifacts @param {(line: string) => void} log */
export function makeLargeStore(directory, artifacts, log) {
  const made = join(directory, 'artifacts-made');
  if (existsSync(made)) {
    if (Number(readFileSync(made, 'utf8')) === artifacts) return directory;
    throw new Error(`${directory} holds a store of another size`);
  }
  const runs = Math.max(fewestRuns, Math.ceil(artifacts / filesPerRun));
  const count = Math.floor(artifacts / runs);
  mkdirSync(directory, { recursive: true });
  initCairn(directory);
  for (let run = 0; run < runs; run++) {
    writeOutputs(directory, run, count);
    time(cairn(directory, 'add', '--quiet', 'out'));
    const seconds = time(
      cairn(
        directory,
        'commit',
        '--quiet',
        '-m',
        `run ${run}`,
        '--param',
        `run=${run}`,
        '--metric',
        `loss=${1 / (run + 1)}`,
      ),
    );
    log(`large store: run ${run + 1} of ${runs}, commit ${seconds.toFixed(2)} s`);
  }
  writeFileSync(made, String(artifacts));
  return directory;
}

if (import.meta.main) {
  const [directory, artifacts = '1000000'] = process.argv.slice(2);
  if (!directory) throw new Error('usage: node bench/make-large-store.js <directory> [artifacts]');
  makeLargeStore(directory, Number(artifacts), (line) => process.stdout.write(`${line}\n`));
}
