// @ts-check
/**
 * `npm start`: a researcher's day, on real prices, through the built command line, in a fresh directory that is kept.
 * Two versions of a momentum study are run, compared, restored, run again, superseded and checked.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession } from './session.js';

const root = join(import.meta.dirname, '..');
const place = mkdtempSync(join(tmpdir(), 'cairn-story-'));
const workspace = join(place, 'momentum');
const { say, chapter, ask, show, totals } = openSession(workspace);

/** @param {string} id */
const short = (id) => id.slice(0, 12);

/** @param {string} file @returns {Record<string, number>} */
const readMetrics = (file) => JSON.parse(readFileSync(join(workspace, file), 'utf8'));

/** The artifact of a commit's reply at a path. @param {{ artifacts: { path: string, artifactId: string, sha256: string }[] }} commit @param {string} path */
function artifactAt(commit, path) {
  const found = commit.artifacts.find((artifact) => artifact.path === path);
  if (!found) throw new Error(`the commit has no ${path}`);
  return found;
}

/** Two choices: months of the signal's window, months left out at its end, months ahead. */
/** @type {Record<string, Record<string, number>>} */
const choices = {
  'params/12-1.json': { window: 12, skip: 1, horizon: 1 },
  'params/6-1.json': { window: 6, skip: 1, horizon: 3 },
};

/** What the study reads besides its parameters: prices, and its own code. */
const studyInputs = [
  'data/stocks.csv',
  'data/sp500-2000.csv',
  'uses_config=package.json',
  ...readdirSync(join(root, 'demo', 'research')).map((file) => `uses_transforms=code/${file}`),
];

/** Runs the study through cairn, which records it. @param {string} message @param {string} params */
function study(message, params) {
  const inputs = [...studyInputs, `uses_config=${params}`].flatMap((input) => ['--input', input]);
  const chosen = Object.entries(choices[params] ?? {}).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  const command = ['node', 'code/momentum.js', 'data', params, 'out'];
  const run = ask('run', '-m', message, ...inputs, ...chosen, '--output-dir', 'out', '--', ...command);
  say(
    `   run ${short(run.runInstanceId)}, run key ${short(run.runKey)}: ${run.artifacts.length} artifacts on ${run.ref}`,
  );
  return { run, metrics: readMetrics('out/metrics.json') };
}

/** @param {Record<string, number>} metrics */
function conclude({ mean_ic: ic = 0, t_stat: t = 0, hit_rate: hits = 0, periods = 0 }) {
  const verdict = Math.abs(t) >= 2.5 ? 'a result' : 'no evidence yet';
  say(
    `   mean IC ${ic.toFixed(4)}, t ${t.toFixed(2)}, hit rate ${hits.toFixed(2)} over ${periods} periods: ${verdict}`,
  );
}

/** `sha256sum` of a file, by something that is not cairn. @param {string} file */
function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function main() {
  mkdirSync(workspace);
  cpSync(join(root, 'fixtures', 'market'), join(workspace, 'data'), { recursive: true });
  cpSync(join(root, 'demo', 'research'), join(workspace, 'code'), { recursive: true });
  writeFileSync(join(workspace, 'package.json'), '{ "type": "module" }\n');
  mkdirSync(join(workspace, 'params'));
  for (const [file, params] of Object.entries(choices)) {
    writeFileSync(join(workspace, file), `${JSON.stringify(params, null, 2)}\n`);
  }
  say(`A momentum study on twenty years of real prices, kept by cairn in ${workspace}`);

  chapter('A store beside the work');
  ask('init', '--actor', 'Ada Researcher <ada@example.org>');

  chapter('The prices as they were delivered, the code that will read them, two choices of parameters');
  const prices = ask('add', '.');
  say(`   ${prices.files} files, ${prices.bytes} bytes in, ${prices.bytesStored} bytes stored`);
  const delivered = ask('commit', '-m', 'Prices from vega-datasets 3.2.1, and the study');
  const stocks = artifactAt(delivered, 'data/stocks.csv');
  say(`   run ${short(delivered.runInstanceId)}; stocks.csv is artifact ${short(stocks.artifactId)}`);
  say(
    `   its SHA-256 by cairn and by another program: ${stocks.sha256 === sha256(join(workspace, 'data/stocks.csv')) ? 'equal' : 'DIFFERENT'}`,
  );

  chapter('12-1 momentum against the next month');
  const first = study('12-1 momentum, one month ahead', 'params/12-1.json');
  conclude(first.metrics);

  chapter('Another choice: six months, a quarter ahead');
  const second = study('6-1 momentum, a quarter ahead', 'params/6-1.json');
  conclude(second.metrics);
  const status = ask('status');
  say(`   the workspace is ${status.clean ? 'clean' : 'not clean'}`);

  chapter('Looking back');
  show(20, 'log', '--graph');
  show(24, 'show', 'HEAD');

  chapter('What did the other parameters change?');
  show(40, 'diff', 'HEAD~1', 'HEAD');

  chapter('The first result again, byte for byte');
  const firstSignal = artifactAt(first.run, 'out/signal.csv');
  ask('checkout', short(first.run.runInstanceId), 'out', '--to', '../restored');
  const restored = sha256(join(place, 'restored', 'out', 'signal.csv'));
  say(
    `   restored/out/signal.csv ${restored === firstSignal.sha256 ? 'is what was committed' : 'DIFFERS'} (${short(restored)})`,
  );

  chapter('Would it come out again? A clean directory, the same inputs, the same command');
  const again = ask('rerun', short(second.run.runInstanceId));
  say(`   verdict: ${again.verdict}`);

  chapter('The second signal replaces the first');
  const secondSignal = artifactAt(second.run, 'out/signal.csv');
  ask('supersede', short(secondSignal.artifactId), short(firstSignal.artifactId), '-m', 'a quarter is what we trade');
  show(12, 'lineage', short(secondSignal.artifactId));
  show(12, 'lineage', short(stocks.artifactId), '--down');
  show(8, 'events');

  chapter('Is everything still what it was?');
  const check = ask('fsck', '--read-data');
  say(
    `   ${check.ok ? 'yes' : 'NO'}: ${check.objects} objects, ${check.bytesRead} bytes read, ${check.problems.length} problems`,
  );
  show(8, 'gc', '--dry-run');
  show(20, 'stats');

  const { commands, seconds } = totals();
  say(`\nDone: ${commands} commands in ${seconds.toFixed(1)} s. The directory is kept; look further with`);
  say(`   cd ${workspace}`);
  say(`   alias cairn=${join(root, 'bin', 'cairn')}`);
  say(`   cairn log --where 'metric.mean_ic > 0.06'      which runs found more`);
  say(`   cairn seed HEAD root                           the seed that the study's run key gives`);
  say(`   cairn show ${short(second.run.runInstanceId)}:out/metrics.json       one artifact`);
  say(`   cairn cat HEAD~1:out/ic.json                   its bytes, verified`);
  say(`   cairn lineage HEAD:out/signal.csv --format mermaid   a picture`);
  say(`and read README.md, objects-layout.md (every byte of the store) and docs/errors.md.`);
}

try {
  main();
} catch (error) {
  process.stderr.write(
    `\nThe story ends here: ${error instanceof Error ? error.message : error}\nWhat it made is in ${place}\n`,
  );
  process.exitCode = 1;
}
