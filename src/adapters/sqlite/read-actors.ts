/** People and machines: who they are, what they may, and with which keys they sign. */
import type { ActorId } from '../../core/ids.ts';
import type { Timestamp } from '../../core/time.ts';
import type { ActorEntry, KeyEntry } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';

const rolesSql = `SELECT h.role FROM actor_role h WHERE h.actor_id = @actor AND h.seq <= @seq AND h.held = 1
  AND NOT EXISTS (SELECT 1 FROM actor_role n WHERE n.actor_id = h.actor_id AND n.role = h.role AND n.seq > h.seq AND n.seq <= @seq)
  ORDER BY h.role`;

/** The roles that were held when this event was the newest, sorted. */
export function rolesAt(connection: Connection, actor: number, seq: number): string[] {
  return connection.values<string>(rolesSql, { actor, seq });
}

interface ActorRow {
  readonly row: number;
  readonly id: ActorId;
  readonly name: string;
  readonly mail: string;
}

const actorSql = 'SELECT actor_id AS row, id, name, mail FROM actor WHERE name IS NOT NULL';

function actorEntry(connection: Connection, { row, id, name, mail }: ActorRow): ActorEntry {
  return { id, name, mail, roles: rolesAt(connection, row, Number.MAX_SAFE_INTEGER) };
}

export function readActor(connection: Connection, id: ActorId): ActorEntry | undefined {
  const row = connection.get<ActorRow>(`${actorSql} AND id = ?`, id);
  return row === undefined ? undefined : actorEntry(connection, row);
}

export function readActors(connection: Connection): ActorEntry[] {
  return connection.all<ActorRow>(`${actorSql} ORDER BY name, id`).map((row) => actorEntry(connection, row));
}

interface KeyRow {
  readonly fingerprint: string;
  readonly actor: ActorId;
  readonly publicKey: string;
  readonly type: string;
  readonly seq: number;
  readonly addedAt: Timestamp;
  readonly revokedSeq: number | null;
  readonly revokedAt: Timestamp | null;
  readonly revokedFrom: Timestamp | null;
  readonly reason: string | null;
}

const keySql = `SELECT fingerprint, actor_id AS actor, public_key AS publicKey, type, event_id AS seq, added_at_utc AS addedAt,
  revoked_event_id AS revokedSeq, revoked_at_utc AS revokedAt, revoked_from AS revokedFrom, revoked_reason AS reason FROM actor_keys`;

function keyEntry({ revokedSeq, revokedAt, revokedFrom, reason, ...key }: KeyRow): KeyEntry {
  if (revokedSeq === null || revokedAt === null) return { ...key, revoked: undefined };
  const revoked = { seq: revokedSeq, at: revokedAt, from: revokedFrom ?? undefined, reason: reason ?? undefined };
  return { ...key, revoked };
}

export function readKeys(connection: Connection): KeyEntry[] {
  return connection.all<KeyRow>(`${keySql} ORDER BY event_id`).map(keyEntry);
}

export function readKey(connection: Connection, fingerprint: string): KeyEntry | undefined {
  const row = connection.get<KeyRow>(`${keySql} WHERE fingerprint = ?`, fingerprint);
  return row === undefined ? undefined : keyEntry(row);
}
