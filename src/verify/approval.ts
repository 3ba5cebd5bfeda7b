/**
 * Whether an approval counts: its signature is over the report's statement, by a key that an admin bound to the actor and that
 * is not revoked, and the actor is a proven holder of a role that the report asks for, and none of the interested. Several
 * approvals of one person, whatever keys they signed with, are one.
 */

import { canonicalize } from '../core/canonical-json.ts';
import type { Ed25519Verify } from '../core/ed25519.ts';
import { isCodedError } from '../core/errors.ts';
import type { ActorId, ReportId } from '../core/ids.ts';
import type { JsonValue } from '../core/json-value.ts';
import { approvalPredicate } from '../core/predicates.ts';
import { type ApprovalRecord, approvalStatement } from '../core/records/approval.ts';
import type { ReportRecord } from '../core/records/report.ts';
import { parseTimestamp } from '../core/time.ts';
import { trustOf } from './actor-keys.ts';
import { type Authority, provenRoles } from './authority.ts';
import { verifySignedStatement } from './signatures/signed-statement.ts';

export interface ApprovalCase {
  readonly approval: ApprovalRecord;
  readonly report: { readonly id: ReportId; readonly record: ReportRecord };
  readonly authority: Authority;
  readonly store: string;
  readonly verify: Ed25519Verify;
}

/** `signature` when it is not a signature of this person under this report; the others may change, except `interested`. */
export type ApprovalDoubt = 'signature' | 'interested' | 'role' | 'not-asked';

export type ApprovalVerdict =
  | { readonly counts: true; readonly actor: ActorId; readonly roles: readonly string[] }
  | { readonly counts: false; readonly actor: ActorId; readonly doubt: ApprovalDoubt; readonly detail: string };

type Predicate = { readonly [name: string]: JsonValue };

/** What is wrong with what was signed; undefined when it is an approval of this report by this person. */
function statementFault(
  { approval, report, store }: ApprovalCase,
  predicate: Predicate,
  said: string,
): string | undefined {
  const { actor, approvedAt, message } = predicate;
  const who = (typeof actor === 'object' && actor !== null ? actor : {}) as Predicate;
  if (who['id'] !== approval.actor) return 'it was signed as somebody else';
  if (typeof approvedAt !== 'string' || typeof who['name'] !== 'string' || typeof who['mail'] !== 'string') {
    return 'it does not say who approved when';
  }
  const wanted = approvalStatement({
    report: report.id,
    record: report.record,
    actor: { id: approval.actor, name: who['name'], mail: who['mail'] },
    store,
    approvedAt: parseTimestamp(approvedAt),
  });
  const full = message === undefined ? wanted.predicate : { ...wanted.predicate, message };
  return said === canonicalize({ subject: wanted.subject, predicate: full }) ? undefined : 'it approves something else';
}

async function signatureFault(check: ApprovalCase): Promise<string | undefined> {
  const { approval, report, authority, verify } = check;
  const { actor, keyFingerprint, signed } = approval;
  if (approval.report !== report.id) return `it is about report ${approval.report}`;
  const bound = authority.keys.get(keyFingerprint);
  if (bound?.key === undefined || bound.actor !== actor) return `${keyFingerprint} is not a key of this person`;
  if (bound.standing !== 'proven') return `no admin signed that ${keyFingerprint} is a key of this person`;
  if (bound.revoked) return `the key ${keyFingerprint} is revoked`;
  const trust = trustOf([{ actor, key: bound.key, namespaces: ['cairn-approval'] }]);
  try {
    const options = { trust, verify, principal: actor, time: { ms: 0, source: 'self-asserted' } as const };
    const { statement, verdict } = await verifySignedStatement(signed, options);
    if (verdict.outcome === 'refused') return `${verdict.reason}: ${verdict.detail}`;
    const { subject, predicate, predicateType } = statement;
    if (predicateType !== approvalPredicate) return `it is a statement of the type ${predicateType}`;
    return statementFault(check, predicate, canonicalize({ subject, predicate }));
  } catch (error) {
    if (isCodedError(error, 'SIGNATURE_INVALID') || isCodedError(error, 'BAD_TIME')) return error.message;
    throw error;
  }
}

export async function judgeApproval(check: ApprovalCase): Promise<ApprovalVerdict> {
  const { actor } = check.approval;
  const { approvals, interested } = check.report.record;
  const refuse = (doubt: ApprovalDoubt, detail: string): ApprovalVerdict => ({ counts: false, actor, doubt, detail });
  const fault = await signatureFault(check);
  if (fault !== undefined) return refuse('signature', fault);
  if (interested.includes(actor)) return refuse('interested', 'who made, ran or evaluated it cannot approve it');
  if (approvals.length === 0) return refuse('not-asked', 'the policy asks for no approvals at this level');
  const roles = provenRoles(check.authority, actor);
  const asked = approvals.map(({ role }) => role);
  if (asked.some((role) => roles.includes(role))) return { counts: true, actor, roles };
  return refuse('role', `it needs the role ${asked.join(' or ')}, signed for by an admin`);
}
