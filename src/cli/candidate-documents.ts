/** The `--json` documents of candidates, their evaluation and promotion, and of policies. */
import * as z from 'zod/mini';
import { levels } from '../core/records/report.ts';
import { artifactWith, document, id, jsonObject, nullableText, page, timestamp } from './document-parts.ts';

const status = z.enum(['exploratory', 'candidate', 'accepted', 'rejected']);
const level = z.enum(levels);
const strings = z.array(z.string());

export const candidateShape = {
  candidateId: id,
  status,
  /** What it was once granted does not hold any more: `risks` says why, and what to do. */
  atRisk: z.boolean(),
  risks: z.array(
    z.strictObject({
      kind: z.enum(['report-failed', 'evidence-superseded', 'evidence-tombstoned']),
      role: nullableText,
      artifactId: z.nullable(id),
      eligibilityReportId: z.nullable(id),
      message: z.string(),
      next: strings,
    }),
  ),
  /** `accepted/…`, while it has one. */
  name: nullableText,
  runInstanceId: id,
  signalName: z.string(),
  horizon: z.int(),
  estimator: nullableText,
  familyId: nullableText,
  datasetId: z.string(),
  configHash: id,
  gitCommit: nullableText,
  notes: nullableText,
  evidence: z.array(z.strictObject({ role: z.string(), artifactId: id })),
  createdAt: timestamp,
  creator: id,
  statusAt: timestamp,
  /** The report that its status rests on. */
  eligibilityReportId: z.nullable(id),
};

/** Claims about a run or artifact, where something else is shown. */
export const candidateMarks = z.array(
  z.strictObject({ candidateId: id, status, name: nullableText, atRisk: z.boolean() }),
);

const finding = z.strictObject({ check: z.string(), message: z.string(), role: z.optional(z.string()) });
const findings = z.array(finding);

export const reportShape = {
  eligibilityReportId: id,
  candidateId: id,
  level,
  passed: z.boolean(),
  /** Empty exactly when it passed. */
  blockers: findings,
  warnings: findings,
  metrics: jsonObject,
  thresholds: jsonObject,
  /** Ids of the records that were decided by and on. */
  policy: id,
  facts: id,
  evidence: z.array(id),
  approvals: z.array(z.strictObject({ role: z.string(), count: z.int() })),
  /** Actors whose approval does not count. */
  interested: z.array(id),
  waivers: z.array(z.strictObject({ subject: z.string(), reason: z.string(), by: id })),
  runInstanceId: id,
  runKey: id,
  datasetIdV2: nullableText,
  evaluator: id,
  evaluatedAt: timestamp,
};

/** A candidate with all that is known of it. */
export const shownCandidateShape = {
  kind: z.literal('candidate'),
  ...candidateShape,
  evidence: z.array(artifactWith({ role: z.string(), inAncestry: z.boolean() })),
  /** Newest first. */
  reports: z.array(z.strictObject(reportShape)),
  approvals: z.array(
    z.strictObject({
      eligibilityReportId: id,
      actor: z.strictObject({ id, name: z.string() }),
      keyFingerprint: z.string(),
      timestamp,
      counts: z.boolean(),
      /** Why it does not count. */
      detail: nullableText,
    }),
  ),
  /** What it can become next, and all that is missing for it. */
  next: z.nullable(
    z.strictObject({
      to: z.enum(['candidate', 'accepted']),
      missing: z.array(z.strictObject({ message: z.string(), next: nullableText, check: nullableText })),
    }),
  ),
};

const statusStep = {
  candidateId: id,
  status,
  eventId: id,
  name: nullableText,
  eligibilityReportId: z.nullable(id),
  /** The candidate that the name was taken from. */
  replaced: z.nullable(id),
};

const policy = { policy: id, name: z.string(), version: z.string() };

export const candidateDocuments = {
  'candidate.create': document('candidate.create', {
    ...candidateShape,
    /** False when the same claim was made before. */
    created: z.boolean(),
    /** Evidence was found by type and name. */
    guessed: z.boolean(),
    warnings: strings,
  }),
  'candidate.list': document('candidate.list', { candidates: z.array(z.strictObject(candidateShape)), ...page }),
  'candidate.show': document('candidate.show', shownCandidateShape),
  evaluate: document('evaluate', reportShape),
  promote: document('promote', statusStep),
  reject: document('reject', statusStep),
  withdraw: document('withdraw', statusStep),
  'policy.activate': document('policy.activate', {
    ...policy,
    /** False when it was the active one already. */
    changed: z.boolean(),
  }),
  'policy.check': document('policy.check', {
    ok: z.boolean(),
    ...policy,
    faults: z.array(
      z.strictObject({ check: z.string(), part: z.enum(['when', 'assert', 'message']), why: z.string() }),
    ),
  }),
  'policy.list': document('policy.list', {
    policies: z.array(
      z.strictObject({
        ...policy,
        active: z.boolean(),
        /** null for one that cairn brings along and nobody has activated. */
        activatedAt: z.nullable(timestamp),
      }),
    ),
  }),
  'policy.show': document('policy.show', {
    ...policy,
    active: z.boolean(),
    activatedAt: z.nullable(timestamp),
    record: jsonObject,
  }),
  'policy.test': document('policy.test', {
    ...policy,
    level,
    passed: z.boolean(),
    blockers: findings,
    warnings: findings,
    metrics: jsonObject,
    checks: z.array(
      z.strictObject({
        check: z.string(),
        outcome: z.enum(['pass', 'block', 'warn', 'waived', 'skipped', 'undecided']),
        role: z.optional(z.string()),
        message: z.optional(z.string()),
        /** What the check read, by path. */
        values: z.array(z.strictObject({ path: z.string(), value: z.json() })),
      }),
    ),
  }),
} as const;
