/**
 * Base64 (RFC 4648), without `Buffer` so that it also runs in a browser. Reading is strict: one alphabet, right padding,
 * zero bits behind the last byte and nothing in between, so that one byte string has one text in each alphabet.
 */

const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const urlSafe = `${standard.slice(0, 62)}-_`;

/** Value of each ASCII character in the alphabet, -1 for all others. */
function valuesOf(alphabet: string): Int8Array {
  const values = new Int8Array(128).fill(-1);
  for (let value = 0; value < 64; value++) values[alphabet.charCodeAt(value)] = value;
  return values;
}

const standardValues = valuesOf(standard);
const urlSafeValues = valuesOf(urlSafe);
const codes = Uint8Array.from(standard, (character) => character.charCodeAt(0));
const asciiDecoder = new TextDecoder('latin1');
const padding = 61;

/** The standard alphabet, padded. */
export function toBase64(bytes: Uint8Array): string {
  const out = new Uint8Array(4 * Math.ceil(bytes.length / 3)).fill(padding);
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const left = bytes.length - from;
    const group =
      ((bytes[from] as number) << 16) | ((left > 1 ? (bytes[from + 1] as number) : 0) << 8) | (bytes[from + 2] ?? 0);
    out[to] = codes[group >> 18] as number;
    out[to + 1] = codes[(group >> 12) & 63] as number;
    if (left > 1) out[to + 2] = codes[(group >> 6) & 63] as number;
    if (left > 2) out[to + 3] = codes[group & 63] as number;
  }
  return asciiDecoder.decode(out);
}

/** The standard alphabet without padding, as SSH fingerprints are written. */
export function toBase64Unpadded(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/=+$/, '');
}

function decode(text: string, values: Int8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let group = 0;
  let bits = 0;
  let to = 0;
  for (let at = 0; at < length; at++) {
    const value = values[text.charCodeAt(at)] ?? -1;
    if (value < 0) throw new RangeError(`not base64 at position ${at}`);
    group = (group << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[to++] = group >> bits;
    group &= (1 << bits) - 1;
  }
  if (group !== 0) throw new RangeError('not base64: bits behind the last byte');
  return bytes;
}

/** The bytes of padded base64 in the standard alphabet. Throws a RangeError on anything else. */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new RangeError(`not base64: ${text.length} characters`);
  return decode(text, standardValues, text.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0));
}

/** As `fromBase64`, or wholly in the URL-safe alphabet, padded or not. */
export function fromEitherBase64(text: string): Uint8Array {
  if (!/[-_]/.test(text) && text.length % 4 === 0) return fromBase64(text);
  const bare = text.length % 4 === 0 ? text.replace(/={1,2}$/, '') : text;
  if (bare.length % 4 === 1) throw new RangeError(`not base64: ${text.length} characters`);
  return decode(bare, urlSafeValues, bare.length);
}
