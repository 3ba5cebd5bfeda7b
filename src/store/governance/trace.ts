/**
 * `trace`: acceptance → report → evidence → artifacts → runs → datasets, code and configuration, out of the manifest alone: no
 * object is read. Of an artifact: what made it, and which candidates rest on it.
 *
 * `complete` is true only when nothing that should be there was missing and no bound ended the walk.
 */
import { type ActorId, type ArtifactId, type CandidateId, type RunId, shortId } from '../../core/ids.ts';
import type {
  ApprovalEntry,
  ArtifactEntry,
  CandidateAct,
  CandidateEntry,
  LineageEdge,
  Manifest,
  PolicyEntry,
  Production,
  ReportEntry,
} from '../../ports/manifest.ts';
import type { RevisionContext } from '../runs/revision.ts';
import { candidatesBehind } from './trace-forward.ts';
import { type TraceTarget, traceTarget } from './trace-target.ts';
import { type Missing, TraceWalk, type WalkedRun } from './trace-walk.ts';

export type { Missing, WalkedRun };

export interface TraceOptions {
  readonly depth?: number | undefined;
  /** Artifacts, and edges, at most; 0 for all. 1000 when left out. */
  readonly limit?: number | undefined;
}

export interface TracedEvidence {
  readonly role: string;
  readonly artifact: ArtifactId;
  /** Who produced it, of the candidate's run and the runs behind it. */
  readonly run: RunId | undefined;
  readonly path: string | undefined;
}

export interface TracedCandidate {
  readonly entry: CandidateEntry;
  readonly acts: readonly CandidateAct[];
  /** What its status stands on; else its newest one. */
  readonly report: ReportEntry | undefined;
  readonly policy: PolicyEntry | undefined;
  readonly approvals: readonly ApprovalEntry[];
  readonly evidence: readonly TracedEvidence[];
}

export interface Trace {
  readonly target: TraceTarget;
  /** The candidate; of an artifact, every one that rests on it, directly or through runs, what stands highest first. */
  readonly candidates: readonly TracedCandidate[];
  /** The nearest first. */
  readonly runs: readonly WalkedRun[];
  readonly productions: readonly Production[];
  readonly edges: readonly LineageEdge[];
  readonly artifacts: ReadonlyMap<ArtifactId, ArtifactEntry>;
  /** `Name <mail>` of whoever is named above. */
  readonly actors: ReadonlyMap<ActorId, string>;
  readonly complete: boolean;
  readonly missing: readonly Missing[];
}

const defaultLimit = 1000;
/** Candidates told of an artifact. */
const candidatesAtMost = 20;

async function reportOf(manifest: Manifest, entry: CandidateEntry): Promise<ReportEntry | undefined> {
  if (entry.report !== undefined) return (await manifest.reports([entry.report]))[0];
  return (await manifest.reportsOf(entry.id))[0];
}

/** What is known of a candidate, and what is not and should be. */
async function tracedCandidate(
  manifest: Manifest,
  id: CandidateId,
  missing: Missing[],
): Promise<Omit<TracedCandidate, 'evidence'> | undefined> {
  const [entry] = await manifest.candidates([id]);
  if (entry === undefined) return undefined;
  const acts = await manifest.candidateActs(id);
  const report = await reportOf(manifest, entry);
  const policy = report === undefined ? undefined : await manifest.policy(report.record.policy);
  const stands = entry.status === 'candidate' || entry.status === 'accepted';
  const lacks = (kind: Missing['kind'], detail: string): void => {
    missing.push({ kind, subject: id, detail });
  };
  if (stands && (entry.report === undefined || report === undefined))
    lacks('report', `no report behind the status ${entry.status}`);
  if (report !== undefined && policy === undefined)
    lacks('policy', `the policy of report ${shortId(report.id)} is not known`);
  const wanted = ['candidate.create', ...(stands ? ['candidate.evaluate', 'candidate.promote'] : [])];
  for (const action of wanted) if (acts.every((act) => act.action !== action)) lacks('event', `no ${action} event`);
  return { entry, acts, report, policy, approvals: report === undefined ? [] : await manifest.approvals(report.id) };
}

/** The candidate's run with what it made, and every piece of evidence that another run made. */
async function walkCandidate(
  manifest: Manifest,
  walk: TraceWalk,
  { record }: CandidateEntry,
  limit: number,
): Promise<TracedEvidence[]> {
  const evidence = record.evidence.map(({ artifact }) => artifact);
  const [run] = await manifest.runs([record.run]);
  const isMuch = limit > 0 && (run?.artifacts ?? 0) > limit;
  const outputs =
    run === undefined || isMuch ? [] : (await manifest.outputs(record.run)).map(({ artifact }) => artifact);
  if (isMuch) {
    const detail = `only the evidence among the ${run?.artifacts} outputs of run ${shortId(record.run)}: --limit 0 shows all`;
    walk.missing.push({ kind: 'limit', subject: record.run, detail });
  }
  await walk.from(record.run, [...new Set([...evidence, ...outputs])]);
  const elsewhere = evidence.filter((artifact) => walk.produced(artifact) === undefined);
  if (elsewhere.length > 0) {
    const { artifacts } = await manifest.ancestry({ run: record.run, artifacts: elsewhere });
    for (const [index, artifact] of elsewhere.entries()) {
      const producer = artifacts[index]?.producedBy;
      if (producer !== undefined) await walk.from(producer, [artifact]);
      else if (artifacts[index]?.usedBy === undefined) {
        const detail = `evidence ${shortId(artifact)} was made neither by the candidate's run nor by a run behind it`;
        walk.missing.push({ kind: 'evidence', subject: artifact, detail });
      }
    }
  }
  return record.evidence.map(({ role, artifact }) => {
    const made = walk.produced(artifact);
    return { role, artifact, run: made?.run, path: made?.path };
  });
}

async function namesOf(manifest: Manifest, ids: Iterable<ActorId>): Promise<Map<ActorId, string>> {
  const names = new Map<ActorId, string>();
  for (const id of new Set(ids)) {
    const actor = await manifest.actor(id);
    if (actor !== undefined) names.set(id, actor.mail === '' ? actor.name : `${actor.name} <${actor.mail}>`);
  }
  return names;
}

export async function traceOf(context: RevisionContext, rev: string, options: TraceOptions = {}): Promise<Trace> {
  const { manifest } = context;
  const limit = options.limit ?? defaultLimit;
  const target = await traceTarget(context, rev);
  const walk = new TraceWalk(manifest, { depth: options.depth, limit });
  const ids =
    target.kind === 'candidate' ? [target.id] : await candidatesBehind(manifest, target.id, limit, walk.missing);
  const candidates: TracedCandidate[] = [];
  if (target.kind === 'artifact') await walkArtifact(manifest, walk, target.id, limit);
  for (const id of ids.slice(0, candidatesAtMost)) {
    const known = await tracedCandidate(manifest, id, walk.missing);
    if (known === undefined) continue;
    const evidence =
      target.kind === 'candidate'
        ? await walkCandidate(manifest, walk, known.entry, limit)
        : known.entry.record.evidence.map((item) => ({ ...item, run: undefined, path: undefined }));
    candidates.push({ ...known, evidence });
  }
  if (ids.length > candidatesAtMost) {
    const detail = `${ids.length} candidates rest on it, and ${candidatesAtMost} are told of`;
    walk.missing.push({ kind: 'limit', subject: target.id, detail });
  }
  const named = [
    ...new Set([...walk.productions.map(({ artifact }) => artifact), ...walk.edges.map(({ parent }) => parent)]),
  ];
  const artifacts = new Map<ArtifactId, ArtifactEntry>();
  for (const entry of await manifest.artifacts([...new Set([...named, ...evidenceOf(candidates)])])) {
    if (entry !== undefined) artifacts.set(entry.id, entry);
  }
  return {
    target,
    candidates,
    runs: [...walk.runs.values()],
    productions: walk.productions,
    edges: walk.edges,
    artifacts,
    actors: await namesOf(manifest, candidates.flatMap(actorsOf)),
    complete: walk.missing.length === 0,
    missing: walk.missing,
  };
}

async function walkArtifact(manifest: Manifest, walk: TraceWalk, id: ArtifactId, limit: number): Promise<void> {
  const productions = await manifest.productions(id, limit === 0 ? undefined : limit);
  for (const run of new Set(productions.map((one) => one.run))) await walk.from(run, [id]);
  if (productions.length > 0) return;
  walk.missing.push({
    kind: 'producer',
    subject: id,
    detail: `no run is known to have produced artifact ${shortId(id)}`,
  });
}

const evidenceOf = (candidates: readonly TracedCandidate[]): ArtifactId[] =>
  candidates.flatMap(({ evidence }) => evidence.map(({ artifact }) => artifact));

function actorsOf({ entry, acts, report, approvals }: TracedCandidate): ActorId[] {
  return [
    entry.creator,
    ...acts.map(({ actor }) => actor),
    ...approvals.map(({ actor }) => actor),
    ...(report === undefined ? [] : [report.record.evaluator]),
  ];
}
