/** A candidate in a store, taken to `accepted` with real records. */
import { canonicalize } from '../../../../src/core/canonical-json.ts';
import type { ApprovalId, ArtifactId, CandidateId, FactsId, RefName, RunId } from '../../../../src/core/ids.ts';
import { approvalText } from '../../../../src/core/records/approval.ts';
import type { CandidateRecord } from '../../../../src/core/records/candidate.ts';
import type { Level, ReportRecord } from '../../../../src/core/records/report.ts';
import type { Timestamp } from '../../../../src/core/time.ts';
import type { Fact } from '../../../../src/ports/manifest.ts';
import { actorIdOf, applyFacts } from '../../../../src/store/log/governance.ts';
import {
  approvalFact,
  candidateFact,
  keyFact,
  policyFact,
  promoteFact,
  reportFact,
  revokeKeyFact,
  rolesFact,
  stepBackFact,
} from '../../../../src/store/log/governance-acts.ts';
import { WriteSession } from '../../../../src/store/objects/write-session.ts';
import type { TestStore } from './a-store.ts';

export interface Acceptance {
  readonly run: RunId;
  readonly name: string;
  readonly evidence?: readonly ArtifactId[];
  readonly notes?: string;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const fingerprint = 'SHA256:test';

/** With a policy, a key, two reports, an approval and a name: one batch each. */
export async function accept(store: TestStore, { run, name, evidence = [], notes }: Acceptance): Promise<CandidateId> {
  const actor = actorIdOf(store.author);
  const apply = async (make: (session: WriteSession) => Fact[]): Promise<void> => {
    const session = new WriteSession(store);
    await applyFacts(store, session, make(session));
  };
  await apply(() => []);
  const claim: Omit<CandidateRecord, 'schema' | 'notes'> = {
    run,
    signalName: name,
    horizon: 5,
    datasetId: 'd1',
    configHash: 'a'.repeat(64),
    evidence: evidence.map((artifact) => ({ role: 'validation_bundle', artifact })),
  };
  let id = '' as CandidateId;
  const policy = { schema: 'cairn.policy/1', name: 'test', version: '1' };
  let policyId = '' as ReportRecord['policy'];
  await apply((session) => {
    const activated = policyFact(store, session, policy);
    const candidate = candidateFact(store, session, claim, notes);
    [id, policyId] = [candidate.id, activated.id];
    const key = { fingerprint, actor, publicKey: 'ff', type: 'ssh-ed25519' };
    return [
      rolesFact(store, session, 'grant', actor, ['approver']),
      keyFact(store, session, key),
      activated,
      candidate,
    ];
  });
  const evaluate = (session: WriteSession, level: Level): Extract<Fact, { kind: 'report' }> =>
    reportFact(store, session, {
      schema: 'cairn.report/1',
      candidate: id,
      level,
      passed: true,
      blockers: [],
      warnings: [],
      metrics: {},
      thresholds: {},
      policy: policyId,
      facts: session.record<FactsId>(utf8(canonicalize({ schema: 'cairn.facts/1', level }))),
      evidence: [...evidence].sort(),
      runKey: 'b'.repeat(64) as ReportRecord['runKey'],
      runInstanceId: run,
      engineVersion: '1',
      configVersion: '1',
      approvals: level === 'accepted' ? [{ role: 'approver', count: 1 }] : [],
      interested: [],
      waivers: [],
      evaluator: actor,
      evaluatedAt: '2026-01-01T00:00:00.000Z' as Timestamp,
    });
  await apply((session) => {
    const report = evaluate(session, 'candidate');
    return [report, promoteFact(store, session, id, { to: 'candidate', report: report.id })];
  });
  await apply((session) => {
    const report = evaluate(session, 'accepted');
    const signed = { envelope: '{}' };
    const text = approvalText({
      schema: 'cairn.approval/1',
      report: report.id,
      actor,
      keyFingerprint: fingerprint,
      signed,
    });
    const approval = { report: report.id, actor, keyFingerprint: fingerprint, record: text };
    const approved = approvalFact(store, session, { id: session.record<ApprovalId>(utf8(text)), ...approval });
    const named = { to: 'accepted', report: report.id, name: `accepted/${name}` as RefName, message: 'ok' } as const;
    return [report, approved, promoteFact(store, session, id, named)];
  });
  return id;
}

/** What may follow: the key is revoked, and the claim withdrawn and rejected. */
export async function undo(store: TestStore, candidate: CandidateId): Promise<void> {
  const session = new WriteSession(store);
  await applyFacts(store, session, [
    revokeKeyFact(store, session, fingerprint, 'lost', '2026-01-02T00:00:00.000Z' as Timestamp),
    rolesFact(store, session, 'revoke-roles', actorIdOf(store.author), ['approver']),
    stepBackFact(store, session, 'withdraw', candidate, 'not yet'),
    stepBackFact(store, session, 'reject', candidate, undefined),
  ]);
}
