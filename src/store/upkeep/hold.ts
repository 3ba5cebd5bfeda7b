/**
 * Holds: what is held is never let go, by retire, gc or erasure, until the hold is removed. Holding twice and removing
 * what is not there change nothing and record nothing.
 */
import { CodedError } from '../../core/errors.ts';
import type { HoldEntry, HoldSubject } from '../../ports/manifest.ts';
import { applyFacts, holdFact, screenText } from '../log/governance.ts';
import { writing } from '../objects/write-session.ts';
import { type RevisionContext, resolveRevision } from '../runs/revision.ts';

export interface HoldChange {
  readonly subject: HoldSubject;
  /** False when it was so already. */
  readonly changed: boolean;
}

async function subjectOf(context: RevisionContext, revision: string): Promise<HoldSubject> {
  const { kind, id } = await resolveRevision(context, revision);
  if (kind === 'run' || kind === 'artifact') return { kind, id };
  if (kind === 'event') {
    throw new CodedError('BAD_ARGUMENT', `${JSON.stringify(revision)} names an event, and events are kept for ever`, {
      data: { rev: revision },
    });
  }
  return { kind: 'object', id };
}

function sameSubject(left: HoldSubject, right: HoldSubject): boolean {
  return left.kind === right.kind && left.id === right.id;
}

async function change(
  context: RevisionContext,
  kind: 'hold' | 'unhold',
  revision: string,
  reason: string | undefined,
): Promise<HoldChange> {
  if (reason !== undefined) screenText(context, 'the reason', reason);
  return writing(context, kind === 'hold' ? 'hold add' : 'hold remove', async (session) => {
    const subject = await subjectOf(context, revision);
    const held = (await context.manifest.holds()).some((hold) => sameSubject(hold.subject, subject));
    if (held === (kind === 'hold')) return { subject, changed: false };
    await applyFacts(context, session, [holdFact(context, session, kind, subject, reason)]);
    return { subject, changed: true };
  });
}

/** Holds a run with all it needs, an artifact with its bytes, or an object. */
export async function addHold(
  context: RevisionContext,
  revision: string,
  reason: string | undefined,
): Promise<HoldChange> {
  return change(context, 'hold', revision, reason);
}

export async function removeHold(
  context: RevisionContext,
  revision: string,
  reason: string | undefined,
): Promise<HoldChange> {
  return change(context, 'unhold', revision, reason);
}

/** Oldest first. */
export async function listHolds(context: RevisionContext): Promise<readonly HoldEntry[]> {
  return [...(await context.manifest.holds())].sort((left, right) =>
    left.since < right.since ? -1 : left.since > right.since ? 1 : 0,
  );
}
