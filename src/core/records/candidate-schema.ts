/** The schema of cairn.candidate/1 (records/candidate.ts). Apart from the types because zod costs start-up. */
import * as z from 'zod/mini';
import { hashHex, positiveInteger, shortText } from './schemas.ts';

export const candidateSchema = z.strictObject({
  schema: z.literal('cairn.candidate/1'),
  run: hashHex,
  signalName: shortText,
  horizon: positiveInteger,
  estimator: z.optional(shortText),
  familyId: z.optional(shortText),
  datasetId: shortText,
  configHash: hashHex,
  evidence: z.array(z.strictObject({ role: shortText, artifact: hashHex })),
  notes: z.optional(hashHex),
});
