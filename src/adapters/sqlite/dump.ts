/**
 * The dump: every named view as rows in a fixed order, without what is only storage. Rows are read one by
 * one, on a connection that does nothing else; edges, of which there may be many more than outputs, run by run.
 */
import type { JsonValue } from '../../core/canonical-json.ts';
import type { ObjectId } from '../../core/ids.ts';
import type { Namespace } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';

export interface DumpRow {
  readonly name: string;
  readonly row: { readonly [column: string]: JsonValue };
}
export interface Named {
  has(namespace: Namespace, id: ObjectId): boolean;
}
type Row = { [column: string]: JsonValue };

const perRun = (columns: string, table: string, order: string): string =>
  `SELECT ${columns} FROM ${table} v JOIN run r ON r.run_id = v.run_id JOIN object ro ON ro.object_id = r.record_id ${order}`;

/** Views in the order of the dump, each with its order. All rows have the columns of their view. */
const sections: readonly (readonly [name: string, sql: string])[] = [
  ['actor_keys', 'SELECT * FROM actor_keys ORDER BY event_id'],
  ['actors', 'SELECT * FROM actors WHERE name IS NOT NULL ORDER BY actor_id'],
  ['approvals', 'SELECT * FROM approvals ORDER BY event_id'],
  ['artifact_edges', ''],
  ['artifact_lineage', 'SELECT l.* FROM artifact_lineage l ORDER BY l.run_instance_id, l.relative_path'],
  ['artifact_status', 'SELECT * FROM artifact_status ORDER BY artifact_id'],
  ['artifact_tags', 'SELECT * FROM artifact_tags ORDER BY artifact_id, name'],
  ['artifacts', 'SELECT * FROM artifacts ORDER BY artifact_id'],
  ['eligibility_reports', 'SELECT * FROM eligibility_reports ORDER BY event_id'],
  ['governance_events', 'SELECT * FROM governance_events ORDER BY event_id'],
  ['governance_refs', 'SELECT * FROM governance_refs ORDER BY event_id, role, artifact_id'],
  ['holds', 'SELECT * FROM holds ORDER BY subject_kind, subject_id'],
  [
    'objects',
    "SELECT namespace, sha256, CASE WHEN encoding = 'absent' AND namespace = 'record' THEN NULL ELSE size END AS size FROM objects ORDER BY namespace, sha256",
  ],
  ['policies', 'SELECT * FROM policies ORDER BY event_id'],
  ['promotion_candidates', 'SELECT * FROM promotion_candidates ORDER BY event_id'],
  ['promotion_events', 'SELECT * FROM promotion_events ORDER BY event_id'],
  ['ref_log', 'SELECT * FROM ref_log ORDER BY event_id'],
  ['refs', 'SELECT * FROM refs ORDER BY name'],
  [
    'run_inputs',
    perRun(
      `lower(hex(ro.sha256)) AS run_instance_id, v.ordinal, (SELECT lower(hex(sha256)) FROM object WHERE object_id = v.artifact_id) AS artifact_id,
       (SELECT text FROM text WHERE text_id = v.relation_id) AS relation, (SELECT text FROM text WHERE text_id = v.path_id) AS path,
       (SELECT lower(hex(sha256)) FROM object WHERE object_id = v.producer_id) AS producer_run_instance_id`,
      'run_input',
      'ORDER BY 1, 2',
    ),
  ],
  ['run_metrics', 'SELECT * FROM run_metrics ORDER BY run_instance_id, name'],
  ['run_params', 'SELECT * FROM run_params ORDER BY run_instance_id, name'],
  ['run_parents', 'SELECT * FROM run_parents ORDER BY run_instance_id, ordinal'],
  [
    'run_relations',
    perRun(
      `lower(hex(ro.sha256)) AS run_instance_id, v.ordinal, (SELECT lower(hex(sha256)) FROM object WHERE object_id = v.other_id) AS other_run_instance_id,
       (SELECT text FROM text WHERE text_id = v.relation_id) AS relation`,
      'run_relation',
      'ORDER BY 1, 2',
    ),
  ],
  [
    'run_removed',
    perRun(
      'lower(hex(ro.sha256)) AS run_instance_id, (SELECT text FROM text WHERE text_id = v.path_id) AS path',
      'run_removed',
      'ORDER BY 1, 2',
    ),
  ],
  ['run_tags', 'SELECT * FROM run_tags ORDER BY run_instance_id, name'],
  ['runs', 'SELECT * FROM runs ORDER BY event_id'],
];

export function* dumpRows(connection: Connection, named: Named): Generator<DumpRow> {
  for (const [name, sql] of sections) {
    for (const row of name === 'artifact_edges' ? edges(connection) : connection.iterate<Row>(sql)) {
      if (name === 'objects' && !named.has(row['namespace'] as Namespace, row['sha256'] as ObjectId)) continue;
      yield { name, row };
    }
  }
}

/** Edges of each run by child, parent and relation; runs by id. */
function* edges(connection: Connection): Generator<Row> {
  const runs = connection.tuples<[number, string]>(
    'SELECT r.run_id, lower(hex(o.sha256)) FROM run r JOIN object o ON o.object_id = r.record_id ORDER BY o.sha256',
  );
  for (const [run, id] of runs) {
    if (connection.value<number>('SELECT has_edges FROM run WHERE run_id = ?', run) === 1) {
      yield* connection.iterate<Row>(
        `SELECT lower(hex(c.sha256)) AS child_artifact_id, lower(hex(i.sha256)) AS parent_artifact_id, t.text AS relation, ? AS run_instance_id
         FROM run_edge e JOIN object c ON c.object_id = e.child_id JOIN object i ON i.object_id = e.parent_id
           JOIN text t ON t.text_id = e.relation_id WHERE e.run_id = ? ORDER BY 1, 2, 3`,
        id,
        run,
      );
      continue;
    }
    const inputs = connection.tuples<[string, string]>(
      `SELECT DISTINCT lower(hex(i.sha256)), t.text FROM run_input n JOIN object i ON i.object_id = n.artifact_id
         JOIN text t ON t.text_id = n.relation_id WHERE n.run_id = ? ORDER BY 1, 2`,
      run,
    );
    if (inputs.length === 0) continue;
    const children =
      'SELECT DISTINCT lower(hex(c.sha256)) FROM production p JOIN object c ON c.object_id = p.artifact_id WHERE p.run_id = ? ORDER BY 1';
    for (const child of connection.values<string>(children, run)) {
      for (const [parent, relation] of inputs) {
        yield { child_artifact_id: child, parent_artifact_id: parent, relation, run_instance_id: id };
      }
    }
  }
}
