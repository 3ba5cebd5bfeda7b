/**
 * Blowfish (Schneier 1993) as bcrypt bends it: only the key schedules and the encryption of blocks that bcrypt needs. OpenSSL
 * has it in no provider that Node loads. Words are 32 bits, big endian.
 *
 * Its tables are the first 1042 words of the fraction of pi (18 of P, four boxes of 256), so they are computed here.
 */
import { assertInvariant } from '../../core/errors.ts';

const rounds = 16;
const tableWords = rounds + 2 + 4 * 256;

/** arctan(1 / of), scaled by `one`. */
function arctanOfInverse(of: bigint, one: bigint): bigint {
  let power = one / of;
  let sum = power;
  for (let odd = 3n, sign = -1n; power > 0n; odd += 2n, sign = -sign) {
    power /= of * of;
    sum += (sign * power) / odd;
  }
  return sum;
}

/** The tables, by Machin's formula: pi = 16 arctan(1/5) − 4 arctan(1/239). */
function piWords(): Uint32Array {
  const guardBits = 64n;
  const one = 1n << (BigInt(tableWords * 32) + guardBits);
  const pi = 16n * arctanOfInverse(5n, one) - 4n * arctanOfInverse(239n, one);
  const hex = ((pi - 3n * one) >> guardBits).toString(16).padStart(tableWords * 8, '0');
  const words = Uint32Array.from({ length: tableWords }, (_, index) =>
    Number(`0x${hex.slice(8 * index, 8 * index + 8)}`),
  );
  assertInvariant(words[0] === 0x243f6a88 && words[tableWords - 1] === 0x3ac372e6, 'the words of pi');
  return words;
}

let initialWords: Uint32Array | undefined;

/** P in the first 18 words, then the four boxes. */
export type BlowfishState = Uint32Array;

export function initialState(): BlowfishState {
  initialWords ??= piWords();
  return initialWords.slice();
}

/** Encrypts the two words at `at` of `block` in place. */
export function encryptWords(state: BlowfishState, block: Uint32Array, at: number): void {
  let left = block[at] as number;
  let right = block[at + 1] as number;
  for (let round = 0; round < rounds; round++) {
    left ^= state[round] as number;
    const a = state[18 + (left >>> 24)] as number;
    const b = state[274 + ((left >>> 16) & 255)] as number;
    const c = state[530 + ((left >>> 8) & 255)] as number;
    const d = state[786 + (left & 255)] as number;
    const mixed = right ^ ((((a + b) ^ c) + d) | 0);
    right = left;
    left = mixed;
  }
  block[at] = right ^ (state[rounds + 1] as number);
  block[at + 1] = left ^ (state[rounds] as number);
}

/** 64 bytes as 16 words. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(4 * index));
}

/** Mixes a key of 16 words into the state, and, when it is given, a salt of 16 words into what is encrypted. */
export function expandState(state: BlowfishState, key: Uint32Array, salt?: Uint32Array): void {
  for (let index = 0; index < 18; index++) state[index] = (state[index] as number) ^ (key[index & 15] as number);
  const block = new Uint32Array(2);
  for (let index = 0; index < tableWords; index += 2) {
    if (salt !== undefined) {
      block[0] = (block[0] as number) ^ (salt[index & 15] as number);
      block[1] = (block[1] as number) ^ (salt[(index + 1) & 15] as number);
    }
    encryptWords(state, block, 0);
    state[index] = block[0] as number;
    state[index + 1] = block[1] as number;
  }
}
