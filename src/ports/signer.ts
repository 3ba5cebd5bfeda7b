/**
 * Signing, and where keys are kept. Only the side that signs knows these ports: what verifies never imports them.
 */
import type { SshPublicKey } from '../core/ssh/public-key.ts';

/**
 * Where a key is: a private key file of ours (PKCS8), one of OpenSSH, in the agent (SSH_AUTH_SOCK), or in a hardware token
 * that OpenSSH speaks to.
 */
export type SignerKind = 'cairn-key' | 'openssh-file' | 'agent' | 'hardware';

export interface Signer {
  readonly kind: SignerKind;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The key as SSH knows it; the one to bind to an actor, because a hardware key is more than its 32 bytes. */
  readonly sshKey: SshPublicKey;
  /** `SHA256:…`, as `ssh-keygen -lf` prints it. */
  readonly fingerprint: string;
  /**
   * The Ed25519 signature of the message, 64 bytes. MUST reject with BAD_KEY for `hardware`, which signs in another form: use
   * `signSsh` there.
   */
  sign(message: Uint8Array): Promise<Uint8Array>;
  /** An armoured SSHSIG over the message in a namespace. Every kind can. */
  signSsh(namespace: string, message: Uint8Array): Promise<string>;
}

/** Asked for the passphrase of one key, only when it has one; undefined when there is none to give. MUST NOT log it. */
export type PassphraseSource = (keyName: string) => Promise<string | undefined>;

export interface StoredKey {
  readonly name: string;
  readonly kind: SignerKind;
  readonly sshKey: SshPublicKey;
  readonly fingerprint: string;
  readonly comment: string;
  /** Whether it asks for a passphrase; false for keys that are not in a file. */
  readonly encrypted: boolean;
}

export interface GenerateKey {
  readonly name: string;
  readonly comment: string;
  /** Undefined makes a file that is protected by its mode alone. */
  readonly passphrase: string | undefined;
}

export interface ImportKey {
  readonly name: string;
  readonly comment: string | undefined;
  /**
   * A private key file (PKCS8 PEM or OpenSSH, encrypted or not), kept as it is; or a public key line, for a key that the
   * agent holds. A hardware key's file is the handle that `ssh-keygen -t ed25519-sk` wrote.
   */
  readonly text: string;
  /** Needed for an encrypted PKCS8 file, which does not say its public key. */
  readonly passphrase: PassphraseSource;
}

/**
 * Keys by name. Private key files are durable, mode 0600, and never overwritten; a name that is taken is KEY_EXISTS, one that
 * is not there KEY_NOT_FOUND, a wrong or missing passphrase BAD_PASSPHRASE, an unreachable agent AGENT.
 */
export interface KeyStore {
  generate(request: GenerateKey): Promise<StoredKey>;
  import(request: ImportKey): Promise<StoredKey>;
  /** Sorted by name. */
  list(): Promise<readonly StoredKey[]>;
  /** The signer of a key, by its name or fingerprint. The private key was checked to be that of the public key. */
  open(nameOrFingerprint: string, passphrase: PassphraseSource): Promise<Signer>;
}
