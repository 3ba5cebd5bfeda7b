/** Who acts: names, roles and keys, each as the payload of its event says. Roles and keys are never removed, only taken back. */
import { CodedError } from '../../core/errors.ts';
import type { ActorId } from '../../core/ids.ts';
import { actorPayload, actText, keyPayload, reasonPayload, rolesPayload } from '../../core/records/act-values.ts';
import type { Fact, FactEvent } from '../../ports/manifest.ts';
import { addEvent } from './apply-events.ts';
import type { ApplyState } from './apply-state.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

/** Adds the event and, beside it, what its payload says. */
export function addAct(state: ApplyState, event: FactEvent, payload: string | undefined): number {
  const seq = addEvent(state, event);
  if (payload !== undefined)
    state.connection.run('INSERT INTO event_payload (seq, payload) VALUES (?, ?)', seq, payload);
  return seq;
}

/** Changes nothing when the actor is known by name. */
export function addActor(state: ApplyState, fact: FactOf<'actor'>): void {
  const { connection } = state;
  if (connection.value('SELECT 1 FROM actor WHERE id = ? AND name IS NOT NULL', fact.id) !== undefined) return;
  const { id, name, mail, roles, signed } = fact;
  const payload = actText(fact.event, 'actor.add', { kind: 'actor', id }, actorPayload(name, mail, roles, signed));
  const row = state.actor(id);
  const seq = addAct(state, fact.event, payload);
  connection.run('UPDATE actor SET name = ?, mail = ? WHERE actor_id = ?', name, mail, row);
  setRoles(state, row, roles, 1, seq);
}

function setRoles(state: ApplyState, actor: number, roles: readonly string[], held: 0 | 1, seq: number): void {
  for (const role of new Set(roles)) {
    state.connection.run(
      'INSERT INTO actor_role (actor_id, role, seq, held) VALUES (?, ?, ?, ?)',
      actor,
      role,
      seq,
      held,
    );
  }
}

export function changeRoles(state: ApplyState, fact: FactOf<'grant'> | FactOf<'revoke-roles'>): void {
  const { actor, roles, event } = fact;
  const row = knownActor(state, actor);
  const action = fact.kind === 'grant' ? 'actor.grant' : 'actor.revoke';
  const payload = actText(event, action, { kind: 'actor', id: actor }, rolesPayload(roles, fact.signed));
  setRoles(state, row, roles, fact.kind === 'grant' ? 1 : 0, addAct(state, event, payload));
}

export function knownActor(state: ApplyState, id: ActorId): number {
  const row = state.connection.value<number>('SELECT actor_id FROM actor WHERE id = ? AND name IS NOT NULL', id);
  if (row === undefined) throw new CodedError('REV_NOT_FOUND', `no actor ${id}`, { data: { actor: id } });
  return row;
}

const keySql = 'SELECT actor_id AS actor, revoked_seq AS revoked FROM actor_key WHERE fingerprint = ?';

interface KeyRow {
  readonly actor: number;
  readonly revoked: number | null;
}

export function keyRow(state: ApplyState, fingerprint: string): KeyRow | undefined {
  return state.connection.get<KeyRow>(keySql, fingerprint);
}

export function addKey(state: ApplyState, fact: FactOf<'key'>): void {
  const { fingerprint, actor, publicKey, type, signed, event } = fact;
  const row = knownActor(state, actor);
  if (keyRow(state, fingerprint) !== undefined)
    throw new CodedError('STATUS_CONFLICT', `key ${fingerprint} is known already`, { data: { key: fingerprint } });
  const payload = actText(
    event,
    'key.add',
    { kind: 'key', id: fingerprint },
    keyPayload(actor, publicKey, type, signed),
  );
  const seq = addAct(state, event, payload);
  state.connection.run(
    'INSERT INTO actor_key (fingerprint, actor_id, public_key, type, seq) VALUES (?, ?, ?, ?, ?)',
    fingerprint,
    row,
    publicKey,
    type,
    seq,
  );
}

export function revokeKey(state: ApplyState, fact: FactOf<'revoke-key'>): void {
  const { fingerprint, from, reason, signed, event } = fact;
  const key = keyRow(state, fingerprint);
  if (key === undefined) throw new CodedError('REV_NOT_FOUND', `no key ${fingerprint}`, { data: { key: fingerprint } });
  if (key.revoked !== null)
    throw new CodedError('STATUS_CONFLICT', `key ${fingerprint} is revoked already`, { data: { key: fingerprint } });
  const payload = actText(event, 'key.revoke', { kind: 'key', id: fingerprint }, reasonPayload(reason, from, signed));
  const seq = addAct(state, event, payload);
  const sql = 'UPDATE actor_key SET revoked_seq = ?, revoked_from = ? WHERE fingerprint = ?';
  state.connection.run(sql, seq, from ?? null, fingerprint);
}
