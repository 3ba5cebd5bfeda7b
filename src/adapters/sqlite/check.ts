/** Whether the index is sound in itself: pages, references, names stored once, and the schema that the migrations give. */
import type { Connection } from './connection.ts';
import type { Migration } from './migrations.ts';
import { schemaDifferences } from './read-audit.ts';

/** References that no foreign key declares, because the key would cost an index. */
const dangling: readonly (readonly [what: string, sql: string])[] = [
  [
    'artifacts without a blob',
    'SELECT count(*) FROM object a WHERE a.key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM object b WHERE b.object_id = coalesce(a.blob_id, a.object_id - 1) AND b.kind = 0)',
  ],
  [
    'artifacts without a type',
    'SELECT count(*) FROM object a WHERE a.key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM text t WHERE t.text_id = a.type_id)',
  ],
  [
    'artifacts whose first run did not produce them',
    'SELECT count(*) FROM object a WHERE a.first_run IS NOT NULL AND NOT EXISTS (SELECT 1 FROM production p WHERE p.run_id = a.first_run AND p.artifact_id = a.object_id AND p.again = 0)',
  ],
  [
    'productions of no artifact',
    'SELECT count(*) FROM production p WHERE NOT EXISTS (SELECT 1 FROM object a WHERE a.object_id = p.artifact_id AND a.key IS NOT NULL)',
  ],
  [
    'productions at no path',
    'SELECT count(*) FROM production p WHERE p.path_id <> 0 AND NOT EXISTS (SELECT 1 FROM text t WHERE t.text_id = p.path_id)',
  ],
  [
    'objects in no frame',
    'SELECT count(*) FROM object o WHERE o.place > 0 AND NOT EXISTS (SELECT 1 FROM frame f WHERE f.frame_id = o.place)',
  ],
  [
    'names that are stored twice',
    'SELECT count(*) FROM (SELECT substr(sha256, 1, 4) AS four FROM object GROUP BY substr(sha256, 1, 4) HAVING count(*) > 1) g JOIN object a ON substr(a.sha256, 1, 4) = g.four JOIN object b ON substr(b.sha256, 1, 4) = g.four AND b.sha256 = a.sha256 AND b.kind = a.kind AND b.object_id > a.object_id',
  ],
  [
    'contents that no artifact is found by',
    `SELECT count(*) FROM run_content c JOIN object a ON a.object_id IN (SELECT object_id FROM object WHERE blob_id = c.blob_id
       UNION ALL SELECT object_id FROM object WHERE object_id = c.blob_id + 1 AND blob_id IS NULL AND key IS NOT NULL)
     WHERE a.first_run IS NOT NULL AND NOT EXISTS (SELECT 1 FROM artifact_content m
       WHERE m.key_hash = a.key_hash AND m.content = substr(c.sha256, 1, 4) AND m.artifact_id = a.object_id)`,
  ],
  ['runs left open', 'SELECT count(*) FROM run WHERE open <> 0'],
  ['events that are missing', 'SELECT coalesce(max(seq), 0) - count(*) FROM event'],
];

/** Pages, references, and names that are stored once. */
export function indexProblems(connection: Connection): string[] {
  const problems: string[] = [];
  for (const line of connection.values<string>('PRAGMA quick_check(20)'))
    if (line !== 'ok') problems.push(`quick_check: ${line}`);
  const broken = connection.all<{ table: string; rowid: number | null; parent: string }>('PRAGMA foreign_key_check');
  for (const { table, rowid, parent } of broken.slice(0, 20)) {
    problems.push(`${table}${rowid === null ? '' : ` ${rowid}`} refers to a row of ${parent} that does not exist`);
  }
  for (const [what, sql] of dangling) {
    const count = connection.value<number>(sql) ?? 0;
    if (count > 0) problems.push(`${count} ${what}`);
  }
  return problems;
}

/** `scratch` opens an empty database in memory. */
export function checkManifest(
  connection: Connection,
  migrations: readonly Migration[],
  scratch: () => Connection,
): string[] {
  const changed = schemaDifferences(connection, migrations, scratch);
  return [
    ...indexProblems(connection),
    ...changed.map((what) => `the schema is not the one that the migrations give: ${what}`),
  ];
}
