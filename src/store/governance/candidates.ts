/** Candidates: a claim is recorded once and for ever, with the evidence that it names; the same claim has the same id. */
import { CodedError } from '../../core/errors.ts';
import type { CandidateEntry, CandidateFilter, CandidateStatus, Page, PageRequest } from '../../ports/manifest.ts';
import { applyFacts, screenText } from '../log/governance.ts';
import { candidateFact } from '../log/governance-acts.ts';
import { writing } from '../objects/write-session.ts';
import type { RevisionContext } from '../runs/revision.ts';
import { activePolicy } from './active-policy.ts';
import { type Claim, type ClaimRequest, makeClaim } from './claim.ts';

export type { CandidateEntry, CandidateStatus, ClaimRequest, Page };

/** What a list of candidates may be asked for: a status, or those at risk. */
export const candidateStatusWords = ['exploratory', 'candidate', 'accepted', 'rejected', 'at-risk'] as const;
export type CandidateStatusWord = (typeof candidateStatusWords)[number];

export interface CreatedCandidate extends Pick<Claim, 'evidence' | 'guessed' | 'warnings'> {
  readonly candidate: CandidateEntry;
  /** False when the same claim was made before. */
  readonly created: boolean;
}

export async function createCandidate(context: RevisionContext, request: ClaimRequest): Promise<CreatedCandidate> {
  const { notes } = request;
  if (notes !== undefined) screenText(context, 'the notes', notes);
  return writing(context, 'candidate create', async (session) => {
    const { record: claimed, ...claim } = await makeClaim(context, request, (await activePolicy(context))?.record);
    const fact = candidateFact(context, session, claimed, notes);
    const [before] = await context.manifest.candidates([fact.id]);
    if (before !== undefined) return { ...claim, candidate: before, created: false };
    await applyFacts(context, session, [fact]);
    const [candidate] = await context.manifest.candidates([fact.id]);
    if (candidate === undefined) throw new CodedError('INTERNAL', `candidate ${fact.id} was recorded and is not there`);
    return { ...claim, candidate, created: true };
  });
}

export interface CandidateListRequest {
  readonly status?: CandidateStatusWord | undefined;
  readonly dataset?: string | undefined;
  readonly signal?: string | undefined;
}

/** Newest first. */
export async function listCandidates(
  context: RevisionContext,
  { status, dataset, signal }: CandidateListRequest,
  page: PageRequest,
): Promise<Page<CandidateEntry>> {
  const filter: CandidateFilter = {
    dataset,
    signal,
    ...(status === 'at-risk' ? { atRisk: true } : { status }),
  };
  return context.manifest.listCandidates(filter, page);
}
