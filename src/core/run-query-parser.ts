/**
 * Reading questions about runs (run-query.ts says what they look like and mean).
 *
 * The text may be hostile: it is at most 4,096 long and nested at most 32 deep, and it is only ever looked at.
 */
import { CodedError } from './errors.ts';
import { globMatcher } from './glob.ts';
import type { JsonValue } from './json-value.ts';
import { ownFields, type RunCondition, type RunField, type RunOrder } from './run-query.ts';

const namedKinds = ['metric', 'param', 'tag'] as const;
const longest = 4096;
const deepest = 32;
const token =
  /\s*(?:(?<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))|(?<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<word>[A-Za-z_][\w-]*)|(?<mark>==|!=|<=|>=|[<>~().,=+-]))/y;

interface Token {
  readonly kind: 'number' | 'text' | 'word' | 'mark' | 'end';
  readonly text: string;
  readonly at: number;
}

class Reader {
  readonly #source: string;
  readonly #what: string;
  readonly #tokens: Token[] = [];
  #next = 0;
  #depth = 0;

  constructor(source: string, what: string) {
    this.#source = source;
    this.#what = what;
    if (source.length > longest) throw this.fault(0, `it is longer than ${longest} characters`);
    token.lastIndex = 0;
    let at = 0;
    for (let match = token.exec(source); match !== null; match = token.exec(source)) {
      at = token.lastIndex;
      const { number, quoted, word, mark } = match.groups as { [name: string]: string | undefined };
      const text = number ?? quoted ?? word ?? mark ?? '';
      const kind =
        number !== undefined ? 'number' : quoted !== undefined ? 'text' : word !== undefined ? 'word' : 'mark';
      const body = kind === 'text' ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text;
      this.#tokens.push({ kind, text: body, at: at - text.length });
    }
    const rest = source.slice(at).search(/\S/);
    if (rest >= 0)
      throw this.fault(at + rest, `${JSON.stringify(source.slice(at + rest, at + rest + 10))} is not understood`);
    this.#tokens.push({ kind: 'end', text: '', at: source.length });
  }

  fault(at: number, why: string): CodedError {
    return new CodedError('BAD_ARGUMENT', `${this.#what}: ${why}, at character ${at + 1}`, {
      hint: 'For example: metric.mean_ic > 0.02 and param.window == 20 and not tag.stage == "draft"',
      data: { argument: this.#what, value: this.#source.slice(0, 200), position: at + 1 },
    });
  }

  get here(): Token {
    return this.#tokens[this.#next] as Token;
  }

  take(kind: Token['kind'], text?: string): Token | undefined {
    const found = this.here;
    if (found.kind !== kind || (text !== undefined && found.text !== text)) return undefined;
    this.#next++;
    return found;
  }

  unexpected(wanted: string): CodedError {
    const found = this.here;
    return this.fault(
      found.at,
      `${wanted} should stand where ${found.kind === 'end' ? 'it ends' : JSON.stringify(found.text)} is`,
    );
  }

  field(): RunField {
    const start = this.here.at;
    const first = this.take('word');
    if (first === undefined) throw this.unexpected('a field');
    const path: string[] = [];
    let end = start + first.text.length;
    while (this.take('mark', '.') !== undefined) {
      const step = this.take('word') ?? this.take('text') ?? this.take('number');
      if (step === undefined) throw this.unexpected('a name');
      path.push(step.text);
      end = this.here.kind === 'end' ? this.#source.trimEnd().length : this.here.at;
    }
    const text = this.#source.slice(start, end).trim();
    const kind = namedKinds.find((one) => one === first.text);
    if (kind === undefined && path.length === 0 && Object.hasOwn(ownFields, first.text))
      return { kind: 'own', text, path: [first.text] };
    if (kind !== undefined && path.length > 0) return { kind, text, path };
    if (kind !== undefined) throw this.fault(start, `${first.text} needs a name: ${first.text}.NAME`);
    throw this.fault(
      start,
      `there is no field ${JSON.stringify(text)}; there are metric.NAME, param.NAME, tag.NAME, ${Object.keys(ownFields).join(', ')}`,
    );
  }

  value(): JsonValue {
    const number = this.take('number');
    if (number !== undefined) return Number(number.text);
    const text = this.take('text');
    if (text !== undefined) return text.text;
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (this.take('word', word) !== undefined) return value;
    }
    if (this.here.kind === 'word') throw this.fault(this.here.at, `a text stands in quotes: "${this.here.text}"`);
    throw this.unexpected('a value');
  }

  any(): RunCondition {
    return this.terms('or', () => this.terms('and', () => this.term()));
  }

  terms(op: 'and' | 'or', one: () => RunCondition): RunCondition {
    const terms = [one()];
    while (this.take('word', op) !== undefined) terms.push(one());
    return terms.length === 1 ? (terms[0] as RunCondition) : { op, terms };
  }

  term(): RunCondition {
    if (++this.#depth > deepest) throw this.fault(this.here.at, `it is nested more than ${deepest} deep`);
    try {
      if (this.take('word', 'not') !== undefined) return { op: 'not', term: this.term() };
      if (this.take('mark', '(') === undefined) return this.comparison();
      const inner = this.any();
      if (this.take('mark', ')') === undefined) throw this.unexpected('")"');
      return inner;
    } finally {
      this.#depth--;
    }
  }

  comparison(): RunCondition {
    const field = this.field();
    const single = this.take('mark', '=');
    if (single !== undefined) throw this.fault(single.at, 'equal is written ==');
    for (const op of ['==', '!=', '<=', '>=', '<', '>'] as const) {
      if (this.take('mark', op) !== undefined) return { op, field, value: this.value() };
    }
    if (this.take('mark', '~') !== undefined) {
      const pattern = this.take('text');
      if (pattern === undefined) throw this.unexpected('a pattern in quotes');
      return { op: '~', field, pattern: pattern.text, matches: globMatcher(pattern.text) };
    }
    if (this.take('word', 'in') === undefined) return { op: 'has', field };
    if (this.take('mark', '(') === undefined) throw this.unexpected('"("');
    const values = [this.value()];
    while (this.take('mark', ',') !== undefined) values.push(this.value());
    if (this.take('mark', ')') === undefined) throw this.unexpected('")"');
    return { op: 'in', field, values };
  }

  end(separators: string): void {
    if (this.here.kind !== 'end') throw this.unexpected(`${separators} or the end`);
  }
}

/** Reads a condition. `what` names the option in errors. Throws BAD_ARGUMENT with the position. */
export function parseCondition(text: string, what = '--where'): RunCondition {
  const reader = new Reader(text, what);
  const condition = reader.any();
  reader.end('"and", "or"');
  return condition;
}

/** Reads a list of fields: `--columns run,metric.mean_ic`. */
export function parseFields(text: string, what = '--columns'): readonly RunField[] {
  const reader = new Reader(text, what);
  const fields = [reader.field()];
  while (reader.take('mark', ',') !== undefined) fields.push(reader.field());
  reader.end('","');
  return fields;
}

/** Reads an order: `-metric.mean_ic,created`; a minus in front puts the largest first. */
export function parseOrder(text: string, what = '--sort'): readonly RunOrder[] {
  const reader = new Reader(text, what);
  const order: RunOrder[] = [];
  do {
    const descending = reader.take('mark', '-') !== undefined;
    if (!descending) reader.take('mark', '+');
    order.push({ field: reader.field(), descending });
  } while (reader.take('mark', ',') !== undefined);
  reader.end('","');
  return order;
}
