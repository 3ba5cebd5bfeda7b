/**
 * Trust out of a store's own bindings: which key belongs to which actor, and what the actor's roles let it sign. The principal
 * of a line is the actor's id, so that a signature is always asked for by the person that it has to be of.
 */
import { fromHex } from '../core/bytes.ts';
import type { ActorId } from '../core/ids.ts';
import { parsePublicKeyBlob, type SshPublicKey } from '../core/ssh/public-key.ts';
import type { SignatureRole } from './signatures/roles.ts';
import type { Trust } from './trust.ts';
import type { TrustLine } from './trust-file.ts';

const namespacesByRole: { readonly [role: string]: readonly SignatureRole[] } = {
  researcher: ['cairn-report', 'cairn-promotion', 'cairn-tombstone', 'cairn-bundle'],
  approver: ['cairn-approval'],
  auditor: ['cairn-report', 'cairn-bundle'],
  admin: ['cairn-admin', 'cairn-report', 'cairn-promotion', 'cairn-tombstone', 'cairn-bundle'],
  ci: ['cairn-report', 'cairn-bundle'],
};

/**
 * What these roles let a key sign, sorted. `approving` are the roles that a policy asks approvals of, besides `approver`.
 */
export function namespacesOf(roles: Iterable<string>, approving: readonly string[] = []): SignatureRole[] {
  const found = new Set<SignatureRole>();
  for (const role of roles) {
    for (const namespace of namespacesByRole[role] ?? []) found.add(namespace);
    if (approving.includes(role)) found.add('cairn-approval');
  }
  return [...found].sort();
}

export interface BoundKey {
  readonly actor: ActorId;
  readonly key: SshPublicKey;
  readonly namespaces: readonly SignatureRole[];
}

/** The key of a wire form in hexadecimal, as the log binds it. Throws BAD_KEY. */
export function boundPublicKey(hex: string): SshPublicKey {
  return parsePublicKeyBlob(/^(?:[0-9a-f]{2})+$/.test(hex) ? fromHex(hex) : new Uint8Array());
}

export function trustOf(keys: Iterable<BoundKey>): Trust {
  const lines: TrustLine[] = [];
  for (const { actor, key, namespaces } of keys) {
    if (namespaces.length === 0) continue;
    const limits = { namespaces: namespaces.join(','), validAfter: undefined, validBefore: undefined };
    lines.push({ line: lines.length + 1, principals: actor, key, ...limits, comment: '' });
  }
  return { file: { lines, passedOver: [] }, revocations: new Map() };
}
