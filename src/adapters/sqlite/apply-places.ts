/** Packs, frames and places: where the bytes of objects are. */
import { assertInvariant, CodedError } from '../../core/errors.ts';
import type { Fact, ObjectLocation, PackEntry, StoredObject } from '../../ports/manifest.ts';
import type { ApplyState } from './apply-state.ts';
import { findObjects } from './lookups.ts';
import { digestsOf, kindOf, placeAbsent, placeLoose, placeLooseZstd } from './numbers.ts';

interface KnownPack {
  readonly id: number;
  readonly usedMs: number;
  /** Frame rows by their offset. */
  readonly frames: Map<number, number>;
}

export interface Place {
  readonly place: number;
  readonly at: number;
  /** Value of `object.used_ms`: NULL when the pack says the same. */
  readonly usedMs: number | null;
}

/** Numbers of packs and frames within one fact. */
export class Places {
  readonly #state: ApplyState;
  readonly #packs = new Map<string, KnownPack>();

  constructor(state: ApplyState) {
    this.#state = state;
  }

  /** Registers packs; known ones are left as they are. `usedMs` of a new pack is what its objects share. */
  add(packs: readonly PackEntry[], usedMs: (pack: PackEntry) => number): void {
    const { connection } = this.#state;
    for (const pack of packs) {
      if (this.#find(pack.name) !== undefined) continue;
      const id = (connection.value<number | null>('SELECT max(pack_id) FROM pack') ?? 0) + 1;
      const used = usedMs(pack);
      connection.run(
        'INSERT INTO pack (pack_id, name, bytes, used_ms) VALUES (?, ?, ?, ?)',
        id,
        pack.name,
        pack.bytes,
        used,
      );
      this.#packs.set(pack.name, { id, usedMs: used, frames: new Map() });
    }
  }

  #find(name: string): KnownPack | undefined {
    let pack = this.#packs.get(name);
    if (pack !== undefined) return pack;
    const row = this.#state.connection.get<{ id: number; usedMs: number }>(
      'SELECT pack_id AS id, used_ms AS usedMs FROM pack WHERE name = ?',
      name,
    );
    if (row === undefined) return undefined;
    const frames = this.#state.connection.tuples<[number, number]>(
      'SELECT start, frame_id FROM frame WHERE pack_id = ?',
      row.id,
    );
    pack = { ...row, frames: new Map(frames) };
    this.#packs.set(name, pack);
    return pack;
  }

  of(location: ObjectLocation, usedMs: number): Place {
    if (location.kind === 'loose') return { place: placeLoose, at: 0, usedMs };
    if (location.kind === 'loose-zstd') return { place: placeLooseZstd, at: location.storedSize, usedMs };
    if (location.kind === 'absent') return { place: placeAbsent, at: 0, usedMs: null };
    const pack = this.#find(location.pack);
    assertInvariant(pack !== undefined, `an object lies in pack ${location.pack}, which the batch does not name`);
    let frame = pack.frames.get(location.frame);
    if (frame === undefined) {
      const { connection } = this.#state;
      frame = (connection.value<number | null>('SELECT max(frame_id) FROM frame') ?? 0) + 1;
      connection.run('INSERT INTO frame (frame_id, pack_id, start) VALUES (?, ?, ?)', frame, pack.id, location.frame);
      pack.frames.set(location.frame, frame);
    }
    return { place: frame, at: location.offset, usedMs: usedMs === pack.usedMs ? null : usedMs };
  }
}

/** The last use of object `o`, its pack's when it has none of its own. */
export const lastUse = 'coalesce(o.used_ms, p.used_ms, 0)';
export const joinPack = 'LEFT JOIN frame f ON f.frame_id = o.place LEFT JOIN pack p ON p.pack_id = f.pack_id';

/** New places; an object keeps its last use, and a new pack takes the newest of its objects. */
export function relocate(state: ApplyState, fact: Extract<Fact, { kind: 'relocate' }>): void {
  const { connection } = state;
  const moved: { readonly id: number; readonly usedMs: number; readonly object: StoredObject }[] = [];
  for (const namespace of ['blob', 'record'] as const) {
    const objects = fact.objects.filter((object) => object.namespace === namespace);
    const digests = digestsOf(objects.map(({ id }) => id));
    const found = findObjects<[number, number]>(
      connection,
      kindOf[namespace],
      digests,
      `o.object_id, ${lastUse}`,
      joinPack,
    );
    if (found.length < objects.length) {
      throw new CodedError(
        'OBJECT_NOT_FOUND',
        `${objects.length - found.length} of the objects that were moved are not known`,
      );
    }
    for (const [position, id, usedMs] of found) moved.push({ id, usedMs, object: objects[position] as StoredObject });
  }
  const newest = new Map<string, number>();
  for (const { object, usedMs } of moved) {
    if (object.location.kind !== 'packed') continue;
    newest.set(object.location.pack, Math.max(newest.get(object.location.pack) ?? 0, usedMs));
  }
  const places = new Places(state);
  places.add(fact.packs, ({ name }) => newest.get(name) ?? state.batch.nowMs);
  const update = connection.prepare('UPDATE object SET place = ?, at = ?, used_ms = ? WHERE object_id = ?');
  for (const { id, usedMs, object } of moved) {
    const place = places.of(object.location, usedMs);
    update.run(place.place, place.at, place.usedMs, id);
  }
}

/** Packs that are gone from the store. Refused while an object still lies in one of them. */
export function forgetPacks(state: ApplyState, packs: readonly string[]): void {
  const { connection } = state;
  for (const name of packs) {
    const id = connection.value<number>('SELECT pack_id FROM pack WHERE name = ?', name);
    if (id === undefined) continue;
    const used = connection.value<number>(
      'SELECT count(*) FROM object WHERE place IN (SELECT frame_id FROM frame WHERE pack_id = ?)',
      id,
    );
    if (used !== undefined && used > 0) {
      throw new CodedError('MANIFEST_REFUSED', `pack ${name} cannot be forgotten: ${used} objects lie in it`, {
        data: { pack: name },
      });
    }
    connection.run('DELETE FROM frame WHERE pack_id = ?', id);
    connection.run('DELETE FROM pack WHERE pack_id = ?', id);
  }
}
