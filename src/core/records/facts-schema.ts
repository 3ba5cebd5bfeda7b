/** The schema of cairn.facts/1 (records/facts.ts). Apart from the types because zod costs start-up. */
import * as z from 'zod/mini';
import { evidenceFormats } from '../evidence/evidence.ts';
import { foldRules } from './facts.ts';
import { levels } from './report.ts';
import {
  hashHex,
  jsonValue,
  nonNegativeInteger,
  positiveInteger,
  shortText,
  timestamp,
  wellFormedText,
} from './schemas.ts';

const failed = z.strictObject({ error: wellFormedText });

const evidenceSchema = z.strictObject({
  role: shortText,
  artifact: hashHex,
  sha256: hashHex,
  format: z.enum(evidenceFormats),
  content: z.union([
    z.strictObject({
      value: jsonValue,
      faults: z.array(z.strictObject({ path: wellFormedText, why: wellFormedText })),
    }),
    failed,
  ]),
  inAncestry: z.boolean(),
  status: z.enum(['active', 'superseded', 'tombstoned']),
  signature: z.optional(z.strictObject({ verified: z.boolean(), detail: wellFormedText })),
});

const runSchema = z.strictObject({
  id: hashHex,
  runKey: hashHex,
  status: z.enum(['succeeded', 'failed']),
  datasets: z.array(
    z.strictObject({ id: shortText, algorithm: shortText, mode: z.enum(['STRICT', 'FAST_DEV']), sha256: hashHex }),
  ),
  engineVersion: wellFormedText,
  configVersion: wellFormedText,
  researchSpecVersion: z.optional(wellFormedText),
  pipelineContractVersion: z.optional(wellFormedText),
  seedVersion: positiveInteger,
  configHash: hashHex,
  external: z.optional(z.strictObject({ runKey: z.optional(shortText), datasetIdV2: z.optional(shortText) })),
  walkForward: z.optional(z.boolean()),
  gitCommit: z.optional(shortText),
  gitDirty: z.optional(z.boolean()),
});

const foldCheckSchema = z.strictObject({
  ok: z.boolean(),
  bars: nonNegativeInteger,
  folds: z.array(
    z.strictObject({
      foldId: wellFormedText,
      failures: z.array(z.strictObject({ rule: z.enum(foldRules), reason: wellFormedText })),
    }),
  ),
});

export const factsSchema = z.strictObject({
  schema: z.literal('cairn.facts/1'),
  level: z.enum(levels),
  evaluatedAt: timestamp,
  candidate: z.strictObject({
    id: hashHex,
    signalName: shortText,
    horizon: positiveInteger,
    estimator: z.optional(shortText),
    familyId: z.optional(shortText),
    datasetId: shortText,
    configHash: hashHex,
  }),
  run: runSchema,
  actors: z.strictObject({
    creator: hashHex,
    runActor: hashHex,
    evaluator: hashHex,
    evidenceProducers: z.array(hashHex),
  }),
  evidence: z.array(evidenceSchema),
  foldCheck: z.optional(
    z.strictObject({ plan: hashHex, dataset: z.optional(hashHex), outcome: z.union([foldCheckSchema, failed]) }),
  ),
  programs: z.array(
    z.strictObject({
      id: shortText,
      sha256: hashHex,
      outcome: z.union([
        z.strictObject({
          passed: z.boolean(),
          blockers: z.array(wellFormedText),
          warnings: z.array(wellFormedText),
        }),
        failed,
      ]),
    }),
  ),
  waivers: z.array(
    z.strictObject({ subject: shortText, reason: wellFormedText, by: hashHex, roles: z.array(shortText) }),
  ),
});
