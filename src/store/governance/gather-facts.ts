/**
 * Facts of one evaluation: all that deciding may look at, read here and nowhere else. Every byte of evidence is verified; what
 * cannot be read stands in the facts as an error, so that it blocks and so that an auditor sees the same.
 */
import { CodedError } from '../../core/errors.ts';
import type { ActorId, ArtifactId } from '../../core/ids.ts';
import { encodeLossless } from '../../core/lossless-json.ts';
import type { EvidenceFacts, FactsRecord, RunFacts, WaiverFacts } from '../../core/records/facts.ts';
import type { PolicyRecord } from '../../core/records/policy.ts';
import type { Level } from '../../core/records/report.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { formatTimestamp } from '../../core/time.ts';
import type { Ancestry, CandidateEntry } from '../../ports/manifest.ts';
import { actorIdOf, screenText } from '../log/governance.ts';
import { readRun } from '../runs/compare-runs.ts';
import type { GovernanceContext } from './context.ts';
import { type EvidenceFile, inAncestry, placesOf, readEvidenceFile } from './evidence-files.ts';
import { foldCheckFacts } from './fold-facts.ts';
import { programFacts } from './program-facts.ts';

/** Something that the policy lets people waive, and why it is waived. */
export interface NamedWaiver {
  readonly subject: string;
  readonly reason: string;
}

export interface FactsRequest {
  readonly candidate: Pick<CandidateEntry, 'id' | 'record' | 'creator'>;
  readonly level: Level;
  readonly policy: PolicyRecord;
  readonly waivers: readonly NamedWaiver[];
}

/** What the run's parameters say of themselves. */
function walkForwardOf({ params }: RunRecord['identity']): { readonly walkForward?: boolean } {
  const said = [params['walk_forward'], params['walk_forward_used']].filter((value) => typeof value === 'boolean');
  return said.length === 0 ? {} : { walkForward: said.includes(true) };
}

function runFacts(id: RunFacts['id'], record: RunRecord, configHash: string): RunFacts {
  const { identity, code, runKey, status } = record;
  const { params: _, ...pins } = identity;
  return {
    id,
    runKey,
    status,
    ...pins,
    configHash,
    ...walkForwardOf(identity),
    ...(code.gitCommit === undefined ? {} : { gitCommit: code.gitCommit }),
    ...(code.gitDirty === undefined ? {} : { gitDirty: code.gitDirty }),
  };
}

function evidenceFacts(
  { role, artifact, format, content }: EvidenceFile,
  place: Ancestry['artifacts'][number] | undefined,
): EvidenceFacts {
  return {
    role,
    artifact: artifact.id,
    sha256: artifact.blob,
    format,
    content:
      'error' in content
        ? { error: content.error.toWellFormed() }
        : { value: encodeLossless(content.value), faults: content.faults },
    inAncestry: inAncestry(place),
    status: artifact.status,
  };
}

/** Who made the evidence: whoever ran the run of the ancestry that did, else everybody who ever made the same. */
async function producersOf(
  context: GovernanceContext,
  artifacts: readonly ArtifactId[],
  places: Ancestry['artifacts'],
): Promise<ActorId[]> {
  const runs = new Set(places.flatMap(({ producedBy }) => (producedBy === undefined ? [] : [producedBy])));
  for (const [index, artifact] of artifacts.entries()) {
    if (places[index]?.producedBy !== undefined) continue;
    for (const { run } of await context.manifest.productions(artifact)) runs.add(run);
  }
  const actors = (await context.manifest.runs([...runs])).flatMap((run) => (run === undefined ? [] : [run.actor]));
  return [...new Set(actors)].sort();
}

async function waiverFacts(context: GovernanceContext, waivers: readonly NamedWaiver[]): Promise<WaiverFacts[]> {
  if (waivers.length === 0) return [];
  const by = actorIdOf(context.author);
  const roles = (await context.manifest.actor(by))?.roles ?? [];
  for (const { reason } of waivers) screenText(context, 'the reason', reason);
  return waivers.map(({ subject, reason }) => ({ subject, reason, by, roles }));
}

/** Throws only for what is no fault of evidence: a run whose own record cannot be read, a disk that fails. */
export async function gatherFacts(context: GovernanceContext, request: FactsRequest): Promise<FactsRecord> {
  const { level, policy } = request;
  const { id, record, creator } = request.candidate;
  const run = await readRun(context, record.run);
  const artifacts = record.evidence.map(({ artifact }) => artifact);
  const places = await placesOf(context, record.run, artifacts);
  const files: EvidenceFile[] = [];
  for (const item of record.evidence) files.push(await readEvidenceFile(context, item));
  const foldCheck = await foldCheckFacts(context, record.run, files);
  const { signalName, horizon, estimator, familyId, datasetId, configHash } = record;
  const facts: FactsRecord = {
    schema: 'cairn.facts/1',
    level,
    evaluatedAt: formatTimestamp(context.clock.now()),
    candidate: {
      id,
      signalName,
      horizon,
      ...(estimator === undefined ? {} : { estimator }),
      ...(familyId === undefined ? {} : { familyId }),
      datasetId,
      configHash,
    },
    run: runFacts(record.run, run, await configHashOf(context, record.run)),
    actors: {
      creator,
      runActor: run.actor,
      evaluator: actorIdOf(context.author),
      evidenceProducers: await producersOf(context, artifacts, places),
    },
    evidence: files.map((file, index) => evidenceFacts(file, places[index])),
    ...(foldCheck === undefined ? {} : { foldCheck }),
    programs: [],
    waivers: await waiverFacts(context, request.waivers),
  };
  return { ...facts, programs: await programFacts(context, policy, facts) };
}

async function configHashOf(context: GovernanceContext, id: RunFacts['id']): Promise<string> {
  const [entry] = await context.manifest.runs([id]);
  if (entry === undefined) throw new CodedError('REV_NOT_FOUND', `the store has no run ${id}`, { data: { run: id } });
  return entry.configHash;
}
