/**
 * The file form of an inclusion proof (C2SP tlog-proof), `.tlog-proof`: everything that shows one event in the log.
 *
 *   c2sp.org/tlog-proof@v1 LF
 *   [extra <base64> LF]         what the reader needs besides; ours have none
 *   index <decimal> LF          from 0
 *   <base64 of 32 bytes> LF     siblings from the leaf to the root, any number
 *   LF
 *   the signed checkpoint, verbatim
 */
import { fromBase64, toBase64 } from './base64.ts';
import { parseDecimal } from './checkpoint.ts';
import { CodedError } from './errors.ts';

export interface TlogProof {
  readonly extra: Uint8Array | undefined;
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  /** The signed note, as the log gave it. */
  readonly checkpoint: string;
}

const header = 'c2sp.org/tlog-proof@v1';
/** A tree of 2^63 leaves needs no more. */
const maxHashes = 63;
const maxText = 1024 * 1024;

function malformed(why: string, cause?: unknown): CodedError {
  return new CodedError('PROOF_INVALID', `not a log proof: ${why}`, { data: { reason: 'malformed' }, cause });
}

export function formatTlogProof({ extra, index, proof, checkpoint }: TlogProof): string {
  const lines = [header, ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]), `index ${index}`];
  return `${[...lines, ...proof.map(toBase64), '', checkpoint].join('\n')}`;
}

function decoded(text: string, what: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch (cause) {
    throw malformed(`${what} is not base64`, cause);
  }
}

/** Reads a proof, which may be hostile. Throws PROOF_INVALID; says nothing about whether it holds. */
export function parseTlogProof(text: string): TlogProof {
  if (text.length > maxText) throw malformed(`longer than ${maxText} characters`);
  const split = text.indexOf('\n\n');
  if (split < 0) throw malformed('no empty line before a checkpoint');
  const lines = text.slice(0, split).split('\n');
  if (lines.shift() !== header) throw malformed(`its first line is not ${header}`);
  const extra = lines[0]?.startsWith('extra ') === true ? decoded(lines.shift()?.slice(6) ?? '', 'extra') : undefined;
  const indexLine = lines.shift() ?? '';
  const index = indexLine.startsWith('index ') ? parseDecimal(indexLine.slice(6)) : undefined;
  if (index === undefined) throw malformed('no line "index <number>"');
  if (lines.length > maxHashes) throw malformed(`more than ${maxHashes} hashes`);
  const proof = lines.map((line) => decoded(line, 'a hash'));
  if (proof.some((hash) => hash.length !== 32)) throw malformed('a hash has not 32 bytes');
  return { extra, index, proof, checkpoint: text.slice(split + 2) };
}
