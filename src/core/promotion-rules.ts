/**
 * Which steps a candidate may take, and what a step up needs: the rules that every manifest holds against its own callers,
 * so that a refusal says why. The SQL triggers of migrations/ hold the same rules against everyone else, in words of their
 * own. Whether a report passes at all is decided elsewhere, from the policy and the facts.
 */
import type { ActorId, ArtifactId, CandidateId, PolicyId, ReportId } from './ids.ts';
import type { Level, ReportRecord } from './records/report.ts';

type Status = 'exploratory' | 'candidate' | 'accepted' | 'rejected';

const stepsTo: { readonly [to in Status]: readonly Status[] } = {
  candidate: ['exploratory'],
  accepted: ['candidate'],
  rejected: ['exploratory', 'candidate', 'accepted'],
  exploratory: ['candidate', 'accepted', 'rejected'],
};

/** Why a candidate cannot go from one status to another; undefined when it can. */
export function stepFault(from: Status, to: Status): string | undefined {
  if (stepsTo[to].includes(from)) return undefined;
  if (from === to) return `it is ${to} already`;
  return `only ${stepsTo[to].join(' or ')} can become ${to}`;
}

export interface CountedApproval {
  readonly actor: ActorId;
  /** Held now. */
  readonly roles: readonly string[];
  readonly keyRevoked: boolean;
}

export interface PromotionCase {
  readonly candidate: CandidateId;
  readonly to: 'candidate' | 'accepted';
  readonly report: { readonly id: ReportId; readonly record: ReportRecord; readonly origin: string } | undefined;
  /** The newest report of the candidate for that level. */
  readonly newest: ReportId | undefined;
  readonly activePolicy: PolicyId | undefined;
  readonly approvals: readonly CountedApproval[];
  readonly tombstoned: readonly ArtifactId[];
}

/** Names of levels are used as they are in reports. */
export function promotionFault(facts: PromotionCase): string | undefined {
  const { candidate, to, report, newest, activePolicy, tombstoned } = facts;
  if (report === undefined) return 'there is no such report';
  const { record, id, origin } = report;
  if (record.candidate !== candidate) return `report ${id} is about candidate ${record.candidate}`;
  const level: Level = record.level;
  if (level !== to) return `report ${id} is for the level ${level}, not ${to}`;
  if (!record.passed) return `report ${id} did not pass`;
  if (newest !== id) return `report ${newest} of this level is newer`;
  if (origin !== 'local') return `report ${id} was not made here`;
  if (record.policy !== activePolicy) return `report ${id} was made under a policy that is not the active one`;
  const [missing] = missingApprovals(record, facts.approvals);
  if (missing !== undefined)
    return `it needs ${missing.count} independent approvals by the role ${missing.role} and has ${missing.have}`;
  if (tombstoned.length > 0) return `evidence ${tombstoned[0]} was withdrawn`;
  return undefined;
}

/** What of the required approvals is not there. One person counts once, whatever number of keys they signed with. */
export function missingApprovals(
  report: Pick<ReportRecord, 'approvals' | 'interested'>,
  approvals: readonly CountedApproval[],
): { readonly role: string; readonly count: number; readonly have: number }[] {
  const counted = approvals.filter(({ actor, keyRevoked }) => !keyRevoked && !report.interested.includes(actor));
  return report.approvals.flatMap(({ role, count }) => {
    const have = new Set(counted.filter(({ roles }) => roles.includes(role)).map(({ actor }) => actor)).size;
    return have >= count ? [] : [{ role, count, have }];
  });
}
