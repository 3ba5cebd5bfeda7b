/** People and machines: who they are and what they may, with what of it an admin's key stands for. */
import { freeRole } from '../../core/actor-roles.ts';
import { CodedError } from '../../core/errors.ts';
import { type ActorId, shortId } from '../../core/ids.ts';
import { actorPayload, rolesPayload } from '../../core/records/act-values.ts';
import type { ActorEntry, Fact } from '../../ports/manifest.ts';
import { type Authority, provenRoles, type Standing } from '../../verify/authority.ts';
import type { Author, StoreContext } from '../context.ts';
import { actorFact, actorIdOf, applyFacts, authorText } from '../log/governance.ts';
import { writing } from '../objects/write-session.ts';
import { readAuthority } from './read-authority.ts';
import { adminSigner, applySigned } from './sign-authority.ts';
import type { CheckingContext, SigningContext } from './signing-context.ts';

export interface ActorKey {
  readonly fingerprint: string;
  readonly standing: Standing;
  readonly revoked: boolean;
}

export interface ActorView extends Pick<ActorEntry, 'id' | 'name' | 'mail'> {
  /** Held now, sorted; `asserted` where no admin's key stands for it. */
  readonly roles: readonly { readonly role: string; readonly standing: Standing }[];
  readonly keys: readonly ActorKey[];
}

function actorView(entry: ActorEntry, authority: Authority): ActorView {
  const proven = provenRoles(authority, entry.id);
  const keys = [...authority.keys.values()].filter(({ actor }) => actor === entry.id);
  return {
    id: entry.id,
    name: entry.name,
    mail: entry.mail,
    roles: entry.roles.map((role) => ({ role, standing: proven.includes(role) ? 'proven' : 'asserted' })),
    keys: keys.map(({ fingerprint, standing, revoked }) => ({ fingerprint, standing, revoked })),
  };
}

export async function listActors(context: CheckingContext): Promise<ActorView[]> {
  const authority = await readAuthority(context);
  return (await context.manifest.actors()).map((entry) => actorView(entry, authority));
}

export async function showActor(context: CheckingContext, id: ActorId): Promise<ActorView> {
  const entry = await context.manifest.actor(id);
  if (entry === undefined) throw new CodedError('REV_NOT_FOUND', `no actor ${id}`, { data: { actor: id } });
  return actorView(entry, await readAuthority(context));
}

/** By `Name <mail>`, mail, name, or the beginning of the id. Throws REV_NOT_FOUND, REV_AMBIGUOUS. */
export async function findActor(context: Pick<StoreContext, 'manifest'>, text: string): Promise<ActorEntry> {
  const actors = await context.manifest.actors();
  const wanted = text.trim();
  const exact = actors.filter((one) => authorText(one) === wanted || one.id === wanted);
  const isPrefix = /^[0-9a-f]{4,63}$/.test(wanted);
  const loose = actors.filter(
    (one) => (one.mail !== '' && one.mail === wanted) || one.name === wanted || (isPrefix && one.id.startsWith(wanted)),
  );
  const found = exact.length > 0 ? exact : loose;
  const [one] = found;
  if (one === undefined) {
    throw new CodedError('REV_NOT_FOUND', `nobody is known here as ${JSON.stringify(wanted.slice(0, 120))}`, {
      hint: '`cairn actor list` shows who is; `cairn actor add "Name <mail>"` enters somebody.',
      data: { actor: wanted.slice(0, 120) },
    });
  }
  if (found.length === 1) return one;
  const names = found.map((entry) => `${authorText(entry)} (${shortId(entry.id)})`).join(', ');
  throw new CodedError('REV_AMBIGUOUS', `${JSON.stringify(wanted.slice(0, 120))} is more than one: ${names}`, {
    hint: 'Give the whole "Name <mail>", or the id.',
    data: { actor: wanted.slice(0, 120), candidates: found.map(({ id }) => id) },
  });
}

export interface ActorChange {
  /** After the change. */
  readonly actor: ActorView;
  /** Roles given or taken back; empty when nothing was to do. */
  readonly changed: readonly string[];
}

const unique = (roles: readonly string[]): string[] => [...new Set(roles)].sort();

async function changeRoles(
  context: SigningContext,
  kind: 'grant' | 'revoke-roles',
  actor: ActorId,
  roles: readonly string[],
): Promise<void> {
  const action = kind === 'grant' ? 'actor.grant' : 'actor.revoke';
  const signer = await adminSigner(context, kind === 'grant' ? 'grant a role' : 'take a role back');
  await applySigned(context, signer, {
    action,
    subject: { kind: 'actor', id: actor },
    payload: (signed) => rolesPayload(roles, signed),
    fact: (signed, event): Fact => ({ kind, actor, roles, signed, event }),
  });
}

/** Gives roles; those that are held and proven stay as they are. Throws NOT_PERMITTED unless an admin's key signs. */
export async function grantRoles(
  context: SigningContext,
  actor: ActorId,
  roles: readonly string[],
): Promise<ActorChange> {
  const before = await showActor(context, actor);
  const held = before.roles.filter(({ standing }) => standing === 'proven').map(({ role }) => role);
  const changed = unique(roles).filter((role) => !held.includes(role));
  if (changed.length === 0) return { actor: before, changed };
  await changeRoles(context, 'grant', actor, changed);
  return { actor: await showActor(context, actor), changed };
}

/** Takes roles back. Throws STATUS_CONFLICT for the last admin. */
export async function revokeRoles(
  context: SigningContext,
  actor: ActorId,
  roles: readonly string[],
): Promise<ActorChange> {
  const before = await showActor(context, actor);
  const changed = unique(roles).filter((role) => before.roles.some((held) => held.role === role));
  if (changed.length === 0) return { actor: before, changed };
  if (
    changed.includes('admin') &&
    before.roles.some(({ role, standing }) => role === 'admin' && standing === 'proven')
  ) {
    await keepAnAdmin(context, (authority) => [...authority.keys.values()].filter((key) => key.actor !== actor));
  }
  await changeRoles(context, 'revoke-roles', actor, changed);
  return { actor: await showActor(context, actor), changed };
}

type Keys = Authority['keys'] extends ReadonlyMap<string, infer Key> ? readonly Key[] : never;

/** Refuses what would leave no admin with a key. */
export async function keepAnAdmin(context: CheckingContext, left: (authority: Authority) => Keys): Promise<void> {
  const authority = await readAuthority(context);
  const isAdminKey = ({ actor, standing, revoked }: Keys[number]): boolean =>
    standing === 'proven' && !revoked && authority.roles.get(actor)?.get('admin') === 'proven';
  if (left(authority).some(isAdminKey)) return;
  throw new CodedError(
    'STATUS_CONFLICT',
    'no admin with a key would be left, and nobody could grant anything any more',
    {
      hint: 'First give another admin a key: `cairn actor grant <actor> admin`, `cairn key import <file> --actor <actor>`.',
    },
  );
}

/**
 * Enters somebody. Without roles, a researcher, which anybody may do; with roles an admin's key signs. Somebody who is known
 * is given the roles that are missing.
 */
export async function addActor(
  context: SigningContext,
  author: Author,
  roles: readonly string[],
): Promise<ActorChange & { readonly created: boolean }> {
  const id = actorIdOf(author);
  if ((await context.manifest.actor(id)) !== undefined) {
    return {
      ...(await grantRoles(
        context,
        id,
        roles.filter((role) => role !== freeRole),
      )),
      created: false,
    };
  }
  const given = roles.length === 0 ? [freeRole] : unique(roles);
  if (given.every((role) => role === freeRole)) {
    await writing(context, 'actor', async (session) => {
      const { event, ...fact } = actorFact({ author }, session, given) as Extract<Fact, { kind: 'actor' }>;
      await applyFacts(context, session, [
        { ...fact, event: { ...event, actor: actorIdOf(context.author) } as typeof event },
      ]);
    });
  } else {
    const signer = await adminSigner(context, 'give somebody a role');
    await applySigned(context, signer, {
      action: 'actor.add',
      subject: { kind: 'actor', id },
      payload: (signed) => actorPayload(author.name, author.mail, given, signed),
      fact: (signed, event): Fact => ({ kind: 'actor', id, ...author, roles: given, signed, event }),
    });
  }
  return { actor: await showActor(context, id), changed: given, created: true };
}
