/**
 * Times of bars and of fold windows as whole numbers that can be compared. A time is a whole number, taken as it stands (an index,
 * or time since 1970 in whatever unit the data has), or a text in ISO 8601: a date, or a date and a time with up to nine decimals,
 * `Z`, an offset or nothing, which means UTC as it does to pandas. Texts become nanoseconds since 1970.
 *
 * Where one side has texts and the other whole numbers, the numbers are taken as seconds, milliseconds, microseconds or
 * nanoseconds by the magnitude of the largest of them (below 1e11, 1e14, 1e17): the rule covers the years from 1973 to 5138 in
 * every unit.
 */
import type { LosslessValue } from '../lossless-json.ts';

/** `bars` are distinct and ascending. */
export interface FoldTimestamps {
  readonly kind: 'number' | 'instant';
  readonly bars: BigInt64Array;
}

const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:([Zz])| ?(UTC)|([+-])(\d{2}):?(\d{2}))?)?$/;
const int64Limit = 2n ** 63n;

/** Nanoseconds since 1970 of a text; undefined for one that is no time, or is beyond what 64 bits hold (1677 to 2262). */
export function instantOf(text: string): bigint | undefined {
  const match = iso.exec(text);
  if (match === null) return undefined;
  const part = (group: number): number => Number(match[group] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  if (hour > 23 || minute > 59 || second > 59 || part(11) > 23 || part(12) > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const offset = (part(11) * 60 + part(12)) * (match[10] === '-' ? -1 : 1);
  const seconds = date.getTime() / 1000 + hour * 3600 + (minute - offset) * 60 + second;
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt((match[7] ?? '').padEnd(9, '0'));
  return fits(nanoseconds) ? nanoseconds : undefined;
}

function fits(value: bigint): boolean {
  return value >= -int64Limit && value < int64Limit;
}

/**
 * The distinct times of a dataset, ascending. All must be whole numbers, or all texts; undefined when one is neither, or there is
 * a mixture.
 */
export function foldTimestamps(times: Iterable<string | number | bigint>): FoldTimestamps | undefined {
  let kind: FoldTimestamps['kind'] | undefined;
  const all: bigint[] = [];
  for (const time of times) {
    const one = foldTime(time);
    if (one === undefined || (kind !== undefined && one.kind !== kind)) return undefined;
    kind = one.kind;
    all.push(one.at);
  }
  const sorted = BigInt64Array.from(all).sort();
  return { kind: kind ?? 'number', bars: sorted.filter((bar, index) => index === 0 || bar !== sorted[index - 1]) };
}

/** One time of a split plan; undefined when it is none. */
export function foldTime(
  value: LosslessValue | undefined,
): { readonly kind: FoldTimestamps['kind']; readonly at: bigint } | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? foldTime(BigInt(value)) : undefined;
  if (typeof value === 'bigint') return fits(value) ? { kind: 'number', at: value } : undefined;
  if (typeof value !== 'string') return undefined;
  const at = instantOf(value);
  return at === undefined ? undefined : { kind: 'instant', at };
}

/** Nanoseconds in the unit that whole numbers up to this magnitude are in. */
export function unitNanoseconds(largest: bigint): bigint {
  if (largest < 100_000_000_000n) return 1_000_000_000n;
  if (largest < 100_000_000_000_000n) return 1_000_000n;
  if (largest < 100_000_000_000_000_000n) return 1000n;
  return 1n;
}
