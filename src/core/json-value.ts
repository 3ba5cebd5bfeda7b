/**
 * What a JSON value is here, and how a place inside one is written. Shared by the canonical form, the lenient parser
 * and everything that walks configuration.
 *
 * A path starts with `$`; an identifier key follows as `.key`, any other key as `["key"]`, an array index as `[2]`.
 */

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** Containers nested deeper than this are refused everywhere. A scalar has depth 0, `[]` has depth 1. */
export const maxJsonDepth = 64;

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The text of one more step on a JSON path. */
export function jsonPathStep(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return identifier.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** A place in a JSON value: `$.a[2]`. */
export function jsonPath(steps: readonly (string | number)[]): string {
  return `$${steps.map(jsonPathStep).join('')}`;
}

/** A number that loses nothing as JSON: finite, and below 2^53 in magnitude when it is whole. */
export function isExactNumber(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}
