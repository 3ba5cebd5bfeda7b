/** The approvals of a report: which of them count, and what is still missing. */
import { isCodedError } from '../../core/errors.ts';
import { missingApprovals } from '../../core/promotion-rules.ts';
import { parseApproval } from '../../core/records/approval.ts';
import type { ApprovalEntry, ReportEntry } from '../../ports/manifest.ts';
import { type ApprovalVerdict, judgeApproval } from '../../verify/approval.ts';
import type { Authority } from '../../verify/authority.ts';
import { readAuthority } from './read-authority.ts';
import type { CheckingContext } from './signing-context.ts';

export interface JudgedApproval {
  readonly entry: ApprovalEntry;
  readonly verdict: ApprovalVerdict;
}

export interface RequiredApprovals {
  readonly role: string;
  readonly count: number;
  readonly have: number;
}

export interface ApprovalState {
  /** Oldest first. */
  readonly approvals: readonly JudgedApproval[];
  /** Everything that the report asks for; met where `have` is `count` or more. */
  readonly required: readonly RequiredApprovals[];
}

async function judge(
  context: CheckingContext,
  report: Pick<ReportEntry, 'id' | 'record'>,
  authority: Authority,
  entry: ApprovalEntry,
): Promise<ApprovalVerdict> {
  try {
    const approval = parseApproval(entry.record);
    const { storeId: store, verifyEd25519: verify } = context;
    return await judgeApproval({ approval, report, authority, store, verify });
  } catch (error) {
    if (!isCodedError(error, 'RECORD_INVALID') && !isCodedError(error, 'SIGNATURE_INVALID')) throw error;
    return { counts: false, actor: entry.actor, doubt: 'signature', detail: error.message };
  }
}

/** Every signature is checked again, whatever the manifest says. */
export async function approvalState(
  context: CheckingContext,
  report: Pick<ReportEntry, 'id' | 'record'>,
  authority?: Authority,
): Promise<ApprovalState> {
  const known = authority ?? (await readAuthority(context));
  const approvals: JudgedApproval[] = [];
  for (const entry of await context.manifest.approvals(report.id)) {
    approvals.push({ entry, verdict: await judge(context, report, known, entry) });
  }
  const counted = approvals.flatMap(({ verdict }) =>
    verdict.counts ? [{ actor: verdict.actor, roles: verdict.roles, keyRevoked: false }] : [],
  );
  const missing = missingApprovals(report.record, counted);
  return {
    approvals,
    required: report.record.approvals.map(({ role, count }) => {
      const lacking = missing.find((one) => one.role === role && one.count === count);
      const people = new Set(counted.filter(({ roles }) => roles.includes(role)).map(({ actor }) => actor));
      return { role, count, have: lacking?.have ?? people.size };
    }),
  };
}
