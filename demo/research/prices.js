// @ts-check
/** Reads the two price files of fixtures/market into series of (ISO date, price), in the order of time. */

/** @typedef {{ readonly name: string, readonly dates: readonly string[], readonly prices: readonly number[] }} Series */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Jan 1 2000` as `2000-01-01`. @param {string} text */
function isoDate(text) {
  const match = /^([A-Z][a-z]{2}) (\d{1,2}) (\d{4})$/.exec(text);
  const month = match ? months.indexOf(String(match[1])) + 1 : 0;
  if (!match || month === 0) throw new Error(`not a date: ${text}`);
  return `${match[3]}-${String(month).padStart(2, '0')}-${String(match[2]).padStart(2, '0')}`;
}

/** The rows of a CSV file without quoting, as records of its header. @param {string} text */
function rows(text) {
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const names = String(header).split(',');
  return lines.map((line) => {
    const values = line.split(',');
    if (values.length !== names.length) throw new Error(`expected ${names.length} columns: ${line}`);
    return new Map(names.map((name, index) => [name, String(values[index])]));
  });
}

/** @param {string | undefined} text */
function price(text) {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`not a price: ${text}`);
  return value;
}

/** @param {string} name @param {{ date: string, price: number }[]} points @returns {Series} */
function series(name, points) {
  points.sort((left, right) => (left.date < right.date ? -1 : 1));
  return { name, dates: points.map((point) => point.date), prices: points.map((point) => point.price) };
}

/** Daily adjusted closes of the index. @param {string} text */
export function readIndex(text) {
  const points = rows(text).map((row) => ({ date: String(row.get('date')), price: price(row.get('adjclose')) }));
  return series('SP500', points);
}

/** Monthly prices of each stock, by symbol. @param {string} text */
export function readStocks(text) {
  /** @type {Map<string, { date: string, price: number }[]>} */
  const bySymbol = new Map();
  for (const row of rows(text)) {
    const symbol = String(row.get('symbol'));
    const points = bySymbol.get(symbol) ?? [];
    points.push({ date: isoDate(String(row.get('date'))), price: price(row.get('price')) });
    bySymbol.set(symbol, points);
  }
  return [...bySymbol]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([symbol, points]) => series(symbol, points));
}
