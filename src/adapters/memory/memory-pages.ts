/** Pages of lists in memory: a cursor is the position of the first row of the next page. */
import { CodedError } from '../../core/errors.ts';
import type { Page, PageRequest } from '../../ports/manifest.ts';

export function pageOf<Row, Shown>(
  rows: readonly Row[],
  page: PageRequest,
  key: (row: Row) => string,
  show: (row: Row) => Shown,
): Page<Shown> {
  let start = 0;
  if (page.cursor !== undefined) {
    start = rows.findIndex((row) => key(row) === page.cursor);
    if (start < 0) {
      throw new CodedError('BAD_ARGUMENT', 'the cursor does not belong to this list', {
        hint: 'Pass the cursor of the page before, unchanged, with the same filters.',
      });
    }
  }
  const end = page.limit === 0 ? rows.length : start + page.limit;
  const next = rows[end];
  return { rows: rows.slice(start, end).map(show), cursor: next === undefined ? undefined : key(next) };
}
