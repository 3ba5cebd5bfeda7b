/** The report that follows from facts and a decision, so that whoever decides again can compare every byte. */
import type { FactsId, PolicyId } from '../../core/ids.ts';
import type { FactsRecord } from '../../core/records/facts.ts';
import type { ReportRecord } from '../../core/records/report.ts';
import type { Decision } from './decision.ts';

/** `policy` and `facts` are the ids of what was decided by and on. */
export function reportOf(policy: PolicyId, factsId: FactsId, facts: FactsRecord, decision: Decision): ReportRecord {
  const { run, candidate, actors } = facts;
  const dataset = run.external?.datasetIdV2 ?? (run.datasets.length === 1 ? run.datasets[0]?.id : undefined);
  return {
    schema: 'cairn.report/1',
    candidate: candidate.id,
    level: facts.level,
    passed: decision.passed,
    blockers: decision.blockers,
    warnings: decision.warnings,
    metrics: decision.metrics,
    thresholds: decision.thresholds,
    policy,
    facts: factsId,
    evidence: [...new Set(facts.evidence.map(({ artifact }) => artifact))].sort(),
    runKey: run.runKey,
    runInstanceId: run.id,
    ...(dataset === undefined ? {} : { datasetIdV2: dataset }),
    engineVersion: run.engineVersion,
    configVersion: run.configVersion,
    approvals: decision.approvals,
    interested: decision.interested,
    waivers: decision.waivers,
    evaluator: actors.evaluator,
    evaluatedAt: facts.evaluatedAt,
  };
}
