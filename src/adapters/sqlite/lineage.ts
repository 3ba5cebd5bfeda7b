/**
 * Lineage: what an artifact derives from, and what derives from it.
 *
 * One recursive query walks states (artifact, producer): an artifact as a certain run made it, or as any run did (0). A
 * state is entered once, so cycles end. Upwards, an artifact leads to the inputs of the runs that produced it, as the runs
 * that those inputs came from made them; downwards, to the outputs of the runs that used it. A run that lists edges leads
 * only along these. Depths are counted afterwards over the edges found, breadth first.
 */
import type { ArtifactId, RunId } from '../../core/ids.ts';
import type { Lineage, LineageArtifact, LineageRequest } from '../../ports/manifest.ts';
import type { Connection } from './connection.ts';
import { type Edge, nearest, type Reached } from './lineage-depths.ts';
import { findObjects, inSlices, runIdOf } from './lookups.ts';
import { digestsOf } from './numbers.ts';
import { artifactEntries } from './read-artifacts.ts';

/** One way from a state `s` over an edge to the next state. */
interface Way {
  /** child, parent, relation, run */
  readonly edge: string;
  readonly next: string;
  readonly from: string;
  /** Leads somewhere only in a store with later productions, or with listed edges. */
  readonly needs: { readonly later: boolean; readonly listed: boolean };
}

const inputProducer = 'coalesce((SELECT r.run_id FROM run r WHERE r.record_id = n.producer_id), 0)';
const edgeProducer = `coalesce((SELECT r.run_id FROM run_input n CROSS JOIN run r ON r.record_id = n.producer_id
  WHERE n.run_id = g.run_id AND n.artifact_id = g.parent_id), 0)`;

/** Productions of the state: by its first run, and by later ones. */
const productions = [
  `CROSS JOIN object a ON a.object_id = s.artifact
   CROSS JOIN run r ON r.run_id = a.first_run AND (s.run = 0 OR s.run = r.run_id)`,
  `CROSS JOIN production p ON p.artifact_id = s.artifact AND p.again = 1 AND (s.run = 0 OR s.run = p.run_id)
   CROSS JOIN run r ON r.run_id = p.run_id`,
];

const up: readonly Way[] = productions.flatMap((production, later) => [
  {
    edge: 's.artifact, n.artifact_id, n.relation_id, r.run_id',
    next: `n.artifact_id, ${inputProducer}`,
    from: `${production} CROSS JOIN run_input n ON n.run_id = r.run_id WHERE r.has_edges = 0`,
    needs: { later: later === 1, listed: false },
  },
  {
    edge: 's.artifact, g.parent_id, g.relation_id, r.run_id',
    next: `g.parent_id, ${edgeProducer}`,
    from: `${production} CROSS JOIN run_edge g ON g.run_id = r.run_id AND g.child_id = s.artifact WHERE r.has_edges = 1`,
    needs: { later: later === 1, listed: true },
  },
]);

const down: readonly Way[] = [
  {
    edge: 'p.artifact_id, s.artifact, n.relation_id, r.run_id',
    next: 'p.artifact_id, r.run_id',
    // An input that names its producer counts only for that producer.
    from: `CROSS JOIN run_input n ON n.artifact_id = s.artifact CROSS JOIN run r ON r.run_id = n.run_id
      AND (s.run = 0 OR n.producer_id IS NULL OR n.producer_id = (SELECT record_id FROM run WHERE run_id = s.run))
      CROSS JOIN production p ON p.run_id = r.run_id WHERE r.has_edges = 0`,
    needs: { later: false, listed: false },
  },
  {
    edge: 'g.child_id, s.artifact, g.relation_id, r.run_id',
    next: 'g.child_id, r.run_id',
    from: 'CROSS JOIN run_edge g ON g.parent_id = s.artifact CROSS JOIN run r ON r.run_id = g.run_id',
    needs: { later: false, listed: true },
  },
];

/** The ways that can lead anywhere in this store: each of the others would cost a look-up for every state. */
function openWays(connection: Connection, ways: readonly Way[]): readonly Way[] {
  const later = connection.value('SELECT 1 FROM production WHERE again = 1 LIMIT 1') !== undefined;
  const listed = connection.value('SELECT 1 FROM run_edge LIMIT 1') !== undefined;
  return ways.filter(({ needs }) => (later || !needs.later) && (listed || !needs.listed));
}

/** All edges that are reached. */
function closureSql(ways: readonly Way[]): string {
  const states = ways.map(({ next, from }) => `UNION SELECT ${next} FROM s ${from}`).join(' ');
  const edges = ways.map(({ edge, from }) => `SELECT DISTINCT ${edge} FROM s ${from}`).join(' UNION ');
  return `WITH RECURSIVE s (artifact, run) AS (SELECT value, @run FROM json_each(@roots) ${states}) ${edges}`;
}

/** Edges out of given states, each with the state it leads to. */
function levelSql(ways: readonly Way[]): string {
  const edges = ways.map(({ edge, next, from }) => `SELECT ${edge}, ${next} FROM s ${from}`).join(' UNION ALL ');
  return `WITH s (artifact, run) AS (SELECT value ->> 0, value ->> 1 FROM json_each(@states)) ${edges}`;
}

type State = readonly [artifact: number, run: number];

/** Up to here it is cheaper to ask level by level than to walk everything and cut. */
const shallow = 64;

export function readLineage(connection: Connection, request: LineageRequest): Lineage {
  const known = findObjects<[number]>(
    connection,
    1,
    digestsOf(request.roots),
    'o.object_id',
    'WHERE o.key IS NOT NULL',
  );
  const roots = [...new Set(known.map(([, row]) => row))];
  const run = request.run === undefined ? 0 : (runIdOf(connection, request.run) ?? -1);
  const { direction, depth = Number.POSITIVE_INFINITY, entries = false } = request;
  const ways = openWays(connection, direction === 'up' ? up : down);
  const edges =
    depth <= shallow
      ? edgesWithin(connection, levelSql(ways), roots, run, depth)
      : connection.tuples<Edge>(closureSql(ways), { roots: JSON.stringify(roots), run });
  return named(connection, nearest(roots, edges, direction === 'up', depth), entries);
}

function edgesWithin(
  connection: Connection,
  level: string,
  roots: readonly number[],
  run: number,
  depth: number,
): Edge[] {
  const edges = new Map<string, Edge>();
  const reached = new Set<string>();
  let states: State[] = roots.map((row) => [row, run]);
  for (let step = 0; step < depth && states.length > 0; step++) {
    const next: State[] = [];
    for (const [child, parent, relation, by, artifact, producer] of connection.tuples<readonly [...Edge, ...State]>(
      level,
      {
        states: JSON.stringify(states),
      },
    )) {
      edges.set(`${child} ${parent} ${relation} ${by}`, [child, parent, relation, by]);
      const state = `${artifact} ${producer}`;
      if (reached.has(state)) continue;
      reached.add(state);
      next.push([artifact, producer]);
    }
    states = next;
  }
  return [...edges.values()];
}

const artifactNames = 'SELECT lower(hex(o.sha256)) FROM json_each(?) i CROSS JOIN object o ON o.object_id = i.value';
const runNames = `SELECT lower(hex(o.sha256)) FROM json_each(?) i CROSS JOIN run r ON r.run_id = i.value
  CROSS JOIN object o ON o.object_id = r.record_id`;
const relationNames = 'SELECT t.text FROM json_each(?) i CROSS JOIN text t ON t.text_id = i.value';

/** Rows become ids, each of them once. */
function named(connection: Connection, reached: Reached, withEntries: boolean): Lineage {
  const { rows, depths, edges, children, parents } = reached;
  const depthAt = (at: number): number => depths[at] as number;
  const artifacts: readonly LineageArtifact[] = withEntries
    ? artifactEntries(connection, rows).map((entry, at) => ({ id: entry.id, depth: depthAt(at), entry }))
    : namesOf<ArtifactId>(connection, artifactNames, rows).map((id, at) => ({ id, depth: depthAt(at) }));
  const runs = namesBy<RunId>(connection, runNames, edges, 3);
  const relations = namesBy<string>(connection, relationNames, edges, 2);
  const idAt = (place: number | undefined): ArtifactId => (artifacts[place as number] as LineageArtifact).id;
  return {
    artifacts,
    edges: edges.map((edge, at) => ({
      child: idAt(children[at]),
      parent: idAt(parents[at]),
      relation: relations.get(edge[2]) as string,
      run: runs.get(edge[3]) as RunId,
    })),
  };
}

/** The names of rows, in their order: every row has one. */
function namesOf<Name extends string>(connection: Connection, select: string, rows: readonly number[]): Name[] {
  const names: Name[] = [];
  inSlices(rows, 16_384, (slice) => {
    for (const name of connection.values<Name>(select, JSON.stringify(slice))) names.push(name);
  });
  return names;
}

/** The names of what stands in one column of edges. */
function namesBy<Name extends string>(
  connection: Connection,
  select: string,
  edges: readonly Edge[],
  column: 2 | 3,
): Map<number, Name> {
  const found = new Set<number>();
  for (const edge of edges) found.add(edge[column]);
  const rows = [...found];
  const names = namesOf<Name>(connection, select, rows);
  return new Map(rows.map((row, at) => [row, names[at] as Name]));
}
