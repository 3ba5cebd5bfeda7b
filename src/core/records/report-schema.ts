/** The schema of cairn.report/1 (records/report.ts). Apart from the types because zod costs start-up. */
import * as z from 'zod/mini';
import { levels } from './report.ts';
import { hashHex, jsonObject, nonNegativeInteger, shortText, timestamp, wellFormedText } from './schemas.ts';

const finding = z.strictObject({ check: shortText, message: wellFormedText, role: z.optional(shortText) });

export const reportSchema = z
  .strictObject({
    schema: z.literal('cairn.report/1'),
    candidate: hashHex,
    level: z.enum(levels),
    passed: z.boolean(),
    blockers: z.array(finding),
    warnings: z.array(finding),
    metrics: jsonObject,
    thresholds: jsonObject,
    policy: hashHex,
    facts: hashHex,
    evidence: z.array(hashHex),
    runKey: wellFormedText,
    runInstanceId: hashHex,
    datasetIdV2: z.optional(wellFormedText),
    engineVersion: wellFormedText,
    configVersion: wellFormedText,
    approvals: z.array(z.strictObject({ role: shortText, count: nonNegativeInteger })),
    interested: z.array(hashHex),
    waivers: z.array(z.strictObject({ subject: shortText, reason: wellFormedText, by: hashHex })),
    evaluator: hashHex,
    evaluatedAt: timestamp,
  })
  .check(
    z.refine(({ passed, blockers }) => passed === (blockers.length === 0), 'passes exactly when nothing blocks it'),
  );
