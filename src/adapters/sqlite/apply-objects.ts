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
import { type ArtifactColumns, insertObjectRows, type ObjectRow } from './object-rows.ts';
import { isRefusal } from './sqlite-errors.ts';

/** What the runs of the batch say about an artifact that the store may not know yet. */
export interface PlannedArtifact {
  readonly record: ArtifactRecord;
  readonly firstRun: number | undefined;
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
    state.forgetRows(fact.objects, plan.keys());
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
      const columns = `o.object_id, o.place, ${lastUse}`;
      const digests = digestsOf(slice.map(({ id }) => id));
      for (const [position, id, place, usedMs] of findObjects<[number, number, number]>(
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
        } else if (place !== placeAbsent && usedMs < batch.nowMs - useResolutionMs) {
          connection.run('UPDATE object SET used_ms = ? WHERE object_id = ?', batch.nowMs, id);
        }
      }
      for (let index = 0; index < slice.length; index++) if (!seen.has(index)) unknown.push(slice[index] as StoredObject);
    });
  }
  return unknown;
}

function insertNew(state: ApplyState, places: Places, objects: readonly StoredObject[], plan: ArtifactPlan): void {
  const records = new Map<string, StoredObject>();
  for (const object of objects) if (object.namespace === 'record') records.set(object.id, object);
  const recordOfBlob = new Map<string, StoredObject>();
  for (const [id, { record }] of plan) {
    const object = records.get(id);
    if (object !== undefined && !recordOfBlob.has(record.file.sha256)) recordOfBlob.set(record.file.sha256, object);
  }
  const rows: ObjectRow[] = [];
  const add = (object: StoredObject, artifact?: ArtifactColumns): void => {
    const id = state.takeObjectId();
    const { namespace, size } = object;
    const place = places.of(object.location, state.batch.nowMs);
    rows.push({ id, kind: kindOf[namespace], hex: object.id, size, ...place, artifact });
    state.objectRows[namespace].set(object.id, id);
    const planned = artifact === undefined ? undefined : plan.get(object.id);
    if (artifact === undefined || planned === undefined) return;
    state.artifacts.set(object.id, { id, key: artifact.key, firstRun: planned.firstRun });
  };
  const taken = (namespace: Namespace, id: string): boolean => state.objectRows[namespace].has(id);
  for (const blob of objects) {
    if (blob.namespace !== 'blob' || taken('blob', blob.id)) continue;
    add(blob);
    const record = recordOfBlob.get(blob.id);
    const planned = record === undefined ? undefined : plan.get(record.id);
    if (record === undefined || planned === undefined || taken('record', record.id)) continue;
    add(record, artifactColumns(state, planned, null));
  }
  insertObjectRows(state.connection, rows);
  rows.length = 0;
  // The rest after the blobs, so that an artifact finds the row of its blob.
  findBlobs(state, records, plan);
  for (const record of records.values()) {
    if (taken('record', record.id)) continue;
    const planned = plan.get(record.id);
    const blobId = planned === undefined ? undefined : state.objectRows.blob.get(planned.record.file.sha256);
    if (planned === undefined || blobId === undefined) add(record);
    else add(record, artifactColumns(state, planned, blobId));
  }
  insertObjectRows(state.connection, rows);
}

/** Rows of the blobs of planned artifacts that came earlier than this batch. */
function findBlobs(state: ApplyState, records: ReadonlyMap<string, StoredObject>, plan: ArtifactPlan): void {
  const wanted: string[] = [];
  for (const [id, { record }] of plan) {
    if (records.has(id) && !state.objectRows.blob.has(record.file.sha256)) wanted.push(record.file.sha256);
  }
  inSlices(wanted, 16_384, (slice) => {
    for (const [position, id] of findObjects<[number]>(state.connection, kindOf.blob, digestsOf(slice), 'o.object_id')) {
      state.objectRows.blob.set(slice[position] as string, id);
    }
  });
}

export function artifactColumns(state: ApplyState, { record, firstRun }: PlannedArtifact, blobId: number | null): ArtifactColumns {
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
