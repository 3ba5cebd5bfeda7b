/**
 * From the memory of a column to its streams (table-hash.ts says what is in them). Values are written through typed arrays,
 * a batch at a time; a batch of 64-bit values without nulls goes to the hasher as it lies.
 */
import { assertInvariant } from '../errors.ts';
import type { BytesData, ColumnData, FixedData, ListData, StructData } from './column-data.ts';
import { fixedEncoder } from './encode-fixed.ts';
import { hashOnes, isThere, type StreamHasher } from './stream-hasher.ts';
import type { TableType } from './table-type.ts';

export interface ColumnEncoder {
  /** The values at `rows`, in that order; all of them when left out. */
  add(data: ColumnData, rows?: Uint32Array): void;
  /** SHA-256 of each stream. The encoder is spent. */
  digests(): Uint8Array[];
}

/**
 * The rows that hold a value, with the tags of all; undefined when that is every row of the batch, in order. Types with a
 * wide form write their tags themselves.
 */
function presentRows(data: ColumnData, rows: Uint32Array | undefined, tags: StreamHasher): Uint32Array | undefined {
  const { valid } = data;
  const count = rows?.length ?? data.count;
  if (valid === undefined) {
    hashOnes(tags, count);
    return rows;
  }
  const present = new Uint32Array(count);
  const flags = new Uint8Array(count);
  let found = 0;
  for (let index = 0; index < count; index++) {
    const row = rows === undefined ? index : (rows[index] as number);
    const bit = isThere(valid, row) ? 1 : 0;
    flags[index] = bit;
    present[found] = row;
    found += bit;
  }
  tags.update(flags);
  return found === count && rows === undefined ? undefined : present.subarray(0, found);
}

function lengthsAt(lengths: Uint32Array, rows: Uint32Array | undefined): Uint32Array {
  return rows === undefined ? lengths : rows.map((row) => lengths[row] as number);
}

const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

function bytesEncoder(hasher: () => StreamHasher): ColumnEncoder {
  const [tags, lengths, content] = [hasher(), hasher(), hasher()];
  const selected = (data: BytesData, rows: Uint32Array): Uint8Array => {
    const starts = new Uint32Array(data.count);
    for (let row = 1; row < data.count; row++) {
      starts[row] = (starts[row - 1] as number) + (data.lengths[row - 1] as number);
    }
    const size = rows.reduce((sum, row) => sum + (data.lengths[row] as number), 0);
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const row of rows) {
      const start = starts[row] as number;
      const length = data.lengths[row] as number;
      bytes.set(data.bytes.subarray(start, start + length), at);
      at += length;
    }
    return bytes;
  };
  return {
    add(data, rows) {
      assertInvariant(data.kind === 'bytes', `a text or binary column has ${data.kind} data`);
      const present = presentRows(data, rows, tags);
      lengths.update(bytesOf(lengthsAt(data.lengths, present)));
      // Nulls have no bytes: without a choice of rows, what is there is what is written.
      content.update(rows === undefined || present === undefined ? data.bytes : selected(data, present));
    },
    digests: () => [tags.digest(), lengths.digest(), content.digest()],
  };
}

/** Rows of the child that belong to the lists at `rows`. */
function elementRows(data: ListData, rows: Uint32Array | undefined, lengths: Uint32Array): Uint32Array {
  const elements = new Uint32Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (let index = 0; index < lengths.length; index++) {
    const start = data.starts[rows === undefined ? index : (rows[index] as number)] as number;
    for (let element = 0; element < (lengths[index] as number); element++) elements[at++] = start + element;
  }
  return elements;
}

function listEncoder(children: readonly ColumnEncoder[], isMap: boolean, hasher: () => StreamHasher): ColumnEncoder {
  const [tags, lengths] = [hasher(), hasher()];
  return {
    add(data, rows) {
      assertInvariant(data.kind === 'list', `a list column has ${data.kind} data`);
      const present = presentRows(data, rows, tags);
      const sizes = lengthsAt(data.lengths, present);
      lengths.update(bytesOf(sizes));
      const elements = elementRows(data, present, sizes);
      const parts = isMap ? (data.child as StructData).members : [data.child];
      for (const [index, child] of children.entries()) child.add(parts[index] as ColumnData, elements);
    },
    digests: () => [tags.digest(), lengths.digest(), ...children.flatMap((child) => child.digests())],
  };
}

function structEncoder(children: readonly ColumnEncoder[], hasher: () => StreamHasher): ColumnEncoder {
  const tags = hasher();
  return {
    add(data, rows) {
      assertInvariant(data.kind === 'struct', `a struct column has ${data.kind} data`);
      const present = presentRows(data, rows, tags);
      for (const [index, child] of children.entries()) child.add(data.members[index] as ColumnData, present);
    },
    digests: () => [tags.digest(), ...children.flatMap((child) => child.digests())],
  };
}

function nullEncoder(hasher: () => StreamHasher): ColumnEncoder {
  const tags = hasher();
  return {
    add: (data, rows) => tags.update(new Uint8Array(rows?.length ?? data.count)),
    digests: () => [tags.digest()],
  };
}

export function columnEncoder(type: TableType, hasher: () => StreamHasher): ColumnEncoder {
  switch (type.kind) {
    case 'list':
      return listEncoder([columnEncoder(type.element, hasher)], false, hasher);
    case 'map':
      return listEncoder([columnEncoder(type.key, hasher), columnEncoder(type.value, hasher)], true, hasher);
    case 'struct':
      return structEncoder(
        type.members.map((member) => columnEncoder(member.type, hasher)),
        hasher,
      );
    case 'text':
    case 'binary':
      return bytesEncoder(hasher);
    case 'null':
      return nullEncoder(hasher);
    default: {
      const [tags, values] = [hasher(), hasher()];
      const encode = fixedEncoder(type.kind);
      return {
        add(data, rows) {
          assertInvariant(data.kind === 'fixed', `a column of type ${type.kind} has ${data.kind} data`);
          encode(data as FixedData, rows, tags, values);
        },
        digests: () => [tags.digest(), values.digest()],
      };
    }
  }
}
