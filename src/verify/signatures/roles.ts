/**
 * What a key may be trusted to sign. A role is a namespace of OpenSSH: it is what `namespaces="…"` in a trust file lists, and
 * what an SSHSIG is made for. A statement in DSSE has no namespace; its predicate type says the role instead.
 */
import {
  approvalPredicate,
  authorityPredicate,
  bundlePredicate,
  promotionPredicate,
  provenancePredicate,
  summaryPredicate,
  tombstonePredicate,
} from '../../core/predicates.ts';

export const signatureRoles = [
  'cairn-report',
  'cairn-approval',
  'cairn-promotion',
  'cairn-tombstone',
  'cairn-bundle',
  'cairn-log',
  'cairn-admin',
] as const;
export type SignatureRole = (typeof signatureRoles)[number];

/** No predicate maps to `cairn-log`: the log signs notes, nothing else. */
const roleByPredicate: ReadonlyMap<string, SignatureRole> = new Map<string, SignatureRole>([
  [summaryPredicate, 'cairn-report'],
  [provenancePredicate, 'cairn-report'],
  [approvalPredicate, 'cairn-approval'],
  [promotionPredicate, 'cairn-promotion'],
  [tombstonePredicate, 'cairn-tombstone'],
  [bundlePredicate, 'cairn-bundle'],
  [authorityPredicate, 'cairn-admin'],
]);

/** The role that a key needs for statements of this predicate type; undefined for a type that is not ours to judge. */
export function roleOfPredicate(predicateType: string): SignatureRole | undefined {
  return roleByPredicate.get(predicateType);
}
