/** Who acts: names, roles and keys. */
import { CodedError } from '../../core/errors.ts';
import { actorPayload, actText, keyPayload, reasonPayload, rolesPayload } from '../../core/records/act-values.ts';
import type { Fact } from '../../ports/manifest.ts';
import type { MemoryBatch } from './memory-batch.ts';
import type { MemoryTables } from './memory-tables.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

export type ActorFact =
  | FactOf<'actor'>
  | FactOf<'grant'>
  | FactOf<'revoke-roles'>
  | FactOf<'key'>
  | FactOf<'revoke-key'>;

export function applyActor(batch: MemoryBatch, fact: ActorFact): void {
  const { tables } = batch;
  switch (fact.kind) {
    case 'actor': {
      if (tables.actors.has(fact.id)) return;
      const { id, name, mail, roles } = fact;
      const text = actText(
        fact.event,
        'actor.add',
        { kind: 'actor', id },
        actorPayload(name, mail, roles, fact.signed),
      );
      const seq = batch.act(fact.event, text);
      tables.actors.set(id, { id, name, mail, roles: roles.map((role) => ({ role, seq, held: true })) });
      return;
    }
    case 'grant':
    case 'revoke-roles': {
      const held = fact.kind === 'grant';
      const actor = tables.actors.get(fact.actor);
      if (actor === undefined) throw unknownActor(fact.actor);
      const action = held ? 'actor.grant' : 'actor.revoke';
      const text = actText(
        fact.event,
        action,
        { kind: 'actor', id: fact.actor },
        rolesPayload(fact.roles, fact.signed),
      );
      const seq = batch.act(fact.event, text);
      const roles = [...actor.roles, ...fact.roles.map((role) => ({ role, seq, held }))];
      tables.actors.set(fact.actor, { ...actor, roles });
      return;
    }
    case 'key': {
      const { fingerprint, actor, publicKey, type, event } = fact;
      if (!tables.actors.has(actor)) throw unknownActor(actor);
      if (tables.keys.has(fingerprint)) throw keyConflict(fingerprint, 'known');
      const text = actText(
        event,
        'key.add',
        { kind: 'key', id: fingerprint },
        keyPayload(actor, publicKey, type, fact.signed),
      );
      const seq = batch.act(event, text);
      tables.keys.set(fingerprint, { fingerprint, actor, publicKey, type, seq, revoked: undefined });
      return;
    }
    case 'revoke-key':
      return revokeKey(batch, fact);
  }
}

function revokeKey(batch: MemoryBatch, fact: FactOf<'revoke-key'>): void {
  const { tables } = batch;
  const { fingerprint, from, reason, signed, event } = fact;
  const key = tables.keys.get(fingerprint);
  if (key === undefined) throw new CodedError('REV_NOT_FOUND', `no key ${fingerprint}`, { data: { key: fingerprint } });
  if (key.revoked !== undefined) throw keyConflict(fingerprint, 'revoked');
  const text = actText(event, 'key.revoke', { kind: 'key', id: fingerprint }, reasonPayload(reason, from, signed));
  tables.keys.set(fingerprint, { ...key, revoked: { seq: batch.act(event, text), from, reason } });
}

export function unknownActor(actor: string): CodedError {
  return new CodedError('REV_NOT_FOUND', `no actor ${actor}`, { data: { actor } });
}

function keyConflict(fingerprint: string, what: string): CodedError {
  return new CodedError('STATUS_CONFLICT', `key ${fingerprint} is ${what} already`, { data: { key: fingerprint } });
}

/** The roles that were held when this event was the newest, sorted. */
export function rolesAt(tables: MemoryTables, id: string, seq: number): string[] {
  const held = new Set<string>();
  for (const change of tables.actors.get(id as never)?.roles ?? []) {
    if (change.seq > seq) continue;
    if (change.held) held.add(change.role);
    else held.delete(change.role);
  }
  return [...held].sort();
}
