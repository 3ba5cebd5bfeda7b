/** What the encoders of the types of fixed width have in common: the memory that they read, the tags and values they write. */
import { assertInvariant } from '../errors.ts';
import type { FixedData, Layout } from './column-data.ts';
import { hashOnes, isThere, type StreamHasher, scratch } from './stream-hasher.ts';

export type Rows = Uint32Array | undefined;
export type FixedEncoder = (data: FixedData, rows: Rows, tags: StreamHasher, values: StreamHasher) => void;

/** Writes the value at `row` at `at`; returns its size, negative when it has the wide form. */
export type Put = (into: DataView, at: number, row: number) => number;

/** Room for the values of one batch. */
export const valueRoom = scratch();
const tagRoom = scratch();

export function writeEach(
  data: FixedData,
  rows: Rows,
  tags: StreamHasher,
  values: StreamHasher,
  most: number,
  put: Put,
): void {
  const count = rows?.length ?? data.count;
  const flags = tagRoom(count);
  const bytes = valueRoom(count * most);
  const into = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  for (let index = 0; index < count; index++) {
    const row = rows === undefined ? index : (rows[index] as number);
    const size = isThere(data.valid, row) ? put(into, at, row) : 0;
    flags[index] = size === 0 ? 0 : size < 0 ? 2 : 1;
    at += Math.abs(size);
  }
  tags.update(flags);
  values.update(bytes.subarray(0, at));
}

/** Every row of the batch, and none of them null. */
export const isWhole = (data: FixedData, rows: Rows): boolean => rows === undefined && data.valid === undefined;

const numberArrays = {
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

type Numbers = InstanceType<(typeof numberArrays)[keyof typeof numberArrays]>;

export function numbersOf({ bytes, layout, count }: FixedData): Numbers {
  assertInvariant(layout in numberArrays, `values of layout ${layout} are no plain numbers`);
  return new numberArrays[layout as keyof typeof numberArrays](bytes.buffer as ArrayBuffer, bytes.byteOffset, count);
}

/** 32-bit words, low ones first: two of each 64-bit value, four of each 128-bit one. */
export function wordsOf({ bytes }: FixedData): Int32Array {
  return new Int32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length >> 2);
}

export function expectLayout(data: FixedData, layout: Layout): void {
  assertInvariant(data.layout === layout, `values of layout ${data.layout} where ${layout} is due`);
}

export function hashWhole(data: FixedData, tags: StreamHasher, values: StreamHasher): void {
  hashOnes(tags, data.count);
  values.update(data.bytes);
}
