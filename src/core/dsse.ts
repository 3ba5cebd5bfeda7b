/**
 * DSSE envelopes (secure-systems-lab/dsse, protocol 1.0.2): bytes with signatures that also cover what kind of bytes they are.
 *
 *   signed    PAE(type, body) = "DSSEv1" SP len(type) SP type SP len(body) SP body; lengths in bytes, decimal, no leading zeros
 *   envelope  {"payload": base64 of body, "payloadType": type, "signatures": [{"keyid": …, "sig": base64}]}
 *
 * Written in that order, without whitespace, in standard base64; read in standard or URL-safe base64. `keyid` is a hint that
 * nothing signs: ours is the SSH fingerprint `SHA256:…`, the one value besides the empty text that every verifier takes.
 * Reading is strict and bounded: an unknown member, a duplicate key or a missing `keyid` is refused. There is no canonical
 * form to restore: the signed bytes are verified, and those same bytes are parsed.
 */
import { fromEitherBase64, toBase64 } from './base64.ts';
import { concatBytes, utf8, utf8Decode } from './bytes.ts';
import { CodedError, isCodedError } from './errors.ts';
import type { JsonValue } from './json-value.ts';
import { parseJson } from './parse-json.ts';

export interface DsseSignature {
  readonly keyid: string;
  readonly sig: Uint8Array;
}

export interface DsseEnvelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  /** At least one. */
  readonly signatures: readonly DsseSignature[];
}

/** Default limit of an envelope in bytes, and of its signatures. */
const maxEnvelope = 64 * 1024 * 1024;
const maxSignatures = 100;

/** The bytes that are signed. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8(payloadType);
  return concatBytes(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}

/** One line of JSON, without a line feed. */
export function formatEnvelope(envelope: DsseEnvelope): string {
  const signatures = envelope.signatures.map(({ keyid, sig }) => ({ keyid, sig: toBase64(sig) }));
  return JSON.stringify({ payload: toBase64(envelope.payload), payloadType: envelope.payloadType, signatures });
}

function malformed(why: string, cause?: unknown): CodedError {
  return new CodedError('SIGNATURE_INVALID', `not a DSSE envelope: ${why}`, { data: { reason: 'malformed' }, cause });
}

function members(value: JsonValue, what: string, names: readonly string[]): { readonly [name: string]: JsonValue } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${what} is no object`);
  for (const name of names) if (!Object.hasOwn(value, name)) throw malformed(`${what} has no ${name}`);
  for (const name of Object.keys(value)) {
    if (!names.includes(name)) throw malformed(`${what} has the unknown member ${JSON.stringify(name.slice(0, 80))}`);
  }
  return value;
}

function bytesOf(value: JsonValue | undefined, what: string): Uint8Array {
  if (typeof value !== 'string') throw malformed(`${what} is no text`);
  try {
    return fromEitherBase64(value);
  } catch (cause) {
    throw malformed(`${what} is not base64`, cause);
  }
}

function textOf(value: JsonValue | undefined, what: string): string {
  if (typeof value !== 'string' || value.length > 1024) throw malformed(`${what} is no text of up to 1024 characters`);
  return value;
}

function parseSignature(value: JsonValue): DsseSignature {
  const { keyid, sig } = members(value, 'a signature', ['keyid', 'sig']);
  return { keyid: textOf(keyid, 'keyid'), sig: bytesOf(sig, 'sig') };
}

function parseText(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(utf8Decode(bytes), 'envelope');
  } catch (cause) {
    throw malformed(isCodedError(cause) ? cause.message : 'it is not UTF-8', cause);
  }
}

/** Reads an envelope, which may be hostile. Throws SIGNATURE_INVALID; says nothing about whether it verifies. */
export function parseEnvelope(bytes: Uint8Array, limit = maxEnvelope): DsseEnvelope {
  if (bytes.length > limit) throw malformed(`${bytes.length} bytes, more than ${limit}`);
  const envelope = members(parseText(bytes), 'the envelope', ['payload', 'payloadType', 'signatures']);
  const { signatures } = envelope;
  if (!Array.isArray(signatures) || signatures.length === 0) throw malformed('it has no signature');
  if (signatures.length > maxSignatures) throw malformed(`more than ${maxSignatures} signatures`);
  return {
    payloadType: textOf(envelope['payloadType'], 'payloadType'),
    payload: bytesOf(envelope['payload'], 'payload'),
    signatures: signatures.map(parseSignature),
  };
}
