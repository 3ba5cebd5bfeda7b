/**
 * Keys and passphrases for one command: which key signs, where it is looked for, and who is asked for its passphrase. The
 * adapters that know private keys are loaded here and only for commands that sign.
 */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { durableWrite, syncDirectory } from '../adapters/fs/durable-write.ts';
import { systemRandom } from '../adapters/node/system-random.ts';
import { agentIdentities } from '../adapters/ssh/agent.ts';
import { openKeyFile, readKeyText, readPrivateKey } from '../adapters/ssh/key-file.ts';
import { openKeyStore } from '../adapters/ssh/key-store.ts';
import { firstPassphrase, passphraseFile, passphrasePrompt, passphraseValue } from '../adapters/ssh/passphrase.ts';
import { CodedError, isCodedError } from '../core/errors.ts';
import { parsePublicKeyLine, type SshPublicKey } from '../core/ssh/public-key.ts';
import type { KeyEntry } from '../ports/manifest.ts';
import type { KeyStore, PassphraseSource, Signer } from '../ports/signer.ts';
import type { SigningContext } from '../store/governance/signing-context.ts';
import { authorText } from '../store/log/governance.ts';
import { type Env, readEnvironment } from './environment.ts';
import type { OpenStore } from './open-store.ts';
import { setSetting } from './settings.ts';

export interface SigningOptions {
  /** A key file, a fingerprint, or the name of a key of the store; else as configured. */
  readonly key?: string | undefined;
  /** A file whose first line is the passphrase. */
  readonly keyPassphraseFile?: string | undefined;
  /** Asks a person without showing the answer; undefined where nobody can be asked. */
  readonly ask?: ((question: string) => Promise<string | undefined>) | undefined;
}

/** A key outside of the store that a person names. */
export interface ForeignKey {
  readonly key: SshPublicKey;
  /** The private key file, which stays where it is. */
  readonly path: string | undefined;
  open(): Promise<Signer>;
}

export type OpenSigning = OpenStore &
  SigningContext & {
    /** The passphrase for a new key; undefined when it is to have none. */
    newPassphrase(keyName: string): Promise<string | undefined>;
    findKey(text: string): Promise<ForeignKey>;
    /** Remembers, for this workspace, which key file signs, unless one is named already. Answers whether it did. */
    rememberKey(path: string): Promise<boolean>;
  };

/** Keys of the store in `keys/`, durable with the directory that names them. */
function keysBeside(storeDirectory: string, socketPath: string | undefined, notice: (line: string) => void): KeyStore {
  const random = systemRandom();
  return openKeyStore({
    directory: join(storeDirectory, 'keys'),
    writeText: async (path, text, mode) => {
      await durableWrite(path, text, { random, mode });
      for (const directory of [dirname(dirname(path)), storeDirectory]) syncDirectory(directory);
    },
    agent: { socketPath },
    notice,
  });
}

const chooseHint = 'Name a key with --key <file>, or in the settings: `cairn config set actor.key <file>`.';

class KeySearch {
  readonly #open: OpenStore;
  readonly #store: KeyStore;
  readonly #socketPath: string | undefined;
  readonly #passphrase: PassphraseSource;

  constructor(open: OpenStore, store: KeyStore, socketPath: string | undefined, passphrase: PassphraseSource) {
    this.#open = open;
    this.#store = store;
    this.#socketPath = socketPath;
    this.#passphrase = passphrase;
  }

  get #files(): Parameters<typeof openKeyFile>[1] {
    const notice = (line: string): void => this.#open.progress.note(line);
    return { passphrase: this.#passphrase, agent: { socketPath: this.#socketPath }, notice };
  }

  /** A file, a key of the store, or a key that the agent holds. Throws KEY_NOT_FOUND. */
  async named(text: string, from: string): Promise<ForeignKey> {
    const path = isAbsolute(text) ? text : resolve(from, text);
    const content = text.startsWith('SHA256:') ? undefined : await readKeyFile(path);
    if (content !== undefined) {
      const isPrivate = content.includes('-----BEGIN ');
      const key = isPrivate
        ? (await readPrivateKey(content, path, this.#passphrase)).sshKey
        : parsePublicKeyLine(content.trim()).key;
      return { key, path: isPrivate ? path : undefined, open: () => openKeyFile(path, this.#files, key) };
    }
    const stored = (await this.#store.list()).find(({ name, fingerprint }) => name === text || fingerprint === text);
    if (stored !== undefined) {
      return { key: stored.sshKey, path: undefined, open: () => this.#store.open(stored.name, this.#passphrase) };
    }
    const held = text.startsWith('SHA256:') ? await this.#held((key) => key.fingerprint === text) : undefined;
    if (held?.key !== undefined) {
      const { key } = held;
      return { key, path: undefined, open: () => this.#openHeld(key) };
    }
    const tried = [`file ${path}`, 'keys of the store', ...(held === undefined ? [] : [held.why])];
    throw new CodedError('KEY_NOT_FOUND', `there is no key ${text.slice(0, 200)} (looked for: ${tried.join('; ')})`, {
      hint: '`cairn key list` shows the keys of the store, `ssh-add -l` those of the agent.',
      data: { key: text.slice(0, 200), tried },
    });
  }

  async #openHeld(key: SshPublicKey): Promise<Signer> {
    const { openAgentSigner } = await import('../adapters/ssh/agent.ts');
    return openAgentSigner({ socketPath: this.#socketPath }, key.fingerprint);
  }

  /** The first key of the agent that is wanted, or why there is none. */
  async #held(isWanted: (key: SshPublicKey) => boolean): Promise<{ key?: SshPublicKey; why: string }> {
    try {
      const found = (await agentIdentities({ socketPath: this.#socketPath })).find(({ key }) => isWanted(key));
      const why = 'the SSH agent holds no such key';
      return found === undefined ? { why } : { key: found.key, why };
    } catch (error) {
      if (!isCodedError(error, 'AGENT')) throw error;
      return { why: error.message };
    }
  }

  /** The one key of these that is at hand. */
  async own(own: readonly KeyEntry[]): Promise<Signer> {
    const isOwn = (fingerprint: string): boolean => own.some((key) => key.fingerprint === fingerprint);
    const stored = (await this.#store.list()).filter(({ fingerprint }) => isOwn(fingerprint));
    const [only] = stored;
    const who = authorText(this.#open.author);
    if (stored.length > 1) {
      const names = stored.map(({ name }) => name);
      throw new CodedError('KEY_NOT_FOUND', `${who} has several keys here, and none is named: ${names.join(', ')}`, {
        hint: 'Name one: --key <name>, or `cairn config set actor.key <name>`.',
        data: { keys: names },
      });
    }
    if (only !== undefined) return this.#store.open(only.name, this.#passphrase);
    const { key, why } = await this.#held(({ fingerprint }) => isOwn(fingerprint));
    if (key !== undefined) return this.#openHeld(key);
    const tried = ['no --key', 'no setting actor.key', 'no key of theirs among the keys of the store', why];
    const isBound = own.length > 0;
    throw new CodedError('KEY_NOT_FOUND', `no key of ${who} is at hand: ${tried.join('; ')}`, {
      hint: isBound ? chooseHint : 'Make one with `cairn key generate`, or bring one with `cairn key import <file>`.',
      data: { tried, bound: own.map(({ fingerprint }) => fingerprint) },
    });
  }
}

async function readKeyFile(path: string): Promise<string | undefined> {
  try {
    return await readKeyText(path);
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    if (cause?.code === 'ENOTDIR' || cause?.code === 'EISDIR') return undefined; // then it is the name of something else
    throw error;
  }
}

async function newPassphrase({ keyPassphraseFile, ask }: SigningOptions, given: PassphraseSource, keyName: string) {
  const passphrase = await given(keyName);
  if (passphrase === '') {
    throw new CodedError('BAD_PASSPHRASE', `the passphrase in ${keyPassphraseFile} is empty`, {
      hint: 'Write the passphrase on the first line of the file.',
    });
  }
  if (passphrase !== undefined || ask === undefined) return passphrase;
  const first = await ask(`New passphrase of the key ${keyName} (empty for none): `);
  if (first === undefined || first === '') return undefined;
  if ((await ask('The same again: ')) === first) return first;
  throw new CodedError('BAD_PASSPHRASE', 'the two passphrases differ, so no key was made', { hint: 'Try again.' });
}

/** An open store for commands that sign. */
export function openSigning(open: OpenStore, env: Env, options: SigningOptions = {}): OpenSigning {
  const { keyPassphrase, agentSocket } = readEnvironment(env);
  const { keyPassphraseFile, ask } = options;
  const given = firstPassphrase(
    ...(keyPassphraseFile === undefined ? [] : [passphraseFile(resolve(open.cwd, keyPassphraseFile))]),
    passphraseValue(keyPassphrase),
  );
  const passphrase = ask === undefined ? given : firstPassphrase(given, passphrasePrompt(ask));
  const keyStore = keysBeside(open.storeDirectory, agentSocket, (line) => open.progress.note(line));
  const search = new KeySearch(open, keyStore, agentSocket, passphrase);
  const { config, storeConfig, directory } = open.located;
  const configured = config.settings?.['actor.key'] ?? storeConfig.settings?.['actor.key'];
  const signing: Omit<OpenSigning, keyof OpenStore> = {
    keyStore,
    passphrase,
    openSigner: async (own) => {
      if (options.key !== undefined) return (await search.named(options.key, open.cwd)).open();
      if (configured !== undefined) return (await search.named(configured, dirname(directory))).open();
      return search.own(own);
    },
    newPassphrase: (keyName) => newPassphrase(options, given, keyName),
    findKey: (text) => search.named(text, open.cwd),
    rememberKey: async (path) => {
      // A bare store has no settings of a person's own.
      if (configured !== undefined || open.files === undefined) return false;
      await setSetting({ cwd: open.cwd, env }, 'actor.key', path);
      return true;
    },
  };
  // Not a spread: that would ask for the author.
  return Object.defineProperties(signing as OpenSigning, Object.getOwnPropertyDescriptors(open));
}
