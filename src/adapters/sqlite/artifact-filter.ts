/** A filter over artifacts as SQL: conditions on a row `a`, and where to begin when few rows can pass. */
import type { ArtifactFilter } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';
import { objectIdOf, runIdOf } from './lookups.ts';
import { keyHash } from './numbers.ts';

/** An artifact with its place in the list: row, newest run that produced it (0: none), logical key, id. */
export type Candidate = [row: number, newestRun: number, key: string, id: string];

/** Number of the newest run that produced the artifact `a`; 0 for none. */
export const newestRun =
  'coalesce((SELECT max(q.run_id) FROM production q WHERE q.artifact_id = a.object_id AND q.again = 1), a.first_run, 0)';

interface Conditions {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** Every condition but the glob. A name that no text holds can never match; it becomes -1. */
export function conditionsOf(connection: Connection, filter: ArtifactFilter): Conditions {
  const sql: string[] = ['a.key IS NOT NULL'];
  const values: (string | number)[] = [];
  const add = (condition: string, ...own: (string | number)[]): void => {
    sql.push(condition);
    values.push(...own);
  };
  const text = (value: string): number =>
    connection.value<number>('SELECT text_id FROM text WHERE text = ?', value) ?? -1;
  if (filter.type !== undefined) add('a.type_id = ?', text(filter.type));
  if (filter.logicalKey !== undefined)
    add('a.key_hash = ? AND a.key = ?', keyHash(filter.logicalKey), filter.logicalKey);
  if (filter.status === 'active') {
    add("NOT EXISTS (SELECT 1 FROM artifact_state s WHERE s.artifact_id = a.object_id AND s.status <> 'active')");
  } else if (filter.status !== undefined) {
    add('EXISTS (SELECT 1 FROM artifact_state s WHERE s.artifact_id = a.object_id AND s.status = ?)', filter.status);
  }
  for (const [name, value] of Object.entries(filter.tags ?? {})) {
    add(
      'EXISTS (SELECT 1 FROM artifact_tag g WHERE g.artifact_id = a.object_id AND g.name_id = ? AND g.value_id = ?)',
      text(name),
      text(value),
    );
  }
  if (filter.blob !== undefined) {
    const blob = objectIdOf(connection, 0, filter.blob) ?? -1;
    add('coalesce(a.blob_id, a.object_id - 1) = ?', blob);
  }
  if (filter.createdFrom !== undefined) {
    add('(SELECT created_utc FROM run WHERE run_id = a.first_run) >= ?', filter.createdFrom);
  }
  if (filter.createdTo !== undefined)
    add('(SELECT created_utc FROM run WHERE run_id = a.first_run) <= ?', filter.createdTo);
  return { sql: sql.join(' AND '), values };
}

/** More candidates than this are not worth sorting for one page. */
const few = 5000;

/** All artifacts that pass (but perhaps for the glob), when they are few; undefined otherwise. */
export function fewCandidates(
  connection: Connection,
  filter: ArtifactFilter,
  matches: (key: string) => boolean,
): Candidate[] | undefined {
  for (const source of sourcesOf(connection, filter)) {
    const count = connection.value<number>(
      `SELECT count(*) FROM (SELECT 1 FROM ${source.from} LIMIT ${few + 1})`,
      ...source.values,
    );
    if (count === undefined || count > few) continue;
    const { sql, values } = conditionsOf(connection, filter);
    const rows = `SELECT DISTINCT a.object_id, ${newestRun}, a.key, lower(hex(a.sha256)) FROM ${source.select} AND ${sql}`;
    return connection.tuples<Candidate>(rows, ...source.values, ...values);
  }
  return globCandidates(connection, filter, matches);
}

/**
 * Artifacts whose key a glob may match, when they are few: found by one pass over the keys, which ends as soon as there
 * are too many. SQLite's own GLOB is the wider net; `matches` decides.
 */
function globCandidates(
  connection: Connection,
  filter: ArtifactFilter,
  matches: (key: string) => boolean,
): Candidate[] | undefined {
  if (filter.key === undefined) return undefined;
  const { sql, values } = conditionsOf(connection, filter);
  const rows: number[] = [];
  const keys = `SELECT a.object_id, a.key FROM object a WHERE a.object_id > ? AND a.key GLOB ? AND ${sql} ORDER BY a.object_id LIMIT ?`;
  for (let after = 0; ; ) {
    const found = connection.tuples<[number, string]>(keys, after, widerGlob(filter.key), ...values, few);
    for (const [row, key] of found) if (matches(key)) rows.push(row);
    if (rows.length > few) return undefined;
    if (found.length < few) break;
    after = found.at(-1)?.[0] ?? after;
  }
  return connection.tuples<Candidate>(
    `SELECT a.object_id, ${newestRun}, a.key, lower(hex(a.sha256)) FROM json_each(?) d CROSS JOIN object a ON a.object_id = d.value`,
    JSON.stringify(rows),
  );
}

/** A pattern for SQLite that matches at least what the glob matches: its `*` also matches slashes. */
export function widerGlob(pattern: string): string {
  const end = pattern.search(/[[\\]/);
  const plain = end < 0 ? pattern : `${pattern.slice(0, end)}*`;
  return plain.replaceAll('**/', '*').replaceAll(/\*+/g, '*');
}

interface Source {
  /** Rows to count. */
  readonly from: string;
  /** The same rows joined with the artifact `a`, up to a condition. */
  readonly select: string;
  readonly values: readonly (string | number)[];
}

function sourcesOf(connection: Connection, filter: ArtifactFilter): Source[] {
  const sources: Source[] = [];
  const text = (value: string): number =>
    connection.value<number>('SELECT text_id FROM text WHERE text = ?', value) ?? -1;
  const add = (tables: string, join: string, where: string, ...values: (string | number)[]): void => {
    sources.push({ from: `${tables} WHERE ${where}`, select: `${tables} ${join} WHERE ${where}`, values });
  };
  if (filter.logicalKey !== undefined)
    add('object a INDEXED BY artifact_by_key', '', 'a.key_hash = ?', keyHash(filter.logicalKey));
  if (filter.blob !== undefined) {
    const blob = objectIdOf(connection, 0, filter.blob) ?? -1;
    const rows = `(SELECT object_id AS id FROM object WHERE blob_id = ${blob}
      UNION ALL SELECT object_id FROM object WHERE object_id = ${blob + 1} AND blob_id IS NULL AND key IS NOT NULL)`;
    add(`${rows} d`, 'CROSS JOIN object a ON a.object_id = d.id', '1');
  }
  const artifact = 'CROSS JOIN object a ON a.object_id = d.artifact_id';
  for (const [name, value] of Object.entries(filter.tags ?? {})) {
    add('artifact_tag d', artifact, 'd.name_id = ? AND d.value_id = ?', text(name), text(value));
  }
  if (filter.status === 'superseded' || filter.status === 'tombstoned') {
    add('artifact_state d', artifact, "d.status = ? AND d.status <> 'active'", filter.status);
  }
  if (filter.type !== undefined && filter.type !== 'file') {
    add('object a INDEXED BY artifact_by_type', '', 'a.type_id = ? AND a.type_id > 1', text(filter.type));
  }
  if (filter.createdFrom !== undefined || filter.createdTo !== undefined) {
    add(
      'run r CROSS JOIN production d ON d.run_id = r.run_id AND d.again = 0',
      artifact,
      'r.created_utc >= ? AND r.created_utc <= ?',
      filter.createdFrom ?? '',
      filter.createdTo ?? '\uffff',
    );
  }
  return sources;
}

/** What a run produced that passes (but for the glob), by path. */
export function outputsOfRun(
  connection: Connection,
  filter: ArtifactFilter,
): [row: number, path: string, key: string][] {
  const run = filter.run === undefined ? undefined : runIdOf(connection, filter.run);
  if (run === undefined) return [];
  const { sql, values } = conditionsOf(connection, filter);
  return connection.tuples(
    `SELECT a.object_id, coalesce(t.text, a.key) AS path, a.key FROM production p CROSS JOIN object a ON a.object_id = p.artifact_id
     LEFT JOIN text t ON t.text_id = p.path_id WHERE p.run_id = ? AND ${sql} ORDER BY path`,
    run,
    ...values,
  );
}
