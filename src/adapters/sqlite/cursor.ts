/** Cursors of pages: opaque to the caller, JSON in base64url, named after the list they belong to. */
import { CodedError } from '../../core/errors.ts';

export type CursorPart = string | number;

export function encodeCursor(list: string, parts: readonly CursorPart[]): string {
  return Buffer.from(JSON.stringify([list, ...parts])).toString('base64url');
}

export function wrongCursor(): CodedError {
  return new CodedError('BAD_ARGUMENT', 'the cursor does not belong to this list', {
    hint: 'Pass the cursor of the page before, unchanged, with the same filters.',
  });
}

/** The parts of a cursor that `encodeCursor` made for the same list. Throws BAD_ARGUMENT for anything else. */
export function decodeCursor(list: string, cursor: string | undefined): readonly CursorPart[] | undefined {
  if (cursor === undefined) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    parts = undefined;
  }
  if (
    !Array.isArray(parts) ||
    parts[0] !== list ||
    !parts.every((part) => typeof part === 'string' || typeof part === 'number')
  ) {
    throw wrongCursor();
  }
  return parts.slice(1) as CursorPart[];
}
