/**
 * Streams of the types of fixed width: TAGS and VALUES (table-hash.ts says what is in them). There is a quick way for whole
 * batches without nulls, and one for everything. The host is little-endian, as every machine is that Node runs on by default.
 */
import type { Layout } from './column-data.ts';
import { decimals } from './encode-decimal.ts';
import { hashOnes } from './stream-hasher.ts';
import type { PlainWord } from './table-type.ts';
import {
  expectLayout,
  type FixedEncoder,
  hashWhole,
  isWhole,
  numbersOf,
  valueRoom,
  wordsOf,
  writeEach,
} from './write-values.ts';

type FixedWord = Exclude<PlainWord, 'text' | 'binary' | 'null'>;

/** Types whose memory is what is hashed. */
function asItLies(layout: Layout, width: number): FixedEncoder {
  return (data, rows, tags, values) => {
    expectLayout(data, layout);
    if (isWhole(data, rows)) return hashWhole(data, tags, values);
    const words = wordsOf(data);
    const each = width >> 2;
    writeEach(data, rows, tags, values, width, (into, at, row) => {
      for (let word = 0; word < each; word++) into.setInt32(at + 4 * word, words[row * each + word] as number, true);
      return width;
    });
  };
}

const booleans: FixedEncoder = (data, rows, tags, values) => {
  expectLayout(data, 'u8');
  writeEach(data, rows, tags, values, 1, (into, at, row) => {
    into.setUint8(at, data.bytes[row] === 0 ? 0 : 1);
    return 1;
  });
};

const floats: FixedEncoder = (data, rows, tags, values) => {
  const numbers = numbersOf(data);
  if (isWhole(data, rows)) {
    const bytes = valueRoom(8 * data.count);
    const into = new Float64Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, data.count);
    let hasNan = false;
    for (let row = 0; row < data.count; row++) {
      const value = numbers[row] as number;
      // -0 + 0 is 0.
      into[row] = value + 0;
      hasNan ||= Number.isNaN(value);
    }
    if (!hasNan) {
      hashOnes(tags, data.count);
      values.update(bytes);
      return;
    }
  }
  writeEach(data, rows, tags, values, 8, (into, at, row) => {
    const value = numbers[row] as number;
    if (Number.isNaN(value)) into.setBigUint64(at, 0x7ff8000000000000n, true);
    else into.setFloat64(at, value + 0, true);
    return 8;
  });
};

/** Narrow integers: all of them are in the range of i64, and of JavaScript's numbers. */
const narrowIntegers: FixedEncoder = (data, rows, tags, values) => {
  const numbers = numbersOf(data);
  const signed = data.layout.startsWith('i');
  if (isWhole(data, rows)) {
    const bytes = valueRoom(8 * data.count);
    const into = new Int32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, 2 * data.count);
    for (let row = 0; row < data.count; row++) {
      const value = numbers[row] as number;
      into[2 * row] = value;
      into[2 * row + 1] = signed ? value >> 31 : 0;
    }
    hashOnes(tags, data.count);
    values.update(bytes);
    return;
  }
  writeEach(data, rows, tags, values, 8, (into, at, row) => {
    const value = numbers[row] as number;
    into.setInt32(at, value, true);
    into.setInt32(at + 4, signed ? value >> 31 : 0, true);
    return 8;
  });
};

const integers: FixedEncoder = (data, rows, tags, values) => {
  const { layout } = data;
  if (layout === 'i64' && isWhole(data, rows)) return hashWhole(data, tags, values);
  if (layout !== 'i64' && layout !== 'u64' && layout !== 'i128' && layout !== 'u128') {
    return narrowIntegers(data, rows, tags, values);
  }
  const words = wordsOf(data);
  const each = layout.endsWith('64') ? 2 : 4;
  const signed = layout.startsWith('i');
  writeEach(data, rows, tags, values, 24, (into, at, row) => {
    const first = row * each;
    const high = words[first + 1] as number;
    into.setInt32(at, words[first] as number, true);
    into.setInt32(at + 4, high, true);
    if (each === 2 && (signed || high >= 0)) return 8;
    const extension = signed ? (words[first + each - 1] as number) >> 31 : 0;
    const third = each === 2 ? 0 : (words[first + 2] as number);
    const fourth = each === 2 ? 0 : (words[first + 3] as number);
    if (third === high >> 31 && fourth === third && extension === third) return 8;
    into.setInt32(at + 8, third, true);
    into.setInt32(at + 12, fourth, true);
    into.setInt32(at + 16, extension, true);
    into.setInt32(at + 20, extension, true);
    return -24;
  });
};

/** DuckDB's and nobody else's: microseconds in the upper 40 bits, 57599 - seconds east of UTC in the lower 24. */
const timesWithZone: FixedEncoder = (data, rows, tags, values) => {
  expectLayout(data, 'u64');
  const memory = new DataView(data.bytes.buffer, data.bytes.byteOffset, data.bytes.length);
  writeEach(data, rows, tags, values, 12, (into, at, row) => {
    const packed = memory.getBigUint64(8 * row, true);
    into.setBigInt64(at, packed >> 24n, true);
    into.setInt32(at + 8, 57_599 - Number(packed & 0xffffffn), true);
    return 12;
  });
};

/** A 128-bit integer whose highest bit is turned, so that it sorts as a signed one. */
const uuids: FixedEncoder = (data, rows, tags, values) => {
  expectLayout(data, 'i128');
  const memory = new DataView(data.bytes.buffer, data.bytes.byteOffset, data.bytes.length);
  writeEach(data, rows, tags, values, 16, (into, at, row) => {
    into.setInt32(at, memory.getInt32(16 * row + 12, true) ^ (1 << 31));
    for (let word = 1; word < 4; word++) into.setInt32(at + 4 * word, memory.getInt32(16 * row + 12 - 4 * word, true));
    return 16;
  });
};

const moments = asItLies('i64', 8);

const encoders: { readonly [word in FixedWord]: FixedEncoder } = {
  integer: integers,
  float: floats,
  decimal: decimals,
  boolean: booleans,
  uuid: uuids,
  date: asItLies('i32', 4),
  time: moments,
  time_ns: moments,
  time_tz: timesWithZone,
  timestamp: moments,
  timestamp_ns: moments,
  timestamp_tz: moments,
  interval: asItLies('i128', 16),
};

export function fixedEncoder(word: FixedWord): FixedEncoder {
  return encoders[word];
}
