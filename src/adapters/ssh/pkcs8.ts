/**
 * Private key files of our own: PKCS8 in PEM, which `openssl pkey` reads too. With a passphrase they are PBES2 (RFC 8018):
 * AES-256-CBC under PBKDF2 with HMAC-SHA-256, 600,000 iterations. Node would write 2,048 of them and lets nobody choose, so the
 * few fields around the encrypted key are written here.
 *
 * An Ed25519 key of 32 bytes (its seed) is 30 2e 02 01 00 30 05 06 03 2b 65 70 04 22 04 20 ‖ seed (RFC 8410).
 */
import {
  createCipheriv,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  pbkdf2Sync,
  randomBytes,
} from 'node:crypto';
import { toBase64 } from '../../core/base64.ts';
import { concatBytes, fromHex } from '../../core/bytes.ts';
import { publicKeyOfSpki } from '../../core/ed25519.ts';
import { CodedError } from '../../core/errors.ts';

const seedPrefix = fromHex('302e020100300506032b657004220420');
const iterations = 600_000;
const oid = {
  pbes2: fromHex('06092a864886f70d01050d'),
  pbkdf2: fromHex('06092a864886f70d01050c'),
  hmacSha256: fromHex('06082a864886f70d0209'),
  aes256Cbc: fromHex('060960864801650304012a'),
};
const derNull = fromHex('0500');

function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...content);
  const { length } = body;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255];
  return concatBytes(Uint8Array.from(head), body);
}

const sequence = (...content: readonly Uint8Array[]): Uint8Array => der(0x30, ...content);
const octets = (content: Uint8Array): Uint8Array => der(0x04, content);

function pem(label: string, content: Uint8Array): string {
  const lines = toBase64(content).match(/.{1,64}/g) ?? [];
  return `${[`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n')}\n`;
}

export function privateKeyOfSeed(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(concatBytes(seedPrefix, seed)), format: 'der', type: 'pkcs8' });
}

/** The 32 bytes of the public key of a private one. Throws BAD_KEY for another kind than Ed25519. */
export function publicKeyOf(privateKey: KeyObject): Uint8Array {
  return publicKeyOfSpki(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }));
}

/** The text of a key file. */
export function formatPkcs8(privateKey: KeyObject, passphrase: string | undefined): string {
  const plain = privateKey.export({ format: 'der', type: 'pkcs8' });
  if (passphrase === undefined) return pem('PRIVATE KEY', plain);
  const [salt, iv] = [randomBytes(16), randomBytes(16)];
  const key = pbkdf2Sync(passphrase, salt, iterations, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const encrypted = concatBytes(cipher.update(plain), cipher.final());
  const count = der(0x02, Uint8Array.from([iterations >> 16, (iterations >> 8) & 255, iterations & 255]));
  const derivation = sequence(oid.pbkdf2, sequence(octets(salt), count, sequence(oid.hmacSha256, derNull)));
  const scheme = sequence(oid.pbes2, sequence(derivation, sequence(oid.aes256Cbc, octets(iv))));
  return pem('ENCRYPTED PRIVATE KEY', sequence(scheme, octets(encrypted)));
}

export function isEncryptedPkcs8(text: string): boolean {
  return text.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----');
}

/** Reads a key file. Throws BAD_KEY, or BAD_PASSPHRASE when an encrypted one does not open. */
export function parsePkcs8(text: string, passphrase: string | undefined, name: string): KeyObject {
  const encrypted = isEncryptedPkcs8(text);
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, format: 'pem', ...(encrypted ? { passphrase: passphrase ?? '' } : {}) });
  } catch (cause) {
    if (encrypted) throw new CodedError('BAD_PASSPHRASE', `the passphrase does not open the key ${name}`, { cause });
    throw new CodedError('BAD_KEY', `the key ${name} cannot be read`, {
      hint: 'A private key file is PKCS8 in PEM, or what ssh-keygen -t ed25519 writes.',
      cause,
    });
  }
  publicKeyOf(key); // refuses other kinds
  return key;
}
