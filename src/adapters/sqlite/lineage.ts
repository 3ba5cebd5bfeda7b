/**
 * Lineage: what an artifact derives from, and what derives from it.
 *
 * One recursive query walks states (artifact, producer): an artifact as a certain run made it, or as any run did (0). A
 * state is entered once, so cycles end. Upwards, an artifact leads to the inputs of the runs that produced it, as the runs
 * that those inputs came from made them; downwards, to the outputs of the runs that used it. A run that lists edges leads
 * only along these. Depths are counted afterwards over the edges found, breadth first.
 */
import type { ArtifactId, RunId } from '../../core/ids.ts';
import type { Lineage, LineageRequest } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';
import { artifactIdOf, inSlices, runIdOf } from './lookups.ts';

const producer = 'coalesce((SELECT r.run_id FROM run r WHERE r.record_id = n.producer_id), 0)';
const edgeProducer = `coalesce((SELECT r.run_id FROM run_input n CROSS JOIN run r ON r.record_id = n.producer_id
  WHERE n.run_id = g.run_id AND n.artifact_id = g.parent_id), 0)`;

/** Productions of the state `s`: by its first run, and by later ones. */
const first =
  'CROSS JOIN object a ON a.object_id = s.artifact CROSS JOIN run r ON r.run_id = a.first_run AND (s.run = 0 OR s.run = r.run_id)';
const later = `CROSS JOIN production p ON p.artifact_id = s.artifact AND p.again = 1 AND (s.run = 0 OR s.run = p.run_id)
  CROSS JOIN run r ON r.run_id = p.run_id`;
const inputs = 'CROSS JOIN run_input n ON n.run_id = r.run_id';
const edgesUp = 'CROSS JOIN run_edge g ON g.run_id = r.run_id AND g.child_id = s.artifact';

const statesUp = `WITH RECURSIVE s (artifact, run) AS (
  SELECT value, @run FROM json_each(@roots)
  UNION SELECT n.artifact_id, ${producer} FROM s ${first} ${inputs} WHERE r.has_edges = 0
  UNION SELECT n.artifact_id, ${producer} FROM s ${later} ${inputs} WHERE r.has_edges = 0
  UNION SELECT g.parent_id, ${edgeProducer} FROM s ${first} ${edgesUp} WHERE r.has_edges = 1
  UNION SELECT g.parent_id, ${edgeProducer} FROM s ${later} ${edgesUp} WHERE r.has_edges = 1)`;

/** Edges out of the states: child, parent, relation, run. */
const edgesOfUp = `${statesUp}
  SELECT s.artifact, n.artifact_id, n.relation_id, r.run_id FROM s ${first} ${inputs} WHERE r.has_edges = 0
  UNION SELECT s.artifact, n.artifact_id, n.relation_id, r.run_id FROM s ${later} ${inputs} WHERE r.has_edges = 0
  UNION SELECT s.artifact, g.parent_id, g.relation_id, r.run_id FROM s ${first} ${edgesUp} WHERE r.has_edges = 1
  UNION SELECT s.artifact, g.parent_id, g.relation_id, r.run_id FROM s ${later} ${edgesUp} WHERE r.has_edges = 1`;

/** Uses of the state `s`: an input that names its producer counts only for that producer. */
const uses = `CROSS JOIN run_input n ON n.artifact_id = s.artifact CROSS JOIN run r ON r.run_id = n.run_id
  AND (s.run = 0 OR n.producer_id IS NULL OR n.producer_id = (SELECT record_id FROM run WHERE run_id = s.run))`;
const outputs = 'CROSS JOIN production p ON p.run_id = r.run_id';
const edgesDown = 'CROSS JOIN run_edge g ON g.parent_id = s.artifact CROSS JOIN run r ON r.run_id = g.run_id';

const statesDown = `WITH RECURSIVE s (artifact, run) AS (
  SELECT value, @run FROM json_each(@roots)
  UNION SELECT p.artifact_id, r.run_id FROM s ${uses} ${outputs} WHERE r.has_edges = 0
  UNION SELECT g.child_id, r.run_id FROM s ${edgesDown})`;

const edgesOfDown = `${statesDown}
  SELECT p.artifact_id, s.artifact, n.relation_id, r.run_id FROM s ${uses} ${outputs} WHERE r.has_edges = 0
  UNION SELECT g.child_id, s.artifact, g.relation_id, r.run_id FROM s ${edgesDown}`;

type Edge = [child: number, parent: number, relation: number, run: number];

export function readLineage(connection: Connection, request: LineageRequest): Lineage {
  const roots = request.roots.map((id) => artifactIdOf(connection, id)).filter((row) => row !== undefined);
  const run = request.run === undefined ? 0 : (runIdOf(connection, request.run) ?? -1);
  const up = request.direction === 'up';
  const edges = connection.tuples<Edge>(up ? edgesOfUp : edgesOfDown, {
    roots: JSON.stringify([...new Set(roots)]),
    run,
  });
  const depths = depthsOf(roots, edges, up);
  const within = request.depth ?? Number.POSITIVE_INFINITY;
  const near = (row: number, least: number): boolean => (depths.get(row) ?? Number.POSITIVE_INFINITY) <= within - least;
  const shown = edges.filter(([child, parent]) =>
    up ? near(child, 1) && near(parent, 0) : near(parent, 1) && near(child, 0),
  );
  const artifacts = [...depths].filter(([, depth]) => depth <= within);
  const names = namesOf<ArtifactId>(
    connection,
    'SELECT object_id, lower(hex(sha256)) FROM object',
    'object_id',
    new Set(artifacts.map(([row]) => row)),
  );
  const runs = namesOf<RunId>(
    connection,
    'SELECT r.run_id, lower(hex(o.sha256)) FROM run r CROSS JOIN object o ON o.object_id = r.record_id',
    'run_id',
    new Set(shown.map((edge) => edge[3])),
  );
  const relations = namesOf<string>(
    connection,
    'SELECT text_id, text FROM text',
    'text_id',
    new Set(shown.map((edge) => edge[2])),
  );
  return {
    artifacts: artifacts.map(([row, depth]) => ({ id: names.get(row) as ArtifactId, depth })),
    edges: shown.map(([child, parent, relation, by]) => ({
      child: names.get(child) as ArtifactId,
      parent: names.get(parent) as ArtifactId,
      relation: relations.get(relation) as string,
      run: runs.get(by) as RunId,
    })),
  };
}

/** Least number of edges from a root to each row, in the order of the depths. */
function depthsOf(roots: readonly number[], edges: readonly Edge[], up: boolean): Map<number, number> {
  const next = new Map<number, number[]>();
  for (const [child, parent] of edges) {
    const [from, to] = up ? [child, parent] : [parent, child];
    const others = next.get(from);
    if (others === undefined) next.set(from, [to]);
    else others.push(to);
  }
  const depths = new Map(roots.map((row) => [row, 0]));
  for (const [row, depth] of depths) {
    for (const to of next.get(row) ?? []) if (!depths.has(to)) depths.set(to, depth + 1);
  }
  return depths;
}

function namesOf<Name extends string>(
  connection: Connection,
  select: string,
  column: string,
  rows: ReadonlySet<number>,
): Map<number, Name> {
  const names = new Map<number, Name>();
  inSlices([...rows], 16_384, (slice) => {
    const sql = `${select} WHERE ${column} IN (SELECT value FROM json_each(?))`;
    for (const [row, name] of connection.tuples<[number, Name]>(sql, JSON.stringify(slice))) names.set(row, name);
  });
  return names;
}
