/** What goes wrong with a table, in the words of its user: the name that he gave, the row and the column. */
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { TableFile } from '../../ports/tables.ts';

export interface Place {
  /** Rows count from 1, a header is none. */
  readonly row?: number;
  readonly column?: string;
}

const hints = {
  unreadable: 'Check that the file is complete and of the format that its name says.',
  casts: 'Correct the file, or the type of the column in the `table` rule of `cairn.yaml`.',
  columns: 'Compare the columns of the file with the `table` rule of `cairn.yaml`.',
  times: 'Write the column in microseconds, or in nanoseconds as timestamps without zone.',
} as const;

export function tableInvalid(
  file: TableFile,
  why: string,
  hint: keyof typeof hints,
  place: Place = {},
  cause?: unknown,
): CodedError {
  const at = [
    file.name,
    ...(place.row === undefined ? [] : [`row ${place.row}`]),
    ...(place.column === undefined ? [] : [`column ${JSON.stringify(place.column)}`]),
  ];
  return new CodedError('TABLE_INVALID', `${at.join(', ')}: ${why}`, {
    hint: hints[hint],
    data: { name: file.name, ...place },
    ...(cause === undefined ? {} : { cause }),
  });
}

const outOfRoom =
  /could not allocate block|^(Out of Memory|Out of Range Error: failed to offload|IO Error: .*(No space left|temp))/i;

/** Whether DuckDB had too little memory or disk: the file may be right. */
export function isOutOfRoom(error: unknown): boolean {
  return error instanceof Error && outOfRoom.test(error.message);
}

/** Reasons that DuckDB gives at length. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/No files found that match|Cannot open file|No such file/i, 'the file is not there'],
  [/not utf-?8|Invalid unicode|invalid UTF-?8/i, 'a text is not UTF-8'],
  [/Expected Number of Columns: (\d+) Found: (\d+)/, 'the row has another number of columns than the header'],
  [/Maximum line size of/i, 'a line is longer than 2,000,000 bytes, the most that can be read'],
  [/unterminated quote/i, 'a quote is not closed'],
  [/No magic bytes|too small to be a Parquet|not a Parquet/i, 'it is no Parquet file, or a part of one'],
];

function firstLine(message: string): string {
  const line = message.split('\n').find((text) => text.trim() !== '') ?? message;
  return line.replace(/^(Invalid Input|IO|Conversion|Invalid|Binder|Catalog|Parser) Error: /, '').trim();
}

/** An error of DuckDB over `file` as what it means. */
export function tableError(file: TableFile, error: unknown): Error {
  if (isCodedError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  const message = text.replaceAll(file.path, file.name);
  if (outOfRoom.test(message)) {
    return new CodedError('IO', `${file.name}: memory or temporary space is used up: ${firstLine(message)}`, {
      hint: 'Free some space in the directory for temporary files, or leave out the sort keys.',
      data: { name: file.name },
      cause: error,
    });
  }
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  // DuckDB names the line behind the one that it could not read.
  const record = /Malformed JSON.* in line (\d+)/.exec(message)?.[1];
  const column = /column "([^"]*)"|Column: ?"?([^"\n]+)"?/.exec(message)?.[1];
  const row = line ?? record;
  const known = reasons.find(([form]) => form.test(message));
  const why = known?.[1] ?? firstLine(message).replace(/^Malformed JSON in .*: (.*?)\.?$/, 'it is no JSON: $1');
  const place = {
    // Where DuckDB guesses types it counts from the first row behind the header, and names none for that.
    ...(row === undefined || Number(row) < 2 ? {} : { row: Number(row) - 1 }),
    ...(column === undefined ? {} : { column }),
  };
  return tableInvalid(file, why, 'unreadable', place, error);
}
