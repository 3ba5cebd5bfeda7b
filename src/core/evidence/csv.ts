/**
 * Small tables in CSV (RFC 4180) as evidence: the first line names the columns. A byte order mark is skipped, lines end with LF or
 * CR LF, a field in double quotes may hold commas, line breaks and doubled quotes. Everything that readers of CSV disagree about
 * is refused with line and column: a row with another number of fields, a name twice, a quote inside a bare field, text behind a
 * closing quote. At most 100,000 rows of 256 columns. Work is linear.
 *
 * A cell without quotes is a number where it looks like one (whole numbers keep every digit, and `nan`, `inf`, `Infinity` are
 * numbers that are none), null where it is empty, `true` or `false` as Python writes them, else text. Cells in quotes, and those
 * of the columns that the caller names, are texts.
 */
import { CodedError } from '../errors.ts';
import { type LosslessObject, type LosslessValue, setMember } from '../lossless-json.ts';

const rowLimit = 100_000;
const columnLimit = 256;

interface Field {
  readonly text: string;
  readonly quoted: boolean;
}

const bare = /[^,"\r\n]*/y;
const quoted = /"((?:[^"]|"")*)"/y;
const whole = /^[+-]?[0-9]{1,4300}$/;
const decimal = /^[+-]?(?:[0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?$/;
const words = new Map<string, LosslessValue>([
  ['', null],
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['+infinity', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
  ['true', true],
  ['false', false],
]);

function cell({ text, quoted }: Field): LosslessValue {
  if (quoted) return text;
  const trimmed = text.trim();
  const word = words.get(trimmed.toLowerCase());
  if (word !== undefined) return word;
  if (whole.test(trimmed)) return BigInt(trimmed.replace(/^\+/, ''));
  if (!decimal.test(trimmed)) return text;
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : text;
}

class CsvReader {
  readonly #text: string;
  readonly #what: string;
  #at: number;

  constructor(text: string, what: string) {
    this.#text = text;
    this.#what = what;
    this.#at = text.startsWith('\ufeff') ? 1 : 0;
  }

  error(at: number, why: string): CodedError {
    const before = this.#text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    return new CodedError('BAD_JSON', `${this.#what}: ${why} at line ${line}, column ${column}`, {
      data: { line, column },
    });
  }

  get at(): number {
    return this.#at;
  }

  get ended(): boolean {
    return this.#at >= this.#text.length;
  }

  #field(): Field {
    const pattern = this.#text[this.#at] === '"' ? quoted : bare;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) throw this.error(this.#at, 'a quoted field without an end');
    this.#at += match[0].length;
    const next = this.#text[this.#at];
    if (next !== undefined && next !== ',' && next !== '\n' && next !== '\r') {
      throw this.error(
        this.#at,
        pattern === bare ? 'a quote inside a field without quotes' : 'text behind a closing quote',
      );
    }
    return { text: match[1]?.replaceAll('""', '"') ?? match[0], quoted: match[1] !== undefined };
  }

  row(): Field[] {
    const fields = [this.#field()];
    while (this.#text[this.#at] === ',') {
      this.#at++;
      if (fields.length >= columnLimit) throw this.error(this.#at, `more than ${columnLimit} columns`);
      fields.push(this.#field());
    }
    if (this.#text[this.#at] === '\r') {
      if (this.#text[this.#at + 1] !== '\n') throw this.error(this.#at, 'a carriage return without a line feed');
      this.#at++;
    }
    this.#at++;
    return fields;
  }
}

function isBlank(fields: readonly Field[]): boolean {
  return fields.length === 1 && fields[0]?.text === '' && !fields[0].quoted;
}

/** The rows of a CSV text. `what` names it in errors. Throws BAD_JSON with `data.line` and `data.column`. */
export function parseCsv(text: string, what: string, textColumns: readonly string[] = []): LosslessObject[] {
  const reader = new CsvReader(text, what);
  if (reader.ended) throw reader.error(reader.at, 'no line with the names of the columns');
  const names = reader.row().map((field) => field.text.trim());
  names.forEach((name, index) => {
    if (names.indexOf(name) !== index) throw reader.error(0, `the column ${JSON.stringify(name)} appears twice`);
    if (!name.isWellFormed()) throw reader.error(0, 'the name of a column with a lone surrogate');
  });
  const rows: LosslessObject[] = [];
  while (!reader.ended) {
    const start = reader.at;
    const fields = reader.row();
    if (isBlank(fields)) continue;
    if (fields.length !== names.length) {
      throw reader.error(start, `${fields.length} fields where the first line names ${names.length}`);
    }
    if (rows.length >= rowLimit) throw reader.error(start, `more than ${rowLimit} rows`);
    const row: { [name: string]: LosslessValue } = {};
    fields.forEach((field, index) => {
      const name = names[index] as string;
      const value = textColumns.includes(name) && field.text.trim() !== '' ? field.text.trim() : cell(field);
      setMember(row, name, value);
    });
    rows.push(row);
  }
  return rows;
}
