/** Byte strings for conformance suites. */
import { concatBytes, utf8 } from '../../src/core/bytes.ts';

export const KiB = 1024;

/** Bytes that differ from place to place, so that a piece at the wrong offset is noticed. They do not compress. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** The beginning of a table that compresses well. */
export function rows(length: number): Uint8Array {
  let text = '';
  for (let row = 0; text.length < length; row++) {
    text += `${row},2026-11-21,${(row * 7919) % 1000}.25,signal_${row % 17}\n`;
  }
  return utf8(text.slice(0, length));
}

export async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk.slice());
  return concatBytes(...chunks);
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to fail');
}
