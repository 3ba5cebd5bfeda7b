/** The `--json` documents of trace and audit. */
import * as z from 'zod/mini';
import { candidateShape } from './candidate-documents.ts';
import { count, document, id, jsonObject, nullableText, timestamp } from './document-parts.ts';

const candidate = z.strictObject({
  ...candidateShape,
  /** Number of the event that the status is owed to. */
  statusEvent: count,
  /** The run made it, of the candidate's run and those behind it. */
  evidence: z.array(
    z.strictObject({ role: z.string(), artifactId: id, runInstanceId: z.nullable(id), path: nullableText }),
  ),
});

const finding = z.strictObject({ check: z.string(), message: z.string(), role: z.optional(z.string()) });

const report = z.strictObject({
  eligibilityReportId: id,
  event: count,
  origin: z.string(),
  level: z.enum(['exploratory', 'candidate', 'accepted']),
  passed: z.boolean(),
  blockers: z.array(finding),
  warnings: z.array(finding),
  metrics: jsonObject,
  thresholds: jsonObject,
  policy: z.strictObject({ policyId: id, name: nullableText, version: nullableText }),
  facts: id,
  evaluator: id,
  evaluatedAt: timestamp,
  requiredApprovals: z.array(z.strictObject({ role: z.string(), count })),
  approvals: z.array(
    z.strictObject({
      approvalId: id,
      actor: id,
      keyFingerprint: z.string(),
      keyRevoked: z.boolean(),
      event: count,
      timestamp,
    }),
  ),
});

export const auditDocuments = {
  audit: document('audit', {
    ok: z.boolean(),
    checks: z.array(
      z.strictObject({
        name: z.string(),
        outcome: z.enum(['pass', 'warn', 'fail']),
        detail: z.string(),
        /** The first hundred; `count` says how many there are. */
        findings: z.array(z.strictObject({ subject: z.string(), problem: z.string(), since: z.nullable(timestamp) })),
        count,
      }),
    ),
  }),
  trace: document('trace', {
    root: z.strictObject({ kind: z.enum(['candidate', 'artifact']), id }),
    /** Of an artifact the first of `candidates`, accepted ones before others; null when there is none. */
    candidate: z.nullable(candidate),
    candidates: z.array(candidate),
    eligibilityReport: z.nullable(report),
    governanceEvents: z.array(
      z.strictObject({
        seq: count,
        eventId: id,
        candidate: id,
        action: z.string(),
        timestamp,
        actor: id,
        /** What the candidate's status is from here on. */
        status: z.string(),
        report: z.nullable(id),
        name: nullableText,
        message: nullableText,
      }),
    ),
    actors: z.array(z.strictObject({ id, name: z.string() })),
    artifactLineage: z.array(
      z.strictObject({
        artifactId: id,
        runInstanceId: id,
        runKey: id,
        datasetIdV2: nullableText,
        artifactType: z.string(),
        schemaVersion: z.int(),
        logicalKey: z.string(),
        relativePath: z.string(),
        sha256: id,
        size: count,
        status: z.enum(['active', 'superseded', 'tombstoned']),
        createdAt: timestamp,
        engineVersion: z.string(),
        configVersion: z.string(),
        configHash: id,
        gitCommit: nullableText,
        gitDirty: z.nullable(z.boolean()),
        schemaVersions: z.json(),
        plugins: z.json(),
        /** Runs between it and what was asked. */
        depth: count,
      }),
    ),
    artifactEdges: z.array(z.strictObject({ child: id, parent: id, relation: z.string(), run: id })),
    /** Nothing that should be there is missing, and no limit ended the trace. */
    complete: z.boolean(),
    missing: z.array(z.strictObject({ kind: z.string(), subject: z.string(), detail: z.string() })),
  }),
} as const;
