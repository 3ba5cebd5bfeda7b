/** The signature of a statement as records keep it, whichever of its two forms it has. */
import { utf8 } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import { parseStatement, type Statement } from '../../core/in-toto.ts';
import type { SignedStatement } from '../../core/signed-statement.ts';
import { verifyStatement } from './dsse.ts';
import { roleOfPredicate } from './roles.ts';
import { verifySshsig } from './sshsig.ts';
import type { SignatureVerdict, VerifyOptions } from './verdict.ts';

export interface VerifiedSignedStatement {
  readonly statement: Statement;
  /** The bytes that were signed. */
  readonly bytes: Uint8Array;
  /** The verdict on its one signature. */
  readonly verdict: SignatureVerdict;
}

/** Throws SIGNATURE_INVALID for what cannot be read, has no role, or carries another number of signatures than one. */
export async function verifySignedStatement(
  signed: SignedStatement,
  options: VerifyOptions,
): Promise<VerifiedSignedStatement> {
  if ('envelope' in signed) {
    const { statement, envelope, signatures } = await verifyStatement(utf8(signed.envelope), options);
    const [verdict] = signatures;
    if (verdict === undefined || signatures.length > 1) {
      throw new CodedError('SIGNATURE_INVALID', `${signatures.length} signatures where one belongs`, {
        data: { reason: 'malformed' },
      });
    }
    return { statement, bytes: envelope.payload, verdict };
  }
  const bytes = utf8(signed.statement);
  const statement = parseStatement(bytes);
  const role = roleOfPredicate(statement.predicateType);
  if (role === undefined) {
    const shown = JSON.stringify(statement.predicateType.slice(0, 200));
    throw new CodedError('SIGNATURE_INVALID', `no role is known for statements of the type ${shown}`, {
      data: { reason: 'unknown-predicate', predicateType: statement.predicateType.slice(0, 200) },
    });
  }
  return { statement, bytes, verdict: await verifySshsig(signed.sshsig, bytes, role, options) };
}
