/**
 * JSON evidence as Python writes it, read without loss. core/lossless-value.ts has the values, and their form in a record.
 *
 * The text is RFC 8259 plus the words `NaN`, `Infinity` and `-Infinity` where a value may stand. A number without a fraction
 * and an exponent is a whole number and keeps every digit (bigint); any other is the nearest double, which is what Python holds
 * too. Refused, with line and column: duplicate keys, numbers that overflow a double, whole numbers of more than 4,300 digits
 * (Python's own limit), lone surrogates, nesting deeper than 24, more than a million values, texts of more than 32 Mi characters.
 *
 * The text may be hostile: work is linear in its length and recursion ends at the depth limit.
 */
import { CodedError } from './errors.ts';
import { type LosslessObject, type LosslessValue, setMember } from './lossless-value.ts';

export {
  decodeLossless,
  encodeLossless,
  isLosslessObject,
  type LosslessObject,
  type LosslessValue,
  numberText,
  setMember,
} from './lossless-value.ts';

const depthLimit = 24;
const valueLimit = 1_000_000;
const lengthLimit = 32 * 1024 * 1024;
const digitLimit = 4300;

const numberToken = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const word = /-?[A-Za-z]{1,20}/y;
/** Characters of a string that need thought. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const special = /[\\\u0000-\u001f\ud800-\udfff]/;
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const literals = new Map<string, null | boolean | number>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

class Reader {
  readonly #text: string;
  readonly #what: string;
  #at = 0;
  #values = 0;

  constructor(text: string, what: string) {
    this.#text = text;
    this.#what = what;
  }

  #error(at: number, why: string): CodedError {
    const before = this.#text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    return new CodedError('BAD_JSON', `${this.#what}: ${why} at line ${line}, column ${column}`, {
      data: { line, column },
    });
  }

  #unexpected(wanted: string): CodedError {
    if (this.#at >= this.#text.length) return this.#error(this.#at, `the text ends where ${wanted} should be`);
    const token = this.#match(word) || String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    return this.#error(this.#at, `${JSON.stringify(token)} where ${wanted} should be`);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0] ?? '';
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #take(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  read(): LosslessValue {
    if (this.#text.length > lengthLimit) throw this.#error(0, `more than ${lengthLimit} characters`);
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected('the end of the text');
    return value;
  }

  #value(depth: number): LosslessValue {
    this.#skipSpace();
    if (++this.#values > valueLimit) throw this.#error(this.#at, `more than ${valueLimit} values`);
    const first = this.#text[this.#at];
    if (first === '{' || first === '[') {
      if (depth >= depthLimit) throw this.#error(this.#at, `nesting more than ${depthLimit} deep`);
      this.#at++;
      return first === '{' ? this.#members(depth + 1) : this.#elements(depth + 1);
    }
    if (first === '"') return this.#string();
    if (first !== undefined && (first > '9' || first === '-')) {
      const literal = this.#match(word);
      const known = literals.get(literal);
      if (known !== undefined) {
        this.#at += literal.length;
        return known;
      }
    }
    return this.#number();
  }

  #elements(depth: number): LosslessValue[] {
    const array: LosslessValue[] = [];
    if (this.#take(']')) return array;
    do array.push(this.#value(depth));
    while (this.#take(','));
    if (!this.#take(']')) throw this.#unexpected('"," or "]"');
    return array;
  }

  #members(depth: number): LosslessObject {
    const object: { [key: string]: LosslessValue } = {};
    if (this.#take('}')) return object;
    do {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#unexpected('a key in double quotes');
      const start = this.#at;
      const key = this.#string();
      if (Object.hasOwn(object, key)) throw this.#error(start, `the key ${JSON.stringify(key)} appears twice`);
      if (!this.#take(':')) throw this.#unexpected('":"');
      setMember(object, key, this.#value(depth));
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#unexpected('"," or "}"');
    return object;
  }

  /** A number that is short and has no exponent, which nearly all are; undefined for any other. */
  #shortNumber(): number | bigint | undefined {
    const text = this.#text;
    const first = text.charCodeAt(this.#at) === 0x2d ? this.#at + 1 : this.#at;
    let end = first;
    while (isDigit(text.charCodeAt(end))) end++;
    const whole = end - first;
    if (whole === 0 || whole > 15 || (whole > 1 && text.charCodeAt(first) === 0x30)) return undefined;
    const hasFraction = text.charCodeAt(end) === 0x2e;
    if (hasFraction) {
      do end++;
      while (isDigit(text.charCodeAt(end)));
      if (!isDigit(text.charCodeAt(end - 1))) return undefined;
    }
    const next = text.charCodeAt(end);
    if (next === 0x65 || next === 0x45) return undefined;
    const value = Number(text.slice(this.#at, end));
    this.#at = end;
    return hasFraction ? value : BigInt(value);
  }

  #number(): number | bigint {
    const short = this.#shortNumber();
    if (short !== undefined) return short;
    numberToken.lastIndex = this.#at;
    const match = numberToken.exec(this.#text);
    if (match === null) throw this.#unexpected('a value');
    const [token, fraction, exponent] = match;
    if (fraction === undefined && exponent === undefined) {
      if (token.length > digitLimit) throw this.#error(this.#at, `a whole number of more than ${digitLimit} digits`);
      this.#at += token.length;
      return BigInt(token);
    }
    const value = Number(token);
    if (!Number.isFinite(value)) throw this.#error(this.#at, `the number ${token.slice(0, 40)} overflows`);
    this.#at += token.length;
    return value;
  }

  #string(): string {
    const start = this.#at;
    const close = this.#text.indexOf('"', start + 1);
    const plain = close < 0 ? undefined : this.#text.slice(start + 1, close);
    if (plain !== undefined && !special.test(plain)) {
      this.#at = close + 1;
      return plain;
    }
    let end = start + 1;
    for (;;) {
      const code = this.#text.charCodeAt(end);
      if (Number.isNaN(code)) throw this.#error(start, 'a string without an end');
      if (code === 0x22) break;
      if (code < 0x20) throw this.#error(end, 'a control character inside a string');
      end += code === 0x5c ? 2 : 1;
    }
    let text: string;
    try {
      text = JSON.parse(this.#text.slice(start, end + 1)) as string;
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw this.#error(start, 'a string with an escape that JSON does not have');
    }
    if (!text.isWellFormed()) throw this.#error(start, 'a string with a lone surrogate');
    this.#at = end + 1;
    return text;
  }
}

/** The value of a JSON text as Python writes it. `what` names it in errors. Throws BAD_JSON with `data.line` and `data.column`. */
export function parseLosslessJson(text: string, what: string): LosslessValue {
  return new Reader(text, what).read();
}
