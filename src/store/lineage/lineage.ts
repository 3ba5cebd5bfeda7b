/**
 * Where things come from, and what depends on them. A run stands for all its outputs, as that run made them; an artifact
 * stands for itself, in every run that produced it.
 */
import { compareUtf8, utf8Order } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import type { ArtifactId } from '../../core/ids.ts';
import type { ArtifactEntry, LineageEdge } from '../../ports/manifest.ts';
import { type RevisionContext, resolveArtifact, resolveRevision, runOf } from '../runs/revision.ts';

export type { LineageEdge };

export interface LineageOptions {
  /** What depends on it, instead of what it was made from. */
  readonly down?: boolean | undefined;
  /** Edges to walk at most; unlimited when left out. */
  readonly depth?: number | undefined;
}

export interface ReachedArtifact {
  readonly entry: ArtifactEntry | undefined;
  readonly depth: number;
}

export interface LineageGraph {
  /** What was named. */
  readonly root: { readonly kind: 'run' | 'artifact'; readonly id: string };
  readonly direction: 'up' | 'down';
  readonly roots: readonly ArtifactId[];
  /** The roots, and what was reached, the nearest first. */
  readonly artifacts: ReadonlyMap<ArtifactId, ReachedArtifact>;
  /** By the keys of child and parent, then by ids: the same lineage is drawn the same way on every machine. */
  readonly edges: readonly LineageEdge[];
}

export async function lineageOf(
  context: RevisionContext,
  rev: string,
  options: LineageOptions = {},
): Promise<LineageGraph> {
  const found = await resolveRevision(context, rev);
  const direction = options.down === true ? 'down' : 'up';
  let roots: ArtifactId[];
  const run = runOf(found);
  if (run !== undefined) {
    roots = [...new Set((await context.manifest.outputs(run)).map((output) => output.artifact))];
    if (roots.length === 0) {
      throw new CodedError('BAD_ARGUMENT', `run ${run.slice(0, 12)} has no outputs, so there is no lineage to show`, {
        data: { run },
      });
    }
  } else roots = [await resolveArtifact(context, rev)];
  // Upwards, a run's outputs are traced as that run made them; downwards, whoever used the artifact depends on it.
  const lineage = await context.manifest.lineage({
    roots,
    run: direction === 'up' ? run : undefined,
    direction,
    depth: options.depth,
    entries: true,
  });
  const artifacts = new Map<ArtifactId, ReachedArtifact>(roots.map((id) => [id, { entry: undefined, depth: 0 }]));
  for (const { id, depth, entry } of lineage.artifacts) artifacts.set(id, { entry, depth });
  return {
    root: { kind: found.kind === 'run' ? 'run' : 'artifact', id: run ?? (roots[0] as string) },
    direction,
    roots,
    artifacts,
    edges: sortedEdges(lineage.edges, artifacts),
  };
}

function sortedEdges(
  edges: readonly LineageEdge[],
  artifacts: ReadonlyMap<ArtifactId, ReachedArtifact>,
): readonly LineageEdge[] {
  const named = Array.from(artifacts, ([id, { entry }]) => ({ id, key: entry?.logicalKey ?? '' }));
  const byKey = utf8Order(named.map(({ key }) => key));
  named.sort((left, right) => byKey(left.key, right.key) || compareUtf8(left.id, right.id));
  const ranks = new Map(named.map(({ id }, rank) => [id, rank]));
  const rankOf = (id: ArtifactId): number => ranks.get(id) ?? 0;
  // Both ends in one number: texts are compared once an artifact, not once an edge.
  const order = edges.map((edge) => rankOf(edge.child) * named.length + rankOf(edge.parent));
  const places = [...edges.keys()].sort((left, right) => {
    const [one, other] = [edges[left] as LineageEdge, edges[right] as LineageEdge];
    return (
      (order[left] as number) - (order[right] as number) ||
      compareUtf8(one.run, other.run) ||
      compareUtf8(one.relation, other.relation)
    );
  });
  return places.map((place) => edges[place] as LineageEdge);
}
