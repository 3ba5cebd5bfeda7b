/**
 * Who may do what, and whether an admin's key says so: the acts about actors and keys, replayed in the order of the log.
 *
 *   founder    the actor of the first `actor.add`. Its roles are its own word until it has a key.
 *   first key  the first `key.add` that binds a key to the founder, signed by that key itself, while no key is proven yet.
 *              From there on the founder's roles are proven.
 *   the rest   every other role than `researcher`, and every key, needs the statement of core/authority-statement.ts, signed
 *              by a proven and not revoked key of the event's actor while that actor is a proven admin. A key may also be
 *              revoked by another or the same key of its owner.
 *
 * What is not signed so is `asserted`: it stands in the log, and it is a fault that `faults` names; a role or key that was
 * taken away is gone all the same, whoever took it. A key that was revoked from an earlier moment on proves nothing that
 * the log dates at or behind that moment.
 */

import { freeRole } from '../core/actor-roles.ts';
import { type AuthorityAction, authorityStatement } from '../core/authority-statement.ts';
import { equalBytes } from '../core/bytes.ts';
import type { Ed25519Verify } from '../core/ed25519.ts';
import { isCodedError } from '../core/errors.ts';
import type { ActorId, EventId } from '../core/ids.ts';
import { statementBytes } from '../core/in-toto.ts';
import type { JsonValue } from '../core/json-value.ts';
import { parseSignedStatement } from '../core/signed-statement.ts';
import type { SshPublicKey } from '../core/ssh/public-key.ts';
import { parseTimestamp, type Timestamp, timestampMs } from '../core/time.ts';
import { type BoundKey, boundPublicKey, namespacesOf, trustOf } from './actor-keys.ts';
import { verifySignedStatement } from './signatures/signed-statement.ts';

export interface AuthorityAct {
  readonly seq: number;
  readonly id: EventId;
  readonly action: AuthorityAction;
  /** Who acted. */
  readonly actor: ActorId;
  /** The actor or the fingerprint that it is about. */
  readonly subject: string;
  readonly subjectPrevious: EventId;
  readonly timestamp: Timestamp;
  /** Of the payload; undefined when it has none or was erased. */
  readonly values: { readonly [name: string]: JsonValue } | undefined;
}

/** `proven` by an admin's key, or only `asserted`. */
export type Standing = 'proven' | 'asserted';

export interface KeyStanding {
  readonly fingerprint: string;
  readonly actor: ActorId;
  /** undefined when what the log binds is no key of ours. */
  readonly key: SshPublicKey | undefined;
  readonly standing: Standing;
  readonly revoked: boolean;
}

export interface AuthorityFault {
  readonly seq: number;
  readonly event: EventId;
  readonly action: AuthorityAction;
  readonly subject: string;
  /** Why it is not proven. */
  readonly detail: string;
}

export interface Authority {
  readonly founder: ActorId | undefined;
  readonly roles: ReadonlyMap<ActorId, ReadonlyMap<string, Standing>>;
  readonly keys: ReadonlyMap<string, KeyStanding>;
  readonly faults: readonly AuthorityFault[];
}

export interface AuthorityOptions {
  readonly store: string;
  readonly verify: Ed25519Verify;
}

/** From when a key proves nothing any more, in milliseconds. */
type Voids = ReadonlyMap<string, number>;

class Replay {
  founder: ActorId | undefined;
  readonly roles = new Map<ActorId, Map<string, Standing>>();
  readonly keys = new Map<string, KeyStanding>();
  readonly faults: AuthorityFault[] = [];
  readonly voids = new Map<string, number>();
  readonly #options: AuthorityOptions;
  readonly #known: Voids;

  constructor(options: AuthorityOptions, known: Voids) {
    this.#options = options;
    this.#known = known;
  }

  isAdmin(actor: ActorId): boolean {
    return this.roles.get(actor)?.get('admin') === 'proven';
  }

  /** Keys that may sign this act. */
  #signers(act: AuthorityAct): BoundKey[] {
    const found: BoundKey[] = [];
    const owner = act.action === 'key.revoke' ? this.keys.get(act.subject)?.actor : undefined;
    for (const { actor, key, standing, revoked } of this.keys.values()) {
      if (key === undefined || standing !== 'proven' || revoked) continue;
      if (this.isAdmin(actor) || actor === owner) found.push({ actor, key, namespaces: ['cairn-admin'] });
    }
    return found;
  }

  /** Why the act is not proven by one of these keys; undefined when it is. */
  async #doubt(act: AuthorityAct, signers: readonly BoundKey[]): Promise<string | undefined> {
    const signed = act.values?.['signed'];
    if (signed === undefined)
      return act.values === undefined ? 'nothing is kept that could be signed' : 'it is not signed';
    const { action, actor, subject, subjectPrevious: previous, values } = act;
    const wanted = authorityStatement({ store: this.#options.store, action, actor, subject, previous, values });
    if (wanted === undefined) return 'its subject is neither an actor nor a key';
    const ms = timestampMs(act.timestamp);
    try {
      const options = { trust: trustOf(signers), verify: this.#options.verify, principal: actor };
      const time = { ms, source: 'self-asserted' } as const;
      const { bytes, verdict } = await verifySignedStatement(parseSignedStatement(signed), { ...options, time });
      if (verdict.outcome === 'refused') return `${verdict.reason}: ${verdict.detail}`;
      if (!equalBytes(bytes, statementBytes(wanted))) return 'what was signed is another act';
      const since = this.#known.get(verdict.fingerprint);
      return since === undefined || ms < since
        ? undefined
        : `the key ${verdict.fingerprint} was revoked from before on`;
    } catch (error) {
      if (isCodedError(error, 'SIGNATURE_INVALID')) return error.message;
      throw error;
    }
  }

  async #standing(act: AuthorityAct, signers = this.#signers(act)): Promise<Standing> {
    const detail = await this.#doubt(act, signers);
    if (detail === undefined) return 'proven';
    const { seq, id: event, action, subject } = act;
    this.faults.push({ seq, event, action, subject, detail });
    return 'asserted';
  }

  #give(actor: ActorId, roles: readonly string[], standing: Standing): void {
    const held = this.roles.get(actor) ?? new Map<string, Standing>();
    this.roles.set(actor, held);
    for (const role of roles) if (held.get(role) !== 'proven') held.set(role, standing);
  }

  async #addActor(act: AuthorityAct): Promise<void> {
    const actor = act.subject as ActorId;
    const roles = textsOf(act.values?.['roles']);
    const isFounder = this.founder === undefined;
    if (isFounder) this.founder = actor;
    const isFree = roles.every((role) => role === freeRole);
    const isAsserted = (isFounder || isFree) && act.values?.['signed'] === undefined;
    this.#give(actor, roles, isAsserted ? 'asserted' : await this.#standing(act));
  }

  async #addKey(act: AuthorityAct): Promise<void> {
    const { actor, publicKey } = act.values ?? {};
    const owner = actor as ActorId;
    let key: SshPublicKey | undefined;
    try {
      key = boundPublicKey(typeof publicKey === 'string' ? publicKey : '');
    } catch (error) {
      if (!isCodedError(error, 'BAD_KEY')) throw error;
    }
    if (key?.fingerprint !== act.subject) key = undefined;
    const isFirst = ![...this.keys.values()].some(({ standing }) => standing === 'proven');
    const founds = isFirst && key !== undefined && owner === this.founder && act.actor === owner;
    const own: BoundKey[] = founds && key !== undefined ? [{ actor: owner, key, namespaces: ['cairn-admin'] }] : [];
    const standing = await this.#standing(act, founds ? own : this.#signers(act));
    this.keys.set(act.subject, { fingerprint: act.subject, actor: owner, key, standing, revoked: false });
    const held = this.roles.get(owner);
    if (founds && standing === 'proven') for (const role of held?.keys() ?? []) held?.set(role, 'proven');
  }

  async apply(act: AuthorityAct): Promise<void> {
    const { action, subject, values } = act;
    if (action === 'actor.add') return this.#addActor(act);
    if (action === 'key.add') return this.#addKey(act);
    const standing = await this.#standing(act);
    if (action === 'actor.grant') this.#give(subject as ActorId, textsOf(values?.['roles']), standing);
    if (action === 'actor.revoke') {
      for (const role of textsOf(values?.['roles'])) this.roles.get(subject as ActorId)?.delete(role);
    }
    const key = action === 'key.revoke' ? this.keys.get(subject) : undefined;
    if (key === undefined) return;
    this.keys.set(subject, { ...key, revoked: true });
    const from = values?.['from'];
    if (standing === 'proven' && typeof from === 'string') this.voids.set(subject, timestampMs(parseTimestamp(from)));
  }
}

function textsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** `acts` in the order of the log, all of them. */
export async function replayAuthority(acts: readonly AuthorityAct[], options: AuthorityOptions): Promise<Authority> {
  let replay = new Replay(options, new Map());
  for (const act of acts) await replay.apply(act);
  if (replay.voids.size === 0) return replay;
  // What a revocation undoes is known only at the end.
  const { voids } = replay;
  replay = new Replay(options, voids);
  for (const act of acts) await replay.apply(act);
  return replay;
}

/** Roles of an actor that are proven, sorted. */
export function provenRoles(authority: Authority, actor: ActorId): string[] {
  const held = authority.roles.get(actor) ?? new Map<string, Standing>();
  return [...held].flatMap(([role, standing]) => (standing === 'proven' ? [role] : [])).sort();
}

/** Keys that count as signing for their actors, with what the actors' proven roles let them sign. */
export function provenKeys(authority: Authority, approving: readonly string[] = []): BoundKey[] {
  return [...authority.keys.values()].flatMap(({ actor, key, standing, revoked }) => {
    if (key === undefined || standing !== 'proven' || revoked) return [];
    return [{ actor, key, namespaces: namespacesOf(provenRoles(authority, actor), approving) }];
  });
}
