/**
 * Canonical JSON (RFC 8785, JCS): the one text of a value, so that its hash can name it.
 *
 * The form: no whitespace; object members sorted by the UTF-16 code units of their names; strings and numbers as
 * ECMAScript's JSON.stringify writes them; UTF-8 without a byte order mark. Narrower than the RFC in four ways, all of
 * them refusals: whole numbers stay within ±(2^53 - 1) (larger ones are strings), strings hold no lone surrogate, nesting
 * is at most 64 deep, and nothing is dropped or converted (undefined, NaN, holes, dates and class instances are errors).
 *
 * Invariants: equal values have equal texts; `parseCanonical(canonicalBytes(v))` gives `v` (with -0 as 0); bytes that
 * `parseCanonical` accepts are the only bytes of their value, so a duplicate key, whitespace or rounding cannot hide.
 */
import { utf8, utf8Decode } from './bytes.ts';
import { CodedError } from './errors.ts';
import { isExactNumber, type JsonValue, jsonPath, maxJsonDepth } from './json-value.ts';
import { parseJson } from './parse-json.ts';

export type { JsonValue } from './json-value.ts';
export { parseJson } from './parse-json.ts';

type Trail = (string | number)[];

function refused(trail: Trail, why: string): CodedError {
  const path = jsonPath(trail);
  return new CodedError('BAD_JSON', `cannot be canonical JSON: ${path} ${why}`, { data: { path } });
}

/** A finite number as RFC 8785 section 3.2.2.3 writes it, which is ECMAScript's Number-to-string. -0 is `0`. */
export function formatNumber(value: number): string {
  return JSON.stringify(value);
}

function writeNumber(value: number, trail: Trail): string {
  if (isExactNumber(value)) return formatNumber(value);
  if (!Number.isFinite(value)) throw refused(trail, `is ${value}`);
  throw refused(trail, `is the whole number ${value}, beyond 2^53 - 1; write it as a string`);
}

function writeArray(array: readonly unknown[], trail: Trail): string {
  let text = '[';
  for (let index = 0; index < array.length; index++) {
    trail.push(index);
    const element = array[index];
    if (element === undefined && !Object.hasOwn(array, index)) throw refused(trail, 'is a hole');
    text += index === 0 ? write(element, trail) : `,${write(element, trail)}`;
    trail.pop();
  }
  return `${text}]`;
}

/** The names of an object in the order of their UTF-16 code units, which is the order of `<` on strings. */
function sortedKeys(object: object): string[] {
  const keys = Object.keys(object);
  for (let index = 1; index < keys.length; index++) {
    // The default order is by UTF-16 code units, as the RFC wants.
    if ((keys[index - 1] as string) > (keys[index] as string)) return keys.sort();
  }
  return keys;
}

function writeObject(object: object, trail: Trail): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) throw refused(trail, 'is not a plain object');
  if (Object.getOwnPropertySymbols(object).length > 0) throw refused(trail, 'has a symbol as a key');
  let text = '{';
  for (const key of sortedKeys(object)) {
    trail.push(key);
    if (!key.isWellFormed()) throw refused(trail, 'has a lone surrogate in its name');
    const member = `${JSON.stringify(key)}:${write((object as { [key: string]: unknown })[key], trail)}`;
    text += text.length === 1 ? member : `,${member}`;
    trail.pop();
  }
  return `${text}}`;
}

function write(value: unknown, trail: Trail): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw refused(trail, 'holds a lone surrogate');
      return JSON.stringify(value);
    case 'number':
      return writeNumber(value, trail);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (trail.length >= maxJsonDepth) throw refused(trail, `is nested more than ${maxJsonDepth} deep`);
      return Array.isArray(value) ? writeArray(value, trail) : writeObject(value, trail);
    default:
      throw refused(trail, typeof value === 'undefined' ? 'is undefined' : `is a ${typeof value}`);
  }
}

/** Texts of names with their colons: a table of evidence has few names, thousands of times each. */
const nameTexts = new Map<string, string>();
const nameTextLimit = 1000;

function nameText(name: string): string {
  const known = nameTexts.get(name);
  if (known !== undefined) return known;
  if (!name.isWellFormed()) return '';
  const text = `${JSON.stringify(name)}:`;
  if (nameTexts.size < nameTextLimit && name.length <= 64) nameTexts.set(name, text);
  return text;
}

/** As `write`, without knowing where it is; '' for whatever is to be refused, which `write` then says better. */
function writeQuickly(value: unknown, depth: number): string {
  if (typeof value === 'number') return isExactNumber(value) ? String(value) : '';
  if (typeof value === 'string') return value.isWellFormed() ? JSON.stringify(value) : '';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null) return 'null';
  if (typeof value !== 'object' || depth >= maxJsonDepth) return '';
  let text = '';
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const element = writeQuickly(value[index], depth + 1);
      if (element === '') return '';
      text += index === 0 ? element : `,${element}`;
    }
    return `[${text}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return '';
  if (Object.getOwnPropertySymbols(value).length > 0) return '';
  for (const key of sortedKeys(value)) {
    const name = nameText(key);
    const member = writeQuickly((value as { [key: string]: unknown })[key], depth + 1);
    if (name === '' || member === '') return '';
    text += text === '' ? name + member : `,${name}${member}`;
  }
  return `{${text}}`;
}

/** The canonical text of a value. Throws BAD_JSON naming the path of what JSON cannot hold. */
export function canonicalize(value: unknown): string {
  const text = writeQuickly(value, 0);
  return text === '' ? write(value, []) : text;
}

/** The canonical text as UTF-8. Throws as `canonicalize` does. */
export function canonicalBytes(value: unknown): Uint8Array {
  return utf8(canonicalize(value));
}

/** Index of the first byte in which two byte strings differ. */
function firstDifference(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) if (left[index] !== right[index]) return index;
  return shared;
}

function notCanonical(why: string, data: { offset?: number } = {}, cause?: unknown): CodedError {
  return new CodedError('BAD_JSON', `not canonical JSON: ${why}`, { data, cause });
}

/**
 * The value of canonical bytes; anything else throws BAD_JSON with a reason. The bytes may be hostile: work is linear in
 * their length, and depth is bounded before any recursion of ours. `data.offset` is the first byte that differs from
 * the canonical text, where there is one.
 */
export function parseCanonical(bytes: Uint8Array): JsonValue {
  let text: string;
  try {
    text = utf8Decode(bytes);
  } catch (cause) {
    throw notCanonical('not valid UTF-8', {}, cause);
  }
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (cause) {
    parseJson(text, 'not canonical JSON'); // throws with a position
    throw notCanonical('not JSON', {}, cause);
  }
  const canonical = canonicalize(value);
  if (canonical === text) return value;
  parseJson(text, 'not canonical JSON'); // names a duplicate key as such
  const offset = firstDifference(bytes, utf8(canonical));
  throw notCanonical(`differs from the canonical text at byte ${offset}`, { offset });
}
