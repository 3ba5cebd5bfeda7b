import { describe, expect, test } from 'vitest';
import { closest } from '../../../src/cli/suggest.ts';
import { csvText, tableLines } from '../../../src/cli/table.ts';
import { byteSize, inLine, inLines, textWidth } from '../../../src/cli/text.ts';

describe('text of other people', () => {
  test('cannot move the cursor, recolour or break a line', () => {
    expect(inLine('a\u001b[2Jb\nc\u202ed\u009be')).toBe('a\\u001b[2Jb\\nc\\u202ed\\u009be');
    expect(inLines('a\u001b]0;title\u0007\nb\tc')).toBe('a\\u001b]0;title\\u0007\nb\tc');
  });

  test('keeps letters of every language, and shows a lone surrogate as a replacement', () => {
    expect(inLine('Zürich 東京 \ud800')).toBe('Zürich 東京 \ufffd');
  });
});

describe('tables', () => {
  test('align by width on the terminal, not by length', () => {
    expect(textWidth('東京')).toBe(4);
    expect(textWidth('e\u0301')).toBe(1);
    expect(textWidth('\u001b[31mred\u001b[39m')).toBe(3);
    expect(
      tableLines(
        [{ title: 'name' }, { title: 'n', align: 'right' }],
        [
          ['東京', '1'],
          ['a', '10'],
        ],
      ),
    ).toEqual(['name   n', '東京   1', 'a     10']);
  });

  test('leave no space at the ends of lines', () => {
    expect(
      tableLines(
        [{ title: '' }, { title: '' }],
        [
          ['a', ''],
          ['bb', 'c'],
        ],
      ),
    ).toEqual(['a', 'bb  c']);
  });
});

test('CSV quotes what needs it', () => {
  expect(csvText(['a', 'b'], [['x,y', 'say "no"\nor yes']])).toBe('a,b\n"x,y","say ""no""\nor yes"\n');
});

test('sizes are in binary units', () => {
  expect([0, 1023, 1024, 1536, 10 * 1024, 5 * 1024 ** 3].map(byteSize)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '10 KiB',
    '5.0 GiB',
  ]);
});

test('suggestions are near or missing', () => {
  const names = ['status', 'commit', 'checkout', 'log'];
  expect(['stauts', 'comit', 'chekcout', 'xyzzy', 'stat'].map((word) => closest(word, names))).toEqual([
    'status',
    'commit',
    'checkout',
    undefined,
    'status',
  ]);
});
