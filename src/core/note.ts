/**
 * Signed notes (C2SP signed-note v1.0.0): a text for people, with signatures under it.
 *
 *   note          text (ends with LF) ‖ LF ‖ one or more signature lines
 *   line          `— <name> <base64 of key id (4 bytes) ‖ signature>` LF; the dash is U+2014
 *   key id        first 4 bytes of SHA-256(name ‖ 0A ‖ 01 ‖ key), for Ed25519 with a key of 32 bytes
 *   signed        the text, as UTF-8
 *   verifier key  `<name>+<key id in hex>+<base64 of 01 ‖ key>`
 *
 * A name holds no space, no `+` and is not empty; a text holds no control character (below U+0020) but LF. A note may carry signatures of
 * keys that a reader does not know: those are left alone. Nothing in a note says what it is for, so a key that signs notes
 * signs nothing else.
 */
import { fromBase64, toBase64 } from './base64.ts';
import { concatBytes, equalBytes, toHex, utf8, utf8Decode } from './bytes.ts';
import { CodedError } from './errors.ts';
import { sha256 } from './sha256.ts';

export interface NoteSignature {
  readonly name: string;
  /** 4 bytes; a hint to the key. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

export interface SignedNote {
  /** Ends with a line feed. What is signed is its UTF-8. */
  readonly text: string;
  /** At least one. */
  readonly signatures: readonly NoteSignature[];
}

const maxNote = 1024 * 1024;
const maxSignatures = 100;
const ed25519 = 1;

function malformed(why: string, cause?: unknown): CodedError {
  return new CodedError('SIGNATURE_INVALID', `not a signed note: ${why}`, { data: { reason: 'malformed' }, cause });
}

/** True for what may stand as the name of a key. */
export function isNoteName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[\s+\p{Cc}]/u.test(name);
}

/** True for a text that can be signed. */
function isNoteText(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 32 && code !== 10) return false;
  }
  return text.endsWith('\n') && text.isWellFormed();
}

/** The 4 bytes that name an Ed25519 key of this name. */
export function noteKeyId(name: string, publicKey: Uint8Array): Uint8Array {
  return sha256(concatBytes(utf8(`${name}\n`), new Uint8Array([ed25519]), publicKey)).slice(0, 4);
}

export interface NoteKey {
  readonly name: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export function formatNoteKey({ name, publicKey }: NoteKey): string {
  const typed = concatBytes(new Uint8Array([ed25519]), publicKey);
  return `${name}+${toHex(noteKeyId(name, publicKey))}+${toBase64(typed)}`;
}

/** Reads a verifier key. Throws BAD_KEY. */
export function parseNoteKey(text: string): NoteKey {
  const fault = (why: string, cause?: unknown): CodedError =>
    new CodedError('BAD_KEY', `not the verifier key of a note: ${why}`, { cause });
  const [, name = '', keyId = '', encoded = ''] =
    /^([^+]{1,1024})\+([0-9a-f]{8})\+([^+]{1,1024}|.{1,1024})$/.exec(text) ?? [];
  if (!isNoteName(name)) throw fault('it is not <name>+<8 hexadecimal digits>+<base64>');
  let typed: Uint8Array;
  try {
    typed = fromBase64(encoded);
  } catch (cause) {
    throw fault('its key is not base64', cause);
  }
  if (typed[0] !== ed25519 || typed.length !== 33) throw fault('its key is no Ed25519 key');
  const publicKey = typed.slice(1);
  if (toHex(noteKeyId(name, publicKey)) !== keyId) throw fault('its key id is that of another key');
  return { name, publicKey };
}

/** The whole note. */
export function formatNote(note: SignedNote): string {
  if (!isNoteText(note.text)) {
    throw new CodedError('BAD_ARGUMENT', 'the text of a note ends with a line feed and has no other control character');
  }
  const lines = note.signatures.map(
    ({ name, keyId, signature }) => `— ${name} ${toBase64(concatBytes(keyId, signature))}\n`,
  );
  return `${note.text}\n${lines.join('')}`;
}

function parseLine(line: string): NoteSignature {
  const [, name = '', encoded = ''] = /^\u2014 ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  if (!isNoteName(name)) throw malformed('a signature line is not "— <name> <base64>"');
  let bytes: Uint8Array;
  try {
    bytes = fromBase64(encoded);
  } catch (cause) {
    throw malformed(`the signature of ${JSON.stringify(name.slice(0, 80))} is not base64`, cause);
  }
  if (bytes.length < 5) throw malformed(`the signature of ${JSON.stringify(name.slice(0, 80))} is cut short`);
  return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) };
}

/** Reads a note, which may be hostile. Throws SIGNATURE_INVALID; says nothing about whether it verifies. */
export function parseNote(note: Uint8Array | string): SignedNote {
  if (note.length > maxNote) throw malformed(`longer than ${maxNote}`);
  let whole: string;
  try {
    whole = typeof note === 'string' ? note : utf8Decode(note);
  } catch (cause) {
    throw malformed('it is not UTF-8', cause);
  }
  // The text itself may have blank lines: the signatures are behind the last one.
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n')) throw malformed('no blank line with signatures under it');
  const text = whole.slice(0, split + 1);
  if (!isNoteText(text)) throw malformed('its text has a control character');
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > maxSignatures) throw malformed(`more than ${maxSignatures} signatures`);
  return { text, signatures: lines.map(parseLine) };
}

/** The signatures that claim to be by this key. */
export function signaturesOf(note: SignedNote, { name, publicKey }: NoteKey): NoteSignature[] {
  const keyId = noteKeyId(name, publicKey);
  return note.signatures.filter((signature) => signature.name === name && equalBytes(signature.keyId, keyId));
}
