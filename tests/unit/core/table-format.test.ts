import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/core/bytes.ts';
import { tableFormatOf, tableFormatOfName, tableHeadSize } from '../../../src/core/table-format.ts';

const empty = new Uint8Array(0);

describe('the format of a table', () => {
  test('is told by its name where the bytes have no mark', () => {
    const found = ['a.csv', 'a.TSV', 'x/y.jsonl', 'a.b.ndjson', 'a.parquet', 'a.pq', 'a.arrow', 'a.feather'].map(
      (name) => tableFormatOf(name, utf8('id,v\n1,2')),
    );
    expect(found).toEqual(['csv', 'csv', 'jsonl', 'jsonl', 'parquet', 'parquet', 'arrow', 'arrow']);
  });

  test('is told by the mark whatever the name says', () => {
    expect(tableFormatOf('a.csv', utf8('PAR1\u0015\u0004'))).toBe('parquet');
    expect(tableFormatOf('prices', utf8('ARROW1\0\0'))).toBe('arrow');
    expect(tableFormatOf('prices', new Uint8Array([255, 255, 255, 255, 16, 1, 0, 0]))).toBe('arrow');
  });

  test('is the one of the name for a file that was cut off before its mark', () => {
    expect(tableFormatOf('a.parquet', utf8('PA'))).toBe('parquet');
    expect(tableFormatOf('a.arrow', empty)).toBe('arrow');
  });

  test('is unknown for any other name and bytes', () => {
    const names = ['prices', 'a.txt', 'csv', 'a.csv/b', 'a.csv.gz', '.', ''];
    expect(names.map((name) => tableFormatOf(name, utf8('id,v\n')))).toEqual(names.map(() => undefined));
    expect(tableFormatOfName('.csv')).toBe('csv');
  });

  test('needs no more bytes than it says', () => {
    expect(tableHeadSize).toBeGreaterThanOrEqual('ARROW1'.length);
  });
});
