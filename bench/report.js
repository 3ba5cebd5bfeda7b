// @ts-check
/**
 * Verdicts and the table. A comparison's `bar` is what must hold (issue "The store"), `reachable` and `stretch` are goals
 * that prototypes came near to. All are ratios to the peer; a bar may add a constant (`plusSeconds`).
 *
 * @typedef {{
 *   subject: string, peer: string, quantity?: 'seconds' | 'bytes',
 *   bar?: number, plusSeconds?: number, reachable?: number, stretch?: number,
 * }} Comparison
 * @typedef {import('./measure.js').Measured} Measured
 * @typedef {ReturnType<typeof judge>[number]} Judged
 * @typedef {{ name: string, work: string, failed?: string, measured: readonly Measured[], comparisons: readonly Judged[] }} Result
 */

const memoryBarMiB = 250;

/** @param {Measured | undefined} measured @param {'seconds' | 'bytes'} quantity */
function figureOf(measured, quantity) {
  if (!measured || measured.skipped !== undefined) return undefined;
  return quantity === 'seconds' ? measured.median : measured.bytes;
}

/** @param {number} ratio @param {boolean | undefined} met @param {Comparison} comparison */
function verdictOn(ratio, met, { reachable, stretch }) {
  if (met === false) return 'missed';
  const place =
    stretch !== undefined && ratio <= stretch
      ? 'stretch reached'
      : reachable !== undefined && ratio <= reachable
        ? 'between reachable and stretch'
        : reachable === undefined
          ? undefined
          : 'above reachable';
  return [met === undefined ? undefined : 'met', place].filter(Boolean).join(', ') || 'for scale';
}

/** @param {readonly Measured[]} measured @param {readonly Comparison[]} comparisons */
export function judge(measured, comparisons) {
  return comparisons.flatMap((comparison) => {
    const { subject, peer, quantity = 'seconds', bar, plusSeconds = 0 } = comparison;
    const own = figureOf(
      measured.find(({ name }) => name === subject),
      quantity,
    );
    const theirs = figureOf(
      measured.find(({ name }) => name === peer),
      quantity,
    );
    if (own === undefined || theirs === undefined) return [];
    const ratio = own / theirs;
    const met = bar === undefined ? undefined : own <= bar * theirs + plusSeconds;
    return [{ ...comparison, quantity, own, theirs, ratio, met, verdict: verdictOn(ratio, met, comparison) }];
  });
}

/** @param {number} value @param {'seconds' | 'bytes'} quantity */
function amount(value, quantity) {
  if (quantity === 'bytes') return `${(value / 2 ** 20).toFixed(1)} MiB`;
  return value < 1 ? `${(value * 1000).toFixed(0)} ms` : `${value.toFixed(2)} s`;
}

/** @param {readonly (readonly string[])[]} rows the first is the header */
function table([header = [], ...rows]) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** @param {Judged} judged */
function barOf({ bar, plusSeconds }) {
  if (bar === undefined) return '';
  return plusSeconds === undefined ? `${bar}` : `${bar} × + ${plusSeconds * 1000} ms`;
}

/** @param {readonly Result[]} results */
function comparisonTable(results) {
  const rows = results.flatMap(({ work, failed, comparisons }) => {
    if (failed !== undefined) return [[work, '', '', '', '', '', '', '', `failed: ${failed.split('\n')[0]}`]];
    return comparisons.map((judged, index) => [
      index === 0 ? work : '',
      `${judged.subject} ${amount(judged.own, judged.quantity)}`,
      `${judged.peer} ${amount(judged.theirs, judged.quantity)}`,
      `**${judged.ratio.toFixed(2)}**`,
      barOf(judged),
      String(judged.reachable ?? ''),
      String(judged.stretch ?? ''),
      judged.verdict,
    ]);
  });
  return table([['Work', 'cairn', 'Peer', 'Ratio', 'Bar', 'Reachable', 'Stretch', 'Verdict'], ...rows]);
}

/** @param {readonly Result[]} results */
function contestantTable(results) {
  const rows = results.flatMap(({ name, measured }) =>
    measured.map(({ name: contestant, skipped, seconds, median, peakMiB, bytes }) => [
      name,
      contestant,
      skipped ?? amount(median, 'seconds'),
      skipped === undefined
        ? `${amount(Math.min(...seconds), 'seconds')} – ${amount(Math.max(...seconds), 'seconds')}`
        : '',
      String(seconds.length),
      peakMiB === undefined ? '' : `${peakMiB.toFixed(0)} MiB`,
      bytes ? amount(bytes, 'bytes') : '',
    ]),
  );
  return table([['Workload', 'Program', 'Median', 'Least – most', 'Rounds', 'Peak memory', 'Stored'], ...rows]);
}

/** @param {readonly Result[]} results */
function memoryLine(results) {
  const own = results.flatMap(({ name, measured }) =>
    measured.flatMap(({ name: contestant, peakMiB }) =>
      contestant.startsWith('cairn') && peakMiB !== undefined ? [{ name, peakMiB }] : [],
    ),
  );
  const most = own.toSorted((left, right) => right.peakMiB - left.peakMiB)[0];
  if (!most) return 'Peak memory was not measured: time(1) is not installed.';
  const verdict = most.peakMiB <= memoryBarMiB ? 'met' : 'missed';
  return `Peak memory of any cairn command: **${most.peakMiB.toFixed(0)} MiB** (${most.name}); bar ${memoryBarMiB} MiB: ${verdict}.`;
}

/** @param {Record<string, unknown>} machine @param {readonly Result[]} results @param {boolean} quick */
export function toMarkdown(machine, results, quick) {
  const facts = Object.entries(machine).map(
    ([name, value]) => `- ${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  return `# cairn beside its peers

${quick ? '**Quick run: small input, few rounds. Not for quoting.**\n\n' : ''}Medians of whole processes, contestants interleaved after a discarded warm-up, all in one run; cairn's figures are durable ones. How it is
measured: bench/README.md. Ratio: cairn divided by the peer. Bar: what must hold; reachable and stretch: what prototypes came near to.

${facts.join('\n')}

${comparisonTable(results)}

${memoryLine(results)}

## Every program

${contestantTable(results)}
`;
}
