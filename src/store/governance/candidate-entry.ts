/** Finding a candidate by what people call it: its id, a prefix, its accepted name, one of its reports. */
import { CodedError } from '../../core/errors.ts';
import type { CandidateId, ReportId } from '../../core/ids.ts';
import { acceptedRef } from '../../core/names.ts';
import type { CandidateEntry } from '../../ports/manifest.ts';
import { type RevisionContext, resolveRevision } from '../runs/revision.ts';

async function byName(context: RevisionContext, rev: string): Promise<CandidateId> {
  const name = acceptedRef(rev.slice('accepted/'.length));
  const found = (await context.manifest.acceptedRefs(name)).find((one) => one.name === name);
  if (found !== undefined) return found.candidate;
  throw new CodedError('REV_NOT_FOUND', `nothing is accepted as ${name}`, {
    hint: '`cairn candidate list --status accepted` lists what is.',
    data: { rev },
  });
}

/** Throws REV_NOT_FOUND, REV_AMBIGUOUS, and BAD_ARGUMENT for a revision of something else. */
export async function resolveCandidate(context: RevisionContext, rev: string): Promise<CandidateId> {
  if (rev.startsWith('accepted/')) return byName(context, rev);
  const { kind, id } = await resolveRevision(context, rev);
  if (kind === 'candidate') return id as CandidateId;
  if (kind === 'report') {
    const [report] = await context.manifest.reports([id as ReportId]);
    if (report !== undefined) return report.record.candidate;
  }
  throw new CodedError('BAD_ARGUMENT', `${JSON.stringify(rev)} names a ${kind}, and a candidate is needed`, {
    hint: '`cairn candidate list` lists them; `cairn candidate create` makes one from a run.',
    data: { rev, kind },
  });
}

export async function candidateEntry(context: RevisionContext, rev: string): Promise<CandidateEntry> {
  const id = await resolveCandidate(context, rev);
  const [entry] = await context.manifest.candidates([id]);
  if (entry !== undefined) return entry;
  throw new CodedError('REV_NOT_FOUND', `the store has no candidate ${id}`, { data: { candidate: id } });
}
