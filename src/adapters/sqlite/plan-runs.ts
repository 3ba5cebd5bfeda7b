/**
 * What the new runs of a batch will say, found before any of its facts is applied: their numbers, the artifacts they name
 * and the publications they are. So the objects of a batch are written as artifacts at once, and known runs cost nothing.
 */
import { assertInvariant } from '../../core/errors.ts';
import type { PublicationId, RunId } from '../../core/ids.ts';
import type { ArtifactPlan, PlannedArtifact } from './apply-objects.ts';
import { publicationMoved } from './apply-refs.ts';
import type { ApplyState } from './apply-state.ts';
import { findObjects } from './lookups.ts';
import { digestsOf, kindOf } from './numbers.ts';
import { publications } from './read-contents.ts';

export interface RunPlan {
  readonly artifacts: ArtifactPlan;
  /** Run numbers of the runs that are new. */
  readonly runs: ReadonlyMap<string, number>;
}

/** Throws PUBLICATION_MOVED when one of the new runs is a publication that another run is. */
export function planRuns(state: ApplyState): RunPlan {
  const runs = new Map<string, number>();
  const artifacts = new Map<string, PlannedArtifact>();
  const published = new Set<PublicationId>();
  const known = knownRuns(state);
  let next = (state.connection.value<number | null>('SELECT max(run_id) FROM run') ?? 0) + 1;
  for (const fact of state.batch.facts) {
    if (fact.kind !== 'run' || runs.has(fact.id) || known.has(fact.id)) continue;
    const run = next++;
    runs.set(fact.id, run);
    const { publication } = fact.record;
    if (publication !== undefined) {
      assertInvariant(!published.has(publication), 'a batch publishes one thing twice');
      published.add(publication);
    }
    for (const { id, record } of fact.artifacts) {
      if (!artifacts.has(id)) artifacts.set(id, { record, firstRun: undefined, row: undefined });
    }
    for (const { artifact } of fact.outputs) {
      const planned = artifacts.get(artifact);
      if (planned !== undefined) planned.firstRun ??= run;
    }
  }
  refusePublished(state, [...published]);
  return { runs, artifacts };
}

/** Runs of the batch that were recorded before it. */
function knownRuns({ connection, batch }: ApplyState): Set<RunId> {
  const ids = batch.facts.flatMap((fact) => (fact.kind === 'run' ? [fact.id] : []));
  const join = 'CROSS JOIN run r ON r.record_id = o.object_id';
  const found = findObjects<[number]>(connection, kindOf.record, digestsOf(ids), 'r.run_id', join);
  return new Set(found.map(([position]) => ids[position] as RunId));
}

/** One publication is one run; whoever lost a race begins again. */
function refusePublished({ connection }: ApplyState, ids: readonly PublicationId[]): void {
  const at = publications(connection, ids).findIndex((run) => run !== undefined);
  if (at >= 0) throw publicationMoved({ kind: 'expect-unpublished', publication: ids[at] as PublicationId });
}
