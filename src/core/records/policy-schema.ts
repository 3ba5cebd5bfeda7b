/** The schema of cairn.policy/1 (records/policy.ts). Apart from the types because zod costs start-up. */
import * as z from 'zod/mini';
import { independentRoles, policyPins } from './policy.ts';
import { levels } from './report.ts';
import { hashHex, positiveInteger, shortText, wellFormedText } from './schemas.ts';

const single = z.union([z.boolean(), z.number(), wellFormedText]);
const level = z.enum(levels);

const levelSchema = z.strictObject({
  enforce: z.enum(['block', 'warn']),
  evidence: z.array(shortText),
  pins: z.array(z.enum(policyPins)),
  thresholds: z.record(z.string(), z.nullable(z.union([single, z.array(single)]))),
  approvals: z.array(z.strictObject({ role: shortText, count: positiveInteger })),
  independent: z.array(z.enum(independentRoles)),
  waivable: z.array(z.strictObject({ subject: shortText, roles: z.array(shortText), reasonRequired: z.boolean() })),
});

export const policySchema = z.strictObject({
  schema: z.literal('cairn.policy/1'),
  name: shortText,
  version: shortText,
  levels: z.strictObject({ exploratory: levelSchema, candidate: levelSchema, accepted: levelSchema }),
  checks: z.array(
    z.strictObject({
      id: shortText,
      levels: z.array(level),
      /** CEL. */
      when: z.optional(shortText),
      /** CEL: true when all is well. */
      assert: shortText,
      message: shortText,
      severity: z.enum(['block', 'warn']),
      role: z.optional(shortText),
    }),
  ),
  programs: z.array(
    z.strictObject({ id: shortText, argv: z.array(wellFormedText), sha256: hashHex, levels: z.array(level) }),
  ),
});
