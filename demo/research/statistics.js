// @ts-check
/**
 * The few statistics of a signal study. Only sums, products and square roots, so that every machine gets the same
 * digits.
 */

/** @param {readonly number[]} values */
export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** With n - 1 in the denominator. @param {readonly number[]} values */
export function standardDeviation(values) {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/** Ranks from 1; equal values share the mean of their ranks. @param {readonly number[]} values */
export function ranks(values) {
  const order = values.map((value, index) => ({ value, index })).sort((left, right) => left.value - right.value);
  /** @type {number[]} */
  const result = new Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && order[end]?.value === order[start]?.value) end++;
    for (const { index } of order.slice(start, end)) result[index] = (start + 1 + end) / 2;
    start = end;
  }
  return result;
}

/** Pearson's correlation; NaN when one side does not vary. @param {readonly number[]} xs @param {readonly number[]} ys */
function correlation(xs, ys) {
  const meanX = mean(xs);
  const meanY = mean(ys);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  xs.forEach((x, index) => {
    const y = Number(ys[index]);
    xy += (x - meanX) * (y - meanY);
    xx += (x - meanX) ** 2;
    yy += (y - meanY) ** 2;
  });
  return xy / Math.sqrt(xx * yy);
}

/** Spearman's rank correlation. @param {readonly number[]} xs @param {readonly number[]} ys */
export function spearman(xs, ys) {
  return correlation(ranks(xs), ranks(ys));
}

/** t statistic of a mean against zero. @param {readonly number[]} values */
export function tOfMean(values) {
  return mean(values) / (standardDeviation(values) / Math.sqrt(values.length));
}

/** t statistic of a correlation over n pairs against zero. @param {number} rho @param {number} n */
export function tOfCorrelation(rho, n) {
  return rho * Math.sqrt((n - 2) / (1 - rho * rho));
}
