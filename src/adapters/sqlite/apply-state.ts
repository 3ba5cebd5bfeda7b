/**
 * What one `apply` knows while it runs: row numbers of everything it met, so that nothing is looked up twice, and the end
 * of the log as it grows. Lives and dies with the write transaction.
 */
import { CodedError } from '../../core/errors.ts';
import type { ActorId, EventId } from '../../core/ids.ts';
import { type LogHead, noEvent, type SealedEvent } from '../../core/records/event.ts';
import type { Timestamp } from '../../core/time.ts';
import type { ManifestBatch, Namespace, StoredObject } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';
import { artifactIdOf, objectIdOf } from './lookups.ts';
import { kindOf, placeAbsent } from './numbers.ts';

/** An artifact's row as far as a run needs it. */
export interface ArtifactRow {
  readonly row: number;
  readonly key: string;
  readonly type: string;
  readonly version: number;
  firstRun: number | undefined;
}

export class ApplyState {
  readonly connection: Connection;
  readonly batch: ManifestBatch;
  /** Row numbers by hexadecimal id. */
  readonly objectRows: { readonly [name in Namespace]: Map<string, number> } = { blob: new Map(), record: new Map() };
  readonly artifacts = new Map<string, ArtifactRow>();
  readonly events: SealedEvent[] = [];
  /** Lines that the log does not have yet. */
  readonly lines: Uint8Array[] = [];
  /** True when an event was read back from the log. */
  replayed = false;
  head: LogHead;
  readonly #texts = new Map<string, number>();
  readonly #actors = new Map<string, number>();
  #nextObject: number;
  #nextText: number;

  constructor(connection: Connection, batch: ManifestBatch) {
    this.connection = connection;
    this.batch = batch;
    this.head = readHead(connection);
    this.#nextObject = (connection.value<number | null>('SELECT max(object_id) FROM object') ?? 0) + 1;
    this.#nextText = newestText(connection) + 1;
  }

  /** Number for the next new object; numbers only grow. */
  takeObjectId(): number {
    return this.#nextObject++;
  }

  /** After a rollback to a savepoint: what was learned about these rows, and every text, may not be there any more. */
  forgetRows(objects: readonly StoredObject[]): void {
    for (const { namespace, id } of objects) this.objectRows[namespace].delete(id);
    this.#texts.clear();
    this.#nextText = newestText(this.connection) + 1;
  }

  text(text: string): number {
    let id = this.#texts.get(text);
    if (id !== undefined) return id;
    id = this.connection.value<number>('SELECT text_id FROM text WHERE text = ?', text);
    if (id === undefined) {
      id = this.#nextText++;
      this.connection.run('INSERT INTO text (text_id, text) VALUES (?, ?)', id, text);
    }
    this.#texts.set(text, id);
    return id;
  }

  /** The row of an object; one that was never seen gets a row that says `absent`. */
  object(namespace: Namespace, hex: string, size = 0): number {
    const known = this.knownObject(namespace, hex);
    if (known !== undefined) return known;
    const id = this.takeObjectId();
    this.connection.run(
      'INSERT INTO object (object_id, kind, sha256, size, place, at) VALUES (?, ?, ?, ?, ?, 0)',
      id,
      kindOf[namespace],
      Buffer.from(hex, 'hex'),
      size,
      placeAbsent,
    );
    this.objectRows[namespace].set(hex, id);
    return id;
  }

  knownObject(namespace: Namespace, hex: string): number | undefined {
    const rows = this.objectRows[namespace];
    let id = rows.get(hex);
    if (id === undefined) {
      id = objectIdOf(this.connection, kindOf[namespace], hex);
      if (id !== undefined) rows.set(hex, id);
    }
    return id;
  }

  /** The row of an artifact that must be known. */
  artifact(hex: string): number {
    const id = this.artifacts.get(hex)?.row ?? artifactIdOf(this.connection, hex);
    if (id === undefined) {
      throw new CodedError('REV_NOT_FOUND', `no artifact ${hex}`, { data: { artifact: hex } });
    }
    return id;
  }

  actor(hex: ActorId): number {
    let id = this.#actors.get(hex);
    if (id !== undefined) return id;
    id = this.connection.value<number>('SELECT actor_id FROM actor WHERE id = ?', hex);
    if (id === undefined) {
      id = (this.connection.value<number | null>('SELECT max(actor_id) FROM actor') ?? 0) + 1;
      this.connection.run('INSERT INTO actor (actor_id, id) VALUES (?, ?)', id, hex);
    }
    this.#actors.set(hex, id);
    return id;
  }
}

function newestText(connection: Connection): number {
  return connection.value<number | null>('SELECT max(text_id) FROM text') ?? 0;
}

export function readHead(connection: Connection): LogHead {
  const row = connection.get<{ seq: number; last: string; timestamp: string }>(
    'SELECT seq, lower(hex(event_id)) AS last, timestamp FROM event ORDER BY seq DESC LIMIT 1',
  );
  if (row === undefined) return { size: 0, last: noEvent, lastTimestamp: undefined };
  return { size: row.seq, last: row.last as EventId, lastTimestamp: row.timestamp as Timestamp };
}
