/** What a trace is asked of: a candidate by id, by an accepted name or by one of its reports; or an artifact. */
import { CodedError } from '../../core/errors.ts';
import type { ArtifactId, CandidateId } from '../../core/ids.ts';
import { type RevisionContext, resolveArtifact, resolveRevision } from '../runs/revision.ts';
import { resolveCandidate } from './candidate-entry.ts';

export type TraceTarget =
  | { readonly kind: 'candidate'; readonly id: CandidateId }
  | { readonly kind: 'artifact'; readonly id: ArtifactId };

/** Throws REV_NOT_FOUND, REV_AMBIGUOUS, or BAD_ARGUMENT for a revision of anything else. */
export async function traceTarget(context: RevisionContext, rev: string): Promise<TraceTarget> {
  if (rev.startsWith('accepted/') && !rev.includes(':'))
    return { kind: 'candidate', id: await resolveCandidate(context, rev) };
  const found = await resolveRevision(context, rev);
  if (found.kind === 'candidate' || found.kind === 'report') {
    return { kind: 'candidate', id: await resolveCandidate(context, rev) };
  }
  if (found.kind === 'artifact' || found.kind === 'blob') {
    return { kind: 'artifact', id: await resolveArtifact(context, rev) };
  }
  throw new CodedError(
    'BAD_ARGUMENT',
    `${JSON.stringify(rev)} names a ${found.kind}, and a trace begins with a candidate or an artifact`,
    {
      hint:
        found.kind === 'run'
          ? 'Name one of its files (<run>:<path>), or see `cairn lineage` for a whole run.'
          : 'Name a candidate, accepted/<name>, or an artifact.',
      data: { rev, kind: found.kind },
    },
  );
}
