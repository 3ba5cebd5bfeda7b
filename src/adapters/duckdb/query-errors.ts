/** DuckDB's refusals as BAD_QUERY, with the place in the text. */
import { CodedError, isCodedError } from '../../core/errors.ts';

const hints: readonly (readonly [RegExp, string])[] = [
  [
    /^Catalog Error: Table/,
    "`SHOW TABLES` lists the tables of the manifest; a table of the store is artifact('<rev>').",
  ],
  [
    /^(?:Permission|IO) Error|disabled (?:by|through) configuration/,
    "A query reads the manifest's tables and artifact('<rev>'), and nothing else.",
  ],
  [/^Out of Memory Error/, 'Ask for fewer rows or columns at once, or aggregate earlier.'],
  [/^Binder Error: Referenced column/, '`DESCRIBE <table>` lists the columns of a table.'],
];

/** How DuckDB's messages begin. */
const spoken = /^(?:Failed to extract statements: )?(?:[A-Z]\w*(?: \w+)*? )?(?:Error|Exception): /;

/** Longer messages hold whole values. */
const messageLimit = 600;

/** What is no message of DuckDB stays what it is. `linesBefore`: lines that stood before the text of the user. */
export function queryError(error: unknown, linesBefore = 0): unknown {
  const raw = error instanceof Error ? error.message : '';
  if (isCodedError(error) || !spoken.test(raw)) return error;
  const place = /\n+LINE (\d+): ([^\n]*)\n( *)\^/.exec(raw);
  const told = (place === null ? raw : raw.slice(0, place.index))
    .replace(spoken, '')
    .replace(spoken, '')
    .trim()
    .replaceAll(/!?\s*\n\s*/g, '; ')
    .replace(/!$/, '')
    .slice(0, messageLimit);
  const hint = hints.find(([pattern]) => pattern.test(raw))?.[1];
  if (place === null || (place[2] as string).startsWith('...')) return new CodedError('BAD_QUERY', told, { hint });
  const line = Number(place[1]) - linesBefore;
  const column = (place[3] as string).length - `LINE ${place[1]}: `.length + 1;
  return new CodedError('BAD_QUERY', `line ${line}, column ${column}: ${told}`, { hint, data: { line, column } });
}
