// @ts-check
/**
 * What a reviewer asks of a result, in the files that cairn's policies read: a validation bundle and the mean IC by market
 * regime, both from what momentum.js found. Like it, this knows nothing of cairn but the variable that names its run.
 *
 *   node evidence.js <ic.json> <directory of the prices> <output directory> <signal> <dataset id> <engine> <config>
 *
 * The last two are versions, of the program that computes and of its configuration.
 *
 * A month is `rising` when the index stands higher than a year before, else `falling`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIndex } from './prices.js';
import { mean } from './statistics.js';

const tradingDaysPerYear = 252;

/**
 * @param {string} icFile @param {string} pricesDirectory @param {string} outputDirectory
 * @param {string} signal @param {string} datasetId @param {string} engineVersion @param {string} configVersion
 */
function main(icFile, pricesDirectory, outputDirectory, signal, datasetId, engineVersion, configVersion) {
  const { params, stocks } = JSON.parse(readFileSync(icFile, 'utf8'));
  const index = readIndex(readFileSync(join(pricesDirectory, 'sp500-2000.csv'), 'utf8'));
  /** @param {string} date */
  const regimeOf = (date) => {
    const now = index.dates.findLastIndex((day) => day <= date);
    if (now < tradingDaysPerYear) return 'unknown';
    return Number(index.prices[now]) > Number(index.prices[now - tradingDaysPerYear]) ? 'rising' : 'falling';
  };
  /** @type {Map<string, { date: string, ic: number }[]>} */
  const regimes = Map.groupBy(stocks.periods, ({ date }) => regimeOf(date));
  const lines = [...regimes]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([regime, periods]) => `${regime},${mean(periods.map(({ ic }) => ic)).toFixed(12)},${periods.length}`);
  const summary = { mean_ic: stocks.meanIc, t_stat: stocks.tStat, n_obs: stocks.periods.length };
  const bundle = {
    run_id: `${signal} ${params.window}-${params.skip}`,
    dataset_id: datasetId,
    signal_name: signal,
    freq: '1mo',
    horizons: [params.horizon],
    ic_summary_by_horizon: { [params.horizon]: summary },
    ic_decay_table: [{ horizon: params.horizon, mean_ic: stocks.meanIc }],
    meta: {
      dataset_id_v2: datasetId,
      dataset_hash_algo: 'cairn.dataset/1',
      dataset_hash_mode: 'STRICT',
      run_key: process.env['CAIRN_RUN_KEY'] ?? null,
      engine_version: engineVersion,
      config_version: configVersion,
      seed_version: 1,
      validation_bundle_schema_version: 1,
      walk_forward_used: false,
    },
  };
  mkdirSync(outputDirectory, { recursive: true });
  writeFileSync(join(outputDirectory, 'validation_bundle.json'), `${JSON.stringify(bundle, null, 2)}\n`);
  writeFileSync(join(outputDirectory, 'regime_summary.csv'), `regime,mean_ic,n_bars\n${lines.join('\n')}\n`);
}

const [icFile, pricesDirectory, outputDirectory, signal, datasetId, engineVersion, configVersion] =
  process.argv.slice(2);
if (!icFile || !pricesDirectory || !outputDirectory || !signal || !datasetId || !engineVersion || !configVersion) {
  process.stderr.write(
    'usage: node evidence.js <ic.json> <directory of the prices> <output directory> <signal> <dataset id> <engine> <config>\n',
  );
  process.exitCode = 2;
} else {
  main(icFile, pricesDirectory, outputDirectory, signal, datasetId, engineVersion, configVersion);
}
