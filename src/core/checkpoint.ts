/**
 * Checkpoints (C2SP tlog-checkpoint v1.0.0): what a log commits to at one moment, as the text of a signed note.
 *
 *   <origin> LF <size, decimal> LF <base64 of the root, 32 bytes> LF [extension lines, each ended by LF]
 *
 * The origin is the id of the store, and the name of the key that signs. Ours have no extension lines.
 */
import { fromBase64, toBase64 } from './base64.ts';
import { CodedError } from './errors.ts';

export interface Checkpoint {
  readonly origin: string;
  /** Number of events. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  readonly extensions: readonly string[];
}

function malformed(why: string, cause?: unknown): CodedError {
  return new CodedError('SIGNATURE_INVALID', `not a checkpoint: ${why}`, { data: { reason: 'malformed' }, cause });
}

/** The text of the note. */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  return `${[origin, String(size), toBase64(root), ...extensions].join('\n')}\n`;
}

/** A decimal number below 2^53 in the one way to write it. */
export function parseDecimal(text: string): number | undefined {
  const value = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Reads the text of a note, which may be hostile. Throws SIGNATURE_INVALID. */
export function parseCheckpoint(text: string): Checkpoint {
  if (!text.endsWith('\n')) throw malformed('its last line has no end');
  const [origin = '', sizeText = '', rootText = '', ...extensions] = text.slice(0, -1).split('\n');
  if (origin === '') throw malformed('it names no log');
  const size = parseDecimal(sizeText);
  if (size === undefined) throw malformed(`its size is ${JSON.stringify(sizeText.slice(0, 40))}`);
  if (extensions.includes('')) throw malformed('it has an empty line');
  let root: Uint8Array;
  try {
    root = fromBase64(rootText);
  } catch (cause) {
    throw malformed('its root is not base64', cause);
  }
  if (root.length !== 32) throw malformed(`its root has ${root.length} bytes, not 32`);
  return { origin, size, root, extensions };
}
