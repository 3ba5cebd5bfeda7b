/** Candidates as people and programs see them: where they stand, on what, and what to do next. */
import { shortId } from '../core/ids.ts';
import type { ShownCandidate } from '../store/governance/candidate-details.ts';
import type { CandidateEntry } from '../store/governance/candidates.ts';
import type { PromotionReason } from '../store/governance/promotion-reasons.ts';
import { riskWords } from '../store/governance/risks.ts';
import { artifactFields, statusText } from './artifact-view.ts';
import type { Fields, Output } from './output.ts';
import { reportFields, reportMark } from './report-view.ts';
import { tableLines } from './table.ts';
import { inLine, inLines, timeText } from './text.ts';

export function riskFields(candidate: CandidateEntry): Fields[] {
  return candidate.risks.map((risk) => {
    const { message, next } = riskWords(candidate, risk);
    return {
      kind: risk.kind,
      role: 'role' in risk ? risk.role : null,
      artifactId: 'artifact' in risk ? risk.artifact : null,
      eligibilityReportId: 'report' in risk ? risk.report : null,
      message,
      next,
    };
  });
}

export function candidateFields(candidate: CandidateEntry): Fields {
  const { id, record, status, risks } = candidate;
  return {
    candidateId: id,
    status,
    atRisk: risks.length > 0,
    risks: riskFields(candidate),
    name: candidate.name ?? null,
    runInstanceId: record.run,
    signalName: record.signalName,
    horizon: record.horizon,
    estimator: record.estimator ?? null,
    familyId: record.familyId ?? null,
    datasetId: record.datasetId,
    configHash: record.configHash,
    gitCommit: candidate.gitCommit ?? null,
    notes: candidate.notes ?? null,
    evidence: record.evidence.map(({ role, artifact }) => ({ role, artifactId: artifact })),
    createdAt: candidate.createdAt,
    creator: candidate.creator,
    statusAt: candidate.statusAt,
    eligibilityReportId: candidate.report ?? null,
  };
}

const colours = { exploratory: 'cyan', candidate: 'yellow', accepted: 'green', rejected: 'red' } as const;

/** `accepted, at-risk` */
export function candidateStatus({ status, risks }: CandidateEntry, out: Output): string {
  const risk = risks.length === 0 ? '' : `, ${out.style(['bold', 'red'], 'at-risk')}`;
  return `${out.style(colours[status], status)}${risk}`;
}

/** What a candidate is about, in a line. */
export function claimText({ record }: CandidateEntry): string {
  const more = [record.estimator, record.familyId].filter((text) => text !== undefined).map(inLine);
  return [`${inLine(record.signalName)} at horizon ${record.horizon}`, ...more].join(', ');
}

export function candidateRows(candidates: readonly CandidateEntry[], out: Output): string[] {
  return tableLines(
    [{ title: '' }, { title: '' }, { title: '' }, { title: '' }, { title: '' }],
    candidates.map((one) => [
      out.style('yellow', shortId(one.id)),
      candidateStatus(one, out),
      claimText(one),
      `run ${shortId(one.record.run)}`,
      one.name ?? '',
    ]),
  );
}

/** In `show` of a run or artifact. */
export function candidateMark({ id, status, name, risks }: CandidateEntry): Fields {
  return { candidateId: id, status, name: name ?? null, atRisk: risks.length > 0 };
}

/** The claims about something, with what to do about those at risk. */
export function candidateSection(candidates: readonly CandidateEntry[], out: Output): string[] {
  if (candidates.length === 0) return [];
  return [
    '',
    'Candidates:',
    ...candidates.flatMap((one) => [
      `  ${out.style('yellow', shortId(one.id))} ${candidateStatus(one, out)}  ${claimText(one)}${one.name === undefined ? '' : `  ${one.name}`}`,
      ...riskLines(one).map((line) => `  ${line}`),
    ]),
  ];
}

/** Why it is at risk, each with what can be done. */
export function riskLines(candidate: CandidateEntry): string[] {
  return candidate.risks.flatMap((risk) => {
    const { message, next } = riskWords(candidate, risk);
    return [`  ${message}`, ...next.map((command) => `    ${command}`)];
  });
}

export function reasonLines(reasons: readonly PromotionReason[]): string[] {
  return reasons.flatMap(({ message, next }) => [
    `  - ${inLine(message)}`,
    ...(next === undefined ? [] : [`    ${next}`]),
  ]);
}

function evidenceRows({ evidence }: ShownCandidate, out: Output): string[] {
  return tableLines(
    [{ title: '' }, { title: '' }, { title: '' }, { title: '' }],
    evidence.map(({ role, artifact, inAncestry }) => [
      inLine(role),
      out.style('yellow', shortId(artifact.id)),
      inLine(artifact.logicalKey),
      [statusText(artifact, out), inAncestry ? '' : out.style('red', 'outside of the ancestry')]
        .filter((text) => text !== '')
        .join(', '),
    ]),
  ).map((line) => `  ${line}`.trimEnd());
}

function approvalRows({ approvals }: ShownCandidate, out: Output): string[] {
  return approvals.map(({ entry, verdict, name }) => {
    const counts = verdict.counts
      ? out.style('green', 'counts')
      : `${out.style('red', 'does not count')}: ${inLine(verdict.detail)}`;
    return `  ${inLine(name)}, ${timeText(entry.timestamp)}, report ${shortId(entry.report)}: ${counts}`;
  });
}

export function shownCandidateLines(shown: ShownCandidate, out: Output): string[] {
  const { candidate, run, creator, reports, next } = shown;
  const { record } = candidate;
  const about = run?.message === undefined ? '' : `  ${inLine(run.message.split('\n', 1)[0] ?? '')}`;
  const optional = (title: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`${title.padEnd(9)}${inLine(value)}`];
  return [
    out.style('yellow', `candidate ${shortId(candidate.id)}`),
    `Id:      ${candidate.id}`,
    `Status:  ${candidateStatus(candidate, out)}, since ${timeText(candidate.statusAt)}`,
    ...optional('Name:', candidate.name),
    `Signal:  ${inLine(record.signalName)}, horizon ${record.horizon}`,
    ...optional('Estimator:', record.estimator),
    ...optional('Family:', record.familyId),
    `Run:     ${out.style('yellow', shortId(record.run))}${about}`,
    `Dataset: ${inLine(record.datasetId)}`,
    `By:      ${inLine(creator)}, ${timeText(candidate.createdAt)}`,
    ...(candidate.notes === undefined
      ? []
      : [
          '',
          ...inLines(candidate.notes)
            .split('\n')
            .map((line) => `    ${line}`),
        ]),
    ...(candidate.risks.length === 0 ? [] : ['', `${out.style(['bold', 'red'], 'At risk')}:`, ...riskLines(candidate)]),
    '',
    ...(shown.evidence.length === 0 ? ['No evidence'] : ['Evidence:', ...evidenceRows(shown, out)]),
    ...(reports.length === 0 ? [] : ['', 'Reports:']),
    ...reports.map(
      (report) =>
        `  ${out.style('yellow', shortId(report.id))} ${reportMark(report.record, out)}, ${timeText(report.timestamp)}`,
    ),
    ...(shown.approvals.length === 0 ? [] : ['', 'Approvals:', ...approvalRows(shown, out)]),
    ...(next === undefined
      ? []
      : next.missing.length === 0
        ? ['', `Nothing is missing: cairn promote ${shortId(candidate.id)} --to ${next.to}`]
        : ['', `Missing to become ${next.to}:`, ...reasonLines(next.missing)]),
  ];
}

export function shownCandidateFields(shown: ShownCandidate): Fields {
  const { candidate, evidence, reports, approvals, next } = shown;
  return {
    kind: 'candidate',
    ...candidateFields(candidate),
    evidence: evidence.map(({ role, artifact, inAncestry }) => ({ role, inAncestry, ...artifactFields(artifact) })),
    reports: reports.map(({ id, record }) => reportFields(id, record)),
    approvals: approvals.map(({ entry, verdict, name }) => ({
      eligibilityReportId: entry.report,
      actor: { id: entry.actor, name },
      keyFingerprint: entry.keyFingerprint,
      timestamp: entry.timestamp,
      counts: verdict.counts,
      detail: verdict.counts ? null : verdict.detail,
    })),
    next:
      next === undefined
        ? null
        : {
            to: next.to,
            missing: next.missing.map(({ message, next: command, check }) => {
              return { message, next: command ?? null, check: check ?? null };
            }),
          },
  };
}
