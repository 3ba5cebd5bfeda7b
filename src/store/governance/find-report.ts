/** Finding an eligibility report by its id or the first digits of it. */
import { CodedError } from '../../core/errors.ts';
import type { ReportId } from '../../core/ids.ts';
import { type RevisionContext, resolveRevision } from '../runs/revision.ts';

/** Throws REV_NOT_FOUND, REV_AMBIGUOUS, and BAD_ARGUMENT for a revision of something else. */
export async function resolveReport(context: RevisionContext, rev: string): Promise<ReportId> {
  const { kind, id } = await resolveRevision(context, rev);
  if (kind === 'report') return id as ReportId;
  throw new CodedError('BAD_ARGUMENT', `${JSON.stringify(rev)} names a ${kind}, and an eligibility report is needed`, {
    hint: '`cairn candidate show <candidate>` lists the reports of a candidate.',
    data: { rev, kind },
  });
}
