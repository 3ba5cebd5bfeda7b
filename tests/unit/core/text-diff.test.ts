import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffText, type Hunk, type TextDiff, textLines } from '../../../src/core/text-diff.ts';

/** Applies a difference as `patch` would, checking every line that it says is there. */
function applied(before: string, { hunks }: TextDiff): string[] {
  const lines = textLines(before);
  const result: string[] = [];
  let at = 0;
  for (const hunk of hunks) {
    const start = hunk.oldLines === 0 ? hunk.oldStart : hunk.oldStart - 1;
    while (at < start) result.push(lines[at++] as string);
    for (const { kind, text } of hunk.lines) {
      if (kind !== '+') expect(lines[at++]).toBe(text);
      if (kind !== '-') result.push(text);
    }
  }
  return [...result, ...lines.slice(at)];
}

const fewLines = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 14 }), fc.boolean())
  .map(([lines, ended]) => lines.join('\n') + (ended ? '\n' : ''));

const countOf = (hunk: Hunk, without: '+' | '-'): number => hunk.lines.filter(({ kind }) => kind !== without).length;

describe('diffText', () => {
  test('turns the one text into the other, with hunks that count right, whatever the bound', () => {
    fc.assert(
      fc.property(
        fewLines,
        fewLines,
        fc.integer({ min: 0, max: 3 }),
        fc.constantFrom(1, 3, 2000),
        (a, b, context, maxEdits) => {
          const diff = diffText(a, b, { context, maxEdits });
          expect(applied(a, diff)).toEqual(textLines(b));
          for (const hunk of diff.hunks) {
            expect(countOf(hunk, '+')).toBe(hunk.oldLines);
            expect(countOf(hunk, '-')).toBe(hunk.newLines);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is empty for equal texts and finds the shortest difference', () => {
    expect(diffText('a\nb\n', 'a\nb\n').hunks).toEqual([]);
    const diff = diffText('a\nb\nc\na\nb\nb\na\n', 'c\nb\na\nb\na\nc\n');
    expect(diff.added + diff.removed).toBe(5);
  });

  test('tells a missing line end apart', () => {
    const diff = diffText('a\n', 'a');
    expect(diff.hunks[0]?.lines.map(({ kind, text }) => kind + text)).toEqual([
      '-a',
      '+a\n\\ No newline at end of file',
    ]);
  });

  test('gives up on the shortest difference when the bound is met, and says so', () => {
    const numbers = (step: number): string => Array.from({ length: 500 }, (_, line) => `${line * step}\n`).join('');
    const diff = diffText(numbers(2), numbers(3), { maxEdits: 20 });
    expect(diff.exact).toBe(false);
    expect(applied(numbers(2), diff)).toEqual(textLines(numbers(3)));
  });
});
