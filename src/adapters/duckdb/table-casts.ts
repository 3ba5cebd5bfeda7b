/**
 * Casts that lose nothing. DuckDB's own are generous: '1.5' becomes the integer 2, and a time with an offset becomes one
 * without. Here a text must be written as its type is written, and any other value must come back from the new type as it
 * was; everything else is an error at its row.
 */
import type { CastType } from '../../core/table-content/table-type.ts';
import { castTarget } from './duckdb-types.ts';
import { quoteText } from './sql-text.ts';

const day = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
const clock = (digits: number): string => `[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,${digits}})?)?`;
const offset = '(Z|[+-][0-9]{2}(:?[0-9]{2})?)';

/** How a text must be written; types that are not here take what DuckDB takes. */
function textForm({ word, scale }: CastType): string | undefined {
  switch (word) {
    case 'integer':
      return '[+-]?[0-9]+';
    case 'float':
      return '(?i)[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]+)?|[+-]?inf(inity)?|nan';
    case 'decimal':
      return scale === 0 ? '[+-]?[0-9]+([.]0*)?' : `[+-]?([0-9]+([.][0-9]{0,${scale}}0*)?|[.][0-9]{1,${scale}}0*)`;
    case 'boolean':
      return '(?i)true|false|1|0';
    case 'date':
      return day;
    case 'time':
      return clock(6);
    case 'time_ns':
      return clock(9);
    case 'time_tz':
      return `${clock(6)}${offset}`;
    case 'timestamp':
      return `${day}([ T]${clock(6)}Z?)?`;
    case 'timestamp_ns':
      return `${day}([ T]${clock(9)}Z?)?`;
    case 'timestamp_tz':
      return `${day}([ T]${clock(6)}${offset}?)?`;
    default:
      return undefined;
  }
}

/** The value of `expression`, of SQL type `from`, as `to`: null where it cannot be had without loss. */
export function tryCast(expression: string, from: string, to: CastType): string {
  const target = castTarget(to);
  if (from === 'VARCHAR') {
    if (to.word === 'binary') return `encode(${expression})`;
    const form = textForm(to);
    const text =
      form === undefined
        ? expression
        : `CASE WHEN regexp_full_match(${expression}, ${quoteText(form)}) THEN ${expression} END`;
    return `TRY_CAST(${text} AS ${target})`;
  }
  if (from === 'BLOB' && to.word === 'text') return `TRY(decode(${expression}))`;
  const cast = `TRY_CAST(${expression} AS ${target})`;
  if (to.word === 'text') return cast;
  return `CASE WHEN TRY_CAST(${cast} AS ${from}) IS NOT DISTINCT FROM ${expression} THEN ${cast} END`;
}

const mark = 'cairn: no cast in column ';

/** As `tryCast`, and an error that `failedCast` knows where a value is lost. */
export function strictCast(expression: string, from: string, to: CastType, column: number): string {
  const failure = `CASE WHEN ${expression} IS NOT NULL THEN error('${mark}${column}.') END`;
  return `COALESCE(${tryCast(expression, from, to)}, CAST(${failure} AS ${castTarget(to)}))`;
}

/** The column whose cast failed; undefined for any other error. */
export function failedCast(message: string): number | undefined {
  const found = new RegExp(`${mark}([0-9]+)\\.`).exec(message);
  return found === null ? undefined : Number(found[1]);
}
