/**
 * Arrow's columns as DuckDB's values. Times and decimals are taken from the memory as they lie, since the package's own
 * accessors round them to milliseconds and doubles.
 */
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimeNSValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  type DuckDBValue,
  FLOAT,
  INTEGER,
  INTERVAL,
  LIST,
  MAP,
  SMALLINT,
  STRUCT,
  TIME,
  TIME_NS,
  TIMESTAMP,
  TIMESTAMP_NS,
  TIMESTAMPTZ,
  TINYINT,
  UBIGINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import * as arrow from 'apache-arrow';

/** What cannot be a value of a table, said to people. */
export class ArrowMisfit extends Error {
  override readonly name = 'ArrowMisfit';
}

const integers = {
  true: { 8: TINYINT, 16: SMALLINT, 32: INTEGER, 64: BIGINT },
  false: { 8: UTINYINT, 16: USMALLINT, 32: UINTEGER, 64: UBIGINT },
} as const;

/** The type of a DuckDB column that holds every value of `type`; throws ArrowMisfit when there is none. */
export function duckDbTypeOf(type: arrow.DataType): DuckDBType {
  const is = arrow.DataType;
  if (is.isNull(type)) return INTEGER;
  if (is.isInt(type)) return integers[`${type.isSigned}`][type.bitWidth];
  if (is.isFloat(type)) return type.precision === arrow.Precision.DOUBLE ? DOUBLE : FLOAT;
  if (is.isUtf8(type) || is.isLargeUtf8(type)) return VARCHAR;
  if (is.isBinary(type) || is.isLargeBinary(type) || is.isFixedSizeBinary(type)) return BLOB;
  if (is.isBool(type)) return BOOLEAN;
  if (is.isDate(type)) return DATE;
  if (is.isTime(type)) return type.unit === arrow.TimeUnit.NANOSECOND ? TIME_NS : TIME;
  if (is.isTimestamp(type)) {
    if (type.timezone) return TIMESTAMPTZ;
    return type.unit === arrow.TimeUnit.NANOSECOND ? TIMESTAMP_NS : TIMESTAMP;
  }
  if (is.isInterval(type)) return INTERVAL;
  if (is.isDecimal(type) && type.bitWidth === 128 && type.scale >= 0 && type.scale <= type.precision) {
    return DECIMAL(type.precision, type.scale);
  }
  if (is.isDictionary(type)) return duckDbTypeOf(type.dictionary);
  if (is.isList(type) || is.isFixedSizeList(type)) return LIST(duckDbTypeOf(type.children[0]?.type as arrow.DataType));
  if (is.isMap(type)) {
    const entry: arrow.Struct | undefined = type.children[0]?.type;
    const [key, value] = entry?.children ?? [];
    return MAP(duckDbTypeOf(key?.type as arrow.DataType), duckDbTypeOf(value?.type as arrow.DataType));
  }
  if (is.isStruct(type)) {
    return STRUCT(Object.fromEntries(type.children.map((field) => [field.name, duckDbTypeOf(field.type)])));
  }
  throw new ArrowMisfit(`the type ${String(type)} is not one of a table's`);
}

/** The value at an index; null where there is none. */
export type ValueAt = (index: number) => DuckDBValue;

type Memory = { readonly [index: number]: number | bigint };

const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function floorDiv(value: bigint, by: bigint): bigint {
  const rest = value % by;
  return (value - rest) / by - (rest < 0n ? 1n : 0n);
}

/** Multiplies to microseconds what is coarser, and refuses to lose what is finer. */
function micros(unit: arrow.TimeUnit): (value: number | bigint) => bigint {
  if (unit === arrow.TimeUnit.SECOND) return (value) => BigInt(value) * 1_000_000n;
  if (unit === arrow.TimeUnit.MILLISECOND) return (value) => BigInt(value) * 1000n;
  if (unit === arrow.TimeUnit.MICROSECOND) return (value) => BigInt(value);
  return (value) => {
    if (BigInt(value) % 1000n !== 0n) throw new ArrowMisfit('an instant has nanoseconds: instants have microseconds');
    return BigInt(value) / 1000n;
  };
}

function timestampAt({ unit, timezone }: arrow.Timestamp, memory: Memory): ValueAt {
  if (!timezone && unit === arrow.TimeUnit.NANOSECOND) {
    return (index) => new DuckDBTimestampNanosecondsValue(BigInt(memory[index] as bigint));
  }
  const toMicros = micros(unit);
  return timezone
    ? (index) => new DuckDBTimestampTZValue(toMicros(memory[index] as bigint))
    : (index) => new DuckDBTimestampValue(toMicros(memory[index] as bigint));
}

function intervalAt({ unit }: arrow.Interval, memory: Int32Array): ValueAt {
  if (unit === arrow.IntervalUnit.YEAR_MONTH) {
    return (index) => new DuckDBIntervalValue(memory[index] as number, 0, 0n);
  }
  if (unit === arrow.IntervalUnit.DAY_TIME) {
    return (index) =>
      new DuckDBIntervalValue(0, memory[2 * index] as number, BigInt(memory[2 * index + 1] as number) * 1000n);
  }
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  const toMicros = micros(arrow.TimeUnit.NANOSECOND);
  return (index) =>
    new DuckDBIntervalValue(
      view.getInt32(16 * index, true),
      view.getInt32(16 * index + 4, true),
      toMicros(view.getBigInt64(16 * index + 8, true)),
    );
}

function decimalAt({ precision, scale }: arrow.Decimal, memory: Uint32Array): ValueAt {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  return (index) => {
    const value = (view.getBigInt64(16 * index + 8, true) << 64n) | view.getBigUint64(16 * index, true);
    return new DuckDBDecimalValue(value, precision, scale);
  };
}

function bytesAt(data: arrow.Data): (index: number) => Uint8Array {
  const values = data.values as Uint8Array;
  if (arrow.DataType.isFixedSizeBinary(data.type)) {
    const width = data.type.byteWidth;
    return (index) => values.subarray(index * width, (index + 1) * width);
  }
  const offsets = data.valueOffsets as Memory;
  return (index) => values.subarray(Number(offsets[index]), Number(offsets[index + 1]));
}

function textOf(bytes: Uint8Array): string {
  try {
    return text.decode(bytes);
  } catch (cause) {
    throw new ArrowMisfit('a text is not UTF-8', { cause });
  }
}

function listAt(data: arrow.Data): (index: number) => DuckDBValue[] {
  const element = valuesOf(data.children[0] as arrow.Data);
  const size = arrow.DataType.isFixedSizeList(data.type) ? data.type.listSize : undefined;
  const offsets = data.valueOffsets as Memory;
  return (index) => {
    const start = size === undefined ? Number(offsets[index]) : index * size;
    const end = size === undefined ? Number(offsets[index + 1]) : start + size;
    return Array.from({ length: end - start }, (_, at) => element(start + at));
  };
}

function presentAt(data: arrow.Data): ValueAt {
  const { type, values } = data;
  const is = arrow.DataType;
  if (is.isUtf8(type) || is.isLargeUtf8(type)) {
    const bytes = bytesAt(data);
    return (index) => textOf(bytes(index));
  }
  if (is.isBinary(type) || is.isLargeBinary(type) || is.isFixedSizeBinary(type)) {
    const bytes = bytesAt(data);
    return (index) => new DuckDBBlobValue(bytes(index));
  }
  if (is.isTimestamp(type)) return timestampAt(type, values);
  if (is.isInterval(type)) return intervalAt(type, values);
  if (is.isDecimal(type)) return decimalAt(type, values);
  if (is.isDate(type)) {
    if (type.unit === arrow.DateUnit.DAY) return (index) => new DuckDBDateValue(values[index]);
    return (index) => new DuckDBDateValue(Number(floorDiv(BigInt(values[index]), 86_400_000n)));
  }
  if (is.isTime(type)) {
    if (type.unit === arrow.TimeUnit.NANOSECOND) return (index) => new DuckDBTimeNSValue(BigInt(values[index]));
    const toMicros = micros(type.unit);
    return (index) => new DuckDBTimeValue(toMicros(values[index]));
  }
  if (is.isMap(type)) {
    const [keys, items] = (data.children[0] as arrow.Data).children.map(valuesOf) as [ValueAt, ValueAt];
    const offsets = data.valueOffsets as Memory;
    return (index) => {
      const [start, end] = [Number(offsets[index]), Number(offsets[index + 1])];
      const entry = (at: number): { key: DuckDBValue; value: DuckDBValue } => ({ key: keys(at), value: items(at) });
      return new DuckDBMapValue(Array.from({ length: end - start }, (_, at) => entry(start + at)));
    };
  }
  if (is.isList(type) || is.isFixedSizeList(type)) {
    const list = listAt(data);
    return (index) => new DuckDBListValue(list(index));
  }
  if (is.isStruct(type)) {
    const members = type.children.map((field, at) => [field.name, valuesOf(data.children[at] as arrow.Data)] as const);
    return (index) => new DuckDBStructValue(Object.fromEntries(members.map(([name, at]) => [name, at(index)])));
  }
  if (is.isDictionary(type)) {
    const chunks = (data.dictionary as arrow.Vector).data.map((chunk) => ({ size: chunk.length, at: valuesOf(chunk) }));
    return (index) => {
      let entry = Number(values[index]);
      for (const { size, at } of chunks) {
        if (entry < size) return at(entry);
        entry -= size;
      }
      throw new ArrowMisfit('a value is not in its dictionary');
    };
  }
  const vector = arrow.makeVector(data);
  return (index) => vector.get(index) as DuckDBValue;
}

export function valuesOf(data: arrow.Data): ValueAt {
  if (arrow.DataType.isNull(data.type)) return () => null;
  const at = presentAt(data);
  return data.nullCount === 0 ? at : (index) => (data.getValid(index) ? at(index) : null);
}
