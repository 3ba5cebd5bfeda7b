/**
 * Parameters, tags and metrics from the command line, and the part of a configuration file that is identity.
 *
 * `k=v` takes v as a JSON scalar where it is exactly one (a number, true, false, null), else as text; whole numbers beyond
 * 2^53 - 1 and numbers that overflow stay text, so nothing is rounded. `k:=<json>` forces JSON. Every function here throws
 * BAD_ARGUMENT naming the argument.
 */
import { CodedError, isCodedError } from './errors.ts';
import { isExactNumber, type JsonValue, jsonPathStep } from './json-value.ts';
import { parseJson } from './parse-json.ts';

const jsonNumber = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const metricNumber = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

function badArgument(text: string, why: string, hint: string, cause?: unknown): CodedError {
  const shown = text.toWellFormed().slice(0, 80);
  return new CodedError('BAD_ARGUMENT', `${JSON.stringify(shown)}: ${why}`, { hint, data: { value: shown }, cause });
}

/** Splits at the first `=`. */
function splitAssignment(text: string, hint: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 0) throw badArgument(text, 'there is no "="', hint);
  if (at === 0) throw badArgument(text, 'there is no name before the "="', hint);
  if (!text.isWellFormed()) throw badArgument(text, 'it holds a lone surrogate', hint);
  return [text.slice(0, at), text.slice(at + 1)];
}

function scalar(text: string): JsonValue {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text === 'null') return null;
  if (!jsonNumber.test(text)) return text;
  const value = Number(text);
  if (!isExactNumber(value)) return text;
  return value === 0 ? 0 : value;
}

/** A parameter: `k=v` or `k:=json`. */
export function parseParam(text: string): [name: string, value: JsonValue] {
  const hint = 'Write --param name=value, or --param name:=<json>.';
  const [name, value] = splitAssignment(text, hint);
  if (!name.endsWith(':')) return [name, scalar(value)];
  if (name === ':') throw badArgument(text, 'there is no name before the ":="', hint);
  try {
    return [name.slice(0, -1), parseJson(value, 'its value')];
  } catch (cause) {
    if (!isCodedError(cause, 'BAD_JSON')) throw cause;
    throw badArgument(text, cause.message, cause.hint ?? hint, cause);
  }
}

/** A tag: `k=v`, the value always text and possibly empty. */
export function parseTag(text: string): [name: string, value: string] {
  return splitAssignment(text, 'Write --tag name=value.');
}

/** A metric: `k=1.5`, a finite decimal number; whole numbers within ±(2^53 - 1), as records hold them. */
export function parseMetric(text: string): [name: string, value: number] {
  const hint = 'Write --metric name=1.5, with a finite number.';
  const [name, digits] = splitAssignment(text, hint);
  const value = metricNumber.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isFinite(value)) throw badArgument(text, 'a metric is a finite number', hint);
  if (!isExactNumber(value)) throw badArgument(text, 'a whole number beyond 2^53 - 1 cannot be recorded', hint);
  return [name, value === 0 ? 0 : value];
}

const volatileKeys = new Set(['ts_utc', 'created_utc', 'timestamp', 'out_dir', 'output_dir', 'path', 'paths']);

function isTextOrTexts(value: JsonValue): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.every((element) => typeof element === 'string'));
}

function withoutVolatile(value: JsonValue, path: string, dropped: string[]): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((element, index) => withoutVolatile(element, path + jsonPathStep(index), dropped));
  }
  const kept: [string, JsonValue][] = [];
  for (const [key, member] of Object.entries(value)) {
    const place = path + jsonPathStep(key);
    if (volatileKeys.has(key) && isTextOrTexts(member)) dropped.push(place);
    else kept.push([key, withoutVolatile(member, place, dropped)]);
  }
  return Object.fromEntries(kept);
}

/**
 * A configuration without the times and places that are no part of its meaning: `ts_utc`, `created_utc`, `timestamp`,
 * `out_dir`, `output_dir`, `path` and `paths`, at every depth, where the value is a text or a list of texts. `dropped`
 * holds their JSON paths in document order. The input is not changed.
 */
export function dropVolatileKeys(config: JsonValue): { params: JsonValue; dropped: string[] } {
  const dropped: string[] = [];
  return { params: withoutVolatile(config, '$', dropped), dropped };
}
