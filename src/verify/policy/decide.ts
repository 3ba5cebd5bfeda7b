/**
 * The decision: a pure function of policy and facts, so that an auditor's machine and a browser decide as the store did. It never
 * throws for what the facts hold; whatever cannot be decided blocks, and says so in words of its own.
 *
 * Importing this brings the CEL evaluator: load it when something is to be decided.
 */

import type { ActorId } from '../../core/ids.ts';
import type { JsonValue } from '../../core/json-value.ts';
import { encodeLossless, type LosslessObject } from '../../core/lossless-json.ts';
import type { FactsRecord, WaiverFacts } from '../../core/records/facts.ts';
import type { LevelPolicy, PolicyCheck, PolicyRecord } from '../../core/records/policy.ts';
import type { Finding, Waiver } from '../../core/records/report.ts';
import type { CheckOutcome, CheckTrace, Decision } from './decision.ts';
import { type Evaluation, evaluator } from './expressions.ts';
import { writeMessage } from './message.ts';
import { Meter } from './meter.ts';
import { type CheckResult, standingChecks, unusableRoles } from './standing-checks.ts';
import { readableEvidence, variablesOf } from './variables.ts';

function undecided(check: string, why: string): string {
  return `the check ${check} could not be decided: ${why}`;
}

/** One check of the policy; undefined when its condition does not hold. */
function makeCheck(
  check: PolicyCheck,
  evaluate: (text: string) => Evaluation,
  variables: LosslessObject,
  meter: Meter,
): CheckResult | undefined {
  meter.begin();
  const base = {
    check: check.id,
    severity: check.severity,
    isWaivable: true,
    ...(check.role === undefined ? {} : { role: check.role }),
  };
  const fail = (why: string): CheckResult => {
    return { ...base, severity: 'block', isUndecided: true, message: undecided(check.id, why), values: meter.values };
  };
  for (const [text, isCondition] of [
    [check.when, true],
    [check.assert, false],
  ] as const) {
    if (text === undefined) continue;
    const result = evaluate(text);
    if ('undecided' in result) return fail(result.undecided);
    if (typeof result.value !== 'boolean') return fail('its result is neither true nor false');
    if (isCondition && !result.value) return undefined;
    if (!isCondition && !result.value)
      return { ...base, message: writeMessage(check.message, variables), values: meter.values };
  }
  return { ...base, values: meter.values };
}

function mayWaive(waiver: WaiverFacts, level: LevelPolicy): boolean {
  return level.waivable.some(
    ({ subject, roles, reasonRequired }) =>
      subject === waiver.subject &&
      roles.some((role) => waiver.roles.includes(role)) &&
      !(reasonRequired && waiver.reason.trim() === ''),
  );
}

/** The waiver that covers a failed check. */
function waiverOf(result: CheckResult, allowed: readonly WaiverFacts[]): WaiverFacts | undefined {
  if (result.message === undefined || result.severity !== 'block' || result.isWaivable !== true) return undefined;
  return allowed.find(({ subject }) => subject === result.check || subject === result.role);
}

function outcomeOf(
  result: CheckResult,
  waiver: WaiverFacts | undefined,
  enforce: LevelPolicy['enforce'],
): CheckOutcome {
  if (result.message === undefined) return 'pass';
  if (waiver !== undefined) return 'waived';
  if (result.isUndecided === true) return 'undecided';
  return result.severity === 'block' && enforce === 'block' ? 'block' : 'warn';
}

function finding({ check, role }: CheckResult, message: string): Finding {
  return { check, message, ...(role === undefined ? {} : { role }) };
}

function interestedActors({ actors }: FactsRecord, level: LevelPolicy): ActorId[] {
  const behind = {
    creator: [actors.creator],
    runActor: [actors.runActor],
    evaluator: [actors.evaluator],
    evidenceProducer: actors.evidenceProducers,
  };
  return [...new Set(level.independent.flatMap((role) => behind[role]))].sort();
}

function decideFacts(policy: PolicyRecord, facts: FactsRecord): Decision {
  const level = policy.levels[facts.level];
  const evidence = readableEvidence(facts);
  const variables = variablesOf(facts, evidence, level.thresholds);
  const allowed = facts.waivers.filter((waiver) => mayWaive(waiver, level));
  const standing = standingChecks(policy, facts, variables);
  const unusable = unusableRoles(
    // Who waives only the check that evidence is there has not waived what is checked of it.
    standing.filter((result) => waiverOf(result, allowed)?.subject !== result.check),
  );
  const meter = new Meter();
  const evaluate = evaluator(variables, meter);
  const results: CheckResult[] = [...standing];
  const skipped: CheckTrace[] = [];
  for (const check of policy.checks) {
    if (!check.levels.includes(facts.level)) continue;
    const { id, role } = check;
    const isUnusable = role !== undefined && unusable.has(role);
    const result = isUnusable ? undefined : makeCheck(check, evaluate, variables, meter);
    if (result !== undefined) results.push(result);
    else {
      const message = isUnusable ? `there is no ${role} to check` : 'its condition does not hold';
      skipped.push({
        check: id,
        outcome: 'skipped',
        message,
        values: isUnusable ? [] : meter.values,
        ...(role === undefined ? {} : { role }),
      });
    }
  }
  const blockers: Finding[] = [];
  const warnings: Finding[] = [];
  const checks: CheckTrace[] = [];
  const used = new Set<WaiverFacts>();
  for (const result of results) {
    const { check, role, message, values = [] } = result;
    const waiver = waiverOf(result, allowed);
    const outcome = outcomeOf(result, waiver, level.enforce);
    checks.push({
      check,
      outcome,
      values,
      ...(role === undefined ? {} : { role }),
      ...(message === undefined ? {} : { message }),
    });
    if (message === undefined) continue;
    if (waiver !== undefined) {
      used.add(waiver);
      warnings.push(finding(result, `waived: ${message}`));
    } else if (result.severity === 'block' && level.enforce === 'block') blockers.push(finding(result, message));
    else warnings.push(finding(result, message));
  }
  for (const waiver of facts.waivers) {
    if (used.has(waiver)) continue;
    const why = allowed.includes(waiver) ? 'nothing is wrong that it covers' : 'the policy does not allow it';
    warnings.push({ check: 'waiver_without_effect', message: `the waiver of ${waiver.subject} has no effect: ${why}` });
  }
  return {
    passed: blockers.length === 0,
    blockers,
    warnings,
    metrics: encodeLossless(variables.metrics) as { [name: string]: JsonValue },
    thresholds: { ...(level.thresholds as { readonly [name: string]: JsonValue }) },
    approvals: level.approvals,
    interested: interestedActors(facts, level),
    waivers: Array.from(used, ({ subject, reason, by }): Waiver => ({ subject, reason, by })),
    checks: [...checks, ...skipped],
  };
}

/** What the policy says of these facts. */
export function decide(policy: PolicyRecord, facts: FactsRecord): Decision {
  try {
    return decideFacts(policy, facts);
  } catch (error) {
    // Facts that are no cairn.facts/1 record, whatever else they claim to be.
    const why = error instanceof Error ? error.message.slice(0, 300) : 'the facts cannot be read';
    const blocker = { check: 'facts_readable', message: `the facts could not be decided on: ${why}` };
    const nothing = { approvals: [], interested: [], waivers: [], metrics: {}, thresholds: {} };
    return {
      passed: false,
      blockers: [blocker],
      warnings: [],
      ...nothing,
      checks: [{ ...blocker, outcome: 'undecided', values: [] }],
    };
  }
}
