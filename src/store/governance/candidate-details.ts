/** One candidate as people want to see it: where it stands, on what, and what is missing for the next status. */
import type { ArtifactEntry, CandidateEntry, ReportEntry, RunEntry } from '../../ports/manifest.ts';
import type { RevisionContext } from '../runs/revision.ts';
import { approvalState, type JudgedApproval } from './approvals.ts';
import { candidateEntry } from './candidate-entry.ts';
import { inAncestry, placesOf } from './evidence-files.ts';
import { actorName, type PromotionReason, promotionView } from './promotion-reasons.ts';
import type { CheckingContext } from './signing-context.ts';

export interface ShownEvidence {
  readonly role: string;
  readonly artifact: ArtifactEntry;
  readonly inAncestry: boolean;
}

export interface ShownApproval extends JudgedApproval {
  /** Who approved. */
  readonly name: string;
}

export interface ShownCandidate {
  readonly kind: 'candidate';
  readonly candidate: CandidateEntry;
  readonly creator: string;
  readonly run: RunEntry | undefined;
  readonly evidence: readonly ShownEvidence[];
  /** Newest first. */
  readonly reports: readonly ReportEntry[];
  /** Of the report that it stands on, and of the newest one for the next level. */
  readonly approvals: readonly ShownApproval[];
  /** What a candidate can become next; undefined for an accepted or rejected one. */
  readonly next: { readonly to: 'candidate' | 'accepted'; readonly missing: readonly PromotionReason[] } | undefined;
}

const nextStatus = {
  exploratory: 'candidate',
  candidate: 'accepted',
  accepted: undefined,
  rejected: undefined,
} as const;

async function shownEvidence(context: RevisionContext, { record }: CandidateEntry): Promise<ShownEvidence[]> {
  const ids = record.evidence.map(({ artifact }) => artifact);
  const entries = await context.manifest.artifacts(ids);
  const places = await placesOf(context, record.run, ids);
  return record.evidence.flatMap(({ role }, index) => {
    const artifact = entries[index];
    return artifact === undefined ? [] : [{ role, artifact, inAncestry: inAncestry(places[index]) }];
  });
}

async function shownApprovals(context: CheckingContext, reports: readonly ReportEntry[]): Promise<ShownApproval[]> {
  const shown: ShownApproval[] = [];
  for (const report of reports) {
    for (const one of (await approvalState(context, report)).approvals) {
      shown.push({ ...one, name: await actorName(context, one.entry.actor) });
    }
  }
  return shown;
}

export async function showCandidate(context: RevisionContext & CheckingContext, rev: string): Promise<ShownCandidate> {
  const { manifest } = context;
  const candidate = await candidateEntry(context, rev);
  const reports = await manifest.reportsOf(candidate.id);
  const to = nextStatus[candidate.status];
  const view = to === undefined ? undefined : await promotionView(context, candidate, to);
  const relied = reports.filter(({ id }) => id === candidate.report || id === view?.report?.id);
  const [run] = await manifest.runs([candidate.record.run]);
  return {
    kind: 'candidate',
    candidate,
    creator: await actorName(context, candidate.creator),
    run,
    evidence: await shownEvidence(context, candidate),
    reports,
    approvals: await shownApprovals(context, relied),
    next: to === undefined || view === undefined ? undefined : { to, missing: view.reasons },
  };
}
