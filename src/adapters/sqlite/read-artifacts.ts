/** Artifacts as entries, and what runs did with them. */
import type { ArtifactId, BlobId, RunId } from '../../core/ids.ts';
import type { Timestamp } from '../../core/time.ts';
import type { ArtifactEntry, ArtifactStatus, Production } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';
import { artifactIdOf, findObjects, inSlices, runIdOf } from './lookups.ts';
import { digestsOf, placeAbsent } from './numbers.ts';
import { readNewestContents } from './read-contents.ts';

const sliceSize = 16_384;

/** Id and content are written as digits together, which costs less than twice half of it. */
const entrySql = (
  states: boolean,
): string => `SELECT a.object_id, lower(hex(a.sha256 || b.sha256)), a.type_id, a.version, a.key,
    b.size, b.place, a.first_run${states ? ', s.status, s.reason, s.erased, (SELECT lower(hex(sha256)) FROM object WHERE object_id = s.by_id)' : ''}
  FROM json_each(?) i CROSS JOIN object a ON a.object_id = i.value
    CROSS JOIN object b ON b.object_id = coalesce(a.blob_id, a.object_id - 1)
    ${states ? 'LEFT JOIN artifact_state s ON s.artifact_id = a.object_id' : ''}`;
const [plainSql, stateSql] = [entrySql(false), entrySql(true)];

type EntryRow = [
  row: number,
  digits: string,
  type: number,
  schemaVersion: number,
  logicalKey: string,
  size: number,
  place: number,
  firstRun: number | null,
  status?: ArtifactStatus | null,
  reason?: string | null,
  erased?: number | null,
  by?: ArtifactId | null,
];

const typesSql = 'SELECT t.text_id, t.text FROM json_each(?) i CROSS JOIN text t ON t.text_id = i.value';
const timesSql = 'SELECT r.run_id, r.created_utc FROM json_each(?) i CROSS JOIN run r ON r.run_id = i.value';

/** Texts that many rows share, each of them once. */
function sharedTexts<Text extends string>(
  connection: Connection,
  sql: string,
  rows: readonly EntryRow[],
  column: 2 | 7,
): ReadonlyMap<number | null, Text> {
  const wanted = new Set<number | null>();
  for (const row of rows) wanted.add(row[column]);
  wanted.delete(null);
  return new Map(connection.tuples<[number, Text]>(sql, JSON.stringify([...wanted])));
}

const noTags: ArtifactEntry['tags'] = Object.freeze({});

const tagsSql = `SELECT g.artifact_id, n.text, v.text FROM json_each(?) i CROSS JOIN artifact_tag g ON g.artifact_id = i.value
  CROSS JOIN text n ON n.text_id = g.name_id CROSS JOIN text v ON v.text_id = g.value_id ORDER BY n.text`;

/** Entries of artifact rows, in their order. */
export function artifactEntries(connection: Connection, rows: readonly number[]): ArtifactEntry[] {
  const entries: ArtifactEntry[] = [];
  const anyTags = connection.value('SELECT 1 FROM artifact_tag LIMIT 1') !== undefined;
  const anyStates = connection.value('SELECT 1 FROM artifact_state LIMIT 1') !== undefined;
  inSlices(rows, sliceSize, (slice) => {
    const ids = JSON.stringify(slice);
    const tags = new Map<number, [string, string][]>();
    for (const [row, name, value] of anyTags ? connection.tuples<[number, string, string]>(tagsSql, ids) : []) {
      const own = tags.get(row);
      if (own === undefined) tags.set(row, [[name, value]]);
      else own.push([name, value]);
    }
    const contents = readNewestContents(connection, ids);
    const found = connection.tuples<EntryRow>(anyStates ? stateSql : plainSql, ids);
    const types = sharedTexts<string>(connection, typesSql, found, 2);
    const times = sharedTexts<Timestamp>(connection, timesSql, found, 7);
    for (const entry of found) {
      const [row, digits, type, schemaVersion, logicalKey, size, place, firstRun, status, reason, erased, by] = entry;
      const own = tags.get(row);
      entries.push({
        id: digits.slice(0, 64) as ArtifactId,
        type: types.get(type) as string,
        schemaVersion,
        logicalKey,
        blob: digits.slice(64) as BlobId,
        size,
        status: status ?? 'active',
        supersededBy: by ?? undefined,
        reason: reason ?? undefined,
        absent: place === placeAbsent || erased === 1,
        createdAt: times.get(firstRun),
        tags: own === undefined ? noTags : Object.fromEntries(own),
        content: contents.get(row),
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
