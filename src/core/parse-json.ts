/**
 * JSON (RFC 8259) written by people: run files, policies, parameters. Whitespace is free; everything that another parser
 * would silently repair is refused with its line and column: duplicate keys, NaN and Infinity, numbers that overflow,
 * whole numbers beyond 2^53 - 1, lone surrogates, nesting deeper than 64.
 *
 * The text may be hostile: work is linear in its length and recursion ends at the depth limit.
 */
import { CodedError } from './errors.ts';
import { isExactNumber, type JsonValue, maxJsonDepth } from './json-value.ts';

const whitespace = /[ \t\n\r]*/y;
const numberToken = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const word = /[A-Za-z]{1,20}/y;
const literals = new Map<string, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

class Reader {
  readonly text: string;
  readonly what: string;
  at = 0;

  constructor(text: string, what: string) {
    this.text = text;
    this.what = what;
  }

  error(at: number, why: string, hint?: string): CodedError {
    const before = this.text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    return new CodedError('BAD_JSON', `${this.what}: ${why} at line ${line}, column ${column}`, {
      hint,
      data: { line, column },
    });
  }

  unexpected(wanted: string): CodedError {
    const token = this.match(word) || String.fromCodePoint(this.text.codePointAt(this.at) ?? 0);
    if (this.at >= this.text.length) return this.error(this.at, `the text ends where ${wanted} should be`);
    const hint = /^(NaN|Infinity)$/.test(token) ? `JSON has no ${token}; use null or a string.` : undefined;
    return this.error(this.at, `${JSON.stringify(token)} where ${wanted} should be`, hint);
  }

  /** The text that a sticky expression matches here; does not advance. */
  match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)?.[0] ?? '';
  }

  skipSpace(): void {
    this.at += this.match(whitespace).length;
  }

  /** Skips whitespace, then the character if it is there. */
  take(character: string): boolean {
    this.skipSpace();
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  value(depth: number): JsonValue {
    this.skipSpace();
    const first = this.text[this.at];
    if (first === '{' || first === '[') {
      if (depth >= maxJsonDepth) throw this.error(this.at, `nesting more than ${maxJsonDepth} deep`);
      this.at++;
      return first === '{' ? this.members(depth + 1) : this.elements(depth + 1);
    }
    if (first === '"') return this.string();
    const literal = this.match(word);
    const known = literals.get(literal);
    if (known !== undefined) {
      this.at += literal.length;
      return known;
    }
    return this.number();
  }

  elements(depth: number): JsonValue[] {
    const array: JsonValue[] = [];
    if (this.take(']')) return array;
    do array.push(this.value(depth));
    while (this.take(','));
    if (!this.take(']')) throw this.unexpected('"," or "]"');
    return array;
  }

  members(depth: number): { [key: string]: JsonValue } {
    const object: { [key: string]: JsonValue } = {};
    if (this.take('}')) return object;
    do {
      this.skipSpace();
      if (this.text[this.at] !== '"') throw this.unexpected('a key in double quotes');
      const start = this.at;
      const key = this.string();
      if (Object.hasOwn(object, key)) throw this.error(start, `the key ${JSON.stringify(key)} appears twice`);
      if (!this.take(':')) throw this.unexpected('":"');
      // Not an assignment: the key may be __proto__.
      Object.defineProperty(object, key, {
        value: this.value(depth),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    } while (this.take(','));
    if (!this.take('}')) throw this.unexpected('"," or "}"');
    return object;
  }

  number(): number {
    const token = this.match(numberToken);
    if (token === '') throw this.unexpected('a value');
    const value = Number(token);
    if (!isExactNumber(value)) {
      throw this.error(this.at, `the number ${token.slice(0, 40)} cannot be held exactly`, 'Write it as a string.');
    }
    this.at += token.length;
    return value;
  }

  string(): string {
    const start = this.at;
    let end = start + 1;
    let escaped = false;
    for (;;) {
      const code = this.text.charCodeAt(end);
      if (Number.isNaN(code)) throw this.error(start, 'a string without an end');
      if (code === 0x22) break;
      if (code < 0x20) throw this.error(end, 'a control character inside a string');
      if (code === 0x5c) {
        escaped = true;
        end++;
      }
      end++;
    }
    this.at = end + 1;
    const string = escaped ? this.unescape(start) : this.text.slice(start + 1, end);
    if (!string.isWellFormed()) throw this.error(start, 'a string with a lone surrogate');
    return string;
  }

  unescape(start: number): string {
    try {
      return JSON.parse(this.text.slice(start, this.at)) as string;
    } catch {
      throw this.error(start, 'a string with an escape that JSON does not have');
    }
  }
}

/**
 * The value of a JSON text from a person. `what` names the document in errors. Throws BAD_JSON with `data.line` and
 * `data.column`, both from 1, the column in UTF-16 units.
 */
export function parseJson(text: string, what: string): JsonValue {
  const reader = new Reader(text, what);
  const value = reader.value(0);
  reader.skipSpace();
  if (reader.at < text.length) throw reader.unexpected('the end of the text');
  return value;
}
