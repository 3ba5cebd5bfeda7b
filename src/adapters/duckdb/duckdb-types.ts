/** DuckDB's types in the words of core/table-content, and as SQL. */
import {
  type DuckDBArrayType,
  type DuckDBDecimalType,
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';
import type { CastType, PlainWord, TableType } from '../../core/table-content/table-type.ts';
import { quoteName } from './sql-text.ts';

interface PlainMeaning {
  readonly word: PlainWord;
  /** Name that SQL has for it. */
  readonly sql: string;
  /** Type that the reader asks for instead: its memory is laid out as core/table-content wants it. */
  readonly readAs?: string;
}

const plain: { readonly [id: number]: PlainMeaning } = {
  [DuckDBTypeId.BOOLEAN]: { word: 'boolean', sql: 'BOOLEAN' },
  [DuckDBTypeId.TINYINT]: { word: 'integer', sql: 'TINYINT' },
  [DuckDBTypeId.SMALLINT]: { word: 'integer', sql: 'SMALLINT' },
  [DuckDBTypeId.INTEGER]: { word: 'integer', sql: 'INTEGER' },
  [DuckDBTypeId.BIGINT]: { word: 'integer', sql: 'BIGINT' },
  [DuckDBTypeId.UTINYINT]: { word: 'integer', sql: 'UTINYINT' },
  [DuckDBTypeId.USMALLINT]: { word: 'integer', sql: 'USMALLINT' },
  [DuckDBTypeId.UINTEGER]: { word: 'integer', sql: 'UINTEGER' },
  [DuckDBTypeId.UBIGINT]: { word: 'integer', sql: 'UBIGINT' },
  [DuckDBTypeId.HUGEINT]: { word: 'integer', sql: 'HUGEINT' },
  [DuckDBTypeId.UHUGEINT]: { word: 'integer', sql: 'UHUGEINT' },
  [DuckDBTypeId.FLOAT]: { word: 'float', sql: 'FLOAT' },
  [DuckDBTypeId.DOUBLE]: { word: 'float', sql: 'DOUBLE' },
  [DuckDBTypeId.VARCHAR]: { word: 'text', sql: 'VARCHAR' },
  [DuckDBTypeId.ENUM]: { word: 'text', sql: 'VARCHAR', readAs: 'VARCHAR' },
  [DuckDBTypeId.BLOB]: { word: 'binary', sql: 'BLOB' },
  [DuckDBTypeId.UUID]: { word: 'uuid', sql: 'UUID' },
  [DuckDBTypeId.DATE]: { word: 'date', sql: 'DATE' },
  [DuckDBTypeId.TIME]: { word: 'time', sql: 'TIME' },
  [DuckDBTypeId.TIME_NS]: { word: 'time_ns', sql: 'TIME_NS' },
  [DuckDBTypeId.TIME_TZ]: { word: 'time_tz', sql: 'TIMETZ' },
  [DuckDBTypeId.TIMESTAMP_S]: { word: 'timestamp', sql: 'TIMESTAMP', readAs: 'TIMESTAMP' },
  [DuckDBTypeId.TIMESTAMP_MS]: { word: 'timestamp', sql: 'TIMESTAMP', readAs: 'TIMESTAMP' },
  [DuckDBTypeId.TIMESTAMP]: { word: 'timestamp', sql: 'TIMESTAMP' },
  [DuckDBTypeId.TIMESTAMP_NS]: { word: 'timestamp_ns', sql: 'TIMESTAMP_NS' },
  [DuckDBTypeId.TIMESTAMP_TZ]: { word: 'timestamp_tz', sql: 'TIMESTAMPTZ' },
  [DuckDBTypeId.INTERVAL]: { word: 'interval', sql: 'INTERVAL' },
  [DuckDBTypeId.SQLNULL]: { word: 'null', sql: 'INTEGER' },
};

export interface ColumnMeaning {
  readonly type: TableType;
  /** The type in SQL. */
  readonly sql: string;
  /** Whether the reader must cast to `sql` first. */
  readonly cast: boolean;
}

function listMeaning(element: DuckDBType, isArray: boolean): ColumnMeaning | undefined {
  const inner = meaningOf(element);
  if (inner === undefined) return undefined;
  return { type: { kind: 'list', element: inner.type }, sql: `${inner.sql}[]`, cast: inner.cast || isArray };
}

/** What a type means; undefined for one that cairn.table/1 does not know. */
export function meaningOf(type: DuckDBType): ColumnMeaning | undefined {
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL: {
      const { width, scale } = type as DuckDBDecimalType;
      return { type: { kind: 'decimal' }, sql: `DECIMAL(${width}, ${scale})`, cast: false };
    }
    case DuckDBTypeId.LIST:
      return listMeaning((type as DuckDBListType).valueType, false);
    case DuckDBTypeId.ARRAY:
      return listMeaning((type as DuckDBArrayType).valueType, true);
    case DuckDBTypeId.MAP: {
      const { keyType, valueType } = type as DuckDBMapType;
      const [key, value] = [meaningOf(keyType), meaningOf(valueType)];
      if (key === undefined || value === undefined) return undefined;
      return {
        type: { kind: 'map', key: key.type, value: value.type },
        sql: `MAP(${key.sql}, ${value.sql})`,
        cast: key.cast || value.cast,
      };
    }
    case DuckDBTypeId.STRUCT: {
      const { entryNames, entryTypes } = type as DuckDBStructType;
      const members = entryTypes.map(meaningOf);
      if (members.some((member) => member === undefined)) return undefined;
      const known = members as ColumnMeaning[];
      const name = (index: number): string => entryNames[index] as string;
      return {
        type: { kind: 'struct', members: known.map((member, index) => ({ name: name(index), type: member.type })) },
        sql: `STRUCT(${known.map((member, index) => `${quoteName(name(index))} ${member.sql}`).join(', ')})`,
        cast: known.some((member) => member.cast),
      };
    }
    default: {
      const meaning = plain[type.typeId];
      if (meaning === undefined) return undefined;
      return { type: { kind: meaning.word }, sql: meaning.sql, cast: meaning.readAs !== undefined };
    }
  }
}

const castTargets: { readonly [word in CastType['word']]: string } = {
  integer: 'HUGEINT',
  float: 'DOUBLE',
  decimal: 'DECIMAL',
  boolean: 'BOOLEAN',
  text: 'VARCHAR',
  binary: 'BLOB',
  uuid: 'UUID',
  date: 'DATE',
  time: 'TIME',
  time_ns: 'TIME_NS',
  time_tz: 'TIMETZ',
  timestamp: 'TIMESTAMP',
  timestamp_ns: 'TIMESTAMP_NS',
  timestamp_tz: 'TIMESTAMPTZ',
  interval: 'INTERVAL',
};

/** The SQL type that a cast goes to. */
export function castTarget({ word, precision, scale }: CastType): string {
  return word === 'decimal' ? `DECIMAL(${precision}, ${scale})` : castTargets[word];
}
