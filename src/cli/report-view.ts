/** Eligibility reports, and what a policy says when it is tried. */
import type { ReportId } from '../core/ids.ts';
import { shortId } from '../core/ids.ts';
import type { Finding, ReportRecord } from '../core/records/report.ts';
import type { CheckTrace } from '../verify/policy/decision.ts';
import type { Fields, Output } from './output.ts';
import { inLine, timeText } from './text.ts';

/** A value of a metric or threshold, as `lossless-json` writes numbers that JSON has none for. */
export function metricText(value: unknown): string {
  if (typeof value === 'object' && value !== null && '$number' in value) return String(value.$number);
  return inLine(typeof value === 'string' ? value : JSON.stringify(value));
}

export function reportFields(id: ReportId, record: ReportRecord): Fields {
  return {
    eligibilityReportId: id,
    candidateId: record.candidate,
    level: record.level,
    passed: record.passed,
    blockers: record.blockers,
    warnings: record.warnings,
    metrics: record.metrics,
    thresholds: record.thresholds,
    policy: record.policy,
    facts: record.facts,
    evidence: record.evidence,
    approvals: record.approvals,
    interested: record.interested,
    waivers: record.waivers,
    runInstanceId: record.runInstanceId,
    runKey: record.runKey,
    datasetIdV2: record.datasetIdV2 ?? null,
    evaluator: record.evaluator,
    evaluatedAt: record.evaluatedAt,
  };
}

/** `accepted: passed` */
export function reportMark({ level, passed, blockers }: ReportRecord, out: Output): string {
  const outcome = passed ? out.style('green', 'passed') : out.style('red', `blocked (${blockers.length})`);
  return `${level}: ${outcome}`;
}

export function findingLines(findings: readonly Finding[]): string[] {
  return findings.map(({ check, message }) => `  - ${inLine(message)}  [${inLine(check)}]`);
}

/** What an evaluation found, for whoever asked for it. */
export function outcomeLines(
  { blockers, warnings, metrics }: Pick<ReportRecord, 'blockers' | 'warnings' | 'metrics'>,
  out: Output,
): string[] {
  const values = Object.entries(metrics).map(([name, value]) => `${inLine(name)}=${metricText(value)}`);
  return [
    ...(blockers.length === 0 ? [] : [`${out.style('red', 'Blockers')}:`, ...findingLines(blockers)]),
    ...(warnings.length === 0 ? [] : [`${out.style('yellow', 'Warnings')}:`, ...findingLines(warnings)]),
    ...(values.length === 0 ? [] : [`Metrics: ${values.join(', ')}`]),
  ];
}

export function reportLines(id: ReportId, record: ReportRecord, out: Output): string[] {
  const { approvals, waivers } = record;
  return [
    out.style('yellow', `report ${shortId(id)}`),
    `Id:        ${id}`,
    `Candidate: ${out.style('yellow', shortId(record.candidate))}`,
    `Outcome:   ${reportMark(record, out)}`,
    `Policy:    ${shortId(record.policy)}`,
    `Date:      ${timeText(record.evaluatedAt)}`,
    ...(approvals.length === 0
      ? []
      : [`Approvals: ${approvals.map(({ role, count }) => `${count} by ${inLine(role)}`).join(', ')}`]),
    ...waivers.map(({ subject, reason }) => `Waived:    ${inLine(subject)}: ${inLine(reason)}`),
    '',
    ...outcomeLines(record, out),
  ];
}

const marks = {
  pass: ['green', 'pass'],
  block: ['red', 'BLOCK'],
  undecided: ['red', 'UNDECIDED'],
  warn: ['yellow', 'warn'],
  waived: ['yellow', 'waived'],
  skipped: ['dim', 'skipped'],
} as const;

/** Every check as it was made, with the values that it read. */
export function checkLines(checks: readonly CheckTrace[], out: Output): string[] {
  return checks.flatMap(({ check, outcome, message, values, role }) => {
    const [colour, word] = marks[outcome];
    return [
      `${out.style(colour, word.padEnd(9))} ${inLine(check)}${role === undefined ? '' : ` (${inLine(role)})`}`,
      ...(message === undefined ? [] : [`            ${inLine(message)}`]),
      ...values.map(({ path, value }) => `            ${inLine(path)} = ${metricText(value)}`),
    ];
  });
}
