/** Streams of decimals: each value with the smallest scale that holds it, whatever the scale of its column. */
import { type FixedEncoder, numbersOf, type Put, writeEach } from './write-values.ts';

const safe = 2 ** 53;

function putDecimal(into: DataView, at: number, mantissa: number, scale: number): number {
  let [digits, places] = [mantissa, scale];
  while (places > 0 && digits % 10 === 0) {
    digits /= 10;
    places--;
  }
  into.setUint8(at, places);
  into.setUint32(at + 1, digits >>> 0, true);
  into.setInt32(at + 5, Math.floor(digits / 2 ** 32), true);
  return 9;
}

function putBigDecimal(into: DataView, at: number, mantissa: bigint, scale: number): number {
  let [digits, places] = [mantissa, scale];
  while (places > 0 && digits % 10n === 0n) {
    digits /= 10n;
    places--;
  }
  into.setUint8(at, places);
  into.setBigInt64(at + 1, digits, true);
  if (BigInt.asIntN(64, digits) === digits) return 9;
  into.setBigInt64(at + 9, digits >> 64n, true);
  return -17;
}

export const decimals: FixedEncoder = (data, rows, tags, values) => {
  const { layout, scale } = data;
  if (layout !== 'i64' && layout !== 'i128') {
    const numbers = numbersOf(data);
    const put: Put = (into, at, row) => putDecimal(into, at, numbers[row] as number, scale);
    return writeEach(data, rows, tags, values, 9, put);
  }
  const memory = new DataView(data.bytes.buffer, data.bytes.byteOffset, data.bytes.length);
  const width = layout === 'i64' ? 8 : 16;
  writeEach(data, rows, tags, values, 17, (into, at, row) => {
    const from = row * width;
    const low = memory.getBigInt64(from, true);
    const high = width === 8 ? low >> 63n : memory.getBigInt64(from + 8, true);
    const near = Number(low);
    if (high === low >> 63n && near < safe && near > -safe) return putDecimal(into, at, near, scale);
    return putBigDecimal(into, at, (high << 64n) | BigInt.asUintN(64, low), scale);
  });
};
