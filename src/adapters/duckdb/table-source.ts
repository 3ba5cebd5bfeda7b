/**
 * How a file and its specification become something that SQL can read: its canonical columns in their order, cast without
 * loss. Whoever runs SQL over it passes what it throws to `explain`, which finds the row and the column.
 */
import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import type { TableSpecRecord } from '../../core/records/table-spec.ts';
import { castFault, castType, type TableType, typeWord } from '../../core/table-content/table-type.ts';
import type { ColumnSchema, TableFile } from '../../ports/tables.ts';
import { csvSource } from './csv-source.ts';
import { describeSelect } from './describe-select.ts';
import { castTarget, meaningOf } from './duckdb-types.ts';
import { jsonlSource } from './jsonl-source.ts';
import { parquetSource } from './parquet-source.ts';
import type { RawColumn, RawSource } from './raw-source.ts';
import { quoteName } from './sql-text.ts';
import { failedCast, strictCast, tryCast } from './table-casts.ts';
import { tableError, tableInvalid } from './table-errors.ts';

export interface OpenTable {
  /** What stands behind FROM: a table whose columns are the canonical ones in their order. */
  readonly relation: string;
  /** Types in words of core/table-content. */
  readonly columns: readonly ColumnSchema[];
  /** What SQL calls these columns, not quoted: their names, with a number behind one that another has but for case. */
  readonly sqlNames: readonly string[];
  readonly types: readonly TableType[];
  /** Types in SQL. */
  readonly sqlTypes: readonly string[];
  /** What an error means that a query over the relation gave. */
  explain(error: unknown): Promise<Error>;
  release(): Promise<void>;
}

interface ShownColumn {
  readonly name: string;
  /** The column's value, with errors. */
  readonly expression: string;
  /** The value as it is in the file, and as it is without errors, for finding where it fails. */
  readonly raw: string;
  readonly tried: string;
  readonly type: TableType;
  readonly sqlType: string;
}

async function rawSource(connection: DuckDBConnection, file: TableFile, spec: TableSpecRecord): Promise<RawSource> {
  switch (file.format) {
    case 'parquet':
      return parquetSource(connection, file);
    case 'csv': {
      const { from, names } = await csvSource(file);
      const columns = names.map((name, index) => ({ name, expression: `c${index}`, type: 'text' as const }));
      return { from, columns };
    }
    case 'jsonl': {
      const texts = new Set((spec.columns ?? []).filter(({ type }) => type === 'text').map(({ name }) => name));
      const { from, columns } = await jsonlSource(connection, file, texts);
      return {
        from,
        columns: columns.map(({ name, expression, isNull }) => ({
          name,
          expression,
          ...(isNull ? { type: 'null' as const } : {}),
        })),
      };
    }
    case 'arrow': {
      const { arrowSource } = await import('./arrow-source.ts');
      return arrowSource(connection, file);
    }
  }
}

function checkNames(file: TableFile, columns: readonly RawColumn[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [index, { name }] of columns.entries()) {
    if (found.has(name)) throw tableInvalid(file, 'the column is there twice', 'columns', { column: name });
    found.set(name, index);
  }
  return found;
}

function shown(
  file: TableFile,
  { name, expression }: RawColumn,
  type: DuckDBType | 'text' | 'null',
  wanted: string | undefined,
  index: number,
): ShownColumn {
  const meaning =
    type === 'text'
      ? { type: { kind: 'text' } as const, sql: 'VARCHAR', cast: false }
      : type === 'null'
        ? { type: { kind: 'null' } as const, sql: 'INTEGER', cast: false }
        : meaningOf(type);
  if (meaning === undefined) {
    throw tableInvalid(file, `the type ${String(type)} is not one of a table's`, 'columns', { column: name });
  }
  const raw = meaning.cast ? `CAST(${expression} AS ${meaning.sql})` : expression;
  const asItIs = { name, expression: raw, raw, tried: raw, type: meaning.type, sqlType: meaning.sql };
  if (wanted === undefined) return asItIs;
  const target = castType(wanted);
  if (target === undefined) throw tableInvalid(file, castFault(wanted) ?? wanted, 'casts', { column: name });
  const sameDecimal = target.word !== 'decimal' || meaning.sql === castTarget(target) || wanted === 'decimal';
  if (meaning.type.kind === target.word && sameDecimal) return asItIs;
  return {
    name,
    expression: strictCast(raw, meaning.sql, target, index),
    raw,
    tried: tryCast(raw, meaning.sql, target),
    type: { kind: target.word },
    sqlType: castTarget(target),
  };
}

function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let count = 1; taken.has(free.toLowerCase()) || free === ''; count++) free = `${name}_${count}`;
    taken.add(free.toLowerCase());
    return free;
  });
}

/** The first row whose value cannot be cast. */
async function findMisfit(
  connection: DuckDBConnection,
  file: TableFile,
  from: string,
  column: ShownColumn,
  cause: unknown,
): Promise<Error> {
  const place = { column: column.name };
  const what = `does not fit the type ${typeWord(column.type)}`;
  const reader = await connection.runAndReadAll(
    `SELECT row, left(CAST(raw AS VARCHAR), 80) FROM (SELECT row_number() OVER () AS row, ${column.raw} AS raw,
     ${column.tried} AS tried FROM ${from}) WHERE raw IS NOT NULL AND tried IS NULL ORDER BY row LIMIT 1`,
  );
  const [row] = reader.getRows();
  if (row === undefined) return tableInvalid(file, `a value ${what}`, 'casts', place, cause);
  const [number, value] = row as [bigint, string];
  return tableInvalid(file, `${JSON.stringify(value)} ${what}`, 'casts', { row: Number(number), ...place }, cause);
}

/**
 * Rejects with TABLE_INVALID for a file that cannot be opened as its format says, a column that is missing or there twice,
 * and a type that is none. The relation reads the file again whenever it is queried.
 */
export async function openTable(
  connection: DuckDBConnection,
  file: TableFile,
  spec: TableSpecRecord,
): Promise<OpenTable> {
  let source: RawSource;
  try {
    source = await rawSource(connection, file, spec);
  } catch (error) {
    throw tableError(file, error);
  }
  const release = async (): Promise<void> => source.release?.();
  try {
    const found = checkNames(file, source.columns);
    const missing = [
      ...(spec.columns ?? []),
      ...[...(spec.sort ?? []), spec.time ?? []].flat().map((name) => ({ name })),
    ];
    for (const { name } of missing) {
      if (!found.has(name)) throw tableInvalid(file, 'the column is missing', 'columns', { column: name });
    }
    const wanted: readonly { readonly name: string; readonly type?: string }[] =
      spec.columns ?? source.columns.map(({ name }) => ({ name }));
    const places = wanted.map(({ name }) => found.get(name) as number);
    const raw = places.map((place) => source.columns[place] as RawColumn);
    await source.check?.(places);
    const unknown = raw.filter(({ type }) => type === undefined);
    const described =
      unknown.length === 0
        ? []
        : (
            await describeSelect(
              connection,
              `SELECT ${unknown.map(({ expression }, index) => `${expression} AS c${index}`).join(', ')} FROM ${source.from}`,
            )
          ).types;
    const columns = raw.map((column, index) => {
      const type = column.type ?? (described[unknown.indexOf(column)] as DuckDBType);
      return shown(file, column, type, wanted[index]?.type, index);
    });
    const sqlNames = distinctNames(columns.map(({ name }) => name));
    const list = columns.map(({ expression }, index) => `${expression} AS ${quoteName(sqlNames[index] as string)}`);
    return {
      relation: `(SELECT ${list.length === 0 ? 'NULL AS nothing' : list.join(', ')} FROM ${source.from})`,
      columns: columns.map(({ name, type }) => ({ name, type: typeWord(type) })),
      sqlNames,
      types: columns.map(({ type }) => type),
      sqlTypes: columns.map(({ sqlType }) => sqlType),
      async explain(error) {
        const failed = error instanceof Error ? failedCast(error.message) : undefined;
        const column = failed === undefined ? undefined : columns[failed];
        if (column === undefined) return tableError(file, error);
        return findMisfit(connection, file, source.from, column, error).catch((other) => tableError(file, other));
      },
      release,
    };
  } catch (error) {
    await release();
    throw tableError(file, error);
  }
}
