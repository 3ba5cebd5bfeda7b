// @ts-check
/**
 * The content hash of a Parquet file beside what DuckDB needs to read it: in the order of the file against a scan that looks
 * at every column, and with a sort key against `ORDER BY` plus the hash without one. Whole processes, in turn, the first round
 * thrown away; medians and the largest resident size.
 *
 *   npm run build && node bench/table-content.js [--rows 5000000] [--rounds 5] [--scratch <directory>]
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { compete } from './measure.js';
import { cairn, initCairn } from './peers.js';
import { openScratch } from './scratch.js';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '5000000' },
    rounds: { type: 'string', default: '5' },
    scratch: { type: 'string' },
  },
});

const memoryBarMiB = 1024;
const columns = ['id', 'ts', 'open', 'close', 'volume', 'flag', 'symbol', 'note'];

/** Eight columns, two of them texts. @param {string} path @param {number} rows */
async function writeTable(path, rows) {
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  await connection.run(`COPY (SELECT (r * 7919) % ${rows} AS id, TIMESTAMP '2026-01-01' + to_seconds(r) AS ts,
    hash(r) / 1e19 AS open, hash(r + 1) / 1e19 AS close, CASE WHEN r % 11 > 0 THEN hash(r) % 100000 END AS volume,
    r % 3 = 0 AS flag, 'S' || (r % 500) AS symbol, 'a note of some length ' || (r % 9973) AS note
    FROM range(${rows}) t(r)) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  database.closeSync();
}

/** One query of DuckDB in a process of its own, its answer read to the end. @param {string} sql */
function duckdb(sql) {
  const program = `import { DuckDBInstance } from '@duckdb/node-api';
    const connection = await (await DuckDBInstance.create(':memory:', { memory_limit: '768MiB' })).connect();
    const result = await connection.stream(${JSON.stringify(sql)});
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk());
    process.exit(0);`;
  const args = ['--input-type=module', '-e', program];
  return { program: process.execPath, args, cwd: join(import.meta.dirname, '..') };
}

/** @param {string} what @param {number} own @param {number} bar @param {string} unit */
function verdict(what, own, bar, unit) {
  const met = own <= bar ? 'met' : 'missed';
  process.stdout.write(`${what}: ${own.toFixed(2)} ${unit} of at most ${bar.toFixed(2)}: ${met}\n`);
  if (own > bar) process.exitCode = 1;
}

const scratch = openScratch(options.scratch);
try {
  const tree = scratch.directory('tables');
  initCairn(tree);
  const rules = ['sorted', 'plain'].map(
    (type) =>
      `  - match: "${type}.parquet"\n    type: ${type}\n    table:${type === 'sorted' ? '\n      sort: [id]' : ' {}'}\n`,
  );
  writeFileSync(join(tree, 'cairn.yaml'), `schema: cairn.config-file/1\ntypes:\n${rules.join('')}`);
  for (const type of ['sorted', 'plain']) await writeTable(join(tree, `${type}.parquet`), Number(options.rows));
  const table = `'${join(tree, 'plain.parquet')}'`;
  const looks = columns.map((name) =>
    ['symbol', 'note', 'ts', 'flag'].includes(name) ? `max(${name})` : `sum(${name})`,
  );
  const commands = {
    hash: cairn(tree, 'dataset', 'id', 'plain.parquet'),
    'hash, sorted': cairn(tree, 'dataset', 'id', 'sorted.parquet'),
    scan: duckdb(`SELECT ${looks.join(', ')} FROM ${table}`),
    'ORDER BY': duckdb(`SELECT * FROM ${table} ORDER BY id`),
  };
  const contestants = Object.entries(commands).map(([name, command]) => ({
    name,
    attempt: () => ({ commands: [command] }),
  }));
  const log = (/** @type {string} */ line) => process.stderr.write(`bench: ${line}\n`);
  const measured = compete(contestants, { rounds: Number(options.rounds), scratch: scratch.place, log });
  for (const { name, median, seconds, peakMiB } of measured) {
    const range = `${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)}`;
    process.stdout.write(`${name}: median ${median.toFixed(2)} s (${range}), peak ${peakMiB?.toFixed(0) ?? '?'} MiB\n`);
  }
  const [hash, sorted, scan, order] = measured;
  if (hash && sorted && scan && order) {
    verdict('hash', hash.median, 10 * scan.median, 's');
    verdict('hash, sorted', sorted.median, 1.5 * (order.median + hash.median), 's');
    verdict('peak memory', Math.max(hash.peakMiB ?? 0, sorted.peakMiB ?? 0), memoryBarMiB, 'MiB');
  }
} finally {
  scratch.removeAll((line) => process.stderr.write(`${line}\n`));
}
