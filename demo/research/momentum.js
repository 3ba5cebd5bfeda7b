// @ts-check
/**
 * Does past return predict the next one? A small, honest study on the prices in fixtures/market, of the kind that cairn
 * keeps. It knows nothing of cairn: it reads files, writes files, and gives the same bytes for the same input.
 *
 *   node momentum.js <directory of the prices> <params.json> <output directory>
 *
 * params.json: `window` and `horizon` in months, `skip` (default 1): the signal at time t is the return from t - window
 * to t - skip (12-1 momentum: window 12, skip 1), and it is compared with the return from t to t + horizon.
 *
 * Two tests:
 * - stocks, monthly, across names: each month the rank correlation of signal and next return over the stocks that have
 *   both (the information coefficient, IC); the mean IC, its t statistic and hit rate over all months;
 * - S&P 500, daily, through time: the same signal (21 trading days a month) against the index's own next return.
 * Both use only periods that do not overlap, so that the t statistics count independent observations.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIndex, readStocks } from './prices.js';
import { mean, spearman, standardDeviation, tOfCorrelation, tOfMean } from './statistics.js';

/** @typedef {import('./prices.js').Series} Series */
/** @typedef {{ window: number, skip: number, horizon: number }} Params in steps of the series */
/** @typedef {{ series: string, date: string, signal: number, next: number | undefined }} Observation */

const tradingDaysPerMonth = 21;
const fewestNames = 3;

/** Twelve decimals: far below what prices of two decimals can tell. @param {number} value */
function round(value) {
  return Number(value.toFixed(12));
}

/** @param {Series} series @param {number} from @param {number} to index, later */
function returnBetween(series, from, to) {
  return Number(series.prices[to]) / Number(series.prices[from]) - 1;
}

/** Signal and next return at every step that has a signal. @param {Series} series @param {Params} params */
function observe(series, { window, skip, horizon }) {
  /** @type {Observation[]} */
  const observations = [];
  for (let now = window; now < series.dates.length; now++) {
    const hasNext = now + horizon < series.dates.length;
    observations.push({
      series: series.name,
      date: String(series.dates[now]),
      signal: returnBetween(series, now - window, now - skip),
      next: hasNext ? returnBetween(series, now, now + horizon) : undefined,
    });
  }
  return observations;
}

/** @param {readonly Observation[]} observations */
function pairs(observations) {
  const complete = observations.filter(({ next }) => next !== undefined);
  return { signals: complete.map(({ signal }) => signal), nexts: complete.map(({ next }) => Number(next)) };
}

/** The IC of every month, across stocks. @param {readonly Observation[]} observations @param {number} horizon */
function crossSection(observations, horizon) {
  const byDate = Map.groupBy(observations, ({ date }) => date);
  const periods = [...byDate.keys()]
    .sort()
    .filter((_, index) => index % horizon === 0)
    .map((date) => ({ date, ...pairs(byDate.get(date) ?? []) }))
    .filter(({ nexts }) => nexts.length >= fewestNames)
    .map(({ date, signals, nexts }) => ({ date, names: nexts.length, ic: spearman(signals, nexts) }))
    .filter(({ ic }) => !Number.isNaN(ic));
  const ics = periods.map(({ ic }) => ic);
  return {
    meanIc: round(mean(ics)),
    standardDeviation: round(standardDeviation(ics)),
    tStat: round(tOfMean(ics)),
    hitRate: round(ics.filter((ic) => ic > 0).length / ics.length),
    periods: periods.map(({ date, names, ic }) => ({ date, names, ic: round(ic) })),
  };
}

/** Rank correlation and hit rate over some observations of one series. @param {readonly Observation[]} observations */
function throughTime(observations) {
  const { signals, nexts } = pairs(observations);
  const ic = spearman(signals, nexts);
  const hits = signals.filter((signal, index) => signal > 0 === Number(nexts[index]) > 0);
  return { n: signals.length, ic: round(ic), hitRate: round(hits.length / signals.length) };
}

/** The index against itself. @param {readonly Observation[]} observations @param {number} horizon */
function timeSeries(observations, horizon) {
  const apart = observations.filter(({ next }, index) => next !== undefined && index % horizon === 0);
  const whole = throughTime(apart);
  const byYear = Map.groupBy(apart, ({ date }) => date.slice(0, 4));
  return {
    ...whole,
    tStat: round(tOfCorrelation(whole.ic, whole.n)),
    years: [...byYear].filter(([, some]) => some.length >= 6).map(([year, some]) => ({ year, ...throughTime(some) })),
  };
}

/** @param {readonly string[]} lines */
function csv(...lines) {
  return `${lines.join('\n')}\n`;
}

/** @param {unknown} value */
function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** @param {readonly Series[]} all */
function returnsTable(all) {
  const lines = all.flatMap((series) =>
    series.dates
      .slice(1)
      .map((date, index) => `${series.name},${date},${round(returnBetween(series, index, index + 1))}`),
  );
  return csv('series,date,return', ...lines);
}

/** @param {readonly Observation[]} observations */
function signalTable(observations) {
  const lines = observations.map(
    ({ series, date, signal, next }) => `${series},${date},${round(signal)},${next === undefined ? '' : round(next)}`,
  );
  return csv('series,date,signal,next_return', ...lines);
}

/** @param {string} file @returns {Params} */
function readParams(file) {
  const { window, horizon, skip = 1 } = JSON.parse(readFileSync(file, 'utf8'));
  for (const [name, value] of Object.entries({ window, horizon, skip })) {
    if (!Number.isInteger(value) || value < 0) throw new Error(`${file}: ${name} must be a whole number of months`);
  }
  if (window <= skip || horizon < 1) throw new Error(`${file}: window must exceed skip, and horizon be at least 1`);
  return { window, skip, horizon };
}

/** @param {string} pricesDirectory @param {string} paramsFile @param {string} outputDirectory */
function main(pricesDirectory, paramsFile, outputDirectory) {
  const monthly = readParams(paramsFile);
  const daily = {
    window: monthly.window * tradingDaysPerMonth,
    skip: monthly.skip * tradingDaysPerMonth,
    horizon: monthly.horizon * tradingDaysPerMonth,
  };
  const stocks = readStocks(readFileSync(join(pricesDirectory, 'stocks.csv'), 'utf8'));
  const index = readIndex(readFileSync(join(pricesDirectory, 'sp500-2000.csv'), 'utf8'));
  const ofStocks = stocks.flatMap((series) => observe(series, monthly));
  const ofIndex = observe(index, daily);
  const stocksIc = crossSection(ofStocks, monthly.horizon);
  const indexIc = timeSeries(ofIndex, daily.horizon);
  const metrics = {
    mean_ic: stocksIc.meanIc,
    t_stat: stocksIc.tStat,
    hit_rate: stocksIc.hitRate,
    periods: stocksIc.periods.length,
    sp500_ic: indexIc.ic,
    sp500_t_stat: indexIc.tStat,
    sp500_hit_rate: indexIc.hitRate,
    sp500_periods: indexIc.n,
  };
  mkdirSync(outputDirectory, { recursive: true });
  writeFileSync(join(outputDirectory, 'returns.csv'), returnsTable([...stocks, index]));
  writeFileSync(join(outputDirectory, 'signal.csv'), signalTable([...ofStocks, ...ofIndex]));
  writeFileSync(join(outputDirectory, 'ic.json'), json({ params: monthly, stocks: stocksIc, sp500: indexIc }));
  writeFileSync(join(outputDirectory, 'metrics.json'), json(metrics));
}

const [pricesDirectory, paramsFile, outputDirectory] = process.argv.slice(2);
if (!pricesDirectory || !paramsFile || !outputDirectory) {
  process.stderr.write('usage: node momentum.js <directory of the prices> <params.json> <output directory>\n');
  process.exitCode = 2;
} else {
  main(pricesDirectory, paramsFile, outputDirectory);
}
