import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../../src/core/errors.ts';
import type { TableHash } from '../../../../src/core/ids.ts';
import type { TableSpecRecord } from '../../../../src/core/records/table-spec.ts';
import type { RowPairing, TableDiff, TableFile, TableReader } from '../../../../src/ports/tables.ts';
import { diffTables, judgeTables } from '../../../../src/store/tables/compare-tables.ts';

const file = (name: string): TableFile => ({ path: `/${name}`, format: 'csv', name });
const sorted: TableSpecRecord = { schema: 'cairn.table-spec/1', sort: ['day'] };
const files = { before: file('one'), after: file('two'), spec: sorted };
const same: TableDiff = {
  columns: { added: [], removed: [], changed: [] },
  rows: { before: 1, after: 1, added: 0, removed: 0, changed: 0 },
  added: [],
  removed: [],
  changed: [],
  deltas: [],
  equal: true,
};

/** A reader whose files have their name as content, and what it was asked. */
function reader(answer: (pairing: RowPairing) => TableDiff | CodedError, content = (name: string) => name) {
  const asked: RowPairing[] = [];
  const tables: TableReader = {
    identify: async ({ name }) => ({
      sha256: content(name) as TableHash,
      rows: 1,
      columns: [{ name: 'day', type: 'text' }],
      minTs: undefined,
      maxTs: undefined,
    }),
    identifyMany: async () => [],
    times: async () => undefined,
    diff: async ({ pairing }) => {
      asked.push(pairing);
      const found = answer(pairing);
      if (found instanceof CodedError) throw found;
      return found;
    },
  };
  return { tables, asked };
}

const ambiguous = new CodedError('BAD_ARGUMENT', 'no key', { data: { ambiguous: { day: 1 } } });
const invalid = new CodedError('TABLE_INVALID', 'one: it is cut off');

describe('diffTables', () => {
  test('takes the sort keys for a key, and whole rows where these name several', async () => {
    const plain = reader(() => same);
    expect(await diffTables(plain, files, { sample: 1 })).toMatchObject({ kind: 'compared', key: ['day'] });
    const { tables, asked } = reader(({ by }) => (by === 'key' ? ambiguous : same));
    expect(await diffTables({ tables }, files, { sample: 1 })).toMatchObject({ kind: 'compared', key: undefined });
    expect(asked.map(({ by }) => by)).toEqual(['key', 'content']);
  });

  test('does what a caller says with a key, to the letter', async () => {
    const refused = reader(() => ambiguous);
    await expect(diffTables(refused, files, { key: ['day'], sample: 1 })).rejects.toBe(ambiguous);
    const whole = reader(() => same);
    await diffTables(whole, files, { key: [], sample: 1 });
    expect(whole.asked).toEqual([{ by: 'content' }]);
  });

  test('tells of a file that is no table, and refuses it when the caller gave a key', async () => {
    const broken = reader(() => invalid);
    expect(await diffTables(broken, files, { sample: 1 })).toEqual({ kind: 'unreadable', why: invalid.message });
    await expect(diffTables(broken, files, { key: ['day'], sample: 1 })).rejects.toBe(invalid);
  });
});

describe('judgeTables', () => {
  test('equal content is identical, and no rows are compared', async () => {
    const { tables, asked } = reader(
      () => same,
      () => 'equal',
    );
    expect(await judgeTables({ tables }, files, 0)).toEqual({ verdict: 'identical', detail: 'content' });
    expect(asked).toEqual([]);
  });

  test('rows find each other by the sort keys, or by their position', async () => {
    const { tables, asked } = reader(({ by }) => (by === 'key' ? ambiguous : same));
    expect((await judgeTables({ tables }, files, 1e-9))?.verdict).toBe('within-tolerance');
    expect(asked.map(({ by }) => by)).toEqual(['key', 'position']);
  });

  const verdicts: readonly (readonly [Partial<TableDiff>, string, RegExp])[] = [
    [{ rows: { ...same.rows, changed: 1 } }, 'differs', /1 changed/],
    [{ columns: { ...same.columns, added: [{ name: 'x', type: 'text' }] } }, 'differs', /columns differ: x/],
    [
      { columns: { ...same.columns, changed: [{ name: 'x', before: 'text', after: 'integer', compared: false }] } },
      'differs',
      /types differ: x/,
    ],
    [
      { columns: { ...same.columns, changed: [{ name: 'x', before: 'integer', after: 'float', compared: true }] } },
      'within-tolerance',
      /equal numbers of other types: x/,
    ],
  ];
  test.each(verdicts)('%j is %s', async (diff, verdict, detail) => {
    const found = await judgeTables(
      reader(() => ({ ...same, ...diff })),
      files,
      0,
    );
    expect(found).toMatchObject({ verdict, detail: expect.stringMatching(detail) });
  });

  test('says nothing of a file that is no table', async () => {
    expect(
      await judgeTables(
        reader(() => invalid),
        files,
        0,
      ),
    ).toBeUndefined();
  });
});
