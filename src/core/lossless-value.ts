/**
 * Values without loss: JSON in which whole numbers have any size and stay apart from floats, and numbers may be none.
 *
 * In a record (canonical JSON) a value stands as itself where that loses nothing, else as a tagged object:
 *
 *   1, -7            whole numbers up to 2^53 - 1
 *   0.25             doubles that are not whole
 *   {"$number": t}   t = "9223372036854775807" (a whole number beyond), "1.0" (a double that is whole), "1e+300", "-0.0",
 *                    "NaN", "Infinity", "-Infinity"
 *   {"$object": o}   an object that itself has exactly one member, `$number` or `$object`
 */
import { CodedError } from './errors.ts';
import type { JsonValue } from './json-value.ts';

export type LosslessValue =
  | null
  | boolean
  | string
  | bigint
  | number
  | readonly LosslessValue[]
  | { readonly [key: string]: LosslessValue };
export type LosslessObject = { readonly [key: string]: LosslessValue };

/** Sets a member whatever it is called, `__proto__` included. */
export function setMember<T>(object: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else object[key] = value;
}

export function isLosslessObject(value: LosslessValue | undefined): value is LosslessObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const tags = ['$number', '$object'];

function isTagged(object: object): boolean {
  const keys = Object.keys(object);
  return keys.length === 1 && tags.includes(keys[0] as string);
}

/** A number as Python prints it: `1.0`, `-0.0`, `1e+300`, `NaN`; whole numbers with all their digits. */
export function numberText(value: number | bigint): string {
  if (typeof value === 'bigint') return value.toString();
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}

/** The form of a value in a record, as the header says. */
export function encodeLossless(value: LosslessValue): JsonValue {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : { $number: value.toString() };
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Number.isInteger(value) ? value : { $number: numberText(value) };
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(encodeLossless);
  const object: { [key: string]: JsonValue } = {};
  for (const [key, member] of Object.entries(value as LosslessObject)) setMember(object, key, encodeLossless(member));
  return isTagged(value) ? { $object: object } : object;
}

const wholeNumber = /^-?(?:0|[1-9][0-9]{0,4299})$/;
const fraction = /^-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:e[+-][0-9]{1,3})?$/;
const words = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/** The inverse of `encodeLossless`. Throws BAD_JSON for a tag that no value has. */
export function decodeLossless(value: JsonValue): LosslessValue {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decodeLossless);
  if (!isTagged(value)) return decodeMembers(value);
  const { $number: text, $object: inner } = value;
  if (typeof text === 'string') {
    if (wholeNumber.test(text)) return BigInt(text);
    const number = words.get(text) ?? (fraction.test(text) ? Number(text) : undefined);
    if (number !== undefined && numberText(number) === text) return number;
  }
  if (typeof inner === 'object' && inner !== null && !Array.isArray(inner) && isTagged(inner))
    return decodeMembers(inner);
  throw new CodedError('BAD_JSON', 'a tagged value that no evidence has', {
    hint: 'It was not written by cairn.',
  });
}

function decodeMembers(value: { readonly [key: string]: JsonValue }): LosslessObject {
  const object: { [key: string]: LosslessValue } = {};
  for (const [key, member] of Object.entries(value)) setMember(object, key, decodeLossless(member));
  return object;
}
