/**
 * Line differences between two texts (Myers, "An O(ND) difference algorithm", 1986), with bounded work.
 *
 * Common lines at both ends are set aside first. When the rest differs in more than `maxEdits` lines, it is given as
 * removed and added whole: that is still a true difference, only not the shortest.
 */

export interface DiffLine {
  readonly kind: ' ' | '-' | '+';
  readonly text: string;
}

export interface Hunk {
  /** From 1; the line before the hunk when it has no lines of that side. */
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly DiffLine[];
}

export interface TextDiff {
  readonly added: number;
  readonly removed: number;
  readonly hunks: readonly Hunk[];
  /** False when the bound was met and the difference may not be the shortest. */
  readonly exact: boolean;
}

export interface TextDiffOptions {
  /** Unchanged lines around changes. */
  readonly context?: number;
  readonly maxEdits?: number;
}

/** One changed stretch: half-open ranges of line indexes. */
interface Edit {
  readonly oldFrom: number;
  readonly oldTo: number;
  readonly newFrom: number;
  readonly newTo: number;
}

/** The lines of a text; a missing line end at the very end makes the last line differ from one that has it. */
export function textLines(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else lines.push(`${lines.pop() as string}${noNewline}`);
  return lines;
}

/** What a last line without a line end carries, as `diff` and git say it. */
export const noNewline = '\n\\ No newline at end of file';

/** Furthest reaching paths for each number of edits; undefined when the bound is met. */
function traces(left: Int32Array, right: Int32Array, maxEdits: number): Int32Array[] | undefined {
  const bound = Math.min(left.length + right.length, maxEdits);
  const furthest = new Int32Array(2 * bound + 3);
  const middle = bound + 1;
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= bound; edits++) {
    trace.push(furthest.slice(middle - edits - 1, middle + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const below = furthest[middle + diagonal + 1] as number;
      const beside = furthest[middle + diagonal - 1] as number;
      let x = diagonal === -edits || (diagonal !== edits && beside < below) ? below : beside + 1;
      let y = x - diagonal;
      while (x < left.length && y < right.length && left[x] === right[y]) {
        x++;
        y++;
      }
      furthest[middle + diagonal] = x;
      if (x >= left.length && y >= right.length) return trace;
    }
  }
  return undefined;
}

/** Single insertions and deletions, last first, walked back from the end. */
function walkBack(trace: readonly Int32Array[], oldLength: number, newLength: number): Edit[] {
  const edits: Edit[] = [];
  let x = oldLength;
  let y = newLength;
  for (let count = trace.length - 1; count > 0; count--) {
    const furthest = trace[count] as Int32Array;
    const at = (diagonal: number): number => furthest[diagonal + count + 1] as number;
    const diagonal = x - y;
    const down = diagonal === -count || (diagonal !== count && at(diagonal - 1) < at(diagonal + 1));
    const from = down ? diagonal + 1 : diagonal - 1;
    const fromX = at(from);
    const fromY = fromX - from;
    if (down) edits.push({ oldFrom: fromX, oldTo: fromX, newFrom: fromY, newTo: fromY + 1 });
    else edits.push({ oldFrom: fromX, oldTo: fromX + 1, newFrom: fromY, newTo: fromY });
    x = fromX;
    y = fromY;
  }
  return edits.reverse();
}

/** Neighbouring edits as one. */
function joined(edits: readonly Edit[]): Edit[] {
  const result: Edit[] = [];
  for (const edit of edits) {
    const last = result.at(-1);
    if (last !== undefined && last.oldTo === edit.oldFrom && last.newTo === edit.newFrom) {
      result[result.length - 1] = { ...last, oldTo: edit.oldTo, newTo: edit.newTo };
    } else result.push(edit);
  }
  return result;
}

/** Lines as small numbers, equal lines as equal numbers. */
function numbered(lines: readonly string[], known: Map<string, number>): Int32Array {
  return Int32Array.from(lines, (line) => {
    const number = known.get(line) ?? known.size;
    known.set(line, number);
    return number;
  });
}

function findEdits(
  left: readonly string[],
  right: readonly string[],
  maxEdits: number,
): { edits: Edit[]; exact: boolean } {
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let end = 0;
  const shorter = Math.min(left.length, right.length) - start;
  while (end < shorter && left[left.length - 1 - end] === right[right.length - 1 - end]) end++;
  const oldMiddle = left.slice(start, left.length - end);
  const newMiddle = right.slice(start, right.length - end);
  if (oldMiddle.length + newMiddle.length === 0) return { edits: [], exact: true };
  const whole: Edit = { oldFrom: start, oldTo: left.length - end, newFrom: start, newTo: right.length - end };
  if (oldMiddle.length === 0 || newMiddle.length === 0) return { edits: [whole], exact: true };
  const known = new Map<string, number>();
  const trace = traces(numbered(oldMiddle, known), numbered(newMiddle, known), maxEdits);
  if (trace === undefined) return { edits: [whole], exact: false };
  const edits = walkBack(trace, oldMiddle.length, newMiddle.length).map((edit) => ({
    oldFrom: edit.oldFrom + start,
    oldTo: edit.oldTo + start,
    newFrom: edit.newFrom + start,
    newTo: edit.newTo + start,
  }));
  return { edits: joined(edits), exact: true };
}

/** Edits with the unchanged lines around them; edits whose surroundings meet share a hunk. */
function makeHunks(left: readonly string[], right: readonly string[], edits: readonly Edit[], context: number): Hunk[] {
  const hunks: Hunk[] = [];
  for (let first = 0; first < edits.length; ) {
    let last = first;
    while (last + 1 < edits.length && (edits[last + 1] as Edit).oldFrom - (edits[last] as Edit).oldTo <= 2 * context)
      last++;
    const from = edits[first] as Edit;
    const to = edits[last] as Edit;
    const lead = Math.min(context, from.oldFrom);
    const tail = Math.min(context, left.length - to.oldTo);
    const lines: DiffLine[] = [];
    let at = from.oldFrom - lead;
    for (const edit of edits.slice(first, last + 1)) {
      for (; at < edit.oldFrom; at++) lines.push({ kind: ' ', text: left[at] as string });
      for (; at < edit.oldTo; at++) lines.push({ kind: '-', text: left[at] as string });
      for (let line = edit.newFrom; line < edit.newTo; line++) lines.push({ kind: '+', text: right[line] as string });
    }
    for (; at < to.oldTo + tail; at++) lines.push({ kind: ' ', text: left[at] as string });
    const oldLines = to.oldTo + tail - (from.oldFrom - lead);
    const newLines = to.newTo + tail - (from.newFrom - lead);
    hunks.push({
      oldStart: from.oldFrom - lead + (oldLines === 0 ? 0 : 1),
      oldLines,
      newStart: from.newFrom - lead + (newLines === 0 ? 0 : 1),
      newLines,
      lines,
    });
    first = last + 1;
  }
  return hunks;
}

const defaultContext = 3;
/** Memory and time grow with its square: 2000 edits are 16 MiB and some ten milliseconds. */
const defaultMaxEdits = 2000;

export function diffText(before: string, after: string, options: TextDiffOptions = {}): TextDiff {
  const left = textLines(before);
  const right = textLines(after);
  const { edits, exact } = findEdits(left, right, options.maxEdits ?? defaultMaxEdits);
  return {
    added: edits.reduce((sum, edit) => sum + edit.newTo - edit.newFrom, 0),
    removed: edits.reduce((sum, edit) => sum + edit.oldTo - edit.oldFrom, 0),
    hunks: makeHunks(left, right, edits, options.context ?? defaultContext),
    exact,
  };
}
