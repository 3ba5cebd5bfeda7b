/** Fields of a trace's document. */
import type { Trace, TracedCandidate } from '../store/governance/trace.ts';
import { candidateFields } from './candidate-view.ts';
import type { Fields } from './output.ts';

function candidateOf({ entry, evidence }: TracedCandidate): Fields {
  return {
    ...candidateFields(entry),
    statusEvent: entry.statusSeq,
    evidence: evidence.map(({ role, artifact, run, path }) => ({
      role,
      artifactId: artifact,
      runInstanceId: run ?? null,
      path: path ?? null,
    })),
  };
}

function reportFields({ report, policy, approvals }: TracedCandidate): Fields | null {
  if (report === undefined) return null;
  const { record, id, seq, origin } = report;
  return {
    eligibilityReportId: id,
    event: seq,
    origin,
    level: record.level,
    passed: record.passed,
    blockers: record.blockers,
    warnings: record.warnings,
    metrics: record.metrics,
    thresholds: record.thresholds,
    policy: { policyId: record.policy, name: policy?.name ?? null, version: policy?.version ?? null },
    facts: record.facts,
    evaluator: record.evaluator,
    evaluatedAt: record.evaluatedAt,
    requiredApprovals: record.approvals,
    approvals: approvals.map((approval) => ({
      approvalId: approval.id,
      actor: approval.actor,
      keyFingerprint: approval.keyFingerprint,
      keyRevoked: approval.keyRevoked,
      event: approval.seq,
      timestamp: approval.timestamp,
    })),
  };
}

const eventsOf = ({ acts, entry }: TracedCandidate): Fields[] =>
  acts.map(({ seq, event, action, timestamp, actor, status, report, name, reason }) => ({
    seq,
    eventId: event,
    candidate: entry.id,
    action,
    timestamp,
    actor,
    status,
    report: report ?? null,
    name: name ?? null,
    message: reason ?? null,
  }));

function lineageRows({ productions, runs, artifacts }: Trace): Fields[] {
  const byRun = new Map(runs.map((run) => [run.entry.id, run]));
  return productions.flatMap(({ artifact, run, path }) => {
    const [entry, by] = [artifacts.get(artifact), byRun.get(run)];
    if (entry === undefined || by === undefined) return [];
    return [
      {
        artifactId: artifact,
        runInstanceId: run,
        runKey: by.entry.runKey,
        datasetIdV2: by.entry.datasetIdV2 ?? null,
        artifactType: entry.type,
        schemaVersion: entry.schemaVersion,
        logicalKey: entry.logicalKey,
        relativePath: path,
        sha256: entry.blob,
        size: entry.size,
        status: entry.status,
        createdAt: by.entry.createdAt,
        engineVersion: by.entry.engineVersion,
        configVersion: by.entry.configVersion,
        configHash: by.entry.configHash,
        gitCommit: by.entry.gitCommit ?? null,
        gitDirty: by.entry.gitDirty ?? null,
        schemaVersions: by.schemaVersions,
        plugins: by.plugins,
        depth: by.depth,
      },
    ];
  });
}

export function traceFields(trace: Trace): Fields {
  const { target, candidates, missing } = trace;
  // Of an artifact, what stands highest comes first.
  const [first] = candidates;
  return {
    root: target,
    candidate: first === undefined ? null : candidateOf(first),
    candidates: candidates.map(candidateOf),
    eligibilityReport: first === undefined ? null : reportFields(first),
    governanceEvents: candidates.flatMap(eventsOf).sort((left, right) => Number(left['seq']) - Number(right['seq'])),
    actors: [...trace.actors].map(([id, name]) => ({ id, name })),
    artifactLineage: lineageRows(trace),
    artifactEdges: trace.edges,
    complete: trace.complete,
    missing,
  };
}
