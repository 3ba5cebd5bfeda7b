/**
 * Evaluating a candidate for a level: facts are gathered, the active policy decides, and facts, report and event are recorded
 * together. Nothing else changes: a report is an opinion with its reasons, and `promote` acts on the newest.
 */
import { CodedError } from '../../core/errors.ts';
import type { FactsId, ReportId } from '../../core/ids.ts';
import { type FactsRecord, factsBytes } from '../../core/records/facts.ts';
import type { PolicyRecord } from '../../core/records/policy.ts';
import type { Level, ReportRecord } from '../../core/records/report.ts';
import type { CandidateEntry } from '../../ports/manifest.ts';
import type { Decision } from '../../verify/policy/decision.ts';
import { applyFacts } from '../log/governance.ts';
import { reportFact } from '../log/governance-acts.ts';
import { writing } from '../objects/write-session.ts';
import { decidingPolicy, type NamedPolicy } from './active-policy.ts';
import { candidateEntry } from './candidate-entry.ts';
import type { GovernanceContext } from './context.ts';
import { gatherFacts, type NamedWaiver } from './gather-facts.ts';

export type { NamedWaiver };

export interface EvaluationOptions {
  readonly level: Level;
  readonly waivers?: readonly NamedWaiver[] | undefined;
}

export interface Evaluation {
  readonly candidate: CandidateEntry;
  readonly report: { readonly id: ReportId; readonly record: ReportRecord };
  readonly decision: Decision;
  readonly policy: NamedPolicy;
  /** No policy was active before. */
  readonly activated: boolean;
}

/** The decision; a failure of deciding itself is one that does not pass. */
async function decided(policy: PolicyRecord, facts: FactsRecord): Promise<Decision> {
  try {
    const { decide } = await import('../../verify/policy/decide.ts');
    return decide(policy, facts);
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).toWellFormed().slice(0, 300);
    const blocker = { check: 'policy_decides', message: `the policy could not be applied: ${why}` };
    return {
      passed: false,
      blockers: [blocker],
      warnings: [],
      metrics: {},
      thresholds: {},
      approvals: [],
      interested: [],
      waivers: [],
      checks: [{ ...blocker, outcome: 'undecided', values: [] }],
    };
  }
}

function checkWaivers(waivers: readonly NamedWaiver[]): void {
  for (const { subject, reason } of waivers) {
    if (subject.trim() !== '' && reason.trim() !== '') continue;
    throw new CodedError('BAD_ARGUMENT', `--waive ${subject}: a reason is needed`, {
      hint: 'It stands in the report, and approvals cover it: --waive capacity_curve --reason "no trades are planned".',
      data: { argument: '--reason' },
    });
  }
}

/** `rev` names a candidate. Throws for what is no fault of the candidate; whatever is one blocks, and the report says so. */
export async function evaluateCandidate(
  context: GovernanceContext,
  rev: string,
  { level, waivers = [] }: EvaluationOptions,
): Promise<Evaluation> {
  checkWaivers(waivers);
  return writing(context, 'evaluate', async (session) => {
    const candidate = await candidateEntry(context, rev);
    const { activation, ...policy } = await decidingPolicy(context, session);
    const facts = await gatherFacts(context, { candidate, level, policy: policy.record, waivers });
    const decision = await decided(policy.record, facts);
    const factsId = session.record<FactsId>(factsBytes(facts));
    const { reportOf } = await import('../../verify/policy/report-of.ts');
    const made = reportFact(context, session, reportOf(policy.id, factsId, facts, decision));
    await applyFacts(context, session, [...activation, made]);
    return {
      candidate: await candidateEntry(context, candidate.id),
      report: { id: made.id, record: made.record },
      decision,
      policy,
      activated: activation.length > 0,
    };
  });
}
