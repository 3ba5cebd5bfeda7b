/**
 * Signing keys in a directory (`KeyStore`): one folder a key, `<name>/key.pub` with the public key line, and `<name>/key` with
 * the private key in the form it came in (mode 0600), which a key that only the agent holds has not. Making the folder claims the
 * name, so a key is never overwritten; a folder without a public key is not yet, or never became, a key.
 */
import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../core/errors.ts';
import { formatPublicKeyLine, parsePublicKeyLine, type SshPublicKey, sshPublicKey } from '../../core/ssh/public-key.ts';
import { systemError, systemErrorCode } from '../../core/system-error.ts';
import type { KeyStore, StoredKey } from '../../ports/signer.ts';
import { type AgentOptions, openAgentSigner } from './agent.ts';
import { openKeyFile, readKeyText, readPrivateKey } from './key-file.ts';
import { formatPkcs8, publicKeyOf } from './pkcs8.ts';

export interface KeyStoreOptions {
  readonly directory: string;
  /** Writes a file durably, whole or not at all, with this mode. */
  readonly writeText: (path: string, text: string, mode: number) => Promise<void>;
  readonly agent: AgentOptions;
  /** Told what a hardware key waits for. */
  readonly notice: (line: string) => void;
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/;

function assertName(name: string): void {
  if (namePattern.test(name)) return;
  throw new CodedError('BAD_ARGUMENT', `not a name for a key: ${JSON.stringify(name.slice(0, 120))}`, {
    hint: 'Letters, digits, ".", "_", "@" and "-", beginning with a letter or digit, at most 100.',
  });
}

const unknowable = async (): Promise<undefined> => undefined;

async function kindOf(
  text: string | undefined,
  name: string,
  sshKey: SshPublicKey,
): Promise<Pick<StoredKey, 'kind' | 'encrypted'>> {
  if (text === undefined) return { kind: 'agent', encrypted: false };
  return readPrivateKey(text, name, unknowable, sshKey);
}

export function openKeyStore(options: KeyStoreOptions): KeyStore {
  const { directory, writeText, agent, notice } = options;
  const publicPath = (name: string): string => join(directory, name, 'key.pub');
  const privatePath = (name: string): string => join(directory, name, 'key');

  /** Claims the name and writes both files; on failure nothing is left. */
  async function keep(name: string, line: string, text: string | undefined): Promise<void> {
    const folder = join(directory, name);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await mkdir(folder, { mode: 0o700 });
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw systemError('cannot make the key folder', error, folder);
      throw new CodedError('KEY_EXISTS', `there is a key ${name} already`, {
        hint: 'Choose another name; a key is never overwritten.',
        data: { path: folder },
      });
    }
    try {
      if (text !== undefined) {
        await writeText(privatePath(name), text, 0o600);
        await chmod(privatePath(name), 0o600);
      }
      await writeText(publicPath(name), `${line}\n`, 0o644);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async function read(name: string): Promise<StoredKey | undefined> {
    const line = await readKeyText(publicPath(name));
    if (line === undefined) return undefined;
    const { key: sshKey, comment } = parsePublicKeyLine(line);
    const { kind, encrypted } = await kindOf(await readKeyText(privatePath(name)), name, sshKey);
    return { name, kind, sshKey, fingerprint: sshKey.fingerprint, comment, encrypted };
  }

  async function list(): Promise<StoredKey[]> {
    let names: string[];
    try {
      names = await readdir(directory);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return [];
      throw systemError('cannot list the keys', error, directory);
    }
    const keys = await Promise.all(
      names
        .filter((name) => namePattern.test(name))
        .sort()
        .map(read),
    );
    return keys.filter((key) => key !== undefined);
  }

  return {
    async generate({ name, comment, passphrase }) {
      assertName(name);
      const { privateKey } = generateKeyPairSync('ed25519');
      const sshKey = sshPublicKey(publicKeyOf(privateKey));
      await keep(name, formatPublicKeyLine(sshKey, comment), formatPkcs8(privateKey, passphrase));
      const encrypted = passphrase !== undefined;
      return { name, kind: 'cairn-key', sshKey, fingerprint: sshKey.fingerprint, comment, encrypted };
    },
    async import({ name, comment: wanted, text, passphrase }) {
      assertName(name);
      if (!text.includes('-----BEGIN ')) {
        const line = parsePublicKeyLine(text.trim());
        const comment = wanted ?? line.comment;
        await keep(name, formatPublicKeyLine(line.key, comment), undefined);
        const { key: sshKey } = line;
        return { name, kind: 'agent', sshKey, fingerprint: sshKey.fingerprint, comment, encrypted: false };
      }
      const { kind, sshKey, encrypted } = await readPrivateKey(text, name, passphrase);
      const comment = wanted ?? '';
      await keep(name, formatPublicKeyLine(sshKey, comment), text);
      return { name, kind, sshKey, fingerprint: sshKey.fingerprint, comment, encrypted };
    },
    list,
    async open(nameOrFingerprint, passphrase) {
      const key = namePattern.test(nameOrFingerprint)
        ? await read(nameOrFingerprint)
        : (await list()).find(({ fingerprint }) => fingerprint === nameOrFingerprint);
      if (key === undefined) {
        throw new CodedError('KEY_NOT_FOUND', `there is no key ${nameOrFingerprint.slice(0, 120)}`, {
          hint: '`cairn key list` shows the keys that are here.',
        });
      }
      if (key.kind === 'agent') return openAgentSigner(agent, key.fingerprint);
      const { name, sshKey } = key;
      // The passphrase is asked for by the key's name, not by its path.
      return openKeyFile(privatePath(name), { passphrase: () => passphrase(name), agent, notice }, sshKey);
    },
  };
}
