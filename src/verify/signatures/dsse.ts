/**
 * Signatures of DSSE envelopes. `keyid` is a hint and nothing more: when it is given it has to be the fingerprint of a key in
 * the trust file, and when it is empty every key there is tried. Keys in hardware sign in another form (sshsig.ts).
 */
import { type DsseEnvelope, parseEnvelope, preAuthEncoding } from '../../core/dsse.ts';
import { CodedError } from '../../core/errors.ts';
import { parseStatement, type Statement, statementPayloadType } from '../../core/in-toto.ts';
import { type SshPublicKey, softwareKey } from '../../core/ssh/public-key.ts';
import type { TrustFile } from '../trust-file.ts';
import { roleOfPredicate, type SignatureRole } from './roles.ts';
import { judgeSignature, refused, type SignatureVerdict, type VerifyOptions } from './verdict.ts';

/** Keys of a trust file that can sign envelopes and notes, each once. */
export function softwareKeys(file: TrustFile): SshPublicKey[] {
  const keys = new Map<string, SshPublicKey>();
  for (const { key } of file.lines) if (key.algorithm === softwareKey) keys.set(key.fingerprint, key);
  return [...keys.values()];
}

/** One verdict for each signature of the envelope, in its order. */
export async function verifyEnvelope(
  envelope: DsseEnvelope,
  role: SignatureRole,
  options: VerifyOptions,
): Promise<SignatureVerdict[]> {
  const message = preAuthEncoding(envelope.payloadType, envelope.payload);
  const keys = softwareKeys(options.trust.file);
  const verdicts: SignatureVerdict[] = [];
  for (const { keyid, sig } of envelope.signatures) {
    const named = keyid === '' ? keys : keys.filter((key) => key.fingerprint === keyid);
    let verdict: SignatureVerdict = refused(keyid, 'unknown-key', 'the trust file names no such key');
    for (const key of named) {
      const judged = await judgeSignature(key, message, sig, role, options);
      // Of several keys that were tried, the one that did sign is the one to speak of.
      if (named.length === 1 || judged.outcome === 'trusted' || judged.reason !== 'bad-signature') verdict = judged;
      if (judged.outcome === 'trusted') break;
    }
    verdicts.push(verdict);
  }
  return verdicts;
}

export interface VerifiedStatement {
  readonly statement: Statement;
  readonly envelope: DsseEnvelope;
  readonly role: SignatureRole;
  readonly signatures: readonly SignatureVerdict[];
}

/**
 * Reads an envelope with a statement in it and judges its signatures for the role that its predicate type needs; `role` is for
 * types that are not ours. Throws SIGNATURE_INVALID for what cannot be read or has no role; whether a signature is trusted is
 * in the verdicts (`requireTrusted`).
 */
export async function verifyStatement(
  bytes: Uint8Array,
  options: VerifyOptions & { readonly role?: SignatureRole | undefined },
): Promise<VerifiedStatement> {
  const envelope = parseEnvelope(bytes);
  if (envelope.payloadType !== statementPayloadType) {
    throw new CodedError(
      'SIGNATURE_INVALID',
      `an envelope of ${JSON.stringify(envelope.payloadType)}, not a statement`,
      {
        data: { reason: 'payload-type', payloadType: envelope.payloadType },
      },
    );
  }
  const statement = parseStatement(envelope.payload);
  const role = roleOfPredicate(statement.predicateType) ?? options.role;
  if (role === undefined) {
    const shown = JSON.stringify(statement.predicateType.slice(0, 200));
    throw new CodedError('SIGNATURE_INVALID', `no role is known for statements of the type ${shown}`, {
      data: { reason: 'unknown-predicate', predicateType: statement.predicateType.slice(0, 200) },
    });
  }
  return { statement, envelope, role, signatures: await verifyEnvelope(envelope, role, options) };
}
