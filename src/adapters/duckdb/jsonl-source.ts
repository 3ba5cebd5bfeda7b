/**
 * JSONL as cairn reads it, without guessing: one object a line, all of them looked at. The columns are the members that
 * any of them has, sorted by the bytes of their names; one that is missing is null. A column of whole numbers is integer, one
 * with other numbers among them float, texts are text and never times; objects are structs and arrays lists, by the same
 * rules. Whole numbers of more than 64 bits: json-numbers.ts.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { compareUtf8 } from '../../core/bytes.ts';
import type { TableFile } from '../../ports/tables.ts';
import { checkFloats, hasLongNumbers, isWhole, type Structure } from './json-numbers.ts';
import { quoteText } from './sql-text.ts';
import { tableInvalid } from './table-errors.ts';

function sorted(structure: Structure): Structure {
  if (typeof structure === 'string') return structure === 'NULL' ? 'INTEGER' : structure;
  if (Array.isArray(structure)) return structure.map(sorted);
  const members = Object.entries(structure).sort(([left], [right]) => compareUtf8(left, right));
  return Object.fromEntries(members.map(([name, inner]) => [name, sorted(inner)]));
}

const isMixed = (structure: Structure): boolean =>
  typeof structure === 'string' ? structure === 'JSON' : Object.values(structure).some(isMixed);

export interface JsonColumn {
  readonly name: string;
  readonly expression: string;
  /** No value but null in the whole file. */
  readonly isNull: boolean;
}

/** `texts` are columns that the specification wants as text: they may hold values of several kinds. */
export async function jsonlSource(
  connection: DuckDBConnection,
  file: TableFile,
  texts: ReadonlySet<string>,
): Promise<{ readonly columns: readonly JsonColumn[]; readonly from: string }> {
  const from = `read_json_objects(${quoteText(file.path)}, format = 'newline_delimited')`;
  const reader = await connection.runAndReadAll(`SELECT json_group_structure(json) FROM ${from}`);
  const found = reader.getRows()[0]?.[0];
  if (typeof found !== 'string') return { columns: [], from };
  const structure = JSON.parse(found) as Structure;
  if (typeof structure === 'string' || Array.isArray(structure)) {
    const kinds = await connection.runAndReadAll(`SELECT bool_and(json_type(json) = 'OBJECT') FROM ${from}`);
    const why = kinds.getRows()[0]?.[0] === true ? 'no object has a member' : 'a line is no JSON object';
    throw tableInvalid(file, why, 'unreadable');
  }
  const mayBeLong = await hasLongNumbers(connection, from, structure);
  const members = Object.entries(structure).sort(([left], [right]) => compareUtf8(left, right));
  const columns: JsonColumn[] = [];
  for (const [name, inner] of members) {
    const pointer = quoteText(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    const text = `(json ->> ${pointer})`;
    if (texts.has(name)) {
      columns.push({ name, expression: text, isNull: false });
      continue;
    }
    if (isMixed(inner)) {
      throw tableInvalid(file, 'values of several kinds, or empty objects: cast it to text', 'casts', { column: name });
    }
    if (mayBeLong && inner === 'DOUBLE' && (await isWhole(connection, from, text))) {
      columns.push({ name, expression: `CAST(${text} AS HUGEINT)`, isNull: false });
      continue;
    }
    if (mayBeLong) await checkFloats(connection, file, from, { name, structure: inner });
    const expression = `json_transform_strict(json -> ${pointer}, ${quoteText(JSON.stringify(sorted(inner)))})`;
    columns.push({ name, expression, isNull: inner === 'NULL' });
  }
  return { columns, from };
}
