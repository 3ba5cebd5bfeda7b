import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isCodedError } from '../../../../src/core/errors.ts';
import type { QueryTable } from '../../../../src/ports/sql-query.ts';
import type { TableFile } from '../../../../src/ports/tables.ts';
import { type QueryPlace, queryPlace } from './query-place.ts';

let place: QueryPlace;
beforeAll(async () => {
  place = await queryPlace();
});
afterAll(() => place.remove());

async function failure(sql: string, files?: { readonly [rev: string]: TableFile | QueryTable }): Promise<string> {
  try {
    return JSON.stringify(await place.duck(sql, files));
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

function file(name: string, content: string | Uint8Array): TableFile {
  const path = join(place.root, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  const format = name.endsWith('.csv') ? 'csv' : name.endsWith('.jsonl') ? 'jsonl' : 'parquet';
  return { path, format, name };
}

describe('SQLite and DuckDB answer alike:', () => {
  const questions = [
    'SELECT * FROM artifacts ORDER BY artifact_id',
    'SELECT * FROM artifact_lineage ORDER BY run_instance_id, relative_path',
    'SELECT * FROM artifact_edges ORDER BY 1, 2, 3, 4',
    'SELECT * FROM artifact_status ORDER BY artifact_id',
    'SELECT * FROM artifact_tags ORDER BY artifact_id, name',
    'SELECT * FROM runs ORDER BY event_id',
    'SELECT * FROM run_parents ORDER BY 1, 2',
    'SELECT * FROM run_metrics ORDER BY 1, 2',
    'SELECT * FROM run_tags ORDER BY 1, 2',
    'SELECT * FROM refs ORDER BY name',
    'SELECT * FROM ref_log ORDER BY event_id',
    'SELECT * FROM holds ORDER BY subject_kind, subject_id',
    'SELECT * FROM objects ORDER BY namespace, sha256',
    'SELECT * FROM governance_events ORDER BY event_id',
    'SELECT run_instance_id, name, type, CAST(value AS TEXT) FROM run_params ORDER BY 1, 2',
    'SELECT artifact_type, count(*), sum(size), min(created_at) FROM artifacts GROUP BY artifact_type ORDER BY 1',
    "SELECT a.logical_key, s.superseded_by FROM artifacts a JOIN artifact_status s USING (artifact_id) WHERE s.status <> 'active' ORDER BY 1, 2",
    'SELECT r.message, count(l.artifact_id) FROM runs r LEFT JOIN artifact_lineage l USING (run_instance_id) GROUP BY r.run_instance_id, r.message ORDER BY 1, 2',
    'SELECT message FROM runs r WHERE EXISTS (SELECT 1 FROM run_parents p WHERE p.parent_run_instance_id = r.run_instance_id) ORDER BY 1',
    `WITH RECURSIVE up(id, depth) AS (
       SELECT artifact_id, 0 FROM artifacts UNION
       SELECT e.parent_artifact_id, depth + 1 FROM up JOIN artifact_edges e ON e.child_artifact_id = up.id WHERE depth < 5
     ) SELECT id, max(depth) FROM up GROUP BY id ORDER BY 1`,
    'SELECT action, count(*) FROM governance_events GROUP BY action HAVING count(*) > 1 ORDER BY 2 DESC, 1',
    'SELECT n.logical_key, o.stored_size FROM artifacts n JOIN objects o ON o.sha256 = n.file_hash ORDER BY 1, 2',
    'SELECT status, retired, stale, count(*) FROM runs GROUP BY 1, 2, 3 ORDER BY 1, 2, 3',
  ];
  test.each(questions)('%s', async (sql) => {
    expect(await place.duck(sql)).toEqual(place.lite(sql));
  });

  test('there are rows to compare in every table but those of contents', async () => {
    const tables = (await place.duck('SHOW TABLES')).map(([name]) => String(name));
    const counts = tables.map((name) => [name, place.lite(`SELECT count(*) FROM ${name}`)[0]?.[0]] as const);
    expect(counts.filter(([, count]) => count === 0)).toEqual([]);
    const views = place.lite("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name").map(([name]) => name);
    expect(tables).toEqual(views);
  });
});

describe('a query cannot', () => {
  const outside = (): string => join(place.root, 'outside.csv');
  const hostile: readonly (readonly [string, RegExp])[] = [
    ["SELECT * FROM read_csv('/etc/passwd')", /Cannot access file/],
    ["SELECT * FROM read_text('/etc/passwd')", /Cannot access file/],
    ["FROM read_blob('OUTSIDE')", /Cannot access file/],
    ["FROM 'OUTSIDE'", /Cannot access file|does not exist/],
    ["FROM glob('/etc/*')", /Cannot access file/],
    ["FROM sniff_csv('/etc/passwd')", /Cannot access file/],
    ["FROM parquet_metadata('OUTSIDE')", /Cannot access file/],
    ["COPY (SELECT 1) TO 'OUTSIDE'", /Cannot access file|does more than read/],
    ["COPY runs FROM 'OUTSIDE'", /Cannot access file|does more than read/],
    ["EXPLAIN ANALYZE COPY (SELECT 1) TO 'OUTSIDE'", /Cannot access file|does more than read/],
    ["EXPORT DATABASE 'OUTSIDE'", /Cannot access|does more than read/],
    ["IMPORT DATABASE 'OUTSIDE'", /Cannot access/],
    ["IMPORT DATABASE 'OUTSIDE' -- artifact('x')", /Cannot access/],
    ["ATTACH 'OUTSIDE' AS x", /does more than read|Cannot access/],
    ["ATTACH 'manifest.sqlite' AS x (TYPE sqlite)", /does more than read|Cannot access/],
    ['DETACH memory', /does more than read/],
    ['INSTALL httpfs', /does more than read/],
    ['LOAD httpfs', /does more than read/],
    ['SET lock_configuration = false', /does more than read/],
    ['SET enable_external_access = true', /does more than read/],
    ['SET VARIABLE x = 1', /does more than read/],
    ['RESET threads', /does more than read/],
    ['PRAGMA threads = 2', /does more than read/],
    ['PRAGMA enable_profiling', /does more than read/],
    ['CALL pragma_version()', /does more than read/],
    ["SELECT getenv('HOME')", /getenv does not exist/],
    ['CREATE TABLE x (a INTEGER)', /does more than read/],
    ['CREATE TEMP TABLE x AS FROM runs', /does more than read/],
    ['CREATE MACRO artifact(x) AS 1', /does more than read|one revision/],
    ['CREATE SECRET s (TYPE s3)', /does more than read|does not exist|Cannot access/],
    ['INSERT INTO runs FROM runs', /does more than read/],
    ["UPDATE artifact_status SET status = 'active'", /does more than read/],
    ['DELETE FROM governance_events', /does more than read/],
    ['DROP TABLE runs', /does more than read/],
    ['ALTER TABLE runs ADD COLUMN x INTEGER', /does more than read/],
    ['TRUNCATE runs', /does more than read/],
    ['EXPLAIN ANALYZE DELETE FROM runs', /does more than read/],
    ['EXPLAIN ANALYZE INSERT INTO runs FROM runs', /does more than read/],
    ['BEGIN', /does more than read/],
    ['CHECKPOINT', /does more than read/],
    ['VACUUM', /does more than read/],
    ['ANALYZE', /does more than read/],
    ['PREPARE p AS SELECT 1', /does more than read/],
    ['EXECUTE p', /./],
    ['USE memory', /does more than read/],
    ['SELECT 1; DROP TABLE runs', /second statement/],
    ["FROM query('DROP TABLE runs')", /not for reading/],
    ["FROM query('SELECT 1')", /not for reading/],
    ["FROM enable_logging(storage = 'file', storage_path = 'OUTSIDE')", /not for reading/],
    ["FROM enable_profiling(save_location = 'OUTSIDE')", /not for reading/],
    ['SELECT $1', /has parameters/],
    ['FROM duckdb_secrets()', /Cannot access|^\[\]/],
  ];

  test('read other files, write, load, attach, set or change anything', async () => {
    const before = createHash('sha256').update(readFileSync(place.path)).digest('hex');
    writeFileSync(outside(), 'a\n1\n');
    for (const [sql, refused] of hostile) {
      const said = await failure(sql.replaceAll('OUTSIDE', outside()));
      expect(`${sql}: ${said}`).toMatch(refused);
      if (!said.startsWith('[]')) expect(`${sql}: ${said}`).toMatch(/: BAD_QUERY: /);
    }
    expect(createHash('sha256').update(readFileSync(place.path)).digest('hex')).toBe(before);
    expect(readFileSync(outside(), 'utf8')).toBe('a\n1\n');
    expect(existsSync(join(place.root, 'tmp')) ? readdirSync(join(place.root, 'tmp')) : []).toEqual([]);
  });

  test('write to the files that it may read', async () => {
    const table = file('mine.csv', 'id\n1\n');
    chmodSync(table.path, 0o666);
    const writes = [
      `COPY (SELECT 2 FROM artifact('x')) TO '${table.path}'`,
      `EXPLAIN ANALYZE COPY (SELECT 2 FROM artifact('x')) TO '${table.path}'`,
      `EXPLAIN ANALYZE COPY (SELECT 2) TO '${table.path}' (USE_TMP_FILE false) -- FROM artifact('x')`,
      `EXPLAIN ANALYZE COPY (SELECT 2 FROM artifact('x')) TO '${table.path}' (USE_TMP_FILE false)`,
      `EXPLAIN (ANALYZE) COPY (SELECT 2 FROM artifact('x')) TO '${table.path}'`,
      `/* EXPLAIN */ EXPLAIN -- x\n ANALYZE COPY (SELECT 2 FROM artifact('x')) TO '${table.path}'`,
      `EXPLAIN EXPLAIN ANALYZE COPY (SELECT 2 FROM artifact('x')) TO '${table.path}'`,
    ];
    for (const sql of writes) expect(await failure(sql, { x: table })).toMatch(/^BAD_QUERY: /);
    expect(readFileSync(table.path, 'utf8')).toBe('id\n1\n');
  });
});
