/**
 * Private key files of OpenSSH (PROTOCOL.key), which Node cannot read.
 *
 *   file     PEM "OPENSSH PRIVATE KEY" around "openssh-key-v1" 00 | string cipher | string kdf | string kdf options |
 *            uint32 1 | string public key | string private part
 *   options  of kdf "bcrypt": string salt | uint32 rounds; of "none": empty
 *   private  uint32 check | uint32 check, the same | string algorithm | string public (32) | string private (64: seed ‖ public) |
 *            string comment | 01 02 03 … up to a whole block; encrypted with aes256-ctr, or not at all
 *
 * The public key can be read without the passphrase. A file of a hardware key has a handle for the device where the seed is.
 */
import { createDecipheriv } from 'node:crypto';
import { fromBase64 } from '../../core/base64.ts';
import { equalBytes, utf8 } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import { parsePublicKeyBlob, type SshPublicKey, softwareKey } from '../../core/ssh/public-key.ts';
import { WireReader } from '../../core/ssh/wire.ts';
import { bcryptPbkdf } from './bcrypt-pbkdf.ts';

export interface OpensshKeyFile {
  readonly publicKey: SshPublicKey;
  readonly encrypted: boolean;
  readonly salt: Uint8Array;
  readonly rounds: number;
  readonly body: Uint8Array;
}

const magic = utf8('openssh-key-v1\0');
const armour =
  /^\s*-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]{1,65536})-----END OPENSSH PRIVATE KEY-----\s*$/;
/** ssh-keygen takes 16; a file that asks for more than this would keep the machine busy for minutes. */
const maxRounds = 2048;

export function isOpensshKeyFile(text: string): boolean {
  return text.includes('-----BEGIN OPENSSH PRIVATE KEY-----');
}

function badKey(name: string, why: string, hint?: string, cause?: unknown): CodedError {
  return new CodedError('BAD_KEY', `the key ${name} cannot be read: ${why}`, { hint, cause });
}

/** Reads what is readable without a passphrase. Throws BAD_KEY. */
export function parseOpensshKeyFile(text: string, name: string): OpensshKeyFile {
  const encoded = armour.exec(text)?.[1];
  if (encoded === undefined) throw badKey(name, 'it is not one OPENSSH PRIVATE KEY');
  let bytes: Uint8Array;
  try {
    bytes = fromBase64(encoded.replace(/\s+/g, ''));
  } catch (cause) {
    throw badKey(name, 'its text is not base64', undefined, cause);
  }
  const reader = new WireReader(bytes, `the key ${name}`, 'BAD_KEY');
  if (!equalBytes(reader.bytes(magic.length), magic)) throw reader.fault('it is not of version openssh-key-v1');
  const [cipher, kdf] = [reader.text(), reader.text()];
  const options = new WireReader(reader.string(), `the key ${name}`, 'BAD_KEY');
  if (reader.uint32() !== 1) throw reader.fault('it does not hold exactly one key');
  const publicKey = parsePublicKeyBlob(reader.string());
  const body = reader.string();
  const isPlain = cipher === 'none' && kdf === 'none';
  if (!isPlain && (cipher !== 'aes256-ctr' || kdf !== 'bcrypt')) {
    const hint = 'ssh-keygen -p -Z aes256-ctr -f <file> writes it again with the usual cipher.';
    throw badKey(name, `its cipher is ${cipher} with ${kdf}, not aes256-ctr with bcrypt`, hint);
  }
  reader.end();
  if (isPlain) {
    options.end();
    return { publicKey, encrypted: false, salt: new Uint8Array(), rounds: 0, body };
  }
  const [salt, rounds] = [options.string(), options.uint32()];
  options.end();
  if (rounds < 1 || rounds > maxRounds) throw badKey(name, `${rounds} rounds of bcrypt`);
  return { publicKey, encrypted: true, salt, rounds, body };
}

function decrypted(file: OpensshKeyFile, passphrase: string): Uint8Array {
  const material = bcryptPbkdf(utf8(passphrase), file.salt, file.rounds, 48);
  const cipher = createDecipheriv('aes-256-ctr', material.subarray(0, 32), material.subarray(32));
  return cipher.update(file.body);
}

/** The seed, 32 bytes. Throws BAD_PASSPHRASE or BAD_KEY. */
export function opensshSeed(file: OpensshKeyFile, passphrase: string | undefined, name: string): Uint8Array {
  if (file.publicKey.algorithm !== softwareKey) {
    throw badKey(name, 'its private part is in hardware', 'Sign by ssh-keygen, or add it to the agent.');
  }
  const plain = file.encrypted ? decrypted(file, passphrase ?? '') : file.body;
  const reader = new WireReader(plain, `the key ${name}`, 'BAD_KEY');
  const [check, checkAgain] = [reader.uint32(), reader.uint32()];
  if (check !== checkAgain) {
    if (!file.encrypted) throw reader.fault('its private part is damaged');
    throw new CodedError('BAD_PASSPHRASE', `the passphrase does not open the key ${name}`);
  }
  if (reader.text() !== softwareKey) throw reader.fault('its private part is of another algorithm');
  const publicKey = reader.string();
  const pair = reader.string();
  reader.string(); // comment
  if (reader.rest().some((byte, index) => byte !== index + 1)) throw reader.fault('its private part is damaged');
  const fits = pair.length === 64 && equalBytes(pair.subarray(32), publicKey);
  if (!fits || !equalBytes(publicKey, file.publicKey.key)) throw reader.fault('its two halves are of different keys');
  return pair.slice(0, 32);
}
