/**
 * `approve`: a person signs a report. Whatever could never count is refused before anything is signed, and what was signed is
 * checked by the code that checks it later before it is written.
 */
import { CodedError } from '../../core/errors.ts';
import { type ApprovalId, type ReportId, shortId } from '../../core/ids.ts';
import { approvalPayload } from '../../core/records/act-values.ts';
import { type ApprovalRecord, approvalStatement, approvalText } from '../../core/records/approval.ts';
import { payloadBytes } from '../../core/records/payload.ts';
import { formatTimestamp } from '../../core/time.ts';
import type { ReportEntry } from '../../ports/manifest.ts';
import { judgeApproval } from '../../verify/approval.ts';
import { type Authority, provenRoles } from '../../verify/authority.ts';
import { actorIdOf, authorText, eventDraft, screenText } from '../log/governance.ts';
import { writing } from '../objects/write-session.ts';
import { type ApprovalState, approvalState } from './approvals.ts';
import { readAuthority } from './read-authority.ts';
import { signStatement } from './sign-statement.ts';
import type { SigningContext } from './signing-context.ts';

export interface Approved extends ApprovalState {
  readonly report: ReportEntry;
  readonly approval: ApprovalId;
  readonly keyFingerprint: string;
  /** False when this person had approved already: nothing was written. */
  readonly changed: boolean;
  /** Why it does not count as things are; undefined when it does. */
  readonly doubt: string | undefined;
}

async function reportOf(context: SigningContext, id: ReportId): Promise<ReportEntry> {
  const [report] = await context.manifest.reports([id]);
  if (report !== undefined) return report;
  throw new CodedError('REV_NOT_FOUND', `the store has no report ${id}`, { data: { report: id } });
}

/** Refuses what could never count. */
async function refuseUseless(context: SigningContext, report: ReportEntry, authority: Authority): Promise<void> {
  const { id, record } = report;
  const actor = actorIdOf(context.author);
  const who = authorText(context.author);
  const refuse = (code: 'NOT_PERMITTED' | 'STATUS_CONFLICT', message: string, hint: string): never => {
    throw new CodedError(code, message, { hint, data: { report: id, actor, level: record.level } });
  };
  if (!record.passed) {
    refuse(
      'STATUS_CONFLICT',
      `report ${shortId(id)} did not pass: no approval makes it pass`,
      `\`cairn show ${shortId(id)}\` lists what blocks.`,
    );
  }
  const newest = await context.manifest.newestReport(record.candidate, record.level);
  if (newest !== undefined && newest.id !== id) {
    const next = shortId(newest.id);
    refuse(
      'STATUS_CONFLICT',
      `report ${shortId(id)} is not the newest for the level ${record.level}`,
      `Approve the newest: \`cairn approve ${next}\`.`,
    );
  }
  if (record.interested.includes(actor)) {
    refuse(
      'NOT_PERMITTED',
      `${who} is not independent: they made, ran or evaluated this, or produced its evidence`,
      'Somebody else has to approve it.',
    );
  }
  const asked = record.approvals.map(({ role }) => role);
  const wanted = asked.length === 0 ? ['approver'] : asked;
  const held = provenRoles(authority, actor);
  if (wanted.some((role) => held.includes(role))) return;
  const isAsserted = wanted.some((role) => authority.roles.get(actor)?.has(role) === true);
  const roles = wanted.join(' or ');
  refuse(
    'NOT_PERMITTED',
    isAsserted ? `no admin signed that ${who} is ${roles}` : `${who} is no ${roles}`,
    `An admin grants it: \`cairn actor grant ${JSON.stringify(who)} ${wanted[0]}\`.`,
  );
}

/** Throws NOT_PERMITTED, STATUS_CONFLICT, KEY_NOT_FOUND, BAD_PASSPHRASE; nothing is written then. */
export async function approveReport(context: SigningContext, id: ReportId, message?: string): Promise<Approved> {
  if (message !== undefined) screenText(context, 'the message', message);
  const report = await reportOf(context, id);
  const authority = await readAuthority(context);
  await refuseUseless(context, report, authority);
  const actor = actorIdOf(context.author);
  const before = await approvalState(context, report, authority);
  const own = before.approvals.find(
    ({ entry, verdict }) => entry.actor === actor && (verdict.counts || verdict.doubt === 'not-asked'),
  );
  if (own !== undefined) {
    const { id: approval, keyFingerprint } = own.entry;
    const doubt = own.verdict.counts ? undefined : own.verdict.detail;
    return { ...before, report, approval, keyFingerprint, changed: false, doubt };
  }
  const { name, mail } = context.author;
  const { signed, fingerprint: keyFingerprint } = await signStatement(
    context,
    approvalStatement({
      ...{ report: id, record: report.record, actor: { id: actor, name, mail }, store: context.storeId, message },
      approvedAt: formatTimestamp(context.clock.now()),
    }),
  );
  const record: ApprovalRecord = { schema: 'cairn.approval/1', report: id, actor, keyFingerprint, signed };
  const { storeId: store, verifyEd25519: verify } = context;
  const verdict = await judgeApproval({ approval: record, report, authority, store, verify });
  if (!verdict.counts && verdict.doubt === 'signature') {
    throw new CodedError('NOT_PERMITTED', `this signature would not count: ${verdict.detail}`, {
      hint: '`cairn key list` shows which keys an admin has bound to whom.',
      data: { report: id, actor, key: keyFingerprint },
    });
  }
  const text = approvalText(record);
  const approval = await writing(context, 'approve', async (session) => {
    const stored = session.record<ApprovalId>(text);
    const payload = session.record<never>(payloadBytes(approvalPayload(stored, message)));
    const event = eventDraft(context, 'approve', { kind: 'report', id }, payload);
    const objects = await session.settle();
    await context.manifest.apply({
      facts: [
        ...objects,
        { kind: 'approval', id: stored, report: id, actor, keyFingerprint, message, record: text, event },
      ],
      nowMs: context.clock.now(),
      clock: context.clock.kind,
    });
    return stored;
  });
  const after = await approvalState(context, report, authority);
  return {
    ...after,
    ...{ report, approval, keyFingerprint, changed: true },
    doubt: verdict.counts ? undefined : verdict.detail,
  };
}
