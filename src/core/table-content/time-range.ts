/**
 * First and last time of a column, as RFC 3339: UTC with as few of 3, 6 or 9 decimals as hold the value. A date is its
 * first moment, a time without zone is taken as UTC. What is before the year 0 or after 9999 (infinity too) does not count.
 */
import { CodedError } from '../errors.ts';
import type { ColumnData } from './column-data.ts';
import { isThere } from './stream-hasher.ts';
import type { TableType } from './table-type.ts';

export interface TimeRange {
  add(data: ColumnData, rows?: Uint32Array): void;
  end(): { readonly min: string | undefined; readonly max: string | undefined };
}

const unitsPerSecond: { readonly [kind: string]: bigint } = {
  timestamp: 1_000_000n,
  timestamp_tz: 1_000_000n,
  timestamp_ns: 1_000_000_000n,
};

const earliest = -62_167_219_200n; // seconds of 0000-01-01T00:00:00Z
const latest = 253_402_300_799n; // 9999-12-31T23:59:59Z

function timeText(value: bigint, perSecond: bigint): string {
  const inSecond = ((value % perSecond) + perSecond) % perSecond;
  const second = (value - inSecond) / perSecond;
  const nanos = String(inSecond * (1_000_000_000n / perSecond)).padStart(9, '0');
  const fraction = nanos.endsWith('000000') ? nanos.slice(0, 3) : nanos.endsWith('000') ? nanos.slice(0, 6) : nanos;
  return `${new Date(Number(second) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** True for a type that has a first and a last time. */
export function isTimeType(type: TableType): boolean {
  return type.kind === 'date' || type.kind in unitsPerSecond;
}

/** Of a column of a time type; throws TABLE_INVALID for another. */
export function timeRange(type: TableType): TimeRange {
  if (!isTimeType(type)) throw new CodedError('TABLE_INVALID', `a column of type ${type.kind} has no times`);
  const isDate = type.kind === 'date';
  const perSecond = isDate ? 1n : (unitsPerSecond[type.kind] as bigint);
  const scale = isDate ? 86_400n : 1n;
  const low = (earliest * perSecond) / scale;
  const high = (latest * perSecond + (perSecond - 1n)) / scale;
  let [min, max]: [bigint | undefined, bigint | undefined] = [undefined, undefined];
  const take = (value: bigint): void => {
    if (value < low || value > high) return;
    if (min === undefined || value < min) min = value;
    if (max === undefined || value > max) max = value;
  };
  return {
    add({ valid, count, ...data }, rows) {
      if (data.kind !== 'fixed') return;
      const memory = data.bytes.buffer as ArrayBuffer;
      const days = isDate ? new Int32Array(memory, data.bytes.byteOffset, count) : undefined;
      const times = isDate ? undefined : new BigInt64Array(memory, data.bytes.byteOffset, count);
      for (let index = 0; index < (rows?.length ?? count); index++) {
        const row = rows === undefined ? index : (rows[index] as number);
        const value = days === undefined ? (times?.[row] as bigint) : BigInt(days[row] as number);
        // The usual case first: neither earlier nor later than what there was.
        const isNew = min === undefined || value < min || (max as bigint) < value;
        if (isNew && isThere(valid, row)) take(value);
      }
    },
    end: () => ({
      min: min === undefined ? undefined : timeText(min * scale, perSecond),
      max: max === undefined ? undefined : timeText(max * scale, perSecond),
    }),
  };
}
