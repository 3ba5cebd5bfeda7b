/**
 * Public keys as OpenSSH writes them (RFC 8709 and PROTOCOL.u2f).
 *
 *   line         `ssh-ed25519 <base64 of blob> [comment]`
 *   blob         string "ssh-ed25519" | string key (32 bytes)
 *                string "sk-ssh-ed25519@openssh.com" | string key (32 bytes) | string application   a key held by hardware
 *   fingerprint  `SHA256:` + base64 of SHA-256(blob) without padding, as `ssh-keygen -lf` prints it
 *
 * Other algorithms are refused by name: Ed25519 is the only one that signs here.
 */

import { fromBase64, toBase64, toBase64Unpadded } from '../base64.ts';
import { concatBytes } from '../bytes.ts';
import { CodedError } from '../errors.ts';
import { sha256 } from '../sha256.ts';
import { WireReader, wireString } from './wire.ts';

export const softwareKey = 'ssh-ed25519';
export const hardwareKey = 'sk-ssh-ed25519@openssh.com';

export interface SshPublicKey {
  readonly algorithm: typeof softwareKey | typeof hardwareKey;
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** Of a hardware key: what it was made for, usually `ssh:`. */
  readonly application: string | undefined;
  /** The wire form, which is what a key is compared by. */
  readonly blob: Uint8Array;
  readonly fingerprint: string;
}

const onlyEd25519 = 'Only Ed25519 keys sign here: ssh-keygen -t ed25519 makes one, -t ed25519-sk one in hardware.';

/** `SHA256:…` of a key's wire form. */
export function sshFingerprint(blob: Uint8Array): string {
  return `SHA256:${toBase64Unpadded(sha256(blob))}`;
}

/** An SSH key from the 32 bytes of an Ed25519 key. */
export function sshPublicKey(key: Uint8Array): SshPublicKey {
  if (key.length !== 32) throw new CodedError('BAD_KEY', `an Ed25519 public key has 32 bytes, this has ${key.length}`);
  const blob = concatBytes(wireString(softwareKey), wireString(key));
  return { algorithm: softwareKey, key, application: undefined, blob, fingerprint: sshFingerprint(blob) };
}

/** The key of a wire form. Throws BAD_KEY. */
export function parsePublicKeyBlob(bytes: Uint8Array): SshPublicKey {
  const blob = Uint8Array.from(bytes);
  const reader = new WireReader(blob, 'SSH public key', 'BAD_KEY');
  const algorithm = reader.text();
  if (algorithm !== softwareKey && algorithm !== hardwareKey) {
    throw new CodedError('BAD_KEY', `a key of the algorithm ${JSON.stringify(algorithm.slice(0, 80))}`, {
      hint: onlyEd25519,
      data: { reason: 'algorithm', algorithm: algorithm.slice(0, 80) },
    });
  }
  const key = reader.string();
  if (key.length !== 32) throw reader.fault(`an Ed25519 public key has 32 bytes, this has ${key.length}`);
  const application = algorithm === hardwareKey ? reader.text() : undefined;
  reader.end();
  return { algorithm, key, application, blob, fingerprint: sshFingerprint(blob) };
}

export interface PublicKeyLine {
  readonly key: SshPublicKey;
  readonly comment: string;
}

/** One line as in a `.pub` file. Throws BAD_KEY. */
export function parsePublicKeyLine(line: string): PublicKeyLine {
  const match = /^[ \t]*([^ \t\r\n]{1,80})[ \t]+([^ \t\r\n]{1,16384})(?:[ \t]+([^\r\n]*?))?[ \t]*\r?\n?$/.exec(line);
  if (match === null) {
    throw new CodedError('BAD_KEY', `not a public key line: ${JSON.stringify(line.slice(0, 80))}`, {
      hint: 'A public key is one line: ssh-ed25519 AAAA… comment.',
    });
  }
  const [, algorithm = '', encoded = '', comment = ''] = match;
  if (algorithm !== softwareKey && algorithm !== hardwareKey) {
    throw new CodedError('BAD_KEY', `a key of the algorithm ${JSON.stringify(algorithm)}`, {
      hint: onlyEd25519,
      data: { reason: 'algorithm', algorithm },
    });
  }
  let blob: Uint8Array;
  try {
    blob = fromBase64(encoded);
  } catch (cause) {
    throw new CodedError('BAD_KEY', 'the key of a public key line is not base64', { cause });
  }
  const key = parsePublicKeyBlob(blob);
  if (key.algorithm !== algorithm) {
    throw new CodedError('BAD_KEY', `the line says ${algorithm}, its key ${key.algorithm}`);
  }
  return { key, comment };
}

/** `ssh-ed25519 AAAA… comment`, without a line feed. */
export function formatPublicKeyLine(key: SshPublicKey, comment = ''): string {
  const line = `${key.algorithm} ${toBase64(key.blob)}`;
  return comment === '' ? line : `${line} ${comment.replace(/[\r\n]+/g, ' ')}`;
}
