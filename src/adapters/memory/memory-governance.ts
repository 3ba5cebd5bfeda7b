/** Questions about governance, answered by looking through everything. */
import type { ArtifactId, CandidateId, PolicyId, ReportId, RunId } from '../../core/ids.ts';
import type { PayloadRecord } from '../../core/records/payload.ts';
import type { Level } from '../../core/records/report.ts';
import type { Timestamp } from '../../core/time.ts';
import type {
  AcceptedRef,
  ActorEntry,
  Ancestry,
  AncestryRequest,
  ApprovalEntry,
  CandidateAct,
  CandidateEntry,
  CandidateFilter,
  CandidateStatus,
  KeyEntry,
  Page,
  PageRequest,
  PolicyEntry,
  ReportEntry,
  Risk,
} from '../../ports/manifest.ts';
import { rolesAt } from './memory-apply-actors.ts';
import { pageOf } from './memory-pages.ts';
import type {
  MemoryTables,
  StoredCandidate,
  StoredKey,
  StoredPolicy,
  StoredReport,
  StoredRun,
} from './memory-tables.ts';

const now = Number.MAX_SAFE_INTEGER;
const bySeq = (left: { readonly seq: number }, right: { readonly seq: number }): number => left.seq - right.seq;

export function timeAt(tables: MemoryTables, seq: number): Timestamp {
  return tables.events.get(seq)?.record.timestamp as Timestamp;
}

export function payloadAt(tables: MemoryTables, seq: number): Partial<PayloadRecord> {
  return JSON.parse(tables.payloads.get(seq) ?? '{}') as Partial<PayloadRecord>;
}

export function actorEntry(tables: MemoryTables, id: string): ActorEntry | undefined {
  const actor = tables.actors.get(id as never);
  return actor === undefined ? undefined : { ...actor, roles: rolesAt(tables, id, now) };
}

export function allActors(tables: MemoryTables): ActorEntry[] {
  const known = [...tables.actors.values()].sort((left, right) =>
    left.name === right.name ? (left.id < right.id ? -1 : 1) : left.name < right.name ? -1 : 1,
  );
  return known.map(({ id }) => actorEntry(tables, id) as ActorEntry);
}

export function keyEntry(tables: MemoryTables, { revoked, ...key }: StoredKey): KeyEntry {
  const gone = revoked === undefined ? undefined : { ...revoked, at: timeAt(tables, revoked.seq) };
  return { ...key, addedAt: timeAt(tables, key.seq), revoked: gone };
}

export function risksOf(tables: MemoryTables, { id, record, status }: StoredCandidate): Risk[] {
  if (status !== 'candidate' && status !== 'accepted') return [];
  const newest = newestReportOf(tables, id, status);
  const failed: Risk[] =
    newest === undefined || newest.record.passed ? [] : [{ kind: 'report-failed', report: newest.id }];
  const gone = record.evidence.flatMap(({ artifact, role }): Risk[] => {
    const now = tables.statusOf(artifact);
    return now === 'active' ? [] : [{ artifact, kind: `evidence-${now}`, role }];
  });
  return [...failed, ...gone];
}

export function candidateEntry(tables: MemoryTables, candidate: StoredCandidate): CandidateEntry {
  const event = tables.events.get(candidate.seq)?.record;
  return {
    ...candidate,
    createdAt: event?.timestamp as Timestamp,
    creator: event?.actor as CandidateEntry['creator'],
    gitCommit: tables.runs.get(candidate.record.run)?.record.code.gitCommit,
    statusAt: timeAt(tables, candidate.statusSeq),
    risks: risksOf(tables, candidate),
  };
}

export function listCandidates(tables: MemoryTables, filter: CandidateFilter, page: PageRequest): Page<CandidateEntry> {
  const found = [...tables.candidates.values()].filter(
    (one) =>
      (filter.status === undefined || one.status === filter.status) &&
      (filter.dataset === undefined || one.record.datasetId === filter.dataset) &&
      (filter.signal === undefined || one.record.signalName === filter.signal) &&
      (filter.run === undefined || one.record.run === filter.run) &&
      (filter.atRisk === undefined || risksOf(tables, one).length > 0 === filter.atRisk),
  );
  return pageOf(
    found.sort(bySeq).reverse(),
    page,
    ({ id }) => id,
    (one) => candidateEntry(tables, one),
  );
}

export function candidateActs(tables: MemoryTables, id: CandidateId): CandidateAct[] {
  let status: CandidateStatus = 'exploratory';
  const acts: CandidateAct[] = [];
  for (const { id: event, record } of [...tables.events.values()].sort((a, b) => a.record.seq - b.record.seq)) {
    const { seq, action, timestamp, actor, subject } = record;
    const own = subject.kind === 'candidate' && subject.id === id;
    const report = subject.kind === 'report' ? tables.reports.get(subject.id as ReportId) : undefined;
    if (!own && report?.record.candidate !== id) continue;
    const { values, text } = payloadAt(tables, seq);
    if (action === 'candidate.promote') status = values?.['to'] as CandidateStatus;
    else if (action === 'candidate.reject') status = 'rejected';
    else if (action === 'candidate.withdraw') status = 'exploratory';
    const named = values?.['name'] as CandidateAct['name'];
    const about = report?.id ?? (values?.['report'] as ReportId | undefined);
    acts.push({ seq, event, action, timestamp, actor, status, report: about, name: named, reason: text });
  }
  return acts;
}

export function candidatesOn(tables: MemoryTables, artifacts: readonly ArtifactId[]): CandidateId[] {
  const asked = new Set<string>(artifacts);
  return [...tables.candidates.values()]
    .filter(
      ({ record }) =>
        record.evidence.some(({ artifact }) => asked.has(artifact)) ||
        tables.runs.get(record.run)?.outputs.some(({ artifact }) => asked.has(artifact)) === true,
    )
    .map(({ id }) => id)
    .sort();
}

export function reportEntry(tables: MemoryTables, report: StoredReport): ReportEntry {
  return { ...report, timestamp: timeAt(tables, report.seq), origin: 'local' };
}

export function reportsOf(tables: MemoryTables, candidate: CandidateId, level?: Level): ReportEntry[] {
  return [...tables.reports.values()]
    .filter(({ record }) => record.candidate === candidate && (level === undefined || record.level === level))
    .sort(bySeq)
    .reverse()
    .map((report) => reportEntry(tables, report));
}

export function newestReportOf(tables: MemoryTables, candidate: CandidateId, level: Level): ReportEntry | undefined {
  return reportsOf(tables, candidate, level)[0];
}

export function approvalsOf(tables: MemoryTables, report: ReportId): ApprovalEntry[] {
  const found = [...tables.approvals.values()].filter((one) => one.report === report).sort(bySeq);
  return found.map((one) => ({
    ...one,
    timestamp: timeAt(tables, one.seq),
    roles: rolesAt(tables, one.actor, one.seq),
    rolesNow: rolesAt(tables, one.actor, now),
    keyRevoked: tables.keys.get(one.keyFingerprint)?.revoked !== undefined,
  }));
}

/** Newest activation first. */
export function allPolicies(tables: MemoryTables): PolicyEntry[] {
  const known = [...tables.policies.values()].sort(bySeq).reverse();
  return known.map((policy: StoredPolicy, index) => ({
    ...policy,
    activatedAt: timeAt(tables, policy.seq),
    active: index === 0,
  }));
}

export function activePolicyId(tables: MemoryTables): PolicyId | undefined {
  return allPolicies(tables)[0]?.id;
}

export function acceptedRefs(tables: MemoryTables, prefix: string): AcceptedRef[] {
  return [...tables.candidates.values()]
    .flatMap(({ id, record, name }): AcceptedRef[] => {
      if (name === undefined || !name.startsWith(prefix)) return [];
      return [{ name, candidate: id, run: record.run, seq: tables.refs.get(name)?.seq ?? 0 }];
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

export function ancestryOf(tables: MemoryTables, request: AncestryRequest): Ancestry {
  const { artifacts = [], limit = 100_000 } = request;
  const start = tables.runs.get(request.run);
  const reached = new Map<RunId, StoredRun>();
  let level = start === undefined ? [] : [start];
  let complete = true;
  while (level.length > 0) {
    const room = limit - reached.size;
    if (level.length > room) {
      complete = false;
      level = level.slice(0, room);
    }
    for (const run of level) reached.set(run.id, run);
    if (!complete) break;
    const behind = new Set(level.flatMap((run) => run.record.inputs.flatMap((input) => producersOf(tables, input))));
    level = [...behind].filter(({ id }) => !reached.has(id)).sort((left, right) => right.number - left.number);
  }
  const runs = [...reached.values()];
  return {
    runs: runs.map(({ id }) => id),
    complete,
    artifacts: artifacts.map((id) => ({
      producedBy: runs.find(({ outputs }) => outputs.some(({ artifact }) => artifact === id))?.id,
      usedBy: runs.find(({ record }) => record.inputs.some(({ artifact }) => artifact === id))?.id,
    })),
  };
}

function producersOf(tables: MemoryTables, input: StoredRun['record']['inputs'][number]): StoredRun[] {
  const said = input.run === undefined ? undefined : tables.runs.get(input.run);
  return said === undefined ? tables.producers(input.artifact) : [said];
}
