/** `init`: makes a workspace and its store, or joins a workspace to a store that lies elsewhere. */
import { existsSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { durableWrite } from '../adapters/fs/durable-write.ts';
import { networkFileSystem } from '../adapters/fs/network-fs.ts';
import { gitIdentity } from '../adapters/git/code-state.ts';
import { systemRandom } from '../adapters/node/system-random.ts';
import { toHex } from '../core/bytes.ts';
import { CodedError } from '../core/errors.ts';
import { systemError } from '../core/system-error.ts';
import type { Author } from '../store/context.ts';
import { keyNameOf } from '../store/governance/keys.ts';
import { authorText } from '../store/log/governance.ts';
import { registerActor } from '../store/log/register-actor.ts';
import { type Config, configFile, configText, layoutVersion, readConfig } from './config.ts';
import { parseAuthor, readEnvironment } from './environment.ts';
import { cairnFolder } from './locate.ts';
import { type OpenOptions, type OpenStore, openStore } from './open-store.ts';
import type { SigningOptions } from './signing.ts';

export interface InitOptions extends OpenOptions {
  /** Directory of the workspace; made when missing. */
  readonly directory?: string | undefined;
  /** Directory of the store when it lies elsewhere. */
  readonly store?: string | undefined;
  /** `Name <mail>` of the first actor. */
  readonly actor?: string | undefined;
  /** Makes no key for the first actor. */
  readonly noKey?: boolean | undefined;
  /** Where the passphrase of the key comes from. */
  readonly signing?: Omit<SigningOptions, 'key'> | undefined;
}

/** The first actor's key. */
export interface FirstKey {
  readonly fingerprint: string;
  /** The private key file. */
  readonly path: string;
  readonly encrypted: boolean;
}

export interface InitResult {
  /** False when everything was there already. */
  readonly created: boolean;
  readonly directory: string;
  readonly store: string;
  readonly storeId: string;
  readonly actor: Author;
  /** undefined when none was made: --no-key, or the store was there already. */
  readonly key: FirstKey | undefined;
}

const defaultIgnore = `# Paths that cairn does not add, in the syntax of .gitignore.
__pycache__/
*.pyc
.ipynb_checkpoints/
.venv/
node_modules/
.DS_Store
*.tmp
*~
`;

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw systemError('cannot make the directory', error, path);
  }
}

function refuseNetwork(directory: string): void {
  const kind = networkFileSystem(directory);
  if (kind === undefined) return;
  throw new CodedError(
    'NETWORK_FS',
    `${directory} is on a network file system (${kind}), where locks cannot be relied on`,
    {
      hint: 'Keep the store on a local disk: `cairn init --store <path>`.',
      data: { directory, kind },
    },
  );
}

async function chooseAuthor(options: InitOptions, root: string): Promise<Author> {
  if (options.actor !== undefined) return parseAuthor(options.actor, '--actor');
  const fromEnvironment = readEnvironment(options.env).author;
  if (fromEnvironment !== undefined) return fromEnvironment;
  const fromGit = await gitIdentity(root);
  if (fromGit !== undefined) return fromGit;
  return { name: userInfo().username, mail: '' };
}

async function writeIfMissing(path: string, text: string): Promise<void> {
  if (!existsSync(path)) await durableWrite(path, text, { random: systemRandom() });
}

/** Enters the first actor as an admin, with a key unless none is wanted; one that a killed init left is taken. */
async function enterFirst(opened: OpenStore, actor: Author, options: InitOptions): Promise<FirstKey | undefined> {
  const roles = ['admin'];
  if (options.noKey === true) {
    await registerActor(opened, actor, roles);
    return undefined;
  }
  const { openSigning } = await import('./signing.ts');
  const { keyStore, newPassphrase, passphrase } = openSigning(opened, options.env, options.signing);
  const name = keyNameOf(actor);
  let key = (await keyStore.list()).find((one) => one.name === name);
  let chosen = passphrase;
  if (key === undefined) {
    const fresh = await newPassphrase(name);
    key = await keyStore.generate({ name, comment: authorText(actor), passphrase: fresh });
    chosen = async () => fresh;
  }
  await registerActor(opened, actor, roles, await keyStore.open(name, chosen));
  const { fingerprint, encrypted } = key;
  return { fingerprint, path: join(opened.storeDirectory, 'keys', name, 'key'), encrypted };
}

/** Throws STORE_EXISTS when the workspace already belongs to another store. */
export async function initStore(options: InitOptions): Promise<InitResult> {
  const root = resolve(options.cwd, options.directory ?? '.');
  const directory = join(root, cairnFolder);
  const store = options.store === undefined ? undefined : resolve(options.cwd, options.store);
  const existing = readConfig(directory);
  if (existing !== undefined && (store ?? existing.store) !== existing.store) {
    throw new CodedError('STORE_EXISTS', `${root} already belongs to the store ${existing.store ?? directory}`, {
      hint: 'Use another directory for the workspace.',
      data: { store: existing.store ?? directory },
    });
  }
  const random = systemRandom();
  const actor = await chooseAuthor(options, root);
  const storeDirectory = store ?? existing?.store ?? directory;
  makeDirectory(directory);
  makeDirectory(storeDirectory);
  refuseNetwork(storeDirectory);
  const settings = { 'actor.name': actor.name, ...(actor.mail === '' ? {} : { 'actor.mail': actor.mail }) };
  const known = readConfig(storeDirectory);
  const storeId = known?.storeId ?? toHex(random.bytes(16));
  if (known === undefined) {
    const config: Config = {
      schema: 'cairn.config/1',
      layoutVersion,
      storeId,
      ...(store === undefined ? { settings } : {}),
    };
    await durableWrite(join(storeDirectory, configFile), configText(config), { random });
  }
  if (existing === undefined && store !== undefined) {
    const config: Config = { schema: 'cairn.config/1', layoutVersion, store: storeDirectory, settings };
    await durableWrite(join(directory, configFile), configText(config), { random });
  }
  await writeIfMissing(join(directory, 'HEAD'), 'heads/main\n');
  await writeIfMissing(join(directory, '.gitignore'), '*\n');
  await writeIfMissing(join(root, '.cairnignore'), defaultIgnore);
  for (const folder of ['objects', 'records', 'packs', 'log', 'tmp']) makeDirectory(join(storeDirectory, folder));

  let key: FirstKey | undefined;
  const opened = await openStore({ ...options, cwd: root, env: { ...options.env, CAIRN_DIR: directory } });
  try {
    // The log, not the files, says whether an init before this one came to its end.
    if ((await opened.manifest.logHead()).size === 0) key = await enterFirst(opened, actor, options);
  } finally {
    await opened.close();
  }
  return { created: existing === undefined, directory, store: storeDirectory, storeId, actor, key };
}
