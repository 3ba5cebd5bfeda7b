/** Columns of DuckDB as JSON values (ports/sql-query.ts says which). */
import {
  type DuckDBArrayType,
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  type DuckDBListType,
  DuckDBListValue,
  type DuckDBMapType,
  DuckDBMapValue,
  type DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBUnionType,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { toHex } from '../../core/bytes.ts';
import type { JsonValue } from '../../core/json-value.ts';

function integer(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function real(value: number): number | string {
  return Number.isFinite(value) ? (value === 0 ? 0 : value) : String(value);
}

/** The shortest decimal that gives the same 32-bit number: 0.1, not 0.10000000149011612. */
function float(value: number): number | string {
  if (!Number.isFinite(value) || value === 0) return real(value);
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** DuckDB writes a blank between day and time. */
const iso = (text: string): string => text.replace(/^(\S*\d) (?=\d)/, '$1T');

/** Any value that holds no others. */
function scalar(value: DuckDBValue): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return real(value);
  if (typeof value === 'bigint') return integer(value);
  if (value instanceof DuckDBTimestampTZValue) {
    const text = iso(new DuckDBTimestampValue(value.micros).toString());
    return /\d$/.test(text) ? `${text}Z` : text;
  }
  if (
    value instanceof DuckDBTimestampValue ||
    value instanceof DuckDBTimestampSecondsValue ||
    value instanceof DuckDBTimestampMillisecondsValue ||
    value instanceof DuckDBTimestampNanosecondsValue
  ) {
    return iso(value.toString());
  }
  if (value instanceof DuckDBDateValue) return value.toString();
  if (value instanceof DuckDBBlobValue) return toHex(value.bytes);
  return String(value);
}

type Convert = (value: DuckDBValue) => JsonValue;

/** A converter for values of a type, nulls included; undefined where they are JSON as they come. */
export function columnConverter(type: DuckDBType): Convert | undefined {
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.ENUM:
      return undefined;
    case DuckDBTypeId.BIGINT:
      return (value) => (value === null ? null : integer(value as bigint));
    case DuckDBTypeId.DOUBLE:
      return (value) => (value === null ? null : real(value as number));
    case DuckDBTypeId.DATE:
      return (value) => (value === null ? null : String(value));
    case DuckDBTypeId.FLOAT:
      return (value) => (value === null ? null : float(value as number));
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY: {
      const inner = converter((type as DuckDBListType | DuckDBArrayType).valueType);
      return (value) =>
        value instanceof DuckDBListValue || value instanceof DuckDBArrayValue ? value.items.map(inner) : null;
    }
    case DuckDBTypeId.STRUCT: {
      const { entryNames, entryTypes } = type as DuckDBStructType;
      const inner = entryTypes.map(converter);
      return (value) =>
        value instanceof DuckDBStructValue
          ? Object.fromEntries(
              entryNames.map((name, at) => [name, (inner[at] as Convert)(value.entries[name] as DuckDBValue)]),
            )
          : null;
    }
    case DuckDBTypeId.MAP: {
      const { keyType, valueType } = type as DuckDBMapType;
      const [toKey, toValue] = [converter(keyType), converter(valueType)];
      return (value) =>
        value instanceof DuckDBMapValue
          ? value.entries.map((entry) => ({ key: toKey(entry.key), value: toValue(entry.value) }))
          : null;
    }
    case DuckDBTypeId.UNION: {
      const union = type as DuckDBUnionType;
      return (value) =>
        value instanceof DuckDBUnionValue ? converter(union.memberTypeForTag(value.tag))(value.value) : null;
    }
    default:
      return scalar;
  }
}

function converter(type: DuckDBType): Convert {
  return columnConverter(type) ?? scalar;
}
