/**
 * Where things come from, and what depends on them. A run stands for all its outputs, as that run made them; an artifact
 * stands for itself, in every run that produced it.
 */
import { compareUtf8 } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import type { ArtifactId, RunId } from '../../core/ids.ts';
import type { ArtifactEntry, LineageEdge, RunEntry } from '../../ports/manifest.ts';
import { type RevisionContext, resolveArtifact, resolveRevision } from '../runs/revision.ts';

export type { LineageEdge };

export interface LineageOptions {
  /** What depends on it, instead of what it was made from. */
  readonly down?: boolean | undefined;
  /** Edges to walk at most; unlimited when left out. */
  readonly depth?: number | undefined;
}

export interface LineageGraph {
  /** What was named. */
  readonly root: { readonly kind: 'run' | 'artifact'; readonly id: string };
  readonly direction: 'up' | 'down';
  readonly roots: readonly ArtifactId[];
  readonly artifacts: ReadonlyMap<ArtifactId, { readonly entry: ArtifactEntry | undefined; readonly depth: number }>;
  readonly edges: readonly LineageEdge[];
  /** The runs that the edges name. */
  readonly runs: ReadonlyMap<RunId, RunEntry>;
}

export async function lineageOf(
  context: RevisionContext,
  rev: string,
  options: LineageOptions = {},
): Promise<LineageGraph> {
  const found = await resolveRevision(context, rev);
  const direction = options.down === true ? 'down' : 'up';
  let roots: ArtifactId[];
  let run: RunId | undefined;
  if (found.kind === 'run') {
    run = found.id as RunId;
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
  });
  const ids = [...new Set([...roots, ...lineage.artifacts.map(({ id }) => id)])];
  const entries = await context.manifest.artifacts(ids);
  const depths = new Map(lineage.artifacts.map(({ id, depth }) => [id, depth]));
  const runIds = [...new Set(lineage.edges.map((edge) => edge.run))];
  const runs = await context.manifest.runs(runIds);
  return {
    root: { kind: found.kind === 'run' ? 'run' : 'artifact', id: run ?? (roots[0] as string) },
    direction,
    roots,
    artifacts: new Map(ids.map((id, index) => [id, { entry: entries[index], depth: depths.get(id) ?? 0 }])),
    edges: sortedEdges(lineage.edges, new Map(ids.map((id, index) => [id, entries[index]?.logicalKey ?? '']))),
    runs: new Map(runs.flatMap((entry) => (entry === undefined ? [] : [[entry.id, entry]]))),
  };
}

/** By the keys of child and parent, then by ids: the same lineage is drawn the same way on every machine. */
function sortedEdges(edges: readonly LineageEdge[], keys: ReadonlyMap<ArtifactId, string>): LineageEdge[] {
  const keyOf = (id: ArtifactId): string => keys.get(id) ?? '';
  return [...edges].sort(
    (left, right) =>
      compareUtf8(keyOf(left.child), keyOf(right.child)) ||
      compareUtf8(left.child, right.child) ||
      compareUtf8(keyOf(left.parent), keyOf(right.parent)) ||
      compareUtf8(left.parent, right.parent) ||
      compareUtf8(left.run, right.run),
  );
}
