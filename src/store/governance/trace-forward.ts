/**
 * Forwards from an artifact to the candidates that rest on it: as evidence, as an output of their run, or through any number of
 * runs that used what was made of it. Bounded: whoever asks about data that everything rests on is told so.
 */
import { type ArtifactId, type CandidateId, type RunId, shortId } from '../../core/ids.ts';
import type { CandidateStatus, Manifest } from '../../ports/manifest.ts';
import type { Missing } from './trace-walk.ts';

/** What stands highest is told first. */
const ranks: { readonly [status in CandidateStatus]: number } = {
  accepted: 0,
  candidate: 1,
  exploratory: 2,
  rejected: 3,
};

/** Runs that used any of these and were not seen yet. */
async function users(
  manifest: Manifest,
  artifacts: readonly ArtifactId[],
  seen: Set<RunId>,
  limit: number | undefined,
): Promise<RunId[]> {
  const fresh: RunId[] = [];
  for (const artifact of artifacts) {
    for (const run of await manifest.consumers(artifact, limit)) {
      if (seen.has(run)) continue;
      seen.add(run);
      fresh.push(run);
    }
  }
  return fresh;
}

export async function candidatesBehind(
  manifest: Manifest,
  artifact: ArtifactId,
  limit: number,
  missing: Missing[],
): Promise<CandidateId[]> {
  const most = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  const runs = new Set<RunId>();
  const reached = new Set<ArtifactId>([artifact]);
  const found = new Set<CandidateId>();
  let frontier: ArtifactId[] = [artifact];
  let isCut = false;
  while (frontier.length > 0 && !isCut) {
    for (const id of await manifest.candidatesOn(frontier)) found.add(id);
    const next: ArtifactId[] = [];
    const entries = await manifest.runs(await users(manifest, frontier, runs, limit === 0 ? undefined : limit));
    for (const entry of entries) {
      if (entry === undefined) continue;
      isCut ||= reached.size + entry.artifacts > most;
      if (isCut) break;
      for (const { artifact: made } of await manifest.outputs(entry.id)) {
        if (!reached.has(made)) next.push(made);
        reached.add(made);
      }
    }
    frontier = next;
  }
  if (isCut) {
    const detail = `more than ${limit} artifacts rest on ${shortId(artifact)}, so candidates that do may not be told of: --limit 0 looks at all`;
    missing.push({ kind: 'limit', subject: artifact, detail });
  }
  const candidates = (await manifest.candidates([...found])).filter((entry) => entry !== undefined);
  candidates.sort((left, right) => ranks[left.status] - ranks[right.status] || right.statusSeq - left.statusSeq);
  return candidates.map(({ id }) => id);
}
