/**
 * One private key file, in either form: PKCS8 in PEM or OpenSSH's own. A key in a file signs in this process; the file of a
 * hardware key signs through ssh-keygen.
 */
import { sign as cryptoSign, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CodedError } from '../../core/errors.ts';
import { createSshsig } from '../../core/signing.ts';
import { parsePublicKeyLine, type SshPublicKey, softwareKey, sshPublicKey } from '../../core/ssh/public-key.ts';
import { systemError, systemErrorCode } from '../../core/system-error.ts';
import type { PassphraseSource, Signer, SignerKind } from '../../ports/signer.ts';
import { type AgentOptions, hardwareOnlySshsig, openAgentSigner } from './agent.ts';
import { isOpensshKeyFile, opensshSeed, parseOpensshKeyFile } from './openssh-private-key.ts';
import { isEncryptedPkcs8, parsePkcs8, privateKeyOfSeed, publicKeyOf } from './pkcs8.ts';
import { signByKeygen } from './ssh-keygen.ts';

export interface KeyFileOptions {
  readonly passphrase: PassphraseSource;
  readonly agent: AgentOptions;
  /** Told what a hardware key waits for. */
  readonly notice: (line: string) => void;
}

/** Asks for the passphrase of an encrypted key. Throws BAD_PASSPHRASE when there is none. */
async function passphraseOf(name: string, source: PassphraseSource): Promise<string> {
  const passphrase = await source(name);
  if (passphrase !== undefined) return passphrase;
  throw new CodedError('BAD_PASSPHRASE', `the key ${name} has a passphrase and none was given`, {
    hint: 'Run on a terminal, or give the passphrase in a file or an environment variable.',
  });
}

export interface PrivateKey {
  readonly kind: Exclude<SignerKind, 'agent'>;
  readonly sshKey: SshPublicKey;
  readonly encrypted: boolean;
  /** Undefined for a hardware key. */
  readonly open: (() => Promise<KeyObject>) | undefined;
}

/**
 * What a private key file is. Throws BAD_KEY. An encrypted PKCS8 file does not say its public key, so there the passphrase is
 * asked for now unless the key is `known`.
 */
export async function readPrivateKey(
  text: string,
  name: string,
  source: PassphraseSource,
  known?: SshPublicKey,
): Promise<PrivateKey> {
  if (isOpensshKeyFile(text)) {
    const file = parseOpensshKeyFile(text, name);
    const { publicKey: sshKey, encrypted } = file;
    if (sshKey.algorithm !== softwareKey) return { kind: 'hardware', sshKey, encrypted, open: undefined };
    const open = async (): Promise<KeyObject> =>
      privateKeyOfSeed(opensshSeed(file, encrypted ? await passphraseOf(name, source) : undefined, name));
    return { kind: 'openssh-file', sshKey, encrypted, open };
  }
  const encrypted = isEncryptedPkcs8(text);
  const open = async (): Promise<KeyObject> =>
    parsePkcs8(text, encrypted ? await passphraseOf(name, source) : undefined, name);
  if (known !== undefined && encrypted) return { kind: 'cairn-key', sshKey: known, encrypted, open };
  const opened = await open();
  return { kind: 'cairn-key', sshKey: sshPublicKey(publicKeyOf(opened)), encrypted, open: async () => opened };
}

/** A signer that holds the private key in memory. Throws BAD_KEY when it is not that of the public key. */
function memorySigner(kind: SignerKind, sshKey: SshPublicKey, key: KeyObject, name: string): Signer {
  if (sshPublicKey(publicKeyOf(key)).fingerprint !== sshKey.fingerprint) {
    throw new CodedError('BAD_KEY', `the private key ${name} is not that of ${sshKey.fingerprint}`);
  }
  const sign = async (message: Uint8Array): Promise<Uint8Array> => new Uint8Array(cryptoSign(null, message, key));
  return {
    kind,
    publicKey: sshKey.key,
    sshKey,
    fingerprint: sshKey.fingerprint,
    sign,
    signSsh: (namespace, message) => createSshsig(sshKey, namespace, message, sign),
  };
}

function hardwareSigner(sshKey: SshPublicKey, path: string, notice: (line: string) => void): Signer {
  const { fingerprint } = sshKey;
  return {
    kind: 'hardware',
    publicKey: sshKey.key,
    sshKey,
    fingerprint,
    sign: () => Promise.reject(hardwareOnlySshsig(fingerprint)),
    signSsh: (namespace, message) => signByKeygen({ path, notice }, namespace, message),
  };
}

/** The text of a file of at most 64 KiB; undefined when there is none. */
export async function readKeyText(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > 64 * 1024) throw new CodedError('BAD_KEY', `${path} is too large for a key`);
    return text;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw systemError('cannot read the key', error, path);
  }
}

/**
 * The signer of the key in a file: a private key, or a public key line for a key that the agent holds. `known` is the public
 * key that it has to be.
 */
export async function openKeyFile(path: string, options: KeyFileOptions, known?: SshPublicKey): Promise<Signer> {
  const text = await readKeyText(path);
  if (text === undefined) throw new CodedError('KEY_NOT_FOUND', `there is no key file ${path}`, { data: { path } });
  if (!text.includes('-----BEGIN ')) return openAgentSigner(options.agent, parsePublicKeyLine(text).key.fingerprint);
  const { kind, sshKey, open } = await readPrivateKey(text, path, options.passphrase, known);
  if (known !== undefined && known.fingerprint !== sshKey.fingerprint) {
    throw new CodedError('BAD_KEY', `the private key ${path} is not that of ${known.fingerprint}`);
  }
  if (open === undefined) return hardwareSigner(sshKey, path, options.notice);
  const key = await open();
  return memorySigner(kind, sshKey, key, path);
}
