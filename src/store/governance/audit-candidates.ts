/**
 * Every candidate that stands as candidate or accepted, against what has to stand behind that: its report and events, the
 * decision made again from facts and policy, approvals, evidence, and where it all came from. One pass over the candidates;
 * an error in one check of one candidate is a finding of that check.
 */
import { type CandidateId, shortId } from '../../core/ids.ts';
import type { Manifest } from '../../ports/manifest.ts';
import { PastArtifacts } from './at-time-artifacts.ts';
import { Moment } from './at-time-moment.ts';
import { Authorities, approvalFaults } from './audit-approvals.ts';
import type { AuditContext, Standing } from './audit-context.ts';
import { decisionFault } from './audit-decision.ts';
import { type AuditCheck, Findings, verdict } from './audit-finding.ts';
import { riskWords } from './risks.ts';

type Check = readonly [
  name: string,
  looked: string,
  problems: (standing: Standing) => Promise<readonly string[]>,
  weight?: 'warn',
];

async function* everyStanding(manifest: Manifest): AsyncGenerator<Standing> {
  for (const status of ['candidate', 'accepted'] as const) {
    let cursor: string | undefined;
    do {
      const page = await manifest.listCandidates({ status }, { limit: 500, cursor });
      const ids = page.rows.flatMap(({ report }) => report ?? []);
      const reports = new Map((await manifest.reports(ids)).map((report) => [report?.id, report]));
      for (const entry of page.rows) {
        yield { entry, report: entry.report === undefined ? undefined : reports.get(entry.report) };
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
}

/** Activations in the order of the log. */
async function activations(manifest: Manifest): Promise<(readonly [seq: number, policy: string])[]> {
  const { rows } = await manifest.events({ action: 'policy.activate', ascending: true }, { limit: 0 });
  return rows.map(({ event }) => [event.record.seq, event.record.subject.id]);
}

async function reportFaults(
  manifest: Manifest,
  active: Awaited<ReturnType<typeof activations>>,
  { entry, report }: Standing,
): Promise<string[]> {
  const { id, status, statusSeq } = entry;
  if (report === undefined) return [`it is ${status} without a report`];
  const { record, origin, seq } = report;
  const about = `report ${shortId(report.id)}`;
  const faults: string[] = [];
  if (record.candidate !== id) faults.push(`${about} is about candidate ${shortId(record.candidate)}`);
  if (record.level !== status) faults.push(`${about} is for the level ${record.level}, and the status is ${status}`);
  if (!record.passed || record.blockers.length > 0) faults.push(`${about} did not pass`);
  if (origin !== 'local') faults.push(`${about} was not made here`);
  const newer = (await manifest.reportsOf(id, record.level)).find((one) => one.seq > seq && one.seq < statusSeq);
  if (newer !== undefined) faults.push(`report ${shortId(newer.id)} of the level was newer when it was promoted`);
  const policy = active.findLast(([at]) => at < statusSeq)?.[1];
  if (policy !== record.policy)
    faults.push(`${about} was made under a policy that was not active when it was promoted`);
  return faults;
}

async function eventFaults(manifest: Manifest, { entry, report }: Standing): Promise<string[]> {
  const acts = await manifest.candidateActs(entry.id);
  const has = (action: string, seq: number | undefined, about?: string): boolean =>
    acts.some((act) => act.action === action && act.seq === seq && (about === undefined || act.report === about));
  const faults: string[] = [];
  if (!has('candidate.create', entry.seq)) faults.push(`event ${entry.seq} does not create it`);
  if (report !== undefined && !has('candidate.evaluate', report.seq, report.id)) {
    faults.push(`event ${report.seq} is no evaluation that made report ${shortId(report.id)}`);
  }
  const promotion = acts.find((act) => act.action === 'candidate.promote' && act.seq === entry.statusSeq);
  if (promotion === undefined) faults.push(`event ${entry.statusSeq} does not promote it`);
  else if (promotion.status !== entry.status || promotion.report !== entry.report) {
    faults.push(`event ${entry.statusSeq} promotes it to ${promotion.status} on another report`);
  }
  return faults;
}

async function evidenceFaults(context: AuditContext, { entry }: Standing): Promise<string[]> {
  const { record, statusAt, statusSeq } = entry;
  const ids = record.evidence.map(({ artifact }) => artifact);
  const known = await context.manifest.artifacts(ids);
  const then = await new PastArtifacts(new Moment(context, statusAt, statusSeq - 1)).inactive(ids);
  return record.evidence.flatMap(({ role, artifact }, index) => {
    if (known[index] === undefined) return [`its ${role} ${shortId(artifact)} is not known`];
    return then.get(artifact) === 'tombstoned'
      ? [`its ${role} ${shortId(artifact)} was withdrawn before it was promoted`]
      : [];
  });
}

async function lineageFaults(manifest: Manifest, { entry }: Standing): Promise<string[]> {
  const { run, evidence } = entry.record;
  const [known] = await manifest.runs([run]);
  if (known === undefined) return [`its run ${shortId(run)} is not known`];
  const { artifacts } = await manifest.ancestry({ run, artifacts: evidence.map(({ artifact }) => artifact) });
  return evidence.flatMap(({ role, artifact }, index) => {
    const place = artifacts[index];
    const isThere = place?.producedBy !== undefined || place?.usedBy !== undefined;
    return isThere ? [] : [`its ${role} ${shortId(artifact)} comes from neither its run nor one behind it`];
  });
}

async function riskFaults({ entry }: Standing): Promise<string[]> {
  return entry.risks.map((risk) => `at risk: ${riskWords(entry, risk).message}`);
}

export async function auditCandidates(context: AuditContext): Promise<AuditCheck[]> {
  const { manifest } = context;
  const active = await activations(manifest);
  const authorities = new Authorities(context);
  const checks: readonly Check[] = [
    ['reports', 'candidates stand on a passing report of their level', (one) => reportFaults(manifest, active, one)],
    ['events', 'candidates have their create, evaluate and promote events', (one) => eventFaults(manifest, one)],
    ['decisions', 'decisions follow again from their facts and policy', (one) => decisionFault(context, one)],
    [
      'approvals',
      'candidates have the approvals that their reports ask for',
      (one) => approvalFaults(context, authorities, one),
    ],
    ['evidence', 'candidates had all of their evidence when they were promoted', (one) => evidenceFaults(context, one)],
    [
      'lineage',
      'candidates have a run, and evidence that comes from it or from behind it',
      (one) => lineageFaults(manifest, one),
    ],
    ['at-risk', 'candidates stand as they were promoted', riskFaults, 'warn'],
  ];
  const found = new Map(checks.map(([name]) => [name, new Findings()]));
  const failed = new Set<string>();
  let count = 0;
  for await (const standing of everyStanding(manifest)) {
    count++;
    const { entry } = standing;
    for (const [name, , problems] of checks) {
      const findings = found.get(name) as Findings;
      try {
        for (const problem of await problems(standing)) findings.add(nameOf(entry.id), problem, entry.statusAt);
      } catch (error) {
        failed.add(name);
        findings.add(
          nameOf(entry.id),
          `could not be checked: ${error instanceof Error ? error.message : String(error)}`,
          entry.statusAt,
        );
      }
    }
  }
  return checks.map(([name, looked, , weight]) =>
    verdict(name, found.get(name) as Findings, `${count} ${looked}`, failed.has(name) ? 'fail' : weight),
  );
}

const nameOf = (id: CandidateId): string => `candidate ${shortId(id)}`;

/** Accepted names and the candidates they stand for, either way. */
export async function auditNames({ manifest }: AuditContext): Promise<AuditCheck> {
  const findings = new Findings();
  const names = await manifest.acceptedRefs('accepted/');
  for (const { name, candidate, run } of names) {
    const [entry] = await manifest.candidates([candidate]);
    const wrong = (problem: string): void => findings.add(name, problem, entry?.statusAt);
    if (entry === undefined) wrong(`it names candidate ${shortId(candidate)}, which is not known`);
    else if (entry.status !== 'accepted') wrong(`it names candidate ${shortId(candidate)}, which is ${entry.status}`);
    else if (entry.record.run !== run || (await manifest.ref(name)) !== run)
      wrong(`it names another run than candidate ${shortId(candidate)}`);
    else if (entry.name !== name) wrong(`candidate ${shortId(candidate)} is known as ${entry.name ?? 'nothing'}`);
  }
  return verdict('names', findings, `${names.length} accepted names stand for accepted candidates`);
}
