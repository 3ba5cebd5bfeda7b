/**
 * Why a candidate cannot be promoted now, every reason in words of its own with the next command. The manifest refuses for the
 * same reasons, one at a time; this is for people, who want to hear all of them.
 */
import { type ActorId, shortId } from '../../core/ids.ts';
import { stepFault } from '../../core/promotion-rules.ts';
import type { CandidateEntry, ReportEntry } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { type ApprovalState, approvalState } from './approvals.ts';
import type { CheckingContext } from './signing-context.ts';

export interface PromotionReason {
  readonly message: string;
  /** The command that comes next. */
  readonly next?: string;
  /** The check of the policy that says so. */
  readonly check?: string;
}

export interface PromotionView {
  /** The newest of the level. */
  readonly report: ReportEntry | undefined;
  /** Of that report; undefined when there is none. */
  readonly approvals: ApprovalState | undefined;
  /** Empty when nothing is in the way. */
  readonly reasons: readonly PromotionReason[];
}

export async function actorName(context: Pick<StoreContext, 'manifest'>, id: ActorId): Promise<string> {
  const actor = await context.manifest.actor(id);
  return actor?.name ?? shortId(id);
}

function stepReasons({ id, status, name }: CandidateEntry, to: 'candidate' | 'accepted'): PromotionReason[] {
  const fault = stepFault(status, to);
  if (fault === undefined) return [];
  const short = shortId(id);
  if (status === to) return [{ message: `it is ${to} already${name === undefined ? '' : `, as ${name}`}` }];
  if (status === 'exploratory')
    return [
      {
        message: 'it is exploratory, and only a candidate can be accepted',
        next: `cairn promote ${short} --to candidate`,
      },
    ];
  return [
    {
      message: `it is ${status}: ${fault}`,
      next: `cairn withdraw ${short} -m <reason>`,
    },
  ];
}

/** What the approvals lack, and why those that are there do not count. */
async function approvalReasons(
  context: Pick<StoreContext, 'manifest'>,
  report: ReportEntry,
  { approvals, required }: ApprovalState,
): Promise<PromotionReason[]> {
  const lacking = required.filter(({ count, have }) => have < count);
  const reasons: PromotionReason[] = lacking.map(({ role, count, have }) => ({
    message: `it needs ${count === 1 ? 'an approval' : `${count} approvals`} by the role ${role}, and has ${have} that count${have === 1 ? 's' : ''}`,
    next: `cairn approve ${shortId(report.id)}`,
  }));
  if (reasons.length === 0) return [];
  for (const { verdict } of approvals) {
    if (verdict.counts) continue;
    const name = await actorName(context, verdict.actor);
    reasons.push({ message: `the approval of ${name} does not count: ${verdict.detail}` });
  }
  return reasons;
}

async function reportReasons(
  context: CheckingContext,
  candidate: CandidateEntry,
  to: 'candidate' | 'accepted',
  report: ReportEntry | undefined,
  approvals: ApprovalState | undefined,
): Promise<PromotionReason[]> {
  const evaluate = `cairn evaluate ${shortId(candidate.id)} --level ${to}`;
  if (report === undefined) return [{ message: `it was never evaluated for the level ${to}`, next: evaluate }];
  const { record, origin, id } = report;
  const reasons: PromotionReason[] = record.passed
    ? []
    : [{ message: `report ${shortId(id)} for the level ${to} did not pass`, next: evaluate }];
  reasons.push(...record.blockers.map(({ check, message }) => ({ message, check })));
  if (origin !== 'local') reasons.push({ message: `report ${shortId(id)} was not made here`, next: evaluate });
  const active = await context.manifest.activePolicy();
  if (active?.id !== record.policy) {
    const is = active === undefined ? 'none is active' : `the active one is ${active.name} ${active.version}`;
    reasons.push({
      message: `report ${shortId(id)} was made under another policy (${shortId(record.policy)}): ${is}`,
      next: evaluate,
    });
  }
  const isAsked = record.passed && approvals !== undefined;
  return isAsked ? [...reasons, ...(await approvalReasons(context, report, approvals))] : reasons;
}

async function evidenceReasons(
  context: Pick<StoreContext, 'manifest'>,
  { record }: CandidateEntry,
): Promise<PromotionReason[]> {
  const entries = await context.manifest.artifacts(record.evidence.map(({ artifact }) => artifact));
  return entries.flatMap((entry, index): PromotionReason[] => {
    if (entry?.status !== 'tombstoned') return [];
    const { role, artifact } = record.evidence[index] as CandidateEntry['record']['evidence'][number];
    return [
      {
        message: `its ${role} (${shortId(artifact)}) was withdrawn${entry.reason === undefined ? '' : `: ${entry.reason}`}`,
        next: `cairn restore ${shortId(artifact)} -m <reason>`,
      },
    ];
  });
}

export async function promotionView(
  context: CheckingContext,
  candidate: CandidateEntry,
  to: 'candidate' | 'accepted',
): Promise<PromotionView> {
  const report = await context.manifest.newestReport(candidate.id, to);
  const approvals = report === undefined ? undefined : await approvalState(context, report);
  const step = stepReasons(candidate, to);
  if (candidate.status === to) return { report, approvals, reasons: step };
  return {
    report,
    approvals,
    reasons: [
      ...step,
      ...(await reportReasons(context, candidate, to, report, approvals)),
      ...(await evidenceReasons(context, candidate)),
    ],
  };
}
