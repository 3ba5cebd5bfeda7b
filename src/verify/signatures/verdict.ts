/** What is said of one signature, whatever form it has. */
import type { Ed25519Verify } from '../../core/ed25519.ts';
import { CodedError } from '../../core/errors.ts';
import type { SshPublicKey } from '../../core/ssh/public-key.ts';
import { judgeKey, type SigningTime, type Trust, type TrustRefusal } from '../trust.ts';
import type { SignatureRole } from './roles.ts';

/** `no-touch`: a hardware key signed without a person touching it. */
export type SignatureRefusal = TrustRefusal | 'bad-signature' | 'wrong-namespace' | 'no-touch';

export interface TrustedSignature {
  readonly outcome: 'trusted';
  readonly fingerprint: string;
  readonly key: SshPublicKey;
  /** Pattern list of the line that permits it. */
  readonly principals: string;
  /** That line of the trust file, from 1. */
  readonly line: number;
  readonly role: SignatureRole;
  readonly time: SigningTime;
}

export interface RefusedSignature {
  readonly outcome: 'refused';
  /** As the signature claims; not to be relied on. */
  readonly fingerprint: string;
  readonly reason: SignatureRefusal;
  readonly detail: string;
}

export type SignatureVerdict = TrustedSignature | RefusedSignature;

/** What a verifier brings. Only `trust` decides whom to believe. */
export interface VerifyOptions {
  readonly trust: Trust;
  readonly verify: Ed25519Verify;
  /** When it was signed, and who says so. */
  readonly time: SigningTime;
  /** Who has to have signed; undefined when anyone with the role may. */
  readonly principal?: string | undefined;
}

export function refused(fingerprint: string, reason: SignatureRefusal, detail: string): RefusedSignature {
  return { outcome: 'refused', fingerprint, reason, detail };
}

/** Checks one signature by one key: first the mathematics, then the trust. */
export async function judgeSignature(
  key: SshPublicKey,
  message: Uint8Array,
  signature: Uint8Array,
  role: SignatureRole,
  options: VerifyOptions,
): Promise<SignatureVerdict> {
  const { fingerprint } = key;
  const isGood = signature.length === 64 && (await options.verify(key.key, message, signature));
  if (!isGood) return refused(fingerprint, 'bad-signature', 'it is not by this key over these bytes');
  const answer = judgeKey(options.trust, { key, role, principal: options.principal, time: options.time });
  if (!answer.trusted) return refused(fingerprint, answer.reason, answer.detail);
  const { line, principals } = answer.line;
  return { outcome: 'trusted', fingerprint, key, principals, line, role, time: options.time };
}

/** The first trusted signature. Throws SIGNATURE_INVALID, with every refusal, when there is none. */
export function requireTrusted(what: string, verdicts: readonly SignatureVerdict[]): TrustedSignature {
  const refusals: RefusedSignature[] = [];
  for (const verdict of verdicts) {
    if (verdict.outcome === 'trusted') return verdict;
    refusals.push(verdict);
  }
  const [first] = refusals;
  const why = refusals.map(
    ({ fingerprint, reason, detail }) => `${reason}, ${fingerprint || 'no key named'}: ${detail}`,
  );
  throw new CodedError('SIGNATURE_INVALID', `no trusted signature of ${what} (${why.join('; ') || 'none at all'})`, {
    hint: 'Compare the key with the trust file: whom it names, for which namespaces, and until when.',
    data: { reason: first?.reason ?? 'unsigned', refusals },
  });
}
