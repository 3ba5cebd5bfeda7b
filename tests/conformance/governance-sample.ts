/** Small claims, reports and signatures for the claims about governance. */
import { canonicalize } from '../../src/core/canonical-json.ts';
import type { ActorId, ApprovalId, CandidateId, PayloadId, PolicyId, RefName, ReportId } from '../../src/core/ids.ts';
import {
  actorPayload,
  approvalPayload,
  keyPayload,
  promotionPayload,
  reasonPayload,
  rolesPayload,
} from '../../src/core/records/act-values.ts';
import type { CandidateRecord } from '../../src/core/records/candidate.ts';
import type { EventAction, EventDraft, SubjectKind } from '../../src/core/records/event.ts';
import type { Level, ReportRecord } from '../../src/core/records/report.ts';
import { sha256Hex } from '../../src/core/sha256.ts';
import type { Timestamp } from '../../src/core/time.ts';
import type { Fact } from '../../src/ports/manifest.ts';
import {
  actorFact,
  ada,
  artifact,
  at,
  draft,
  idOf,
  payloadId,
  type SampleArtifact,
  type SampleRun,
  sampleRun,
  statusFact,
  supersedeFact,
} from './manifest-sample.ts';

export type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;

/** A draft of which the payload is a real one. */
export function act(
  action: EventAction,
  kind: SubjectKind,
  id: string,
  payload?: Parameters<typeof payloadId>[0],
): EventDraft {
  const event = draft(action, kind, id);
  return payload === undefined ? event : { ...event, payload: payloadId(payload) };
}

const hashed = <Id extends string>(record: unknown): Id => sha256Hex(canonicalize(record as never)) as string as Id;
const mailOf = (name: string): string => `${name.toLowerCase()}@example.org`;
export const person = (name: string): ActorId => idOf<ActorId>(name);

export function personFact(name: string, roles: readonly string[] = ['researcher']): FactOf<'actor'> {
  const mail = mailOf(name);
  const event = act('actor.add', 'actor', person(name), actorPayload(name, mail, roles));
  return { kind: 'actor', id: person(name), name, mail, roles, event };
}

export function rolesFact(kind: 'grant' | 'revoke-roles', name: string, ...roles: string[]): Fact {
  const action = kind === 'grant' ? 'actor.grant' : 'actor.revoke';
  return { kind, actor: person(name), roles, event: act(action, 'actor', person(name), rolesPayload(roles)) };
}

export function keyFact(fingerprint: string, name: string): FactOf<'key'> {
  const [actor, publicKey, type] = [person(name), idOf(fingerprint), 'ssh-ed25519'];
  const event = act('key.add', 'key', fingerprint, keyPayload(actor, publicKey, type));
  return { kind: 'key', fingerprint, actor, publicKey, type, event };
}

export function revokeKeyFact(fingerprint: string, reason?: string, from?: Timestamp): FactOf<'revoke-key'> {
  const event = act('key.revoke', 'key', fingerprint, reasonPayload(reason, from));
  return { kind: 'revoke-key', fingerprint, from, reason, event };
}

export function policyFact(name = 'research', version = '1'): FactOf<'policy'> {
  const record = canonicalize({ schema: 'cairn.policy/1', name, version, levels: {} });
  const id = sha256Hex(record) as string as PolicyId;
  return { kind: 'policy', id, name, version, record, event: act('policy.activate', 'policy', id) };
}

export interface CandidateOptions {
  readonly signal?: string;
  readonly evidence?: readonly (readonly [role: string, artifact: SampleArtifact])[];
  readonly notes?: string;
  readonly dataset?: string;
}

export function candidateFact(run: SampleRun, options: CandidateOptions = {}): FactOf<'candidate'> {
  const { notes } = options;
  const record: CandidateRecord = {
    schema: 'cairn.candidate/1',
    run: run.id,
    signalName: options.signal ?? 'momentum',
    horizon: 5,
    ...(options.signal === undefined ? { estimator: 'ols', familyId: 'f1' } : {}),
    datasetId: options.dataset ?? 'd1',
    configHash: idOf('config'),
    evidence: (options.evidence ?? []).map(([role, { id }]) => ({ role, artifact: id })),
    ...(notes === undefined ? {} : { notes: payloadId({ text: notes }) }),
  };
  const id = hashed<CandidateId>(record);
  return { kind: 'candidate', id, record, notes, event: act('candidate.create', 'candidate', id) };
}

export interface ReportOptions extends Partial<Omit<ReportRecord, 'schema' | 'candidate' | 'level' | 'passed'>> {
  readonly failed?: boolean;
  readonly seconds?: number;
}

export function reportFact(
  candidate: FactOf<'candidate'>,
  level: Level,
  { failed = false, seconds = 0, ...more }: ReportOptions = {},
): FactOf<'report'> {
  const record: ReportRecord = {
    schema: 'cairn.report/1',
    candidate: candidate.id,
    level,
    passed: !failed,
    blockers: failed ? [{ check: 'mean_ic', message: 'too "small": é\n' }] : [],
    warnings: [],
    metrics: { mean_ic: 0.025, t_stat: 3 },
    thresholds: { mean_ic: 0.02 },
    policy: policyFact().id,
    facts: idOf(`facts ${candidate.id} ${level} ${seconds}`),
    evidence: candidate.record.evidence.map((item) => item.artifact).sort(),
    runKey: idOf('run key'),
    runInstanceId: candidate.record.run,
    engineVersion: '1.0',
    configVersion: '2',
    approvals: [],
    interested: [],
    waivers: [],
    evaluator: ada,
    evaluatedAt: at(seconds),
    ...more,
  };
  const id = hashed<ReportId>(record);
  return { kind: 'report', id, record, event: act('candidate.evaluate', 'report', id) };
}

export function approvalFact(
  { id: report }: FactOf<'report'>,
  name: string,
  keyFingerprint: string,
): FactOf<'approval'> {
  const actor = person(name);
  const signed = { envelope: `by ${keyFingerprint}` };
  const record = canonicalize({ schema: 'cairn.approval/1', report, actor, keyFingerprint, signed });
  const id = sha256Hex(record) as string as ApprovalId;
  const event = act('approve', 'report', report, approvalPayload(id));
  return { kind: 'approval', id, report, actor, keyFingerprint, record, event };
}

export function promoteFact(
  { id: candidate }: FactOf<'candidate'>,
  { id: report, record: { level } }: FactOf<'report'>,
  more: { to?: 'candidate' | 'accepted'; name?: string; replace?: CandidateId; message?: string } = {},
): FactOf<'promote'> {
  const to = more.to ?? (level === 'accepted' ? 'accepted' : 'candidate');
  const { replace, message } = more;
  const name = more.name === undefined ? undefined : (`accepted/${more.name}` as RefName);
  const event = act(
    'candidate.promote',
    'candidate',
    candidate,
    promotionPayload({ to, report, name, replace, message }),
  );
  return { kind: 'promote', candidate, to, report, name, replace, message, event };
}

export function backFact(
  kind: 'reject' | 'withdraw',
  { id: candidate }: FactOf<'candidate'>,
  reason?: string,
): FactOf<'reject'> | FactOf<'withdraw'> {
  const event = act(`candidate.${kind}`, 'candidate', candidate, reasonPayload(reason));
  return { kind, candidate, reason, event };
}

/** A run with evidence, the policy, and two who may approve, each with two keys. */
export interface Stage {
  readonly run: SampleRun;
  readonly bundle: SampleArtifact;
  readonly regimes: SampleArtifact;
  readonly candidate: FactOf<'candidate'>;
  readonly facts: readonly Fact[];
}

export function stage(): Stage {
  const [bundle, regimes] = [artifact('bundle.json'), artifact('regimes.csv')];
  const run = sampleRun({ name: 'study', outputs: [bundle, regimes], record: { code: { gitCommit: 'c'.repeat(40) } } });
  const candidate = candidateFact(run, {
    evidence: [
      ['regime_summary', regimes],
      ['validation_bundle', bundle],
    ],
    notes: 'why\u0001 "this"\n one \u007f ü \\',
  });
  const facts: Fact[] = [
    actorFact,
    personFact('Ben', ['approver', 'researcher']),
    personFact('Cleo', ['approver']),
    keyFact('SHA256:ben1', 'Ben'),
    keyFact('SHA256:ben2', 'Ben'),
    keyFact('SHA256:cleo', 'Cleo'),
    policyFact(),
    { kind: 'objects', objects: run.objects },
    run.fact,
    candidate,
  ];
  return { run, bundle, regimes, candidate, facts };
}

/** A past with everything that governance knows, one batch a step. */
export function governanceStory(): Fact[][] {
  const { run, bundle, regimes, candidate, facts } = stage();
  const twin = candidateFact(run, { signal: 'reversal', evidence: [['validation_bundle', bundle]] });
  const first = reportFact(candidate, 'candidate', { seconds: 1 });
  const failed = reportFact(twin, 'candidate', { seconds: 2, failed: true });
  const second = reportFact(candidate, 'accepted', {
    seconds: 3,
    approvals: [{ role: 'approver', count: 2 }],
    interested: [ada],
    datasetIdV2: 'd1',
  });
  const third = reportFact(candidate, 'accepted', { seconds: 4, failed: true });
  const other = candidateFact(run, { signal: 'carry' });
  const [up, accepted] = [
    reportFact(other, 'candidate', { seconds: 5 }),
    reportFact(other, 'accepted', { seconds: 5 }),
  ];
  const newer = artifact('bundle2.json');
  const later = sampleRun({ name: 'later', outputs: [newer] });
  return [
    [...facts],
    [first, promoteFact(candidate, first, { message: 'looks "good"' })],
    [twin, failed, backFact('reject', twin, 'too small')],
    [second, approvalFact(second, 'Ben', 'SHA256:ben1'), approvalFact(second, 'Cleo', 'SHA256:cleo')],
    [promoteFact(candidate, second, { name: 'momentum', message: 'accepted' })],
    [other, up, promoteFact(other, up), accepted],
    [promoteFact(other, accepted, { name: 'momentum', replace: candidate.id })],
    [third, revokeKeyFact('SHA256:ben2', 'lost', at(10)), revokeKeyFact('SHA256:cleo')],
    [rolesFact('revoke-roles', 'Ben', 'approver'), rolesFact('grant', 'Ben', 'auditor', 'ci')],
    [policyFact('research', '2'), policyFact()],
    [
      { kind: 'objects', objects: later.objects },
      later.fact,
      supersedeFact(bundle, newer),
      statusFact('tombstone', regimes),
    ],
    [backFact('withdraw', other, 'not yet'), backFact('withdraw', twin)],
  ];
}

export const noPayload = '0'.repeat(64) as PayloadId;
