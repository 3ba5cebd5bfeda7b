/**
 * The only way in which a candidate's status changes: promoting, rejecting, withdrawing, each one event. Promoting relies on the
 * newest report of the level; the manifest checks all of it again inside its write transaction, so that of two who promote at
 * once one wins and the other is told.
 */
import { CodedError, isCodedError } from '../../core/errors.ts';
import { type CandidateId, type EventId, type RefName, shortId } from '../../core/ids.ts';
import { acceptedRef } from '../../core/names.ts';
import { stepFault } from '../../core/promotion-rules.ts';
import type { CandidateEntry, Fact } from '../../ports/manifest.ts';
import { applyFacts, screenText } from '../log/governance.ts';
import { promoteFact, stepBackFact } from '../log/governance-acts.ts';
import { type WriteSession, writing } from '../objects/write-session.ts';
import type { RevisionContext } from '../runs/revision.ts';
import { candidateEntry } from './candidate-entry.ts';
import { actorName, type PromotionReason, promotionView } from './promotion-reasons.ts';
import type { CheckingContext } from './signing-context.ts';

export interface PromotionOptions {
  readonly to: 'candidate' | 'accepted';
  /** `accepted/<name>`; `<signal>-h<horizon>` when left out. */
  readonly as?: string | undefined;
  /** Take the name from the candidate that has it. */
  readonly replace?: boolean | undefined;
  readonly message?: string | undefined;
}

export interface StatusStep {
  readonly candidate: CandidateEntry;
  readonly event: EventId;
  /** The candidate that the name was taken from. */
  readonly replaced: CandidateId | undefined;
}

function blocked({ id }: CandidateEntry, to: string, reasons: readonly PromotionReason[]): CodedError {
  const lines = reasons.map(({ message }) => `  - ${message}`);
  const next = [...new Set(reasons.flatMap((reason) => reason.next ?? []))];
  return new CodedError(
    'PROMOTION_BLOCKED',
    `candidate ${shortId(id)} cannot be promoted to ${to}:\n${lines.join('\n')}`,
    {
      hint: next.length === 0 ? undefined : `Next: ${next.map((command) => `\`${command}\``).join(', then ')}.`,
      data: { candidate: id, to, reasons },
    },
  );
}

function nameOf({ record }: CandidateEntry, { to, as }: PromotionOptions): RefName | undefined {
  if (to !== 'accepted') {
    if (as === undefined) return undefined;
    throw new CodedError('BAD_ARGUMENT', '--as: only what is accepted gets a name', { data: { argument: '--as' } });
  }
  try {
    return acceptedRef(as?.replace(/^accepted\//, '') ?? `${record.signalName}-h${record.horizon}`);
  } catch (error) {
    if (as !== undefined || !isCodedError(error, 'BAD_REF_NAME')) throw error;
    throw new CodedError('BAD_REF_NAME', `${error.message}, which the name of the signal gives`, {
      hint: 'Choose another name with --as.',
      data: error.data,
      cause: error,
    });
  }
}

/** Who has the name now. Throws REF_EXISTS unless it may be taken. */
async function holderOf(
  context: RevisionContext,
  name: RefName | undefined,
  { id }: CandidateEntry,
  replace: boolean,
): Promise<CandidateId | undefined> {
  if (name === undefined) return undefined;
  const held = (await context.manifest.acceptedRefs(name)).find((one) => one.name === name)?.candidate;
  if (held === undefined || replace) return held;
  throw new CodedError('REF_EXISTS', `${name} names candidate ${shortId(held)} already`, {
    hint: `Give ${shortId(id)} another name with --as, or take this one with --replace.`,
    data: { name, candidate: held },
  });
}

/** After a refusal inside the transaction: what somebody else did meanwhile, as the error to show. */
async function overtaken(context: RevisionContext, before: CandidateEntry, error: unknown): Promise<unknown> {
  if (!isCodedError(error, 'STATUS_CONFLICT') && !isCodedError(error, 'REF_MOVED')) return error;
  const [now] = await context.manifest.candidates([before.id]);
  if (now === undefined || now.statusSeq === before.statusSeq) return error;
  const act = (await context.manifest.candidateActs(before.id)).find(({ seq }) => seq === now.statusSeq);
  const who = act === undefined ? 'somebody' : await actorName(context, act.actor);
  return new CodedError(
    'STATUS_CONFLICT',
    `candidate ${shortId(before.id)} became ${now.status} meanwhile, by ${who} at ${now.statusAt}`,
    {
      hint: `Nothing was changed here. \`cairn candidate show ${shortId(before.id)}\` says where it stands.`,
      data: { candidate: before.id, status: now.status, event: act?.event ?? null },
      cause: error,
    },
  );
}

async function step(
  context: RevisionContext,
  before: CandidateEntry,
  fact: Fact,
  session: WriteSession,
  replaced?: CandidateId,
): Promise<StatusStep> {
  let event: EventId | undefined;
  try {
    event = (await applyFacts(context, session, [fact])).events.at(-1)?.id;
  } catch (error) {
    throw await overtaken(context, before, error);
  }
  if (event === undefined) throw new CodedError('INTERNAL', 'a change of status has no event');
  return { candidate: await candidateEntry(context, before.id), event, replaced };
}

/** Throws PROMOTION_BLOCKED with every reason, REF_EXISTS for a taken name, STATUS_CONFLICT when somebody else was quicker. */
export async function promoteCandidate(
  context: RevisionContext & CheckingContext,
  rev: string,
  options: PromotionOptions,
): Promise<StatusStep> {
  const { to, message } = options;
  if (message !== undefined) screenText(context, 'the message', message);
  return writing(context, 'promote', async (session) => {
    const candidate = await candidateEntry(context, rev);
    const name = nameOf(candidate, options);
    const { report, reasons } = await promotionView(context, candidate, to);
    if (reasons.length > 0 || report === undefined) throw blocked(candidate, to, reasons);
    const replace = await holderOf(context, name, candidate, options.replace === true);
    const promotion = { to, report: report.id, name, replace, message };
    return step(context, candidate, promoteFact(context, session, candidate.id, promotion), session, replace);
  });
}

async function stepBack(
  context: RevisionContext,
  kind: 'reject' | 'withdraw',
  rev: string,
  reason: string,
): Promise<StatusStep> {
  if (reason.trim() === '') {
    throw new CodedError('BAD_ARGUMENT', '--message: a reason is needed', {
      hint: 'Say why, for those who find it later: -m "the vendor corrected the prices".',
      data: { argument: '--message' },
    });
  }
  screenText(context, 'the message', reason);
  return writing(context, kind, async (session) => {
    const candidate = await candidateEntry(context, rev);
    const { id, status } = candidate;
    const to = kind === 'reject' ? 'rejected' : 'exploratory';
    const fault = stepFault(status, to);
    if (fault !== undefined) {
      throw new CodedError('STATUS_CONFLICT', `candidate ${shortId(id)} is ${status}: ${fault}`, {
        hint: `\`cairn candidate show ${shortId(id)}\` says where it stands.`,
        data: { candidate: id, status, reason: fault },
      });
    }
    return step(context, candidate, stepBackFact(context, session, kind, id, reason), session);
  });
}

/** From any status; its accepted name is free afterwards. */
export const rejectCandidate = (context: RevisionContext, rev: string, reason: string): Promise<StatusStep> =>
  stepBack(context, 'reject', rev, reason);

/** Back to exploratory. */
export const withdrawCandidate = (context: RevisionContext, rev: string, reason: string): Promise<StatusStep> =>
  stepBack(context, 'withdraw', rev, reason);
