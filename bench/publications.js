// @ts-check
/**
 * Publications a second through `cairn ops --stream`: small files that are no tables, the same again, small tables, and
 * eight processes at once. Durable, as always; the store is on the file system under test.
 *
 *   npm run bench:publications -- [--files 10000] [--tables 2000] [--processes 8] [--scratch <directory>]
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { initCairn } from './peers.js';
import { openScratch } from './scratch.js';

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    tables: { type: 'string', default: '2000' },
    processes: { type: 'string', default: '8' },
    scratch: { type: 'string' },
  },
});

const program = join(import.meta.dirname, '..', 'bin', 'cairn');

/** @param {number} index */
function jsonText(index) {
  return JSON.stringify({ index, values: Array.from({ length: 40 }, (_, at) => (index * at) % 1009) });
}

/** @param {number} index */
function csvText(index) {
  const rows = Array.from({ length: 20 }, (_, at) => `${index + at},S${at},${(index * at) % 97}.5\n`);
  return `ts,symbol,value\n${rows.join('')}`;
}

/** A workspace with files in it. @param {ReturnType<typeof openScratch>} scratch */
function prepare(
  scratch,
  /** @type {number} */ count,
  /** @type {string} */ ending,
  /** @type {(index: number) => string} */ text,
) {
  const tree = scratch.directory('publications');
  initCairn(tree);
  mkdirSync(join(tree, 'files'));
  for (let index = 0; index < count; index++) writeFileSync(join(tree, 'files', `${index}${ending}`), text(index));
  const requests = Array.from({ length: count }, (_, index) => ({
    operation: 'publish_artifact',
    artifact_type: 'bench',
    logical_key: `bench/${index}`,
    data_path: `files/${index}${ending}`,
    writer_name: 'bench',
    writer_version: '1',
  }));
  return { tree, requests };
}

/** One process; rejects when an answer is missing or a failure. */
function stream(/** @type {string} */ tree, /** @type {readonly object[]} */ requests) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, CAIRN_AUTHOR: 'Bench <bench@example.org>' };
    const child = spawn(process.execPath, [program, 'ops', '--stream'], {
      cwd: tree,
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.on('close', () => {
      const good = output.split('\n').filter((line) => line.includes('"success":true')).length;
      if (good === requests.length) resolve(undefined);
      else reject(new Error(`${good} of ${requests.length} publications were made`));
    });
    child.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  });
}

/** @param {string} what @param {number} count @param {() => Promise<unknown>} work */
async function measure(what, count, work) {
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const rate = Math.round(count / seconds).toLocaleString('en');
  process.stdout.write(`${what}: ${rate} a second (${count.toLocaleString('en')} in ${seconds.toFixed(2)} s)\n`);
}

const scratch = openScratch(options.scratch);
try {
  const [files, tables, processes] = [Number(options.files), Number(options.tables), Number(options.processes)];
  const plain = prepare(scratch, files, '.json', jsonText);
  await measure('small files', files, () => stream(plain.tree, plain.requests));
  await measure('the same again', files, () => stream(plain.tree, plain.requests));
  const other = plain.requests.map((request) => ({ ...request, params: { run: 2 } }));
  await measure('known files with new lineage', files, () => stream(plain.tree, other));
  const table = prepare(scratch, tables, '.csv', csvText);
  await measure('small tables', tables, () => stream(table.tree, table.requests));
  const many = prepare(scratch, files, '.json', jsonText);
  await measure(`small files, ${processes} processes`, files, () =>
    Promise.all(
      Array.from({ length: processes }, (_, process) =>
        stream(
          many.tree,
          many.requests.filter((_request, index) => index % processes === process),
        ),
      ),
    ),
  );
} finally {
  scratch.removeAll((line) => process.stderr.write(`${line}\n`));
}
