/** Byte strings: hexadecimal, UTF-8 and comparison, without `Buffer` so that they also run in a browser. */

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Decodes UTF-8 strictly: throws a TypeError on any invalid sequence, and keeps a byte order mark as a character. */
export function utf8Decode(bytes: Uint8Array): string {
  return strictDecoder.decode(bytes);
}

/** Bytes of a text as UTF-8. */
export function utf8Length(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: every character of one byte is meant
  return /^[\u0000-\u007f]*$/.test(text) ? text.length : encoder.encode(text).length;
}

/** Writes a text as UTF-8 at an offset; there must be room. */
export function writeUtf8(text: string, into: Uint8Array, at: number): void {
  encoder.encodeInto(text, into.subarray(at));
}

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The two digits of each byte, as ASCII. */
const hexCodes = utf8(hexDigits.join(''));
const asciiDecoder = new TextDecoder('latin1');

/** Lower-case hexadecimal. Appending digit by digit would leave a tree of 32 strings, a kilobyte for every id. */
export function toHex(bytes: Uint8Array): string {
  const codes = new Uint8Array(2 * bytes.length);
  for (let index = 0; index < bytes.length; index++) {
    const at = 2 * (bytes[index] as number);
    codes[2 * index] = hexCodes[at] as number;
    codes[2 * index + 1] = hexCodes[at + 1] as number;
  }
  return asciiDecoder.decode(codes);
}

/** Value of one hexadecimal digit's char code, or -1. Upper case is not accepted: ids are lower-case. */
function nibble(charCode: number): number {
  if (charCode >= 48 && charCode <= 57) return charCode - 48;
  if (charCode >= 97 && charCode <= 102) return charCode - 87;
  return -1;
}

/** The bytes of lower-case hexadecimal text. Throws a RangeError on an odd length or another character. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw new RangeError(`odd number of hexadecimal digits: ${text.length}`);
  const bytes = new Uint8Array(text.length / 2);
  writeHex(text, bytes, 0);
  return bytes;
}

/** Writes the bytes of lower-case hexadecimal text of even length at an offset. Throws a RangeError on another character. */
export function writeHex(text: string, into: Uint8Array, at: number): void {
  for (let index = 0; 2 * index < text.length; index++) {
    const high = nibble(text.charCodeAt(2 * index));
    const low = nibble(text.charCodeAt(2 * index + 1));
    if (high < 0 || low < 0) throw new RangeError(`not hexadecimal at position ${2 * index}`);
    into[at + index] = high * 16 + low;
  }
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Bytewise order: negative, zero or positive; a prefix sorts first. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const difference = (left[index] as number) - (right[index] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && compareBytes(left, right) === 0;
}

/**
 * Order of two strings by their UTF-8 bytes, which is the order of their code points. It differs from JavaScript's own
 * order (UTF-16 units) only where one side has a surrogate pair and the other a character from U+E000 to U+FFFF.
 */
export function compareUtf8(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    const aSurrogate = a >= 0xd800 && a <= 0xdfff;
    const bSurrogate = b >= 0xd800 && b <= 0xdfff;
    if (aSurrogate !== bSurrogate) return aSurrogate ? 1 : -1;
    return a - b;
  }
  return left.length - right.length;
}

const fromSurrogates = /[\ud800-\uffff]/;

/** True for a text in which the order of UTF-16 units may not be that of UTF-8 bytes. */
export function aboveSurrogates(text: string): boolean {
  return fromSurrogates.test(text);
}

function compareUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `compareUtf8` for sorting just these strings: the engine's own comparison where it gives the same order. */
export function utf8Order(strings: Iterable<string>): (left: string, right: string) => number {
  for (const text of strings) if (fromSurrogates.test(text)) return compareUtf8;
  return compareUnits;
}
