/**
 * A statement with one signature, as records and payloads keep it:
 *
 *   {"envelope": text}                     a DSSE envelope with the statement in it (core/dsse.ts)
 *   {"sshsig": text, "statement": text}    the statement's canonical JSON, and an armoured SSH signature over those bytes in
 *                                          the namespace that its predicate type stands for; what keys in hardware make
 */
import { CodedError } from './errors.ts';

export type SignedStatement = { readonly envelope: string } | { readonly statement: string; readonly sshsig: string };

/** What was found in a payload or record, which may be hostile. Throws SIGNATURE_INVALID. */
export function parseSignedStatement(value: unknown): SignedStatement {
  if (typeof value === 'object' && value !== null) {
    const { envelope, statement, sshsig, ...rest } = value as { readonly [name: string]: unknown };
    if (Object.keys(rest).length === 0) {
      const hasEnvelope = typeof envelope === 'string' && statement === undefined && sshsig === undefined;
      if (hasEnvelope) return { envelope };
      if (typeof statement === 'string' && typeof sshsig === 'string' && envelope === undefined) {
        return { statement, sshsig };
      }
    }
  }
  throw new CodedError('SIGNATURE_INVALID', 'not a signed statement: neither an envelope nor a statement with sshsig', {
    data: { reason: 'malformed' },
  });
}
