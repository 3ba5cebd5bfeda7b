// @ts-check
/** Input for the workloads, the same on every machine: everything comes from a seed. */
import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const pieceSize = 256 * 1024;
const filesPerDirectory = 100;

/** A stream of bytes that does not compress: AES-CTR over zeros. @param {string} seed */
function keystream(seed) {
  const key = createHash('sha256').update(seed).digest();
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
  const zeros = Buffer.alloc(pieceSize);
  return /** @param {number} size */ (size) => cipher.update(zeros.subarray(0, size));
}

/** Numbers in [0, 1) from a seed (mulberry32). @param {number} seed */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Calls back with a path for each file, making directories of a hundred. @param {string} directory @param {number} count @param {(path: string, index: number) => void} write */
function eachFile(directory, count, write) {
  for (let index = 0; index < count; index++) {
    const folder = join(directory, `part-${String(Math.floor(index / filesPerDirectory)).padStart(4, '0')}`);
    if (index % filesPerDirectory === 0) mkdirSync(folder, { recursive: true });
    write(join(folder, `item-${String(index).padStart(6, '0')}`), index);
  }
}

/** Files of 4 KiB that do not compress and are all different. @param {string} directory @param {number} count @param {string} [seed] */
export function writeSmallFiles(directory, count, seed = 'small') {
  const next = keystream(seed);
  eachFile(directory, count, (path) => writeFileSync(`${path}.bin`, next(4096)));
}

/** One file that does not compress. @param {string} file @param {number} size a multiple of 256 KiB */
export function writeLargeFile(file, size) {
  const next = keystream('large');
  const descriptor = openSync(file, 'w');
  for (let written = 0; written < size; written += pieceSize) writeSync(descriptor, next(pieceSize));
  closeSync(descriptor);
}

const symbols = ['AAPL', 'AMZN', 'GOOG', 'IBM', 'MSFT', 'ORCL', 'SAP', 'TSM'];

/** The summary of one backtest fold, as research code writes it. @param {() => number} random @param {number} index */
function foldSummary(random, index) {
  const horizons = Array.from({ length: 1 + Math.floor(random() * 12) }, (_, horizon) => ({
    horizon: horizon + 1,
    mean_ic: random() * 0.2 - 0.08,
    t_stat: random() * 6 - 2,
    p_value: random(),
    hit_rate: 0.4 + random() * 0.2,
    n_obs: Math.floor(200 + random() * 2000),
    by_symbol: Object.fromEntries(symbols.map((symbol) => [symbol, Number((random() - 0.5).toFixed(6))])),
  }));
  const meta = {
    fold_id: index % 20,
    run: Math.floor(index / 20),
    train_rows: Math.floor(random() * 100_000),
    seed: index,
  };
  return `${JSON.stringify({ schema_version: 1, signal: 'momentum', meta, horizons }, null, 2)}\n`;
}

/** Daily positions and returns. @param {() => number} random @param {number} index */
function dailyTable(random, index) {
  const lines = ['date,symbol,signal,weight,return,cost_bps'];
  const rows = 12 + Math.floor(random() * 100);
  for (let row = 0; row < rows; row++) {
    const day = new Date(Date.UTC(2000, 0, 3 + ((index * 7 + row) % 7000))).toISOString().slice(0, 10);
    const symbol = symbols[row % symbols.length];
    const values = [random() - 0.5, random() / 10, (random() - 0.5) / 20].map((value) => value.toFixed(8));
    lines.push(`${day},${symbol},${values.join(',')},${(random() * 8).toFixed(2)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** JSON and CSV files of 0.5 to 6 KiB, half each. @param {string} directory @param {number} count */
export function writeResearchFiles(directory, count) {
  const random = numbers(20_260_101);
  eachFile(directory, count, (path, index) => {
    if (index % 2 === 0) writeFileSync(`${path}.json`, foldSummary(random, index));
    else writeFileSync(`${path}.csv`, dailyTable(random, index));
  });
}
