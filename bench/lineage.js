// @ts-check
/**
 * Lineage beside a bare recursive query of the `sqlite3` program over the same manifest: a chain of runs, each over the
 * output of the one before, and a fan, one run over many files. CPU time counts, because it is what a busy machine leaves
 * alone; rounds are interleaved, and medians are printed.
 *
 *   npm run build && node bench/lineage.js <directory> [depth] [width] [rounds]
 *
 * The store is made through the library and kept in the directory: with 10,000 and 100,000 that takes some minutes.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { initCairn } from './peers.js';

// What `npm run build` made; the sources are not what is measured.
const { openStore } = await import(new URL('../dist/index.js', import.meta.url).href);

const [directory = '', depth = '10000', width = '100000', rounds = '9'] = process.argv.slice(2);
if (directory === '') throw new Error('name a directory for the store');

/** @param {string} path @param {string} text */
const write = (path, text) => writeFileSync(join(directory, path), text);

async function makeStore() {
  mkdirSync(join(directory, 'fan'), { recursive: true });
  initCairn(directory);
  const store = await openStore({ directory, author: 'Ada <ada@example.org>' });
  for (let file = 0; file < Number(width); file++) write(`fan/part-${String(file).padStart(6, '0')}.csv`, `${file}\n`);
  await store.commit({ message: 'parts', paths: ['fan'] });
  write('fan.csv', 'all\n');
  await store.commit({ message: 'fan', paths: ['fan.csv'], inputs: ['fan'] });
  for (let step = 0; step <= Number(depth); step++) {
    write('chain.csv', `${step}\n`);
    await store.commit({
      message: `step ${step}`,
      paths: ['chain.csv'],
      inputs: step === 0 ? [] : ['chain.csv'],
    });
  }
  await store.close();
  write('made', '');
}

/** Milliseconds of CPU time for the edges above an artifact, by name. @param {string} id */
function bareQuery(id) {
  const sql = `WITH RECURSIVE up (id) AS (SELECT object_id FROM object WHERE sha256 = x'${id}'
      UNION SELECT n.artifact_id FROM up CROSS JOIN object a ON a.object_id = up.id
        CROSS JOIN run_input n ON n.run_id = a.first_run)
    SELECT lower(hex(a.sha256)), lower(hex(p.sha256)), t.text, lower(hex(o.sha256)) FROM up
      CROSS JOIN object a ON a.object_id = up.id CROSS JOIN run_input n ON n.run_id = a.first_run
      CROSS JOIN object p ON p.object_id = n.artifact_id CROSS JOIN text t ON t.text_id = n.relation_id
      CROSS JOIN run r ON r.run_id = n.run_id CROSS JOIN object o ON o.object_id = r.record_id;`;
  const input = `.timer on\n.output /dev/null\n${sql}\n`;
  const { stdout } = spawnSync('sqlite3', ['-readonly', join(directory, '.cairn', 'manifest.sqlite')], {
    input,
    encoding: 'utf8',
  });
  const [, user, system] = /user ([\d.]+) sys ([\d.]+)/.exec(stdout) ?? [];
  return 1000 * (Number(user) + Number(system));
}

/** @param {number[]} times */
const median = (times) => times.sort((left, right) => left - right)[times.length >> 1] ?? Number.NaN;

if (!existsSync(join(directory, 'made'))) await makeStore();
const store = await openStore({ directory, author: 'Ada <ada@example.org>' });
for (const path of ['chain.csv', 'fan.csv']) {
  const { id } = await store.resolve(`HEAD:${path}`);
  const { edges } = await store.lineage(id);
  /** @type {{ bare: number[], own: number[] }} */
  const times = { bare: [], own: [] };
  for (let round = 0; round < Number(rounds); round++) {
    times.bare.push(bareQuery(id));
    const before = process.cpuUsage();
    await store.lineage(id);
    const { user, system } = process.cpuUsage(before);
    times.own.push((user + system) / 1000);
  }
  const [bare, own] = [median(times.bare), median(times.own)];
  const line = `${path}: ${edges.length} edges, cairn ${own.toFixed(0)} ms, sqlite3 ${bare.toFixed(0)} ms, x ${(own / bare).toFixed(2)}`;
  process.stdout.write(`${line}\n`);
}
await store.close();
