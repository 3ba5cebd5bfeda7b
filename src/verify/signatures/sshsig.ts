/** Signatures in the form of OpenSSH: the namespace in the signature has to be the role that is asked for. */
import { parseSshsig, sshsigVerifiedData, userPresent } from '../../core/ssh/sshsig.ts';
import type { SignatureRole } from './roles.ts';
import { judgeSignature, refused, type SignatureVerdict, type VerifyOptions } from './verdict.ts';

/** Judges an armoured signature over a message. Throws SIGNATURE_INVALID for what cannot be read. */
export async function verifySshsig(
  armoured: string,
  message: Uint8Array,
  role: SignatureRole,
  options: VerifyOptions,
): Promise<SignatureVerdict> {
  const signature = parseSshsig(armoured);
  const { publicKey, namespace, hardware } = signature;
  if (namespace !== role) {
    const detail = `it was made for the namespace ${JSON.stringify(namespace.slice(0, 80))}, not ${role}`;
    return refused(publicKey.fingerprint, 'wrong-namespace', detail);
  }
  const isTouched = hardware === undefined || (hardware.flags & userPresent) !== 0;
  const data = sshsigVerifiedData(signature, message);
  const verdict = await judgeSignature(publicKey, data, signature.signature, role, options);
  if (isTouched || verdict.outcome === 'refused') return verdict;
  return refused(publicKey.fingerprint, 'no-touch', 'the device signed without being touched');
}
