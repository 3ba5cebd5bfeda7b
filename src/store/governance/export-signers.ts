/**
 * The people of a store and their keys as a trust file (verify/trust-file.ts), which `ssh-keygen -Y verify` reads as well. Only
 * keys that an admin's signature stands for are in it; an auditor compares the fingerprints with their owners before trusting it.
 */

import { formatPublicKeyLine } from '../../core/ssh/public-key.ts';
import type { ActorEntry, KeyEntry } from '../../ports/manifest.ts';
import { provenKeys } from '../../verify/authority.ts';
import type { SignatureRole } from '../../verify/signatures/roles.ts';
import { authorText } from '../log/governance.ts';
import { readAuthority } from './read-authority.ts';
import type { CheckingContext } from './signing-context.ts';

export interface AllowedSigner {
  readonly principal: string;
  readonly fingerprint: string;
  readonly namespaces: readonly SignatureRole[];
  readonly line: string;
}

/** A mail address is a principal unless it could be read as a pattern or a list; the actor's id always can be one. */
function principalOf(actor: Pick<ActorEntry, 'id' | 'mail'>): string {
  return /^[A-Za-z0-9._%+@-]+$/.test(actor.mail) ? actor.mail : actor.id;
}

/** `20260131093000Z` for the second in which the key was bound. */
function validAfter({ addedAt }: KeyEntry): string {
  return `${addedAt.slice(0, 19).replace(/[-:T]/g, '')}Z`;
}

interface AskingRecord {
  readonly levels?: { readonly [level: string]: { readonly approvals?: readonly { readonly role?: string }[] } };
}

/** Roles that the active policy asks approvals of. */
async function approvingRoles({ manifest }: CheckingContext): Promise<string[]> {
  const policy = await manifest.activePolicy();
  if (policy === undefined) return [];
  const { levels = {} } = JSON.parse(policy.record) as AskingRecord;
  return Object.values(levels).flatMap(({ approvals = [] }) => approvals.flatMap(({ role }) => role ?? []));
}

export async function allowedSigners(context: CheckingContext): Promise<AllowedSigner[]> {
  const authority = await readAuthority(context);
  const entries = new Map((await context.manifest.keys()).map((entry) => [entry.fingerprint, entry]));
  const actors = new Map((await context.manifest.actors()).map((actor) => [actor.id, actor]));
  return provenKeys(authority, await approvingRoles(context)).flatMap(({ actor, key, namespaces }) => {
    const [entry, owner] = [entries.get(key.fingerprint), actors.get(actor)];
    if (entry === undefined || owner === undefined || namespaces.length === 0) return [];
    const principal = principalOf(owner);
    const options = `namespaces="${namespaces.join(',')}",valid-after="${validAfter(entry)}"`;
    const line = `${principal} ${options} ${formatPublicKeyLine(key, authorText(owner))}`;
    return [{ principal, fingerprint: key.fingerprint, namespaces, line }];
  });
}

/** The file, with a line feed at its end. */
export function allowedSignersText(store: string, signers: readonly AllowedSigner[]): string {
  return [`# Keys of the cairn store ${store}`, ...signers.map(({ line }) => line), ''].join('\n');
}
