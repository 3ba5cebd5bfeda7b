/** Artifacts as entries, and what runs did with them. */
import type { ArtifactId, BlobId, RunId } from '../../core/ids.ts';
import type { Timestamp } from '../../core/time.ts';
import type { ArtifactEntry, ArtifactStatus, Production } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';
import { artifactIdOf, findObjects, inSlices, runIdOf } from './lookups.ts';
import { digestsOf, placeAbsent } from './numbers.ts';

const sliceSize = 16_384;

const entrySql = `SELECT a.object_id, lower(hex(a.sha256)), t.text, a.version, a.key, lower(hex(b.sha256)), b.size, b.place,
    r.created_utc, s.status, s.reason, s.erased, (SELECT lower(hex(sha256)) FROM object WHERE object_id = s.by_id)
  FROM json_each(?) i CROSS JOIN object a ON a.object_id = i.value
    CROSS JOIN object b ON b.object_id = coalesce(a.blob_id, a.object_id - 1)
    CROSS JOIN text t ON t.text_id = a.type_id
    LEFT JOIN artifact_state s ON s.artifact_id = a.object_id LEFT JOIN run r ON r.run_id = a.first_run`;

type EntryRow = [
  row: number,
  id: ArtifactId,
  type: string,
  schemaVersion: number,
  logicalKey: string,
  blob: BlobId,
  size: number,
  place: number,
  createdAt: Timestamp | null,
  status: ArtifactStatus | null,
  reason: string | null,
  erased: number | null,
  by: ArtifactId | null,
];

const tagsSql = `SELECT g.artifact_id, n.text, v.text FROM json_each(?) i CROSS JOIN artifact_tag g ON g.artifact_id = i.value
  CROSS JOIN text n ON n.text_id = g.name_id CROSS JOIN text v ON v.text_id = g.value_id ORDER BY n.text`;

/** Entries of artifact rows, in their order. */
export function artifactEntries(connection: Connection, rows: readonly number[]): ArtifactEntry[] {
  const entries: ArtifactEntry[] = [];
  const anyTags = connection.value('SELECT 1 FROM artifact_tag LIMIT 1') !== undefined;
  inSlices(rows, sliceSize, (slice) => {
    const ids = JSON.stringify(slice);
    const tags = new Map<number, [string, string][]>();
    for (const [row, name, value] of anyTags ? connection.tuples<[number, string, string]>(tagsSql, ids) : []) {
      const own = tags.get(row);
      if (own === undefined) tags.set(row, [[name, value]]);
      else own.push([name, value]);
    }
    for (const row of connection.tuples<EntryRow>(entrySql, ids)) {
      const [number, id, type, schemaVersion, logicalKey, blob, size, place, createdAt, status, reason, erased, by] =
        row;
      entries.push({
        id,
        type,
        schemaVersion,
        logicalKey,
        blob,
        size,
        status: status ?? 'active',
        supersededBy: by ?? undefined,
        reason: reason ?? undefined,
        absent: place === placeAbsent || erased === 1,
        createdAt: createdAt ?? undefined,
        tags: Object.fromEntries(tags.get(number) ?? []),
      });
    }
  });
  return entries;
}

export function readArtifacts(connection: Connection, ids: readonly ArtifactId[]): (ArtifactEntry | undefined)[] {
  const found: (ArtifactEntry | undefined)[] = new Array<undefined>(ids.length).fill(undefined);
  inSlices(ids, sliceSize, (slice, start) => {
    const rows = findObjects<[number]>(connection, 1, digestsOf(slice), 'o.object_id', 'WHERE o.key IS NOT NULL');
    const entries = artifactEntries(
      connection,
      rows.map(([, row]) => row),
    );
    rows.forEach(([position], index) => {
      found[start + position] = entries[index];
    });
  });
  return found;
}

/** Who produced the artifact, newest first; several paths of one run by path. */
export function readProductions(connection: Connection, artifact: ArtifactId, limit: number | undefined): Production[] {
  const row = artifactIdOf(connection, artifact);
  if (row === undefined) return [];
  const sql = `SELECT lower(hex(ro.sha256)), coalesce(t.text, a.key) AS path FROM object a
      CROSS JOIN (SELECT run_id, path_id FROM production WHERE artifact_id = @row AND again = 1
        UNION ALL SELECT run_id, path_id FROM production
          WHERE run_id = (SELECT first_run FROM object WHERE object_id = @row) AND artifact_id = @row AND again = 0) p
      CROSS JOIN run r ON r.run_id = p.run_id CROSS JOIN object ro ON ro.object_id = r.record_id
      LEFT JOIN text t ON t.text_id = p.path_id
    WHERE a.object_id = @row ORDER BY p.run_id DESC, path LIMIT @limit`;
  const rows = connection.tuples<[RunId, string]>(sql, { row, limit: limit ?? -1 });
  return rows.map(([run, path]) => ({ run, path, artifact }));
}

/** What the run produced, by path. */
export function readOutputs(connection: Connection, run: RunId): Production[] {
  const row = runIdOf(connection, run);
  if (row === undefined) return [];
  const sql = `SELECT coalesce(t.text, a.key) AS path, lower(hex(a.sha256)) FROM production p
    CROSS JOIN object a ON a.object_id = p.artifact_id LEFT JOIN text t ON t.text_id = p.path_id WHERE p.run_id = ? ORDER BY path`;
  return connection.tuples<[string, ArtifactId]>(sql, row).map(([path, artifact]) => ({ run, path, artifact }));
}

/** Runs that used the artifact as an input, newest first. */
export function readConsumers(connection: Connection, artifact: ArtifactId, limit: number | undefined): RunId[] {
  const row = artifactIdOf(connection, artifact);
  if (row === undefined) return [];
  const sql = `SELECT lower(hex(o.sha256)) FROM
      (SELECT DISTINCT run_id FROM run_input WHERE artifact_id = ? ORDER BY run_id DESC LIMIT ?) i
    CROSS JOIN run r ON r.run_id = i.run_id CROSS JOIN object o ON o.object_id = r.record_id ORDER BY i.run_id DESC`;
  return connection.values<RunId>(sql, row, limit ?? -1);
}
