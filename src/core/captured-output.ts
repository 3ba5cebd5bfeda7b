/**
 * Standard output and error of a captured command as a file: all of it, or its beginning and its end with one line between
 * them that says how much was cut. Cut where a character of UTF-8 ends, so that a text stays a text.
 */
import { concatBytes, utf8 } from './bytes.ts';

/** Bytes of each end that are kept. */
export const keptOutput = { head: 1024 * 1024, tail: 1024 * 1024 } as const;

interface Captured {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  readonly total: number;
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** Length of the head without a character that was cut; at most three bytes less. */
function wholeHead(head: Uint8Array): number {
  let start = head.length - 1;
  while (start >= 0 && start > head.length - 4 && isContinuation(head[start])) start--;
  const lead = head[start] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start >= 0 && start + length > head.length ? start : head.length;
}

/** Where the first whole character of the tail starts. */
function wholeTail(tail: Uint8Array): number {
  let start = 0;
  while (start < 3 && isContinuation(tail[start])) start++;
  return isContinuation(tail[start]) ? 0 : start;
}

export function isCut({ head, tail, total }: Captured): boolean {
  return head.length + tail.length < total;
}

/** The bytes to store; `cut` is how many are not among them. */
export function outputFile(captured: Captured): { readonly bytes: Uint8Array; readonly cut: number } {
  const { head, tail, total } = captured;
  if (!isCut(captured)) return { bytes: concatBytes(head, tail), cut: 0 };
  const before = head.subarray(0, wholeHead(head));
  const after = tail.subarray(wholeTail(tail));
  const cut = total - before.length - after.length;
  const note = utf8(`\n[cairn: ${cut} of ${total} bytes are not kept here]\n`);
  return { bytes: concatBytes(before, note, after), cut };
}
