/**
 * The query that hands over a table's rows in canonical order. Texts that are longer than a vector's entry come in pieces
 * beside their column where a sample says that this pays (vectors.ts says why); pieces never change what is read.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableType } from '../../core/table-content/table-type.ts';
import { quoteName } from './sql-text.ts';
import type { OpenTable } from './table-source.ts';
import { pieceSize } from './vectors.ts';

/** More pieces than this cost more than following the pointers. */
const mostPieces = 5;
const sampleRows = 4096;
/** A table with more columns is read in parts where its order allows it, and without pieces. */
export const wideTable = 1000;

export interface ReadingPlan {
  readonly sql: string;
  /** Columns of the query, with all pieces. */
  readonly width: number;
  /** For each column, where its pieces are among the columns of the query. */
  readonly pieces: readonly (readonly number[])[];
}

/** How many pieces each column is read in; 0: none. */
export async function choosePieces(connection: DuckDBConnection, table: OpenTable): Promise<readonly number[]> {
  const lengthOf = new Map<string, string>();
  for (const [index, name] of table.sqlNames.entries()) {
    const { kind } = table.types[index] as TableType;
    if (kind === 'text' || kind === 'binary') {
      lengthOf.set(name, `${kind === 'text' ? 'strlen' : 'octet_length'}(${quoteName(name)})`);
    }
  }
  const texts = [...lengthOf.keys()];
  if (texts.length === 0 || table.sqlNames.length > wideTable) return table.sqlNames.map(() => 0);
  const longest = texts.map((name) => `quantile_disc(${lengthOf.get(name)}, 0.95)`);
  const reader = await connection.runAndReadAll(
    `SELECT ${longest.join(', ')} FROM (SELECT * FROM ${table.relation} LIMIT ${sampleRows})`,
  );
  const lengths = new Map(texts.map((name, index) => [name, Number(reader.getRows()[0]?.[index] ?? 0)]));
  return table.sqlNames.map((name) => {
    const length = lengths.get(name) ?? 0;
    const wanted = Math.ceil(length / pieceSize);
    return length <= pieceSize || wanted > mostPieces ? 0 : wanted;
  });
}

/** One query for several tables of the same SQL types: a number of the table first, then its columns. */
export function jointSql(tables: readonly OpenTable[], sort: readonly string[] | undefined): string {
  const parts = tables.map(({ relation }, index) => `SELECT ${index} AS cairn_table, * FROM ${relation}`);
  const [first] = tables;
  if (first === undefined || sort === undefined) return parts.join(' UNION ALL ');
  return `SELECT * FROM (${parts.join(' UNION ALL ')})${orderBy(first, sort).replace('ORDER BY', 'ORDER BY cairn_table,')}`;
}

/** The order of core/table-content's specification: sort columns first, then all others. */
function orderBy(table: OpenTable, sort: readonly string[]): string {
  const first = sort.map((name) => table.columns.findIndex((column) => column.name === name));
  const all = [...new Set([...first, ...table.sqlNames.keys()])];
  const keys = all.flatMap((index) => {
    const name = quoteName(table.sqlNames[index] as string);
    if ((table.types[index] as TableType).kind !== 'interval') return [name];
    // DuckDB takes a month as 30 days when it compares: two intervals could be equal that are not the same.
    const part = (unit: string): string => `datepart('${unit}', ${name})`;
    const day = `INTERVAL 1 DAY * datepart('day', ${name})`;
    const month = `to_years(CAST(${part('year')} AS INTEGER)) + to_months(CAST(${part('month')} AS INTEGER))`;
    return [`12 * ${part('year')} + ${part('month')}`, part('day'), `epoch_us(${name} - (${month}) - ${day})`];
  });
  return ` ORDER BY ${keys.map((key) => `${key} ASC NULLS FIRST`).join(', ')}`;
}

export function readingPlan(
  table: OpenTable,
  sort: readonly string[] | undefined,
  counts: readonly number[],
): ReadingPlan {
  const order = sort === undefined || table.sqlNames.length === 0 ? '' : orderBy(table, sort);
  let next = table.sqlNames.length;
  const extra: string[] = [];
  const pieces = table.sqlNames.map((name, index) => {
    const blob = (table.types[index] as TableType).kind === 'text' ? `encode(${quoteName(name)})` : quoteName(name);
    const length = `octet_length(${blob})`;
    return Array.from({ length: counts[index] ?? 0 }, (_, piece) => {
      const start = piece * pieceSize;
      extra.push(
        `CASE WHEN ${length} > ${Math.max(start, pieceSize)} THEN ${blob}[${start + 1}:${start + pieceSize}] END`,
      );
      return next++;
    });
  });
  const rows = `(SELECT * FROM ${table.relation}${order})`;
  if (extra.length === 0) return { sql: `SELECT * FROM ${table.relation}${order}`, width: next, pieces };
  return { sql: `SELECT *, ${extra.join(', ')} FROM ${rows}`, width: next, pieces };
}

/** Some columns, in the order of the file. */
export function columnsPlan(table: OpenTable, first: number, end: number): ReadingPlan {
  const names = table.sqlNames.slice(first, end);
  return {
    sql: `SELECT ${names.map(quoteName).join(', ')} FROM ${table.relation}`,
    width: names.length,
    pieces: names.map(() => []),
  };
}
