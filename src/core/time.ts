/**
 * Times and durations. A recorded time is RFC 3339 in UTC with exactly three decimals, `2026-01-31T09:30:00.000Z`, years
 * 0000 to 9999, so that the order of the texts is the order of the times. Nothing here reads a clock.
 */
import { CodedError } from './errors.ts';

declare const brand: unique symbol;
/** RFC 3339, UTC, milliseconds. Made by `formatTimestamp` and `parseTimestamp`. */
export type Timestamp = string & { readonly [brand]: 'timestamp' };

const earliestMs = -62_167_219_200_000; // 0000-01-01T00:00:00.000Z
const latestMs = 253_402_300_799_999; // 9999-12-31T23:59:59.999Z

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,30}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

function badTime(text: string, why: string): CodedError {
  const shown = text.slice(0, 80);
  return new CodedError('BAD_TIME', `not a time: ${JSON.stringify(shown)} (${why})`, {
    hint: 'Write RFC 3339 with a zone, such as 2026-01-31T09:30:00Z or 2026-01-31T10:30:00+01:00.',
    data: { value: shown },
  });
}

/** The timestamp of milliseconds since 1970 (fractions are cut). Throws BAD_TIME outside the years 0000 to 9999. */
export function formatTimestamp(msSinceEpoch: number): Timestamp {
  const ms = Math.floor(msSinceEpoch);
  if (!(ms >= earliestMs && ms <= latestMs)) throw badTime(String(msSinceEpoch), 'outside the years 0000 to 9999');
  return new Date(ms).toISOString() as Timestamp;
}

/** Days of a month, from 1; Gregorian for every year. */
function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * Any RFC 3339 date-time with a zone, normalised to UTC milliseconds: finer fractions are cut, and the leap second
 * 23:59:60 UTC becomes the second after it. Throws BAD_TIME.
 */
export function parseTimestamp(text: string): Timestamp {
  const match = rfc3339.exec(text);
  if (match === null) throw badTime(text, 'not RFC 3339 with a zone');
  const part = (group: number): number => Number(match[group] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) throw badTime(text, 'no such day');
  if (hour > 23 || minute > 59 || second > 60) throw badTime(text, 'no such time of day');
  const [offsetHour, offsetMinute] = [part(9), part(10)];
  if (offsetHour > 23 || offsetMinute > 59) throw badTime(text, 'no such zone');
  const offset = (offsetHour * 60 + offsetMinute) * (match[8] === '-' ? -1 : 1);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute - offset, 0, 0);
  if (second === 60 && (date.getUTCHours() !== 23 || date.getUTCMinutes() !== 59)) {
    throw badTime(text, 'a leap second is at 23:59:60 UTC');
  }
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const ms = date.getTime() + second * 1000 + milliseconds;
  if (ms < earliestMs || ms > latestMs) throw badTime(text, 'outside the years 0000 to 9999');
  return formatTimestamp(ms);
}

/** Milliseconds since 1970. */
export function timestampMs(timestamp: Timestamp): number {
  return Date.parse(timestamp);
}

const unitMs: { readonly [unit: string]: number } = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds of a whole number and a unit: `10s`, `30m`, `12h`, `14d`, `2w`. Throws BAD_TIME. */
export function parseDuration(text: string): number {
  const match = /^([0-9]{1,15})([smhdw])$/.exec(text);
  const ms = match === null ? Number.NaN : Number(match[1]) * (unitMs[match[2] as string] as number);
  if (!Number.isSafeInteger(ms)) {
    const shown = text.slice(0, 80);
    throw new CodedError('BAD_TIME', `not a duration: ${JSON.stringify(shown)}`, {
      hint: 'Write a whole number and one of s, m, h, d, w: 14d.',
      data: { value: shown },
    });
  }
  return ms;
}
