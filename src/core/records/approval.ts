/**
 * cairn.approval/1: a person's signature under a report. What was signed is an in-toto statement whose subjects are the report
 * and its candidate; the record repeats who and with which key, so that it can be found, but only the signature counts.
 *
 *   predicateType  https://cairn.dev/attestation/approval/v1
 *   predicate      decision    `approve`
 *                  actor       {id, name, mail}
 *                  level       of the report
 *                  policy      its policy
 *                  approvedAt  the signer's own word
 *                  store       id of the store
 *                  message?    {sha256} of the message, whose text lies in the event's payload and may be erased
 */
import { utf8 } from '../bytes.ts';
import { canonicalize, parseCanonical } from '../canonical-json.ts';
import { CodedError, isCodedError } from '../errors.ts';
import type { ActorId, ReportId } from '../ids.ts';
import type { Statement } from '../in-toto.ts';
import type { JsonValue } from '../json-value.ts';
import { approvalPredicate } from '../predicates.ts';
import { sha256Hex } from '../sha256.ts';
import { parseSignedStatement, type SignedStatement } from '../signed-statement.ts';
import type { Timestamp } from '../time.ts';
import type { ReportRecord } from './report.ts';

export interface ApprovalRecord {
  readonly schema: 'cairn.approval/1';
  readonly report: ReportId;
  readonly actor: ActorId;
  readonly keyFingerprint: string;
  readonly signed: SignedStatement;
}

/** The canonical text of the record. */
export function approvalText(approval: ApprovalRecord): string {
  return canonicalize(approval);
}

function fault(why: string, cause?: unknown): CodedError {
  return new CodedError('RECORD_INVALID', `not a cairn.approval/1 record: ${why}`, { cause });
}

/** Throws RECORD_INVALID, and SIGNATURE_INVALID when `signed` has no known form. */
export function parseApproval(text: string): ApprovalRecord {
  let value: JsonValue;
  try {
    value = parseCanonical(utf8(text));
  } catch (cause) {
    throw fault(isCodedError(cause) ? cause.message : String(cause), cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fault('no object');
  const { schema, report, actor, keyFingerprint, signed, ...rest } = value;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw fault(`unknown member ${JSON.stringify(unknown.slice(0, 80))}`);
  if (schema !== 'cairn.approval/1') throw fault('another schema');
  const isHash = (id: unknown): boolean => typeof id === 'string' && /^[0-9a-f]{64}$/.test(id);
  if (!isHash(report) || !isHash(actor)) throw fault('report and actor are ids');
  if (typeof keyFingerprint !== 'string') throw fault('keyFingerprint is no text');
  return {
    schema,
    report: report as ReportId,
    actor: actor as ActorId,
    keyFingerprint,
    signed: parseSignedStatement(signed),
  };
}

export interface ApprovalClaim {
  readonly report: ReportId;
  readonly record: Pick<ReportRecord, 'candidate' | 'level' | 'policy'>;
  readonly actor: { readonly id: ActorId; readonly name: string; readonly mail: string };
  readonly store: string;
  readonly approvedAt: Timestamp;
  readonly message?: string | undefined;
}

/** What an approver signs. */
export function approvalStatement(claim: ApprovalClaim): Statement {
  const { report, record, actor, store, approvedAt, message } = claim;
  return {
    subject: [
      { name: 'report', digest: { sha256: report } },
      { name: 'candidate', digest: { sha256: record.candidate } },
    ],
    predicateType: approvalPredicate,
    predicate: {
      decision: 'approve',
      actor: { id: actor.id, name: actor.name, mail: actor.mail },
      level: record.level,
      policy: record.policy,
      approvedAt,
      store,
      ...(message === undefined ? {} : { message: { sha256: sha256Hex(message) } }),
    },
  };
}
