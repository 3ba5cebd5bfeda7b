/** Lineage, breadth first over (artifact, producer). */
import type { ArtifactId, RunId } from '../../core/ids.ts';
import type { Lineage, LineageArtifact, LineageEdge, LineageRequest } from '../../ports/manifest.ts';
import { artifactEntry } from './memory-artifacts.ts';
import type { MemoryTables, StoredRun } from './memory-tables.ts';

interface Step {
  readonly edge: LineageEdge;
  readonly artifact: ArtifactId;
  /** As this run made it; as any run did when undefined. */
  readonly producer: RunId | undefined;
}

export function memoryLineage(tables: MemoryTables, request: LineageRequest): Lineage {
  const steps = request.direction === 'up' ? stepsUp : stepsDown;
  const roots = request.roots.filter((id) => tables.artifacts.has(id));
  const depths = new Map<ArtifactId, number>(roots.map((id) => [id, 0]));
  const edges = new Map<string, LineageEdge>();
  const reached = new Set<string>();
  let level = roots.map((artifact) => ({ artifact, producer: request.run }));
  for (let depth = 0; level.length > 0 && depth < (request.depth ?? Number.POSITIVE_INFINITY); depth++) {
    const next: typeof level = [];
    for (const { artifact, producer } of level) {
      const state = `${artifact} ${producer ?? ''}`;
      if (reached.has(state)) continue;
      reached.add(state);
      for (const step of steps(tables, artifact, producer)) {
        edges.set(JSON.stringify([step.edge.child, step.edge.parent, step.edge.relation, step.edge.run]), step.edge);
        if (!depths.has(step.artifact)) depths.set(step.artifact, depth + 1);
        next.push(step);
      }
    }
    level = next;
  }
  const artifacts = [...depths].map(([id, depth]): LineageArtifact => {
    const entry = request.entries === true ? artifactEntry(tables, id) : undefined;
    return entry === undefined ? { id, depth } : { id, depth, entry };
  });
  return { artifacts, edges: [...edges.values()] };
}

/** Edges of a run with one of its outputs as the child. */
function edgesFrom(run: StoredRun, child: ArtifactId): LineageEdge[] {
  const { record, id } = run;
  if (record.edges !== undefined)
    return record.edges.filter((edge) => edge.child === child).map((edge) => ({ ...edge, run: id }));
  return record.inputs.map(({ artifact, relation }) => ({ child, parent: artifact, relation, run: id }));
}

function stepsUp(tables: MemoryTables, artifact: ArtifactId, producer: RunId | undefined): Step[] {
  return tables
    .producers(artifact)
    .filter(({ id }) => producer === undefined || id === producer)
    .flatMap((run) =>
      edgesFrom(run, artifact).flatMap((edge) => {
        const uses = run.record.inputs.filter((input) => input.artifact === edge.parent);
        const known = uses.map((input) =>
          input.run !== undefined && tables.runs.has(input.run) ? input.run : undefined,
        );
        return (known.length === 0 ? [undefined] : known).map((by) => ({ edge, artifact: edge.parent, producer: by }));
      }),
    );
}

function stepsDown(tables: MemoryTables, artifact: ArtifactId, producer: RunId | undefined): Step[] {
  return [...tables.runs.values()].flatMap((run): Step[] => {
    const { record, id } = run;
    if (record.edges !== undefined) {
      const own = record.edges.filter((edge) => edge.parent === artifact);
      return own.map((edge) => ({ edge: { ...edge, run: id }, artifact: edge.child, producer: id }));
    }
    const uses = record.inputs.filter(
      (input) =>
        input.artifact === artifact && (producer === undefined || input.run === undefined || input.run === producer),
    );
    return uses.flatMap(({ relation }) =>
      run.outputs.map((output) => {
        const edge = { child: output.artifact, parent: artifact, relation, run: id };
        return { edge, artifact: output.artifact, producer: id };
      }),
    );
  });
}
