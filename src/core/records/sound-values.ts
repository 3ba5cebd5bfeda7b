/**
 * Checks out of which a quick look at a whole record is made (sound-run.ts, sound-context.ts). They accept less than the record's
 * schema or the same, never more; what they do not accept is left to the schema, which costs 15 ms to load.
 */
import { isFullId } from '../ids.ts';

export type Check = (value: unknown) => boolean;

export const isText: Check = (value) => typeof value === 'string' && value.isWellFormed();
export const isShort: Check = (value) =>
  typeof value === 'string' && value.length > 0 && value.length <= 4096 && value.isWellFormed();
export const isHash: Check = (value) => typeof value === 'string' && isFullId(value);
export const isBoolean: Check = (value) => typeof value === 'boolean';
export const isInteger: Check = (value) => Number.isSafeInteger(value);
export const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
export const isOneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
export const isTime: Check = (value) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);

export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export const list =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item);
export const map =
  (item: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every(item);

/** An object with exactly these members; those in `optional` may be missing. */
export function members(
  required: { readonly [name: string]: Check },
  optional: { readonly [name: string]: Check } = {},
): Check {
  const names = Object.keys(required);
  // No look-up in an object: a hostile name may be one that every object has.
  const checks = new Map([...Object.entries(required), ...Object.entries(optional)]);
  return (value) =>
    isObject(value) &&
    names.every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, member]) => checks.get(name)?.(member) === true);
}

export const isCount: Check = (value) => isInteger(value) && (value as number) >= 0;
export const isPositive: Check = (value) => isInteger(value) && (value as number) > 0;
