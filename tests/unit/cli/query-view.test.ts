import { describe, expect, test } from 'vitest';
import { csvAnswer, documentAnswer, jsonAnswer, Rows, tableAnswer } from '../../../src/cli/query-view.ts';
import { textWidth } from '../../../src/cli/text.ts';
import type { JsonValue } from '../../../src/core/json-value.ts';

type Column = readonly [name: string, type: string, values: readonly JsonValue[]];

/** An answer in batches of two rows. */
function rowsOf(columns: readonly Column[], limit = 0): Rows {
  const count = columns[0]?.[2].length ?? 0;
  async function* batches() {
    for (let at = 0; at < count; at += 2) {
      yield { rows: Math.min(2, count - at), columns: columns.map(([, , values]) => values.slice(at, at + 2)) };
    }
  }
  return new Rows({ columns: columns.map(([name, type]) => ({ name, type })), batches: batches() }, limit);
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

const plain = { width: undefined, heading: (text: string) => text };
const sample: readonly Column[] = [
  ['id', 'BIGINT', [1, 20, null]],
  ['name', 'VARCHAR', ['a', 'line\nbreak', '']],
];

describe('the answer of a query', () => {
  test('as a table: numbers to the right, nulls named, controls escaped', async () => {
    expect(await textOf(tableAnswer(rowsOf(sample), plain))).toBe('  id  name\n   1  a\n  20  line\\nbreak\nNULL  \n');
  });

  test('as a table fits into a terminal, the widest columns giving way', async () => {
    const columns: readonly Column[] = [
      ['id', 'VARCHAR', ['x'.repeat(64), '日本語'.repeat(20)]],
      ['n', 'BIGINT', [1, 2]],
      ['text', 'VARCHAR', ['y'.repeat(30), 'short']],
    ];
    for (const width of [20, 40, 41, 60, 200]) {
      const lines = (await textOf(tableAnswer(rowsOf(columns), { ...plain, width }))).trimEnd().split('\n');
      expect(lines.map(textWidth).filter((wide) => wide > width)).toEqual([]);
    }
    const lines = (await textOf(tableAnswer(rowsOf(columns), { ...plain, width: 40 }))).split('\n');
    expect(lines[1]).toBe(`${'x'.repeat(16)}…  1  ${'y'.repeat(17)}…`);
  });

  test('is cut at the limit, and says so', async () => {
    const cut = rowsOf(sample, 1);
    expect(await textOf(csvAnswer(cut))).toBe('id,name\n1,a\n');
    expect(cut.more).toBe(true);
    const whole = rowsOf(sample, 3);
    expect(await textOf(jsonAnswer(whole))).toBe(
      '[\n{"id":1,"name":"a"},\n{"id":20,"name":"line\\nbreak"},\n{"id":null,"name":""}\n]\n',
    );
    expect(whole.more).toBe(false);
    const document = JSON.parse(await textOf(documentAnswer(rowsOf(sample, 2)))) as { rows: unknown; more: unknown };
    expect(document).toMatchObject({
      rows: [
        [1, 'a'],
        [20, 'line\nbreak'],
      ],
      more: true,
    });
  });

  test('as CSV tells a null from an empty text', async () => {
    expect(await textOf(csvAnswer(rowsOf(sample)))).toBe('id,name\n1,a\n20,"line\nbreak"\n,""\n');
  });
});
