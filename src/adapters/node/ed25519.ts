/** Ed25519 verification by node:crypto (`Ed25519Verify`), which is loaded on the first use: it costs milliseconds at start-up. */
import { type Ed25519Verify, spkiOfPublicKey } from '../../core/ed25519.ts';

export const verifyEd25519: Ed25519Verify = (publicKey, message, signature) => {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const { createPublicKey, verify } = process.getBuiltinModule('node:crypto');
  const key = Buffer.from(spkiOfPublicKey(publicKey));
  return verify(null, message, createPublicKey({ key, format: 'der', type: 'spki' }), signature);
};
