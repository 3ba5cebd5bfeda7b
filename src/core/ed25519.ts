/**
 * Ed25519 (RFC 8032) as a parameter: how a signature is checked is injected (node:crypto, WebCrypto), because pure code has
 * no fast implementation, and signing is never asked for here. Public keys are 32 bytes, signatures 64.
 *
 * SPKI DER of a key (RFC 8410) = 30 2a 30 05 06 03 2b 65 70 03 21 00 ‖ key: what `openssl` and WebCrypto read.
 */
import { compareBytes, concatBytes, fromHex } from './bytes.ts';
import { CodedError } from './errors.ts';

/** True exactly when the signature of the message is by the key. MUST be false, not an error, for any 32, any and 64 bytes. */
export type Ed25519Verify = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

const spkiPrefix = fromHex('302a300506032b6570032100');

export function spkiOfPublicKey(publicKey: Uint8Array): Uint8Array {
  return concatBytes(spkiPrefix, publicKey);
}

/** The 32 bytes of a key in SPKI DER. Throws BAD_KEY on any other kind of key. */
export function publicKeyOfSpki(der: Uint8Array): Uint8Array {
  const isEd25519 = der.length === spkiPrefix.length + 32 && compareBytes(der.subarray(0, 12), spkiPrefix) === 0;
  if (!isEd25519) {
    throw new CodedError('BAD_KEY', 'not the SPKI form of an Ed25519 public key', {
      hint: 'Only Ed25519 keys sign here: ssh-keygen -t ed25519 makes one.',
    });
  }
  return Uint8Array.from(der.subarray(spkiPrefix.length));
}
