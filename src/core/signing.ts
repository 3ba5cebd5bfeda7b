/**
 * Making signed things in each form, by a function that makes Ed25519 signatures. Verifying code never imports this module: a
 * dependency rule holds it.
 */
import { utf8 } from './bytes.ts';
import { type DsseEnvelope, preAuthEncoding } from './dsse.ts';
import { CodedError } from './errors.ts';
import { type Statement, statementBytes, statementPayloadType } from './in-toto.ts';
import { formatNote, isNoteName, type NoteKey, noteKeyId } from './note.ts';
import type { SshPublicKey } from './ssh/public-key.ts';
import { formatSshsig, sshsigSignedData } from './ssh/sshsig.ts';

/** The Ed25519 signature of a message, 64 bytes. */
export type SignBytes = (message: Uint8Array) => Promise<Uint8Array>;

/** An envelope with one signature; `fingerprint` is the `SHA256:…` of the key that `sign` uses. */
export async function createEnvelope(
  payloadType: string,
  payload: Uint8Array,
  { fingerprint, sign }: { readonly fingerprint: string; readonly sign: SignBytes },
): Promise<DsseEnvelope> {
  const sig = await sign(preAuthEncoding(payloadType, payload));
  return { payloadType, payload, signatures: [{ keyid: fingerprint, sig }] };
}

/** A statement in an envelope. */
export function createStatement(
  statement: Statement,
  signer: { readonly fingerprint: string; readonly sign: SignBytes },
): Promise<DsseEnvelope> {
  return createEnvelope(statementPayloadType, statementBytes(statement), signer);
}

/** Armoured, as `ssh-keygen -Y sign` writes it. */
export async function createSshsig(
  publicKey: SshPublicKey,
  namespace: string,
  message: Uint8Array,
  sign: SignBytes,
): Promise<string> {
  const signature = await sign(sshsigSignedData(namespace, message));
  return formatSshsig({ publicKey, namespace, hash: 'sha512', signature, hardware: undefined });
}

/** A note signed by one key; a checkpoint's text (`formatCheckpoint`) with the origin as the key's name. */
export async function createNote(text: string, { name, publicKey }: NoteKey, sign: SignBytes): Promise<string> {
  if (!isNoteName(name))
    throw new CodedError('BAD_ARGUMENT', `not a name for the key of a note: ${JSON.stringify(name)}`);
  const signature = await sign(utf8(text));
  return formatNote({ text, signatures: [{ name, keyId: noteKeyId(name, publicKey), signature }] });
}
