/**
 * CSV as cairn reads it, without guessing:
 *
 *   - UTF-8, with or without a byte order mark; the first line is the header;
 *   - the delimiter is the one of `,` TAB `;` `|` that stands most often in the header outside quotes, the first of them
 *     when none does or several do equally often;
 *   - `"` quotes, and is doubled inside; lines end with LF, CRLF or CR;
 *   - an empty field is null, and `""` is the empty text; every column is text unless the specification casts it.
 */
import { open } from 'node:fs/promises';
import type { TableFile } from '../../ports/tables.ts';
import { quoteText } from './sql-text.ts';
import { tableInvalid } from './table-errors.ts';

const delimiters = [',', '\t', ';', '|'] as const;
/** A longer header is refused. */
const headerLimit = 16 << 20;

interface Header {
  readonly delimiter: string;
  readonly names: readonly string[];
}

/** Where the first line ends, outside quotes; -1 when the text ends first. */
function lineEnd(bytes: Uint8Array): number {
  let quoted = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === 0x22) quoted = !quoted;
    else if (!quoted && (byte === 0x0a || byte === 0x0d)) return index;
  }
  return -1;
}

function fieldsOf(line: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < line.length; index++) {
    const unit = line[index] as string;
    if (unit === '"') {
      if (quoted && line[index + 1] === '"') {
        field += '"';
        index++;
      } else quoted = !quoted;
    } else if (unit === delimiter && !quoted) {
      fields.push(field);
      field = '';
    } else field += unit;
  }
  fields.push(field);
  return fields;
}

function parseHeader(line: string): Header {
  let [delimiter, names] = [',', fieldsOf(line, ',')];
  for (const candidate of delimiters.slice(1)) {
    const fields = fieldsOf(line, candidate);
    if (fields.length > names.length) [delimiter, names] = [candidate, fields];
  }
  return { delimiter, names };
}

async function headerLine(file: TableFile): Promise<string> {
  const handle = await open(file.path);
  try {
    let bytes = new Uint8Array(1 << 13);
    let filled = 0;
    for (;;) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
      filled += bytesRead;
      const end = lineEnd(bytes.subarray(0, filled));
      if (end >= 0 || bytesRead === 0) {
        try {
          return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end < 0 ? filled : end));
        } catch (cause) {
          throw tableInvalid(file, 'the header is not UTF-8', 'unreadable', {}, cause);
        }
      }
      if (filled < bytes.length) continue;
      if (filled >= headerLimit) throw tableInvalid(file, 'the first line does not end', 'unreadable');
      const larger = new Uint8Array(4 * bytes.length);
      larger.set(bytes);
      bytes = larger;
    }
  } finally {
    await handle.close();
  }
}

export async function csvSource(
  file: TableFile,
): Promise<{ readonly names: readonly string[]; readonly from: string }> {
  let line: string;
  try {
    line = await headerLine(file);
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') {
      throw tableInvalid(file, 'the file is not there', 'unreadable', {}, error);
    }
    throw error;
  }
  if (line === '') throw tableInvalid(file, 'there is no header', 'unreadable');
  const { delimiter, names } = parseHeader(line);
  const columns = names.map((_, index) => `'c${index}': 'VARCHAR'`).join(', ');
  const options = [
    'auto_detect = false',
    'header = true',
    `delim = ${quoteText(delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    `nullstr = ''`,
    'allow_quoted_nulls = false',
    'strict_mode = true',
    `columns = {${columns}}`,
  ];
  return { names, from: `read_csv(${quoteText(file.path)}, ${options.join(', ')})` };
}
