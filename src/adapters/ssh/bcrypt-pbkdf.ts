/**
 * bcrypt_pbkdf, the key derivation of encrypted OpenSSH private keys (OpenBSD lib/libutil/bcrypt_pbkdf.c): PBKDF2 whose hash is
 * bcrypt over SHA-512 of passphrase and salt, with the bytes of its blocks interleaved. It is slow on purpose: 16 rounds, which
 * is what ssh-keygen takes, are a fraction of a second here.
 */
import { createHash } from 'node:crypto';
import { concatBytes, utf8 } from '../../core/bytes.ts';
import { wireUint32 } from '../../core/ssh/wire.ts';
import { encryptWords, expandState, initialState, wordsOf } from './blowfish.ts';

const blockSize = 32;
const magic = wordsOf(utf8('OxychromaticBlowfishSwatDynamite'));

const sha512 = (bytes: Uint8Array): Uint8Array => createHash('sha512').update(bytes).digest();

function bcryptHash(passphrase: Uint32Array, salt: Uint32Array): Uint8Array {
  const state = initialState();
  expandState(state, passphrase, salt);
  for (let round = 0; round < 64; round++) {
    expandState(state, salt);
    expandState(state, passphrase);
  }
  const block = magic.slice();
  for (let round = 0; round < 64; round++) {
    for (let at = 0; at < block.length; at += 2) encryptWords(state, block, at);
  }
  const out = new Uint8Array(blockSize);
  const view = new DataView(out.buffer);
  for (const [index, word] of block.entries()) view.setUint32(4 * index, word, true);
  return out;
}

/** `length` bytes of key. */
export function bcryptPbkdf(passphrase: Uint8Array, salt: Uint8Array, rounds: number, length: number): Uint8Array {
  const hashed = wordsOf(sha512(passphrase));
  const blocks = Math.ceil(length / blockSize);
  const key = new Uint8Array(length);
  for (let block = 0; block < blocks; block++) {
    let one = bcryptHash(hashed, wordsOf(sha512(concatBytes(salt, wireUint32(block + 1)))));
    const all = one.slice();
    for (let round = 1; round < rounds; round++) {
      one = bcryptHash(hashed, wordsOf(sha512(one)));
      for (let index = 0; index < blockSize; index++) all[index] = (all[index] as number) ^ (one[index] as number);
    }
    for (let index = 0; index * blocks + block < length; index++) key[index * blocks + block] = all[index] as number;
  }
  return key;
}
