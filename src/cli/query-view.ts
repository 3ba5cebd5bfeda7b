/**
 * The answer of a query as text, made piece by piece: what does not have to be held is not. A table is laid out by its
 * first rows; later ones may stand out where they are wider.
 */
import type { JsonValue } from '../core/json-value.ts';
import type { QueryAnswer, QueryBatch, QueryColumn } from '../store/tables/run-query.ts';
import { csvField } from './table.ts';
import { inLine, inLines, textWidth } from './text.ts';

/** Rows of an answer up to a limit (0: all), and whether there were more. */
export class Rows {
  more = false;
  readonly columns: readonly QueryColumn[];
  readonly #answer: QueryAnswer;
  readonly #limit: number;

  constructor(answer: QueryAnswer, limit: number) {
    this.columns = answer.columns;
    this.#answer = answer;
    this.#limit = limit;
  }

  async *batches(): AsyncGenerator<QueryBatch> {
    let left = this.#limit === 0 ? Number.POSITIVE_INFINITY : this.#limit;
    for await (const { rows, columns } of this.#answer.batches) {
      if (rows > left) {
        if (left > 0) yield { rows: left, columns: columns.map((values) => values.slice(0, left)) };
        this.more = true;
        return;
      }
      yield { rows, columns };
      left -= rows;
    }
  }
}

function cellText(value: JsonValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A null is an empty field, and an empty text is `""`, so that the two can be told apart. */
function csvCell(value: JsonValue): string {
  if (value === null) return '';
  return value === '' ? '""' : csvField(cellText(value));
}

/** RFC 4180 with a heading and LF line ends. */
export async function* csvAnswer(rows: Rows): AsyncGenerator<string> {
  yield `${rows.columns.map(({ name }) => csvField(name)).join(',')}\n`;
  for await (const { rows: count, columns } of rows.batches()) {
    let text = '';
    for (let row = 0; row < count; row++) {
      for (let at = 0; at < columns.length; at++) {
        if (at > 0) text += ',';
        const value = columns[at]?.[row] as JsonValue;
        text += typeof value === 'number' ? value : csvCell(value);
      }
      text += '\n';
    }
    yield text;
  }
}

/** An array with one object a row, one a line. */
export async function* jsonAnswer(rows: Rows): AsyncGenerator<string> {
  const heads = rows.columns.map(({ name }, at) => `${at === 0 ? '' : ','}${JSON.stringify(name)}:`);
  yield '[';
  yield* rowTexts(rows, (cells, row) => `{${heads.map((head, at) => `${head}${cells[at]?.[row]}`).join('')}}`);
  yield '\n]\n';
}

/** The `--json` document, with the rows as arrays. */
export async function* documentAnswer(rows: Rows): AsyncGenerator<string> {
  yield `{"schema":"cairn.cli.query/1","columns":${JSON.stringify(rows.columns)},"rows":[`;
  yield* rowTexts(rows, (cells, row) => `[${cells.map((column) => column[row]).join(',')}]`);
  yield `\n],"more":${rows.more}}\n`;
}

async function* rowTexts(
  rows: Rows,
  line: (cells: readonly (readonly string[])[], row: number) => string,
): AsyncGenerator<string> {
  let between = '\n';
  for await (const batch of rows.batches()) {
    const cells = batch.columns.map((values) => values.map((value) => JSON.stringify(value)));
    let text = '';
    for (let row = 0; row < batch.rows; row++) {
      text += between + line(cells, row);
      between = ',\n';
    }
    yield text;
  }
}

/** Rows that decide how wide columns are. */
const layoutRows = 1000;
const leastWidth = 6;
const gap = 2;
const numeric = /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\)|BIGNUM)$/;

/** Widths that fit into a line: the widest columns give way first. */
function fitted(widths: readonly number[], line: number | undefined): readonly number[] {
  if (line === undefined) return widths;
  const fit = [...widths];
  const used = (): number => fit.reduce((sum, width) => sum + width, 0) + gap * (fit.length - 1);
  for (let over = used() - line; over > 0; over = used() - line) {
    const widest = Math.max(...fit);
    if (widest <= leastWidth) break; // more columns than fit: the terminal wraps
    const second = Math.max(leastWidth, ...fit.filter((width) => width < widest));
    fit[fit.indexOf(widest)] = Math.max(second - 1, widest - over, leastWidth);
  }
  return fit;
}

function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let short = '';
  for (const character of text) {
    if (textWidth(short + character) > width - 1) break;
    short += character;
  }
  return `${short}…`;
}

export interface TableLook {
  /** Width of the terminal; nothing is cut without one. */
  readonly width: number | undefined;
  readonly heading: (text: string) => string;
}

/** What EXPLAIN answers is a drawing. */
async function* plan(rows: Rows): AsyncGenerator<string> {
  for await (const { columns } of rows.batches()) {
    for (const text of columns[1] ?? []) yield `${inLines(String(text)).trimEnd()}\n`;
  }
}

/** Lines for people: a heading, aligned columns, numbers to the right. */
export async function* tableAnswer(rows: Rows, look: TableLook): AsyncGenerator<string> {
  if (rows.columns.map(({ name }) => name).join() === 'explain_key,explain_value') return yield* plan(rows);
  const titles = rows.columns.map(({ name }) => inLine(name));
  const right = rows.columns.map(({ type }) => numeric.test(type));
  let widths: readonly number[] | undefined;
  const line = (cells: readonly string[]): string => {
    const last = cells.length - 1;
    return cells
      .map((cell, at) => {
        const width = widths?.[at] ?? 0;
        const text = look.width === undefined ? cell : cut(cell, width);
        const space = ' '.repeat(Math.max(0, width - textWidth(text)));
        if (right[at] === true) return space + text;
        return at === last ? text : text + space;
      })
      .join(' '.repeat(gap));
  };
  const block = (lines: readonly (readonly string[])[]): string => {
    if (widths !== undefined) return lines.map((cells) => `${line(cells)}\n`).join('');
    const widest = titles.map((title, at) =>
      lines.reduce((most, cells) => Math.max(most, textWidth(cells[at] as string)), textWidth(title)),
    );
    widths = fitted(widest, look.width);
    return `${look.heading(line(titles))}\n${lines.map((cells) => `${line(cells)}\n`).join('')}`;
  };
  let held: string[][] = [];
  for await (const batch of rows.batches()) {
    const cells = batch.columns.map((values) =>
      values.map((value) => (value === null ? 'NULL' : inLine(cellText(value)))),
    );
    for (let row = 0; row < batch.rows; row++) held.push(cells.map((column) => column[row] as string));
    if (held.length < layoutRows && widths === undefined) continue;
    yield block(held);
    held = [];
  }
  if (held.length > 0 || widths === undefined) yield block(held);
}
