/** Questions about objects and packs. */
import type { ArtifactId, BlobId, ObjectId } from '../../core/ids.ts';
import {
  columnPlaces,
  type Namespace,
  type ObjectColumns,
  type ObjectEntry,
  type PackEntry,
  type StoredObject,
} from '../../ports/manifest.ts';
import { joinPack, lastUse } from './apply-places.ts';
import type { Connection } from './connection.ts';
import { findObjects, foundColumns, inSlices, joinBlob, presentObjects } from './lookups.ts';
import {
  atLost,
  digestsOf,
  kindOf,
  namespaceOf,
  placeAbsent,
  placeLoose,
  placeLooseZstd,
  toLocation,
  unpackIds,
} from './numbers.ts';

const sliceSize = 16_384;

/** Natively: these questions answer with very many ids. */
const hexOf = (digest: Uint8Array): string =>
  Buffer.from(digest.buffer, digest.byteOffset, digest.length).toString('hex');

type PlaceColumns = [size: number, place: number, at: number, pack: string | null, start: number | null];

export function readObjects(
  connection: Connection,
  namespace: Namespace,
  ids: readonly ObjectId[],
): (ObjectEntry | undefined)[] {
  const entries: (ObjectEntry | undefined)[] = new Array<undefined>(ids.length).fill(undefined);
  const columns = `o.size, o.place, o.at, p.name, f.start, ${lastUse}`;
  inSlices(ids, sliceSize, (slice, start) => {
    for (const [position, size, place, at, pack, frame, lastUseMs] of findObjects<[...PlaceColumns, number]>(
      connection,
      kindOf[namespace],
      digestsOf(slice),
      columns,
      joinPack,
    )) {
      const id = slice[position] as ObjectId;
      entries[start + position] = { namespace, id, size, location: toLocation(place, at, pack, frame), lastUseMs };
    }
  });
  return entries;
}

export function knownObjects(connection: Connection, namespace: Namespace, digests: Uint8Array): Uint8Array {
  const answer = new Uint8Array(digests.length / 32);
  for (let start = 0; start < answer.length; start += sliceSize) {
    const slice = digests.subarray(32 * start, 32 * (start + sliceSize));
    answer.set(presentObjects(connection, kindOf[namespace], slice), start);
  }
  return answer;
}

/** Up to `limit` objects behind a row, and the row to go on from; undefined behind the last one. */
export function objectsAfter(
  connection: Connection,
  after: number,
  limit: number,
): { readonly entries: readonly ObjectEntry[]; readonly last: number | undefined } {
  // The number of a pack, not its name: a text of 64 digits for every object would be most of the work.
  const packs = new Map(connection.tuples<[number, string]>('SELECT pack_id, name FROM pack'));
  const rows = connection.tuples<
    [
      id: number,
      kind: number,
      name: ObjectId,
      lastUse: number,
      size: number,
      place: number,
      at: number,
      pack: number | null,
      start: number | null,
    ]
  >(
    `SELECT o.object_id, o.kind, lower(hex(o.sha256)), ${lastUse}, o.size, o.place, o.at, f.pack_id, f.start
     FROM object o ${joinPack} WHERE o.object_id > ? ORDER BY o.object_id LIMIT ?`,
    after,
    limit,
  );
  const entries = rows.map(([, kind, name, lastUseMs, size, place, at, pack, start]): ObjectEntry => {
    const location = toLocation(place, at, pack === null ? null : (packs.get(pack) ?? null), start);
    return { namespace: namespaceOf(kind), id: name, size, location, lastUseMs };
  });
  return { entries, last: rows.length < limit ? undefined : rows.at(-1)?.[0] };
}

/** Frames by their number; complete as far as `known` goes. */
export class FrameTable {
  readonly frames: { readonly pack: string; readonly frame: number }[] = [];
  readonly #indexes = new Map<number, number>();
  #last = 0;

  load(connection: Connection): void {
    const sql =
      'SELECT f.frame_id, p.name, f.start FROM frame f JOIN pack p USING (pack_id) WHERE f.frame_id > ? ORDER BY 1';
    for (const [id, pack, frame] of connection.tuples<[number, string, number]>(sql, this.#last)) {
      this.#indexes.set(id, this.frames.push({ pack, frame }) - 1);
      this.#last = id;
    }
  }
  index(id: number): number | undefined {
    return this.#indexes.get(id);
  }
}

/**
 * Columns of up to `limit` objects behind a row, and the row to go on from. SQLite joins each column into one value: that
 * one row is made in a fifth of the time of thousands of rows. Joining takes the bytes of a digest as they are.
 */
export function columnsAfter(
  connection: Connection,
  after: number,
  limit: number,
  table: FrameTable,
): { readonly columns: ObjectColumns; readonly last: number | undefined } {
  const [last, count, digests, kinds, sizes, places, at] = connection.tuples<
    [last: number | null, count: number, digests: Uint8Array | null, ...(string | null)[]]
  >(
    `SELECT max(object_id), count(*), CAST(group_concat(sha256, '') AS BLOB), group_concat(kind), group_concat(size),
       group_concat(place), group_concat(at)
     FROM (SELECT object_id, sha256, kind, size, place, at FROM object WHERE object_id > ? ORDER BY object_id LIMIT ?)`,
    after,
    limit,
  )[0] ?? [null, 0, null];
  const numbers = (text: string | null | undefined): number[] => JSON.parse(`[${text ?? ''}]`) as number[];
  const atColumn = Float64Array.from(numbers(at));
  const placeColumn = numbers(places);
  if (placeColumn.some((place) => place > 0 && table.index(place) === undefined)) table.load(connection);
  const columns = {
    digests: digests ?? new Uint8Array(0),
    kinds: Uint8Array.from(numbers(kinds)),
    sizes: Float64Array.from(numbers(sizes)),
    places: Int32Array.from(placeColumn, (place, index) => columnPlace(place, atColumn[index] as number, table)),
    at: atColumn,
    frames: table.frames,
  };
  return { columns, last: count < limit ? undefined : (last ?? undefined) };
}

function columnPlace(place: number, at: number, table: FrameTable): number {
  if (place === placeLoose) return columnPlaces.loose;
  if (place === placeLooseZstd) return columnPlaces.looseZstd;
  if (place === placeAbsent) return at === atLost ? columnPlaces.lost : columnPlaces.absent;
  return table.index(place) ?? columnPlaces.absent;
}

export function readPacks(connection: Connection): PackEntry[] {
  return connection.all<PackEntry>('SELECT name, bytes FROM pack ORDER BY name');
}

export function readStagedBlobs(connection: Connection): Set<ObjectId> {
  const rows = new Set(
    connection.values<Uint8Array>('SELECT objects FROM stage_batch').flatMap((ids) => unpackIds(ids)),
  );
  const staged = new Set<ObjectId>();
  inSlices([...rows], sliceSize, (slice) => {
    const sql = 'SELECT lower(hex(o.sha256)) FROM json_each(?) i CROSS JOIN object o ON o.object_id = i.value';
    for (const id of connection.values<ObjectId>(sql, JSON.stringify(slice))) staged.add(id);
  });
  return staged;
}

/** Pack and offset of frames by their number. */
function framesOf(connection: Connection, ids: Iterable<number>): Map<number, { pack: string; frame: number }> {
  const frames = new Map<number, { pack: string; frame: number }>();
  const sql = `SELECT f.frame_id, p.name, f.start FROM json_each(?) i CROSS JOIN frame f ON f.frame_id = i.value
    JOIN pack p ON p.pack_id = f.pack_id`;
  for (const [id, pack, frame] of connection.tuples<[number, string, number]>(sql, JSON.stringify([...ids]))) {
    frames.set(id, { pack, frame });
  }
  return frames;
}

/** The columns of all that is found come back joined to one value each, as in `columnsAfter`. */
export function readArtifactBlobs(connection: Connection, ids: readonly ArtifactId[]): (StoredObject | undefined)[] {
  const blobs: (StoredObject | undefined)[] = new Array<undefined>(ids.length).fill(undefined);
  inSlices(ids, sliceSize, (slice, start) => {
    const [positions, digests, sizes, places, ats] = foundColumns(
      connection,
      kindOf.record,
      digestsOf(slice),
      ['b.size', 'b.place', 'b.at'],
      `${joinBlob} WHERE o.key IS NOT NULL`,
    );
    const frames = framesOf(connection, new Set(places.filter((place) => place > 0)));
    const hex = hexOf(digests);
    positions.forEach((position, index) => {
      const place = places[index] as number;
      const frame = frames.get(place);
      blobs[start + position] = {
        namespace: 'blob',
        id: hex.slice(64 * index, 64 * index + 64) as BlobId,
        size: sizes[index] as number,
        location: toLocation(place, ats[index] as number, frame?.pack ?? null, frame?.frame ?? null),
      };
    });
  });
  return blobs;
}
