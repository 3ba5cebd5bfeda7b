/**
 * cairn.table/1 once more, from its specification alone (objects-layout.md): no typed arrays, no batches, one value after
 * the other. Tests compare what readers say with this.
 */
import { createHash } from 'node:crypto';

export type Cell = null | boolean | bigint | number | string | Uint8Array | readonly Cell[] | DecimalCell;

export interface DecimalCell {
  readonly digits: bigint;
  readonly scale: number;
}

export interface NaiveColumn {
  readonly name: string;
  /** A type word; `list<…>` of a plain one. */
  readonly type: string;
  readonly cells: readonly Cell[];
}

function littleEndian(value: bigint, bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  for (let index = 0; index < bytes; index++) out[index] = Number((value >> BigInt(8 * index)) & 0xffn);
  return out;
}

const inInt64 = (value: bigint): boolean => value >= -(2n ** 63n) && value < 2n ** 63n;

function float(value: number): Buffer {
  const out = Buffer.alloc(8);
  if (Number.isNaN(value)) return Buffer.from('000000000000f87f', 'hex');
  out.writeDoubleLE(value === 0 ? 0 : value);
  return out;
}

function decimal({ digits, scale }: DecimalCell): readonly [number, Buffer] {
  let [rest, places] = [digits, scale];
  while (places > 0 && rest % 10n === 0n) [rest, places] = [rest / 10n, places - 1];
  const isWide = !inInt64(rest);
  return [isWide ? 2 : 1, Buffer.concat([Buffer.from([places]), littleEndian(rest, isWide ? 16 : 8)])];
}

/** Tag and bytes of a value of a plain type. */
function plain(type: string, cell: Exclude<Cell, null>): readonly [number, Buffer] {
  switch (type) {
    case 'integer':
      return inInt64(cell as bigint) ? [1, littleEndian(cell as bigint, 8)] : [2, littleEndian(cell as bigint, 24)];
    case 'float':
      return [1, float(cell as number)];
    case 'decimal':
      return decimal(cell as DecimalCell);
    case 'boolean':
      return [1, Buffer.from([cell === true ? 1 : 0])];
    case 'date':
      return [1, littleEndian(cell as bigint, 4)];
    case 'time_tz':
      throw new Error('not here');
    default:
      return [1, littleEndian(cell as bigint, 8)];
  }
}

function streams(type: string, cells: readonly Cell[]): Buffer[] {
  const present = cells.filter((cell) => cell !== null);
  const flags = Buffer.from(cells.map((cell) => (cell === null ? 0 : 1)));
  const list = /^list<(.*)>$/.exec(type)?.[1];
  if (type === 'null') return [flags];
  if (list !== undefined) {
    const lists = present as readonly (readonly Cell[])[];
    return [
      flags,
      Buffer.concat(lists.map((one) => littleEndian(BigInt(one.length), 4))),
      ...streams(list, lists.flat()),
    ];
  }
  if (type === 'text' || type === 'binary') {
    const values = present.map((cell) => Buffer.from(cell as string));
    return [flags, Buffer.concat(values.map((value) => littleEndian(BigInt(value.length), 4))), Buffer.concat(values)];
  }
  const tags = cells.map((cell) => (cell === null ? 0 : plain(type, cell)[0]));
  return [Buffer.from(tags), Buffer.concat(present.map((cell) => plain(type, cell)[1]))];
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

function framed(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([littleEndian(BigInt(bytes.length), 4), bytes]);
}

/** The content hash of a table whose rows are in canonical order. */
export function naiveTableHash(columns: readonly NaiveColumn[], rows: number): string {
  const parts = columns.map(({ name, type, cells }) =>
    Buffer.concat([framed(name), framed(type), ...streams(type, cells).map(sha256)]),
  );
  const head = [Buffer.from('cairn.table/1\n'), littleEndian(BigInt(rows), 8), littleEndian(BigInt(columns.length), 4)];
  return sha256(Buffer.concat([...head, ...parts])).toString('hex');
}

function compareFloats(left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareCells(type: string, left: Cell, right: Cell, nested = false): number {
  if (left === null || right === null) {
    return (nested ? -1 : 1) * (Number(right === null) - Number(left === null));
  }
  const list = /^list<(.*)>$/.exec(type)?.[1];
  if (list !== undefined) {
    const [one, other] = [left as readonly Cell[], right as readonly Cell[]];
    for (let index = 0; index < Math.min(one.length, other.length); index++) {
      const order = compareCells(list, one[index] as Cell, other[index] as Cell, true);
      if (order !== 0) return order;
    }
    return one.length - other.length;
  }
  if (type === 'float') return compareFloats(left as number, right as number);
  if (type === 'decimal') {
    const [one, other] = [left as DecimalCell, right as DecimalCell];
    const difference = one.digits * 10n ** BigInt(other.scale) - other.digits * 10n ** BigInt(one.scale);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  if (type === 'text' || type === 'binary')
    return Buffer.compare(Buffer.from(left as string), Buffer.from(right as string));
  const [one, other] = [BigInt(left as bigint), BigInt(right as bigint)];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The rows in the order of the sort columns, then of all others. */
export function naiveSort(columns: readonly NaiveColumn[], sort: readonly string[]): NaiveColumn[] {
  const order = [
    ...sort.map((name) => columns.find((column) => column.name === name) as NaiveColumn),
    ...columns.filter(({ name }) => !sort.includes(name)),
  ];
  const rows = Array.from(columns[0]?.cells.keys() ?? []);
  rows.sort((left, right) => {
    for (const { type, cells } of order) {
      const result = compareCells(type, cells[left] as Cell, cells[right] as Cell);
      if (result !== 0) return result;
    }
    return 0;
  });
  return columns.map((column) => ({ ...column, cells: rows.map((row) => column.cells[row] as Cell) }));
}
