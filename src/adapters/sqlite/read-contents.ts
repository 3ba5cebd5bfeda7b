/**
 * Table contents and publications: what artifacts say as tables, which artifact says it already, and what was published.
 *
 * The newest content of a blob is the one that the newest run recorded, the last of several in one run.
 */
import type { ArtifactId, PublicationId, RunId, TableHash, TableSpecId } from '../../core/ids.ts';
import type { ArtifactContent, ContentQuestion } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';
import { eachDigest, inSlices, objectIdOf } from './lookups.ts';
import { digestsOf, keyHash, kindOf } from './numbers.ts';

/** Whether any run recorded one: stores without tables ask nothing else. */
export function anyContents(connection: Connection): boolean {
  return connection.value('SELECT 1 FROM run_content LIMIT 1') !== undefined;
}

const newestSql = `SELECT a.object_id, lower(hex(c.sha256)), lower(hex(s.sha256)), c.row_count, c.min_ts, c.max_ts
  FROM json_each(?) i CROSS JOIN object a ON a.object_id = i.value
    CROSS JOIN run_content c ON c.blob_id = coalesce(a.blob_id, a.object_id - 1)
      AND c.run_id = (SELECT max(m.run_id) FROM run_content m WHERE m.blob_id = coalesce(a.blob_id, a.object_id - 1))
      AND c.ordinal = (SELECT max(m.ordinal) FROM run_content m WHERE m.blob_id = c.blob_id AND m.run_id = c.run_id)
    CROSS JOIN object s ON s.object_id = c.spec_id`;

type ContentRow = [
  artifact: number,
  sha256: TableHash,
  spec: TableSpecId,
  rows: number,
  minTs: string | null,
  maxTs: string | null,
];

/** The newest content of artifacts by their rows, which are given as a JSON list; most artifacts have none. */
export function readNewestContents(connection: Connection, rowsJson: string): Map<number, ArtifactContent> {
  const contents = new Map<number, ArtifactContent>();
  if (!anyContents(connection)) return contents;
  for (const [artifact, sha256, spec, rows, minTs, maxTs] of connection.tuples<ContentRow>(newestSql, rowsJson)) {
    contents.set(artifact, { sha256, spec, rows, minTs: minTs ?? undefined, maxTs: maxTs ?? undefined });
  }
  return contents;
}

// Two statements, because most questions find nothing, and one over the index alone costs an eighth of one with a join.
const candidatesSql = 'SELECT artifact_id FROM artifact_content WHERE key_hash = ? AND content = ?';
const matchSql = `SELECT a.first_run, lower(hex(a.sha256)) FROM object a
  WHERE a.object_id = ? AND a.type_id = ? AND a.version = ? AND a.key = ?
    AND EXISTS (SELECT 1 FROM run_content c WHERE c.blob_id = coalesce(a.blob_id, a.object_id - 1) AND c.spec_id = ? AND c.sha256 = ?)`;

/** The first by production; of several that one run produced, the one with the lowest id. */
export function artifactsWithContent(
  connection: Connection,
  questions: readonly ContentQuestion[],
): (ArtifactId | undefined)[] {
  const types = remembering((text: string) =>
    connection.value<number>('SELECT text_id FROM text WHERE text = ?', text),
  );
  const specs = remembering((spec: TableSpecId) => objectIdOf(connection, kindOf.record, spec));
  return questions.map(({ type, schemaVersion, logicalKey, spec, sha256 }) => {
    const [typeId, specId] = [types(type), specs(spec)];
    if (typeId === undefined || specId === undefined) return undefined;
    const content = Buffer.from(sha256, 'hex');
    const found = connection
      .values<number>(candidatesSql, keyHash(logicalKey), content.subarray(0, 4))
      .flatMap((artifact) =>
        connection.tuples<[run: number, id: ArtifactId]>(
          matchSql,
          artifact,
          typeId,
          schemaVersion,
          logicalKey,
          specId,
          content,
        ),
      );
    return found.sort(([run, id], [otherRun, otherId]) => run - otherRun || (id < otherId ? -1 : 1))[0]?.[1];
  });
}

/** Many questions share a type and a specification. */
function remembering<Key, Value>(find: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    if (!known.has(key)) known.set(key, find(key));
    return known.get(key) as Value;
  };
}

const publicationSql = `${eachDigest} SELECT i.n, lower(hex(o.sha256)) FROM i
  CROSS JOIN run r ON r.publication = substr(@digests, i.n * 32 + 1, 32) CROSS JOIN object o ON o.object_id = r.record_id`;

export function publications(connection: Connection, ids: readonly PublicationId[]): (RunId | undefined)[] {
  const runs: (RunId | undefined)[] = new Array<undefined>(ids.length).fill(undefined);
  inSlices(ids, 16_384, (slice, start) => {
    const bound = { count: slice.length, digests: digestsOf(slice) };
    for (const [position, run] of connection.tuples<[number, RunId]>(publicationSql, bound)) {
      runs[start + position] = run;
    }
  });
  return runs;
}
