/**
 * Checkpoints of a log: a note signed by the log's own key, which a line of the trust file gives with the store's id as its
 * principal and the role `cairn-log`. Signatures of other keys under the note (witnesses) are left alone.
 */
import { utf8 } from '../../core/bytes.ts';
import { type Checkpoint, parseCheckpoint } from '../../core/checkpoint.ts';
import { CodedError } from '../../core/errors.ts';
import { parseNote, signaturesOf } from '../../core/note.ts';
import { softwareKeys } from './dsse.ts';
import { judgeSignature, refused, requireTrusted, type SignatureVerdict, type VerifyOptions } from './verdict.ts';

export interface VerifiedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** `trusted` or why not. */
  readonly signature: SignatureVerdict;
}

/**
 * Reads a signed checkpoint of the log `origin` and judges the log's signature. Throws SIGNATURE_INVALID for what cannot be
 * read and for the checkpoint of another log.
 */
export async function verifyCheckpoint(
  note: Uint8Array | string,
  origin: string,
  options: Omit<VerifyOptions, 'principal'>,
): Promise<VerifiedCheckpoint> {
  const signed = parseNote(note);
  const checkpoint = parseCheckpoint(signed.text);
  if (checkpoint.origin !== origin) {
    throw new CodedError('SIGNATURE_INVALID', `a checkpoint of another log: ${checkpoint.origin.slice(0, 200)}`, {
      hint: `This log is ${origin}.`,
      data: { reason: 'wrong-origin', origin: checkpoint.origin.slice(0, 200), expected: origin },
    });
  }
  let verdict: SignatureVerdict = refused('', 'unknown-key', `no key of the trust file signed it as ${origin}`);
  for (const key of softwareKeys(options.trust.file)) {
    for (const { signature } of signaturesOf(signed, { name: origin, publicKey: key.key })) {
      verdict = await judgeSignature(key, utf8(signed.text), signature, 'cairn-log', { ...options, principal: origin });
      if (verdict.outcome === 'trusted') return { checkpoint, signature: verdict };
    }
  }
  return { checkpoint, signature: verdict };
}

/** The checkpoint when the log's key signed it. Throws SIGNATURE_INVALID otherwise. */
export async function trustedCheckpoint(
  note: Uint8Array | string,
  origin: string,
  options: Omit<VerifyOptions, 'principal'>,
): Promise<Checkpoint> {
  const { checkpoint, signature } = await verifyCheckpoint(note, origin, options);
  requireTrusted(`the checkpoint of ${origin}`, [signature]);
  return checkpoint;
}
