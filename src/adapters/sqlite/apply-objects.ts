/**
 * Objects of a batch. New ones get rows in the order in which the batch's runs name their artifacts, the blob right
 * before the artifact's record, so that pages fill and the blob needs no number of its own in the record's row.
 */
import type { ArtifactRecord } from '../../core/records/artifact.ts';
import type { Fact, Namespace, StoredObject } from '../../ports/manifest.ts';
import { joinPack, lastUse, Places } from './apply-places.ts';
import type { ApplyState } from './apply-state.ts';
import { findObjects, inSlices } from './lookups.ts';
import { digestsOf, keyHash, kindOf, placeAbsent, useResolutionMs } from './numbers.ts';
import { type ArtifactColumns, ObjectRows } from './object-rows.ts';
import { isRefusal } from './sqlite-errors.ts';

/** What the runs of the batch say about an artifact that the store may not know yet. */
export interface PlannedArtifact {
  readonly record: ArtifactRecord;
  firstRun: number | undefined;
  /** Its row, when it was inserted as an artifact's. */
  row: number | undefined;
}
export type ArtifactPlan = ReadonlyMap<string, PlannedArtifact>;

type ObjectsFact = Extract<Fact, { kind: 'objects' }>;

export function storeObjects(state: ApplyState, fact: ObjectsFact, plan: ArtifactPlan): void {
  const { connection, batch } = state;
  let places = new Places(state);
  places.add(fact.packs ?? [], () => batch.nowMs);
  connection.exec('SAVEPOINT objects');
  try {
    insertNew(state, places, fact.objects, plan);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // Some are known after all: now it is worth asking which.
    connection.exec('ROLLBACK TO objects');
    state.forgetRows(fact.objects);
    for (const planned of plan.values()) planned.row = undefined;
    places = new Places(state);
    insertNew(state, places, freshenKnown(state, places, fact.objects), plan);
  }
  connection.exec('RELEASE objects');
}

/** Gives known objects that were absent a place, records the use of all known ones, and returns the unknown ones. */
function freshenKnown(state: ApplyState, places: Places, objects: readonly StoredObject[]): StoredObject[] {
  const { connection, batch } = state;
  const unknown: StoredObject[] = [];
  for (const namespace of ['blob', 'record'] as const) {
    const all = objects.filter((object) => object.namespace === namespace);
    inSlices(all, 16_384, (slice) => {
      const seen = new Set<number>();
      const columns = `o.object_id, o.place, ${lastUse}, o.size`;
      const digests = digestsOf(slice.map(({ id }) => id));
      for (const [position, id, place, usedMs, size] of findObjects<[number, number, number, number]>(
        connection,
        kindOf[namespace],
        digests,
        columns,
        joinPack,
      )) {
        seen.add(position);
        const object = slice[position] as StoredObject;
        state.objectRows[namespace].set(object.id, id);
        if (place === placeAbsent && object.location.kind !== 'absent') {
          const found = places.of(object.location, batch.nowMs);
          connection.run(
            'UPDATE object SET size = ?, place = ?, at = ?, used_ms = ? WHERE object_id = ?',
            object.size,
            found.place,
            found.at,
            found.usedMs,
            id,
          );
        } else if (place === placeAbsent) {
          if (size === 0 && object.size > 0) giveSize(state, id, object.size);
        } else if (usedMs < batch.nowMs - useResolutionMs) {
          connection.run('UPDATE object SET used_ms = ? WHERE object_id = ?', batch.nowMs, id);
        }
      }
      for (let index = 0; index < slice.length; index++)
        if (!seen.has(index)) unknown.push(slice[index] as StoredObject);
    });
  }
  return unknown;
}

/** Tells the size of a blob that was known by its content alone, whose bytes were never here. */
export function giveSize(state: ApplyState, row: number, size: number): void {
  state.connection.run(
    'UPDATE object SET size = ? WHERE object_id = ? AND place = ? AND size = 0',
    size,
    row,
    placeAbsent,
  );
}

function insertNew(state: ApplyState, places: Places, objects: readonly StoredObject[], plan: ArtifactPlan): void {
  const { objectRows } = state;
  // Until a row has its number, the map holds the position of the object, negative.
  const pending: StoredObject[] = [];
  // Named twice, or by a fact before this one.
  const known: StoredObject[] = [];
  for (const object of objects) {
    const rows = objectRows[object.namespace];
    if (rows.has(object.id)) known.push(object);
    else {
      pending.push(object);
      rows.set(object.id, -pending.length);
    }
  }
  const waiting = (namespace: Namespace, id: string): StoredObject | undefined => {
    const position = objectRows[namespace].get(id) ?? 0;
    return position < 0 ? pending[-position - 1] : undefined;
  };
  const rows = new ObjectRows(state.connection, pending.length);
  const add = (object: StoredObject, artifact?: ArtifactColumns): number => {
    const id = state.takeObjectId();
    const { place, at, usedMs } = places.of(object.location, state.batch.nowMs);
    rows.add(id, { kind: kindOf[object.namespace], hex: object.id, size: object.size, place, at, usedMs }, artifact);
    objectRows[object.namespace].set(object.id, id);
    return id;
  };
  const unpaired: string[] = [];
  for (const [id, planned] of plan) {
    const record = waiting('record', id);
    if (record === undefined) continue;
    const blob = waiting('blob', planned.record.file.sha256);
    if (blob === undefined) unpaired.push(id);
    else {
      add(blob);
      planned.row = add(record, artifactColumns(state, planned, null));
    }
  }
  for (const object of pending) {
    if (object.namespace === 'blob' && (objectRows.blob.get(object.id) ?? 0) < 0) add(object);
  }
  findBlobs(state, unpaired, plan);
  for (const id of unpaired) {
    const planned = plan.get(id) as PlannedArtifact;
    const blob = objectRows.blob.get(planned.record.file.sha256);
    if (blob !== undefined)
      planned.row = add(waiting('record', id) as StoredObject, artifactColumns(state, planned, blob));
  }
  for (const object of pending) {
    if (object.namespace === 'record' && (objectRows.record.get(object.id) ?? 0) < 0) add(object);
  }
  rows.flush();
  if (known.length > 0) freshenKnown(state, places, known);
}

/** Rows of the blobs of planned artifacts that came earlier than this batch. */
function findBlobs(state: ApplyState, artifacts: readonly string[], plan: ArtifactPlan): void {
  const blobs = state.objectRows.blob;
  const wanted = artifacts
    .map((id) => (plan.get(id) as PlannedArtifact).record.file)
    .filter(({ sha256 }) => !blobs.has(sha256));
  inSlices(wanted, 16_384, (slice) => {
    for (const [position, id, place, size] of findObjects<[number, number, number]>(
      state.connection,
      kindOf.blob,
      digestsOf(slice.map(({ sha256 }) => sha256)),
      'o.object_id, o.place, o.size',
    )) {
      const file = slice[position] as PlannedArtifact['record']['file'];
      blobs.set(file.sha256, id);
      if (place === placeAbsent && size === 0) giveSize(state, id, file.size);
    }
  });
}

export function artifactColumns(
  state: ApplyState,
  { record, firstRun }: PlannedArtifact,
  blobId: number | null,
): ArtifactColumns {
  return {
    blobId,
    typeId: state.text(record.type),
    version: record.schemaVersion,
    key: record.logicalKey,
    keyHash: keyHash(record.logicalKey),
    firstRun: firstRun ?? null,
  };
}

/** Records the use of known objects, unless they were used within the last hour. Unknown ones are left out. */
export function touchObjects(state: ApplyState, fact: Extract<Fact, { kind: 'touch' }>): void {
  const { connection, batch } = state;
  const update = connection.prepare('UPDATE object SET used_ms = ? WHERE object_id = ?');
  inSlices(fact.ids, 16_384, (slice) => {
    for (const [, id, usedMs, place] of findObjects<[number, number, number]>(
      connection,
      kindOf[fact.namespace],
      digestsOf(slice),
      `o.object_id, ${lastUse}, o.place`,
      joinPack,
    )) {
      if (place !== placeAbsent && usedMs < batch.nowMs - useResolutionMs) update.run(batch.nowMs, id);
    }
  });
}
