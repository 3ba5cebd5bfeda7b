/**
 * What an admin signs when somebody is given a role or a key, or loses one: an in-toto statement that says the whole act, so
 * that it can be made again from the event and its payload, byte for byte, and serves no other act.
 *
 *   subject        the actor (its id), or the key (its fingerprint; the digest is the SHA-256 of the key's wire form)
 *   predicateType  https://cairn.dev/attestation/authority/v1
 *   predicate      action    of the event: actor.add, actor.grant, actor.revoke, key.add, key.revoke
 *                  actor     who acts: the event's actor
 *                  previous  the event before about the same subject (64 zeros for none): an old signature fits no new event
 *                  store     id of the store
 *                  values    what the payload says, without the signature itself
 */
import { fromBase64 } from './base64.ts';
import { toHex } from './bytes.ts';
import type { ActorId, EventId } from './ids.ts';
import type { Statement } from './in-toto.ts';
import type { JsonValue } from './json-value.ts';
import { authorityPredicate } from './predicates.ts';

export const authorityActions = ['actor.add', 'actor.grant', 'actor.revoke', 'key.add', 'key.revoke'] as const;
export type AuthorityAction = (typeof authorityActions)[number];

export interface AuthorityClaim {
  readonly store: string;
  readonly action: AuthorityAction;
  /** Who acts. */
  readonly actor: ActorId;
  /** The actor or the fingerprint that the act is about. */
  readonly subject: string;
  readonly previous: EventId;
  /** Of the payload; `signed` is left out. */
  readonly values: { readonly [name: string]: JsonValue } | undefined;
}

/** The SHA-256 in a fingerprint, in hexadecimal; undefined when it is none. */
export function fingerprintDigest(fingerprint: string): string | undefined {
  const encoded = /^SHA256:([A-Za-z0-9+/]{43})$/.exec(fingerprint)?.[1];
  try {
    return encoded === undefined ? undefined : toHex(fromBase64(`${encoded}=`));
  } catch {
    return undefined; // bits behind the last byte: no digest
  }
}

/** undefined when the subject is neither an actor's id nor a fingerprint. */
export function authorityStatement(claim: AuthorityClaim): Statement | undefined {
  const { store, action, actor, subject, previous } = claim;
  const { signed: _, ...values } = claim.values ?? {};
  const sha256 = action.startsWith('key.') ? fingerprintDigest(subject) : subject;
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  return {
    subject: [{ name: subject, digest: { sha256 } }],
    predicateType: authorityPredicate,
    predicate: { action, actor, previous, store, values },
  };
}
