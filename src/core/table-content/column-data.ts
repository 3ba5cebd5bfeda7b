/**
 * Values of one column as a reader hands them over: raw little-endian memory, a batch at a time. Readers choose batches
 * and widths as they like; the encoder (encode-column.ts) makes the same bytes of them.
 */

/** How a value lies in memory: signed, unsigned or floating, and its width in bits. */
export type Layout = 'i8' | 'i16' | 'i32' | 'i64' | 'i128' | 'u8' | 'u16' | 'u32' | 'u64' | 'u128' | 'f32' | 'f64';

interface Slots {
  /** Number of values, nulls included. */
  readonly count: number;
  /** Bit `i & 7` of byte `i >> 3` is 1 when value `i` is there; undefined when no value is null. */
  readonly valid: Uint8Array | undefined;
}

/** Every type of fixed width. What is in the place of a null does not matter. */
export interface FixedData extends Slots {
  readonly kind: 'fixed';
  readonly layout: Layout;
  /** `count` values of that width, aligned to their width in their buffer. */
  readonly bytes: Uint8Array;
  /** Of a decimal: digits behind the point. */
  readonly scale: number;
}

/** Text (UTF-8), binary. */
export interface BytesData extends Slots {
  readonly kind: 'bytes';
  /** Bytes of each value; 0 for a null. */
  readonly lengths: Uint32Array;
  /** All values, one after another. */
  readonly bytes: Uint8Array;
}

/** Lists, and maps as lists of a struct of key and value. */
export interface ListData extends Slots {
  readonly kind: 'list';
  /** Where each list begins in `child`, and how many elements it has. */
  readonly starts: Uint32Array;
  readonly lengths: Uint32Array;
  readonly child: ColumnData;
}

export interface StructData extends Slots {
  readonly kind: 'struct';
  readonly members: readonly ColumnData[];
}

export type ColumnData = FixedData | BytesData | ListData | StructData;
