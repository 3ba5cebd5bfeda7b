/** `tracedRuns`: every statement finds its rows by an index, so a trace costs what it shows. */
import type { JsonValue } from '../../core/canonical-json.ts';
import type { ArtifactId, RunId } from '../../core/ids.ts';
import type { TracedInput, TracedRun, TraceStep } from '../../ports/trace-rows.ts';
import type { Connection } from './connection.ts';
import { artifactIdOf, runIdOf } from './lookups.ts';

/** Exported for the test that holds them against the query planner. */
export const traceSql = {
  run: 'SELECT has_edges AS listed, schema_versions_json AS schemaVersions, plugin_manifest_json AS plugins FROM run WHERE run_id = ?',
  paths: `SELECT coalesce(t.text, a.key) FROM production p CROSS JOIN object a ON a.object_id = p.artifact_id
    LEFT JOIN text t ON t.text_id = p.path_id WHERE p.run_id = ? AND p.artifact_id = ? ORDER BY 1`,
  inputs: `SELECT lower(hex(a.sha256)) AS artifact, t.text AS relation, p.text AS path, lower(hex(o.sha256)) AS producer
    FROM run_input n CROSS JOIN object a ON a.object_id = n.artifact_id CROSS JOIN text t ON t.text_id = n.relation_id
    LEFT JOIN text p ON p.text_id = n.path_id LEFT JOIN object o ON o.object_id = n.producer_id
    WHERE n.run_id = ? ORDER BY n.ordinal LIMIT ?`,
  edges: `SELECT lower(hex(a.sha256)) AS parent, t.text AS relation FROM run_edge e CROSS JOIN object a ON a.object_id = e.parent_id
    CROSS JOIN text t ON t.text_id = e.relation_id WHERE e.run_id = ? AND e.child_id = ? ORDER BY 1, 2 LIMIT ?`,
} as const;

interface RunRow {
  readonly listed: number;
  readonly schemaVersions: string;
  readonly plugins: string;
}
interface InputRow {
  readonly artifact: ArtifactId;
  readonly relation: string;
  readonly path: string | null;
  readonly producer: RunId | '' | null;
}
interface EdgeRow {
  readonly parent: ArtifactId;
  readonly relation: string;
}

export function readTracedRuns(
  connection: Connection,
  steps: readonly TraceStep[],
  limit: number,
): (TracedRun | undefined)[] {
  return steps.map((step) => tracedRun(connection, step, limit));
}

function tracedRun(connection: Connection, { run, artifacts }: TraceStep, limit: number): TracedRun | undefined {
  const row = runIdOf(connection, run);
  const known = row === undefined ? undefined : connection.get<RunRow>(traceSql.run, row);
  if (row === undefined || known === undefined) return undefined;
  // One more than is wanted says whether there is more.
  const asked = limit === 0 ? -1 : limit + 1;
  const inputs = connection.all<InputRow>(traceSql.inputs, row, asked);
  let more = limit > 0 && inputs.length > limit;
  const productions: TracedRun['productions'][number][] = [];
  const edges: NonNullable<TracedRun['edges']>[number][] = [];
  for (const artifact of artifacts) {
    const child = artifactIdOf(connection, artifact);
    if (child === undefined) continue;
    for (const path of connection.values<string>(traceSql.paths, row, child)) productions.push({ run, path, artifact });
    if (known.listed === 0) continue;
    for (const { parent, relation } of connection.all<EdgeRow>(traceSql.edges, row, child, asked)) {
      edges.push({ child: artifact, parent, relation, run });
    }
  }
  more ||= limit > 0 && edges.length > limit;
  return {
    run,
    schemaVersions: JSON.parse(known.schemaVersions) as JsonValue,
    plugins: JSON.parse(known.plugins) as JsonValue,
    productions,
    inputs: (more && limit > 0 ? inputs.slice(0, limit) : inputs).map(inputOf),
    edges: known.listed === 0 ? undefined : limit > 0 ? edges.slice(0, limit) : edges,
    more,
  };
}

function inputOf({ artifact, relation, path, producer }: InputRow): TracedInput {
  return { artifact, relation, path: path ?? undefined, producer: producer || undefined };
}
