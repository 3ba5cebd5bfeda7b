// @ts-check
/**
 * `npm start`: a researcher's day, on real prices, through the built command line, in a fresh directory that is kept.
 * Two versions of a momentum study are run, compared, restored, run again, superseded and checked.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { openSession } from './session.js';

const root = join(import.meta.dirname, '..');
const place = mkdtempSync(join(tmpdir(), 'cairn-story-'));
const workspace = join(place, 'momentum');
const { say, chapter, ask, show, refuse, as, totals } = openSession(workspace);

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

/** What the prices are, whatever file they come in. */
const pricesAreATable = `types:
  - match: data/stocks.csv
    type: prices
    table:
      columns: [symbol, date, { name: price, type: float }]
      sort: [symbol, date]
`;

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

/**
 * The study's result as a claim: its evidence in a run of its own, and a candidate on it. A house policy asks less of a
 * teaching example than the built-in one does, and says so in its own words.
 */
const housePolicy = `schema: cairn.policy-file/1
name: teaching
version: "1"
extends: research-default
thresholds:
  t_stat_min: 1.0
  rc_p_value_max:
  regime_mean_ic_min: -0.05
`;

/** The evidence for a study's result, in a run of its own, and a candidate that claims it. @param {string} signal @param {number} horizon */
function claim(signal, horizon) {
  const files = ['out/ic.json', 'data/sp500-2000.csv', 'code/evidence.js', 'code/prices.js', 'code/statistics.js'];
  const id = ask('dataset', 'id', ...files).datasets[0].id;
  const inputs = files.flatMap((file) => ['--input', file]);
  const pins = ['--engine-version', '1.0', '--config-version', '1'];
  const command = ['node', 'code/evidence.js', 'out/ic.json', 'data', 'reports', signal, id, '1.0', '1'];
  const run = ask(
    'run',
    '-m',
    `Evidence for ${signal}`,
    ...inputs,
    ...pins,
    '--output-dir',
    'reports',
    '--',
    ...command,
  );
  const about = ['--run', short(run.runInstanceId), '--signal', signal, '--horizon', String(horizon)];
  const { candidateId } = ask('candidate', 'create', ...about);
  return String(candidateId);
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

/** Another program writes to the manifest. @param {string} accepted @param {string} rejected */
function tamper(accepted, rejected) {
  const database = new Sqlite(join(workspace, '.cairn', 'manifest.sqlite'));
  const attempts = [
    `UPDATE promotion_candidates SET status = 'accepted' WHERE candidate_id = '${rejected}'`,
    `UPDATE candidate SET status = 'accepted'`,
    `DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)`,
  ];
  for (const sql of attempts) {
    let outcome = 'DONE';
    try {
      database.exec(sql);
    } catch (error) {
      outcome = `refused: ${error instanceof Error ? error.message : error}`;
    }
    say(`   sqlite> ${sql.replaceAll(accepted, short(accepted)).replaceAll(rejected, short(rejected))}`);
    say(`     ${outcome}`);
  }
  database.close();
}

function main() {
  mkdirSync(workspace);
  cpSync(join(root, 'fixtures', 'market'), join(workspace, 'data'), { recursive: true });
  cpSync(join(root, 'demo', 'research'), join(workspace, 'code'), { recursive: true });
  writeFileSync(join(workspace, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(workspace, 'cairn.yaml'), pricesAreATable);
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
  const firstClaim = claim('momentum-12-1', 1);

  chapter('Another choice: six months, a quarter ahead');
  const second = study('6-1 momentum, a quarter ahead', 'params/6-1.json');
  conclude(second.metrics);
  const secondClaim = claim('momentum-6-1', 3);
  const status = ask('status');
  say(`   the workspace is ${status.clean ? 'clean' : 'not clean'}`);

  chapter('Looking back');
  show(20, 'log', '--graph');
  show(24, 'show', short(second.run.runInstanceId));

  chapter('What did the other parameters change?');
  show(40, 'diff', short(first.run.runInstanceId), short(second.run.runInstanceId));

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

  chapter('The vendor delivers the same prices as Parquet, in another order: is that new data?');
  const byKey = ['--type', 'prices', '--key', 'prices/stocks'];
  const csv = ask('publish', 'data/stocks.csv', ...byKey);
  const select = `SELECT * FROM artifact('${csv.artifactId}') ORDER BY price`;
  show(4, 'query', select, '--format', 'parquet', '-o', '../stocks.parquet');
  const parquet = ask('publish', '../stocks.parquet', ...byKey);
  say(
    `   ${parquet.deduped ? `no: artifact ${short(parquet.artifactId)} says the same (${parquet.mode})` : 'YES'}; the run keeps what was delivered`,
  );
  const corrected = readFileSync(join(workspace, 'data/stocks.csv'), 'utf8').replace(
    'MSFT,Mar 1 2008,27.21',
    'MSFT,Mar 1 2008,27.12',
  );
  writeFileSync(join(place, 'stocks-corrected.csv'), corrected);
  const later = ask('publish', '../stocks-corrected.csv', ...byKey, '--supersede-previous');
  show(12, 'diff', short(csv.artifactId), short(later.artifactId));

  chapter('Questions in SQL, over the manifest and over what is stored');
  show(
    8,
    'query',
    'SELECT run_instance_id[:12] AS run, name, round(value, 4) AS value FROM run_metrics ORDER BY name, value LIMIT 6',
  );
  show(
    8,
    'query',
    `SELECT symbol, count(*) AS months, round(avg(price), 2) AS mean FROM artifact('${short(later.artifactId)}') GROUP BY ALL ORDER BY 3 DESC`,
  );

  chapter('The second signal replaces the first');
  const secondSignal = artifactAt(second.run, 'out/signal.csv');
  ask('supersede', short(secondSignal.artifactId), short(firstSignal.artifactId), '-m', 'a quarter is what we trade');
  show(12, 'lineage', short(secondSignal.artifactId));
  show(12, 'lineage', short(stocks.artifactId), '--down');
  show(8, 'events');

  chapter('May it be called a result? The policy that cairn brings along says no');
  refuse(14, 'evaluate', short(firstClaim), '--level', 'candidate');
  writeFileSync(join(workspace, 'teaching.yaml'), housePolicy);
  show(4, 'policy', 'activate', 'teaching.yaml');

  chapter('Under a policy for teaching examples, with a waiver that is written down, one passes and one does not');
  const waiver = ['--waive', 'execution_evidence', '--reason', 'nothing is traded'];
  show(6, 'evaluate', short(firstClaim), '--level', 'candidate', ...waiver);
  show(3, 'promote', short(firstClaim), '--to', 'candidate');
  refuse(8, 'evaluate', short(secondClaim), '--level', 'candidate', ...waiver);
  refuse(6, 'promote', short(secondClaim), '--to', 'candidate');
  show(3, 'reject', short(secondClaim), '-m', 'no evidence, and the first is the better one');

  chapter('Accepted: with the signature of somebody who had no part in it');
  show(3, 'actor', 'add', 'Bob Reviewer <bob@example.org>', '--role', 'approver');
  show(4, 'key', 'generate', '--actor', 'bob@example.org');
  const report = ask('evaluate', short(firstClaim), '--level', 'accepted', ...waiver);
  refuse(4, 'promote', short(firstClaim), '--to', 'accepted');
  as('Bob Reviewer <bob@example.org>', () =>
    show(4, 'approve', short(report.eligibilityReportId), '-m', 'read, recomputed'),
  );
  show(3, 'promote', short(firstClaim), '--to', 'accepted', '-m', 'reading group of November');
  show(30, 'trace', 'accepted/momentum-12-1-h1');

  chapter('Somebody tries it with SQL');
  tamper(firstClaim, secondClaim);
  const audited = ask('audit');
  say(`   audit: ${audited.ok ? 'everything holds' : 'BROKEN'}, ${audited.checks.length} checks`);

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
  say(`   cairn cat ${short(first.run.runInstanceId)}:out/ic.json            its bytes, verified`);
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
