/**
 * SSH signatures of files (OpenSSH PROTOCOL.sshsig), byte for byte what `ssh-keygen -Y sign` writes.
 *
 *   signed   "SSHSIG" | string namespace | string reserved (empty) | string hash | string H(message)
 *   blob     "SSHSIG" | uint32 1 | string public key | string namespace | string reserved (empty) | string hash | string signature
 *   hash     "sha512" (what is written) or "sha256"
 *   armour   -----BEGIN SSH SIGNATURE-----, base64 of the blob in lines of 70, -----END SSH SIGNATURE-----
 *
 * The signature is string "ssh-ed25519" | string (64 bytes, over the signed bytes). One by hardware is
 * string "sk-ssh-ed25519@openssh.com" | string (64 bytes) | byte flags | uint32 counter, and is over
 * SHA-256(application) | flags | counter | SHA-256(signed bytes). Flag 1 says that a person touched the device.
 *
 * The key in a signature says who claims to have signed. It is never trusted: trust is looked up elsewhere.
 */
import { sha512 } from '@noble/hashes/sha2.js';
import { fromBase64, toBase64 } from '../base64.ts';
import { compareBytes, concatBytes, utf8 } from '../bytes.ts';
import { CodedError } from '../errors.ts';
import { sha256 } from '../sha256.ts';
import { hardwareKey, parsePublicKeyBlob, type SshPublicKey } from './public-key.ts';
import { WireReader, wireString, wireUint32 } from './wire.ts';

const magic = utf8('SSHSIG');
const begin = '-----BEGIN SSH SIGNATURE-----';
const end = '-----END SSH SIGNATURE-----';
const maxArmour = 64 * 1024;

export type SshsigHash = 'sha256' | 'sha512';

export interface SshSignature {
  readonly publicKey: SshPublicKey;
  readonly namespace: string;
  readonly hash: SshsigHash;
  /** 64 bytes. */
  readonly signature: Uint8Array;
  /** Of a hardware key only. */
  readonly hardware: { readonly flags: number; readonly counter: number } | undefined;
}

/** Set in `flags` when a person touched the device. */
export const userPresent = 1;

function malformed(why: string, cause?: unknown): CodedError {
  return new CodedError('SIGNATURE_INVALID', `not an SSH signature: ${why}`, { data: { reason: 'malformed' }, cause });
}

/** What a key in software signs: the namespace keeps a signature from serving another purpose. */
export function sshsigSignedData(namespace: string, message: Uint8Array, hash: SshsigHash = 'sha512'): Uint8Array {
  if (namespace === '') throw new CodedError('BAD_ARGUMENT', 'the namespace of an SSH signature is empty');
  const digest = hash === 'sha512' ? sha512(message) : sha256(message);
  return concatBytes(magic, wireString(namespace), wireString(''), wireString(hash), wireString(digest));
}

/** The bytes that the 64 bytes of a parsed signature are over, for this message. */
export function sshsigVerifiedData(signature: SshSignature, message: Uint8Array): Uint8Array {
  const signed = sshsigSignedData(signature.namespace, message, signature.hash);
  if (signature.hardware === undefined) return signed;
  const { flags, counter } = signature.hardware;
  const application = sha256(utf8(signature.publicKey.application ?? ''));
  return concatBytes(application, new Uint8Array([flags]), wireUint32(counter), sha256(signed));
}

/** The armoured text, with a line feed at its end. */
export function formatSshsig(signature: SshSignature): string {
  const { publicKey, namespace, hash, hardware } = signature;
  const tail = hardware === undefined ? [] : [new Uint8Array([hardware.flags]), wireUint32(hardware.counter)];
  const inner = concatBytes(wireString(publicKey.algorithm), wireString(signature.signature), ...tail);
  const fields = [publicKey.blob, namespace, '', hash, inner].map(wireString);
  const encoded = toBase64(concatBytes(magic, wireUint32(1), ...fields));
  return `${[begin, ...(encoded.match(/.{1,70}/g) ?? []), end].join('\n')}\n`;
}

function dearmour(text: string): Uint8Array {
  if (text.length > maxArmour) throw malformed(`longer than ${maxArmour} characters`);
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (lines[0] !== begin) throw malformed(`it does not begin with ${begin}`);
  if (lines.at(-1) !== end) throw malformed(`it does not end with ${end}`);
  try {
    return fromBase64(lines.slice(1, -1).join(''));
  } catch (cause) {
    throw malformed('its text is not base64', cause);
  }
}

function parseKey(blob: Uint8Array): SshPublicKey {
  try {
    return parsePublicKeyBlob(blob);
  } catch (cause) {
    throw malformed(`its key cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

/** Reads the signature inside a blob, which is also what an agent answers. Throws SIGNATURE_INVALID. */
export function parseSignatureBlob(bytes: Uint8Array, key: SshPublicKey): Pick<SshSignature, 'signature' | 'hardware'> {
  const reader = new WireReader(bytes, 'not an SSH signature', 'SIGNATURE_INVALID');
  const algorithm = reader.text();
  if (algorithm !== key.algorithm) throw reader.fault(`a signature of ${key.algorithm} should be of that algorithm`);
  const signature = reader.string();
  if (signature.length !== 64) throw reader.fault(`an Ed25519 signature has 64 bytes, this has ${signature.length}`);
  const hardware = algorithm === hardwareKey ? { flags: reader.byte(), counter: reader.uint32() } : undefined;
  reader.end();
  return { signature, hardware };
}

/** Reads armoured text, which may be hostile. Throws SIGNATURE_INVALID; says nothing about whether it verifies. */
export function parseSshsig(text: string): SshSignature {
  const reader = new WireReader(dearmour(text), 'not an SSH signature', 'SIGNATURE_INVALID');
  if (compareBytes(reader.bytes(magic.length), magic) !== 0) throw reader.fault('it does not begin with SSHSIG');
  const version = reader.uint32();
  if (version !== 1) throw reader.fault(`its version is ${version}, not 1`);
  const publicKey = parseKey(reader.string());
  const namespace = reader.text();
  if (namespace === '') throw reader.fault('its namespace is empty');
  if (reader.string().length > 0) throw reader.fault('its reserved field is not empty');
  const hash = reader.text();
  if (hash !== 'sha256' && hash !== 'sha512') throw reader.fault('its hash is neither sha256 nor sha512');
  const inner = reader.string();
  reader.end();
  return { publicKey, namespace, hash, ...parseSignatureBlob(inner, publicKey) };
}
