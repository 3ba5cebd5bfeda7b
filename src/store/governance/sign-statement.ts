/**
 * Signing a statement with the key of who acts: in a DSSE envelope, or as SSHSIG where a key in hardware can do nothing else.
 * What is signed is checked by verifying code (verify/), which knows nothing of this module.
 */
import { utf8Decode } from '../../core/bytes.ts';
import { formatEnvelope } from '../../core/dsse.ts';
import { CodedError } from '../../core/errors.ts';
import type { ActorId } from '../../core/ids.ts';
import { type Statement, statementBytes } from '../../core/in-toto.ts';
import type { SignedStatement } from '../../core/signed-statement.ts';
import { createStatement } from '../../core/signing.ts';
import type { KeyEntry } from '../../ports/manifest.ts';
import type { Signer } from '../../ports/signer.ts';
import { roleOfPredicate } from '../../verify/signatures/roles.ts';
import { actorIdOf, authorText } from '../log/governance.ts';
import type { SigningContext } from './signing-context.ts';

export async function signWith(signer: Signer, statement: Statement): Promise<SignedStatement> {
  if (signer.kind !== 'hardware') {
    return { envelope: formatEnvelope(await createStatement(statement, signer)) };
  }
  const namespace = roleOfPredicate(statement.predicateType);
  if (namespace === undefined) {
    throw new CodedError(
      'BAD_KEY',
      `a key in hardware cannot sign a statement of the type ${statement.predicateType}`,
      {
        hint: 'Use a key in a file or in the agent.',
      },
    );
  }
  const payload = statementBytes(statement);
  return { statement: utf8Decode(payload), sshsig: await signer.signSsh(namespace, payload) };
}

/** Keys of an actor that are not revoked, oldest first. */
export async function keysOf(context: Pick<SigningContext, 'manifest'>, actor: ActorId): Promise<KeyEntry[]> {
  return (await context.manifest.keys()).filter((key) => key.actor === actor && key.revoked === undefined);
}

/**
 * The signer of who acts. Throws KEY_NOT_FOUND when none is at hand, and NOT_PERMITTED for a key that is not bound to this
 * actor or is revoked: a name in a configuration makes nobody somebody else.
 */
export async function actorSigner(context: SigningContext): Promise<Signer> {
  const actor = actorIdOf(context.author);
  const signer = await context.openSigner(await keysOf(context, actor));
  const entry = await context.manifest.key(signer.fingerprint);
  if (entry?.actor === actor && entry.revoked === undefined) return signer;
  const { fingerprint } = signer;
  const data = { key: fingerprint, actor };
  if (entry === undefined) {
    throw new CodedError('NOT_PERMITTED', `the key ${fingerprint} is not bound to anybody here`, {
      hint: 'An admin binds it: `cairn key import <public key file> --actor "Name <mail>"`.',
      data,
    });
  }
  if (entry.revoked !== undefined) {
    throw new CodedError('NOT_PERMITTED', `the key ${fingerprint} is revoked`, {
      hint: 'Sign with another key: `cairn key list` shows them.',
      data,
    });
  }
  const owner = await context.manifest.actor(entry.actor);
  const [whose, who] = [owner === undefined ? entry.actor : authorText(owner), authorText(context.author)];
  throw new CodedError('NOT_PERMITTED', `the key ${fingerprint} belongs to ${whose}, and you act as ${who}`, {
    hint: `Act as ${whose}, or sign with a key of your own.`,
    data: { ...data, owner: entry.actor },
  });
}

export interface Signed {
  readonly signed: SignedStatement;
  readonly fingerprint: string;
}

/** Signs as who acts. */
export async function signStatement(context: SigningContext, statement: Statement): Promise<Signed> {
  const signer = await actorSigner(context);
  return { signed: await signWith(signer, statement), fingerprint: signer.fingerprint };
}
