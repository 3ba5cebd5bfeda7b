/** Keys: made here or brought, bound to people by an admin's signature, revoked, and written out for verifiers. */

import { toHex } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import type { ActorId } from '../../core/ids.ts';
import { keyPayload, reasonPayload } from '../../core/records/act-values.ts';
import type { SshPublicKey } from '../../core/ssh/public-key.ts';
import type { Timestamp } from '../../core/time.ts';
import type { ActorEntry, Fact, KeyEntry } from '../../ports/manifest.ts';
import type { Signer, StoredKey } from '../../ports/signer.ts';
import type { Standing } from '../../verify/authority.ts';
import type { Author } from '../context.ts';
import { actorIdOf, authorText, screenText } from '../log/governance.ts';
import { addActor, keepAnAdmin } from './actors.ts';
import { readAuthority } from './read-authority.ts';
import { adminSigner, applySigned, isProvenAdmin, mayFound, type SignedAct } from './sign-authority.ts';
import { actorSigner } from './sign-statement.ts';
import type { SigningContext } from './signing-context.ts';

/** The act that binds a key. */
export function keyAct(actor: ActorId, key: SshPublicKey): SignedAct {
  const { fingerprint, algorithm: type } = key;
  const publicKey = toHex(key.blob);
  return {
    action: 'key.add',
    subject: { kind: 'key', id: fingerprint },
    payload: (signed) => keyPayload(actor, publicKey, type, signed),
    fact: (signed, event): Fact => ({ kind: 'key', fingerprint, actor, publicKey, type, signed, event }),
  };
}

/** A name for a key file of this person: the mail address where it can be one. */
export function keyNameOf({ name, mail }: Author): string {
  const plain = (text: string): string =>
    text
      .replace(/[^A-Za-z0-9._@-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+|-+$/g, '')
      .slice(0, 90);
  return plain(mail) || plain(name) || 'key';
}

async function freeName(context: SigningContext, author: Author): Promise<string> {
  const taken = new Set((await context.keyStore.list()).map(({ name }) => name));
  const wanted = keyNameOf(author);
  for (let number = 2, name = wanted; ; name = `${wanted}-${number++}`) if (!taken.has(name)) return name;
}

/** Who signs that a key is somebody's: an admin, or the very key where it is the first of the store. */
async function bindingSigner(
  context: SigningContext,
  actor: ActorId,
): Promise<{ readonly kind: 'first' } | { readonly kind: 'admin'; readonly signer: Signer }> {
  const self = actorIdOf(context.author);
  if (actor === self && mayFound(await readAuthority(context), self)) return { kind: 'first' };
  return { kind: 'admin', signer: await adminSigner(context, 'bind a key') };
}

/** Enters who acts, so that an admin can bind the key to somebody who is known. */
async function enter(context: SigningContext): Promise<Pick<ActorEntry, 'id' | 'name' | 'mail'>> {
  return (await addActor(context, context.author, [])).actor;
}

export interface GeneratedKey {
  readonly key: StoredKey;
  readonly actor: Pick<ActorEntry, 'id' | 'name' | 'mail'>;
  /** False when an admin has yet to bind it: who acts may not. */
  readonly bound: boolean;
}

export interface GenerateOptions {
  /** Whose; left out: of who acts. */
  readonly actor?: ActorEntry | undefined;
  readonly name?: string | undefined;
  /** Asked for once it is clear that a key will be made; undefined for a file that is not encrypted. */
  readonly newPassphrase: (keyName: string) => Promise<string | undefined>;
}

/**
 * Makes a key in a file. An admin binds it in the same step, and so does who made the store with the first key of all; anybody
 * else gets a key that an admin has yet to bind.
 */
export async function generateKey(context: SigningContext, options: GenerateOptions): Promise<GeneratedKey> {
  const self = actorIdOf(context.author);
  const actor = options.actor ?? (await context.manifest.actor(self)) ?? (await enter(context));
  const authority = await readAuthority(context);
  const binds = isProvenAdmin(authority, self) || mayFound(authority, self) || actor.id !== self;
  // Who signs is settled first, so that a wrong passphrase leaves nothing behind.
  const by = binds ? await bindingSigner(context, actor.id) : undefined;
  const name = options.name ?? (await freeName(context, actor));
  const passphrase = await options.newPassphrase(name);
  const key = await context.keyStore.generate({ name, comment: authorText(actor), passphrase });
  if (by === undefined) return { key, actor, bound: false };
  const signer = by.kind === 'admin' ? by.signer : await context.keyStore.open(name, async () => passphrase);
  await applySigned(context, signer, keyAct(actor.id, key.sshKey));
  return { key, actor, bound: true };
}

export interface ImportedKey {
  readonly fingerprint: string;
  readonly actor: ActorEntry;
  /** False when it was bound to this actor already. */
  readonly changed: boolean;
}

/** Binds a key that is somewhere else. `open` opens it, which only the first key of a store needs. */
export async function importKey(
  context: SigningContext,
  key: SshPublicKey,
  open: () => Promise<Signer>,
  owner?: ActorEntry,
): Promise<ImportedKey> {
  const self = actorIdOf(context.author);
  const actor = owner ?? (await context.manifest.actor(self)) ?? { id: self, ...context.author, roles: [] };
  const { fingerprint } = key;
  const entry = await context.manifest.key(fingerprint);
  if (entry !== undefined) {
    if (entry.actor === actor.id && entry.revoked === undefined) return { fingerprint, actor, changed: false };
    const bound = await context.manifest.actor(entry.actor);
    const whose = bound === undefined ? entry.actor : authorText(bound);
    const why = entry.revoked === undefined ? `is bound to ${whose}` : `was a key of ${whose} and is revoked`;
    throw new CodedError('STATUS_CONFLICT', `the key ${fingerprint} ${why}`, {
      hint: 'A key is bound once and for ever: use another one.',
      data: { key: fingerprint, actor: entry.actor },
    });
  }
  const by = await bindingSigner(context, actor.id);
  const signer = by.kind === 'admin' ? by.signer : await open();
  await applySigned(context, signer, keyAct(actor.id, key));
  return { fingerprint, actor, changed: true };
}

/**
 * Revokes a key: by its owner or an admin. Approvals by it do not count any more; what it granted stays, unless `from` is
 * earlier than the grant.
 */
export async function revokeKey(
  context: SigningContext,
  fingerprint: string,
  from: Timestamp | undefined,
  reason: string | undefined,
): Promise<KeyEntry> {
  if (reason !== undefined) screenText(context, 'the message', reason);
  const entry = await context.manifest.key(fingerprint);
  if (entry === undefined) {
    throw new CodedError('KEY_NOT_FOUND', `no key ${fingerprint} is bound to anybody here`, {
      hint: '`cairn key list` shows them.',
      data: { key: fingerprint },
    });
  }
  if (entry.revoked !== undefined) {
    throw new CodedError('STATUS_CONFLICT', `the key ${fingerprint} is revoked since ${entry.revoked.at}`, {
      data: { key: fingerprint },
    });
  }
  await keepAnAdminUnless(context, fingerprint);
  const isOwner = entry.actor === actorIdOf(context.author);
  const signer = isOwner ? await actorSigner(context) : await adminSigner(context, "revoke somebody else's key");
  await applySigned(context, signer, {
    action: 'key.revoke',
    subject: { kind: 'key', id: fingerprint },
    payload: (signed) => reasonPayload(reason, from, signed),
    fact: (signed, event): Fact => ({ kind: 'revoke-key', fingerprint, from, reason, signed, event }),
  });
  return (await context.manifest.key(fingerprint)) ?? entry;
}

/** The last key of the last admin cannot be revoked; any other can. */
async function keepAnAdminUnless(context: SigningContext, fingerprint: string): Promise<void> {
  const authority = await readAuthority(context);
  const key = authority.keys.get(fingerprint);
  if (key?.standing !== 'proven' || !isProvenAdmin(authority, key.actor)) return;
  await keepAnAdmin(context, ({ keys }) => [...keys.values()].filter((one) => one.fingerprint !== fingerprint));
}

export interface KeyView {
  readonly fingerprint: string;
  readonly type: string;
  /** undefined for a key in keys/ that nobody is bound to. */
  readonly entry: KeyEntry | undefined;
  readonly actor: ActorEntry | undefined;
  readonly standing: Standing | undefined;
  /** The key in the store's keys/, where it is there. */
  readonly stored: StoredKey | undefined;
}

/** Bound keys, oldest first, then those that are only in keys/. */
export async function listKeys(context: SigningContext): Promise<KeyView[]> {
  const authority = await readAuthority(context);
  const stored = await context.keyStore.list();
  const entries = await context.manifest.keys();
  const bound = await Promise.all(
    entries.map(async (entry): Promise<KeyView> => {
      const { fingerprint, type, actor } = entry;
      return {
        ...{ fingerprint, type, entry, actor: await context.manifest.actor(actor) },
        standing: authority.keys.get(fingerprint)?.standing,
        stored: stored.find((key) => key.fingerprint === fingerprint),
      };
    }),
  );
  const loose = stored.filter((key) => !entries.some(({ fingerprint }) => fingerprint === key.fingerprint));
  const nobody = { entry: undefined, actor: undefined, standing: undefined };
  return [
    ...bound,
    ...loose.map((key) => ({ fingerprint: key.fingerprint, type: key.sshKey.algorithm, ...nobody, stored: key })),
  ];
}
