/**
 * cairn.table/1: content identity of a table, whatever file it lies in. Compression, row groups, batches, widths of
 * integers and versions of libraries leave no trace in it; the order of columns, the order of rows, names, types and
 * every value do. All integers here are little-endian.
 *
 *   table   = SHA-256("cairn.table/1" 0a ‖ rows u64 ‖ columns u32 ‖ column…)
 *   column  = length u32 ‖ name (UTF-8) ‖ length u32 ‖ type word (UTF-8) ‖ SHA-256 of each of its streams, in order
 *
 * The streams of a column follow from its type (table-type.ts). The first, TAGS, has one byte for each row: 00 null, 01 a
 * value, 02 a value in the wide form. The others hold nothing for a null:
 *
 *   integer        VALUES  01: i64; 02, when it is not in the range of i64: 24 bytes, two's complement
 *   float          VALUES  f64 (IEEE 754); -0 is 0, every NaN is 7ff8000000000000, a narrower float is widened
 *   decimal        VALUES  scale u8, then 01: i64; 02, when it is not in the range of i64: 16 bytes, two's complement; the
 *                          value is that integer / 10^scale, with the smallest scale from 0 up that can hold it
 *   boolean        VALUES  u8, 0 or 1
 *   date           VALUES  i32, days since 1970-01-01
 *   time, time_ns  VALUES  i64, micro- or nanoseconds since midnight
 *   time_tz        VALUES  i64 microseconds since midnight where the clock hangs, i32 seconds that it is east of UTC
 *   timestamp      VALUES  i64, microseconds since 1970-01-01T00:00:00 on a clock without zone
 *   timestamp_ns   VALUES  i64, nanoseconds since then
 *   timestamp_tz   VALUES  i64, microseconds since 1970-01-01T00:00:00Z: an instant
 *   interval       VALUES  months i32, days i32, microseconds i64
 *   uuid           VALUES  16 bytes in the order in which they are written
 *   text, binary   LENGTHS u32 for each value, BYTES of the values one after another (text in UTF-8, not normalised)
 *   list           LENGTHS u32 for each value, then the streams of the elements of all lists, one list after another
 *   map            LENGTHS, then the streams of all keys, then those of all values, entries in the order of the file
 *   struct         the streams of each member, of the structs that are not null
 *   null           none: a column that has no type, and no value
 *
 * A member, element or key has TAGS of its own. A timestamp of seconds or milliseconds is widened to microseconds.
 *
 * Without sort keys the rows are in the order of the file. With them they ascend by the sort columns in their order, and
 * rows that are equal in these by every other column in canonical order. A null is before every value; texts, binaries and
 * uuids go by their bytes, false is before true, numbers and times by value with NaN above every number. A time with a zone
 * goes by its instant, then by the text of its offset descending. An interval goes by months, then days, then microseconds.
 * Lists and maps go by their elements, a list before those that it begins; structs by their members; in these a null is
 * after every value. A table with an interval inside a nested column has no such order, and is refused.
 */
import { concatBytes, toHex, utf8 } from '../bytes.ts';
import { assertInvariant } from '../errors.ts';
import type { TableHash } from '../ids.ts';
import type { ColumnData } from './column-data.ts';
import { columnEncoder } from './encode-column.ts';
import type { StreamHasher } from './stream-hasher.ts';
import { type TableType, typeWord } from './table-type.ts';

export interface TableColumnType {
  readonly name: string;
  readonly type: TableType;
}

/** Takes a table batch by batch. */
export interface TableHasher {
  /** One entry for each column, each with the same number of values. `rows`: those to take, in that order, instead of all. */
  add(batch: readonly ColumnData[], rows?: Uint32Array): void;
  /** For tables too wide to be read at once: values of some columns, from `first` on, when others come later or came before. */
  addColumns(first: number, batch: readonly ColumnData[]): void;
  /** Identity of all that was added. The hasher is spent. */
  end(): { readonly sha256: TableHash; readonly rows: number };
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

function framed(text: string): Uint8Array {
  const bytes = utf8(text);
  return concatBytes(u32(bytes.length), bytes);
}

/** `hasher` makes an incremental SHA-256: one is needed for each stream. */
export function tableHasher(columns: readonly TableColumnType[], hasher: () => StreamHasher): TableHasher {
  const encoders = columns.map(({ type }) => columnEncoder(type, hasher));
  let rows = 0;
  const take = (first: number, batch: readonly ColumnData[], chosen: Uint32Array | undefined): void => {
    const count = batch[0]?.count ?? 0;
    for (const [index, data] of batch.entries()) {
      assertInvariant(data.count === count, `column ${first + index} has ${data.count} values, another has ${count}`);
      encoders[first + index]?.add(data, chosen);
    }
    if (first === 0) rows += chosen?.length ?? count;
  };
  return {
    add(batch, chosen) {
      assertInvariant(batch.length === columns.length, `a batch of ${batch.length} columns for ${columns.length}`);
      take(0, batch, chosen);
    },
    addColumns: (first, batch) => take(first, batch, undefined),
    end() {
      const whole = hasher();
      whole.update(concatBytes(utf8('cairn.table/1\n'), u64(rows), u32(columns.length)));
      for (const [index, { name, type }] of columns.entries()) {
        whole.update(concatBytes(framed(name), framed(typeWord(type)), ...(encoders[index]?.digests() ?? [])));
      }
      return { sha256: toHex(whole.digest()) as TableHash, rows };
    },
  };
}
