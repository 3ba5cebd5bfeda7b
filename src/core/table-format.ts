/**
 * Which kind of table a file is: told by its first bytes where the format has a mark, by its name where it has none.
 *
 * Parquet starts with `PAR1`, an Arrow IPC file with `ARROW1`, an Arrow IPC stream with the continuation FF FF FF FF,
 * which no UTF-8 text can start with. The mark beats the name: a Parquet file called `x.csv` is Parquet. A name that says Parquet
 * or Arrow is believed even so, so that a truncated file is refused as what it should be and not as unknown.
 */

export type TableFormat = 'parquet' | 'csv' | 'jsonl' | 'arrow';

/** Bytes of a file that `tableFormatOf` looks at. */
export const tableHeadSize = 8;

const marks: readonly (readonly [format: TableFormat, bytes: readonly number[]])[] = [
  ['parquet', [0x50, 0x41, 0x52, 0x31]],
  ['arrow', [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31]],
  ['arrow', [0xff, 0xff, 0xff, 0xff]],
];

const formatBySuffix: ReadonlyMap<string, TableFormat> = new Map([
  ['parquet', 'parquet'],
  ['pq', 'parquet'],
  ['arrow', 'arrow'],
  ['arrows', 'arrow'],
  ['feather', 'arrow'],
  ['ipc', 'arrow'],
  ['csv', 'csv'],
  ['tsv', 'csv'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
]);

/** The format that a path or logical key ends in, whatever the case of its letters; undefined for any other ending. */
export function tableFormatOfName(name: string): TableFormat | undefined {
  const suffix = /\.([^./\\]+)$/.exec(name)?.[1];
  return suffix === undefined ? undefined : formatBySuffix.get(suffix.toLowerCase());
}

/** `head`: the first `tableHeadSize` bytes, fewer where the file is shorter. undefined: no table that can be read. */
export function tableFormatOf(name: string, head: Uint8Array): TableFormat | undefined {
  const marked = marks.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte));
  return marked?.[0] ?? tableFormatOfName(name);
}
