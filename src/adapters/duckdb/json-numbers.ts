/**
 * Whole numbers of JSON that a float cannot hold. DuckDB makes a float of what has more than 64 bits, and of everything that
 * stands in a column with other numbers: two files would be one content that are not. A column of nothing but whole numbers is
 * read as what it is, up to 128 bits; any other number that a float cannot hold is refused by its row.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableFile } from '../../ports/tables.ts';
import { quoteText } from './sql-text.ts';
import { tableInvalid } from './table-errors.ts';

/** What DuckDB says of JSON: a type, the elements of an array, or the members of an object. */
export type Structure = string | readonly Structure[] | { readonly [member: string]: Structure };

/** Sixteen digits in a row that do not begin behind a point: whatever is shorter, a float can hold. */
const longNumber = '[^0-9.][0-9]{16}';
const whole = '-?[0-9]+';

/** Paths of all floats below a member, as JSON paths; a `*` stands for any element. */
function floatsBelow(structure: Structure, path: string): string[] {
  if (typeof structure === 'string') return structure === 'DOUBLE' ? [path] : [];
  if (Array.isArray(structure)) return structure.flatMap((element) => floatsBelow(element, `${path}[*]`));
  return Object.entries(structure).flatMap(([name, inner]) => floatsBelow(inner, `${path}.${JSON.stringify(name)}`));
}

const inexact = (text: string): string =>
  `regexp_full_match(${text}, '${whole}') AND
   (TRY_CAST(${text} AS HUGEINT) IS NULL OR TRY_CAST(${text} AS HUGEINT) IS DISTINCT FROM TRY_CAST(TRY_CAST(${text} AS DOUBLE) AS HUGEINT))`;

/** Whether the file may have such a number at all. */
export async function hasLongNumbers(
  connection: DuckDBConnection,
  from: string,
  structure: Structure,
): Promise<boolean> {
  if (floatsBelow(structure, '$').length === 0) return false;
  const reader = await connection.runAndReadAll(
    `SELECT 1 FROM ${from} WHERE regexp_matches(CAST(json AS VARCHAR), '${longNumber}') LIMIT 1`,
  );
  return reader.getRows().length > 0;
}

async function firstRow(
  connection: DuckDBConnection,
  from: string,
  value: string,
  isWrong: string,
): Promise<readonly [row: bigint, value: string] | undefined> {
  const reader = await connection.runAndReadAll(
    `SELECT row, v FROM (SELECT row_number() OVER () AS row, ${value} AS v FROM ${from}) WHERE ${isWrong} ORDER BY row LIMIT 1`,
  );
  return reader.getRows()[0] as [bigint, string] | undefined;
}

/** Whether a column of numbers has none but whole ones, all of at most 128 bits. */
export async function isWhole(connection: DuckDBConnection, from: string, text: string): Promise<boolean> {
  const reader = await connection.runAndReadAll(
    `SELECT bool_and(regexp_full_match(t, '${whole}') AND TRY_CAST(t AS HUGEINT) IS NOT NULL) FROM (SELECT ${text} AS t FROM ${from}) WHERE t IS NOT NULL`,
  );
  return reader.getRows()[0]?.[0] === true;
}

/** Throws TABLE_INVALID for the first whole number in a column that a float cannot hold. */
export async function checkFloats(
  connection: DuckDBConnection,
  file: TableFile,
  from: string,
  column: { readonly name: string; readonly structure: Structure },
): Promise<void> {
  for (const path of floatsBelow(column.structure, `$.${JSON.stringify(column.name)}`)) {
    const values = `json_extract_string(json, ${quoteText(path)})`;
    const isList = path.includes('[*]');
    const wrong = isList ? `list_filter(${values}, lambda x: ${inexact('x')})[1]` : values;
    const found = await firstRow(connection, from, wrong, isList ? 'v IS NOT NULL' : inexact('v'));
    if (found === undefined) continue;
    const place = { row: Number(found[0]), column: column.name };
    throw tableInvalid(file, `${found[1]} has more digits than a float can hold: cast it to text`, 'casts', place);
  }
}
