/**
 * cairn.policy-file/1: a policy as people write it in YAML. docs/guides/policies.md explains it; parse-policy.ts makes the record
 * of it, in which nothing is left out.
 */
import * as z from 'zod/mini';
import { independentRoles, policyPins } from '../records/policy.ts';
import { levels } from '../records/report.ts';
import { hashHex, shortText, wellFormedText } from '../records/schemas.ts';

const lowerName = z
  .string()
  .check(
    z.regex(
      /^[a-z][a-z0-9_]{0,79}$/,
      'a name has lower-case letters, digits and "_", starts with a letter, and is at most 80 long',
    ),
  );
const role = z
  .string()
  .check(
    z.regex(/^[a-z][a-z0-9_-]{0,49}$/, 'a role has lower-case letters, digits, "_" and "-", and is at most 50 long'),
  );
const policyName = z
  .string()
  .check(
    z.regex(
      /^[a-z0-9][a-z0-9._-]{0,79}$/,
      'the name of a policy has lower-case letters, digits, ".", "_" and "-", and is at most 80 long',
    ),
  );
const expression = wellFormedText.check(z.minLength(1), z.maxLength(2000));
const single = z.union([z.boolean(), z.number(), z.string().check(z.maxLength(200))]);
const threshold = z.nullable(z.union([single, z.array(single).check(z.maxLength(1000))]));
const thresholds = z.record(lowerName, threshold);
const listOf = <T extends z.ZodMiniType>(item: T, most = 100): z.ZodMiniArray<T> =>
  z.array(item).check(z.maxLength(most));
const level = z.enum(levels);
const atLevels = z.array(level).check(z.minLength(1));

const levelSchema = z.strictObject({
  /** Another level whose settings stand where this one says nothing. */
  like: z.optional(level),
  enforce: z.optional(z.enum(['block', 'warn'])),
  evidence: z.optional(listOf(role)),
  pins: z.optional(listOf(z.enum(policyPins))),
  thresholds: z.optional(thresholds),
  approvals: z.optional(listOf(z.strictObject({ role, count: z.int().check(z.gte(1), z.lte(100)) }))),
  independent: z.optional(listOf(z.enum(independentRoles))),
  waivable: z.optional(
    listOf(
      z.strictObject({
        /** A check's id or an evidence role. */
        subject: role,
        roles: listOf(role).check(z.minLength(1)),
        reasonRequired: z.optional(z.boolean()),
      }),
    ),
  ),
});

export const policyFileSchema = z.strictObject({
  schema: z.optional(z.literal('cairn.policy-file/1')),
  name: policyName,
  version: shortText,
  /** A policy that this one builds on. */
  extends: z.optional(policyName),
  /** At all levels, unless the level says otherwise. */
  thresholds: z.optional(thresholds),
  levels: z.optional(
    z.strictObject({
      exploratory: z.optional(levelSchema),
      candidate: z.optional(levelSchema),
      accepted: z.optional(levelSchema),
    }),
  ),
  checks: z.optional(
    listOf(
      z.strictObject({
        id: lowerName,
        /** All when left out. */
        levels: z.optional(atLevels),
        when: z.optional(expression),
        assert: expression,
        message: wellFormedText.check(z.minLength(1), z.maxLength(1000)),
        severity: z.optional(z.enum(['block', 'warn'])),
        role: z.optional(role),
      }),
      300,
    ),
  ),
  programs: z.optional(
    listOf(
      z.strictObject({
        id: lowerName,
        argv: listOf(wellFormedText).check(z.minLength(1)),
        sha256: hashHex,
        levels: z.optional(atLevels),
      }),
      20,
    ),
  ),
});

export type PolicyFile = z.infer<typeof policyFileSchema>;
