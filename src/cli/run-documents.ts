/** The `--json` documents of the commands that run other programs. */
import * as z from 'zod/mini';
import { contextSchema, runtimeSchema } from '../core/records/context-schema.ts';
import { count, document, id, nullableText, paths, valueChanges } from './document-parts.ts';

const artifacts = z.optional(
  z.array(
    z.strictObject({
      artifactId: id,
      path: z.string(),
      sha256: id,
      size: count,
      type: z.string(),
      logicalKey: z.string(),
    }),
  ),
);
const metrics = z.record(z.string(), z.number());

export const runContext = z.nullable(
  z.union([
    z.strictObject({ erased: z.literal(true) }),
    z.extend(z.omit(contextSchema, { schema: true }), {
      erased: z.literal(false),
      /** A list of packages by its length and the SHA-256 of its canonical JSON; the context record has it whole. */
      runtimes: z.array(z.extend(runtimeSchema, { packages: z.optional(z.strictObject({ count, sha256: id })) })),
    }),
  ]),
);

export const runDocuments = {
  run: document('run', {
    /** null when a failed run was dropped (--discard-failed). */
    runInstanceId: z.nullable(id),
    runKey: id,
    /** null for a failed run, which moves no branch, and for a reused one. */
    ref: nullableText,
    parents: z.optional(z.array(id)),
    outputs: z.optional(id),
    tree: z.nullable(id),
    rebased: z.optional(z.boolean()),
    removed: z.optional(paths),
    /** Left out with --quiet. */
    artifacts,
    status: z.enum(['succeeded', 'failed']),
    /** What the command ended with, as a shell says it. */
    exitStatus: count,
    signal: nullableText,
    /** True when an equal earlier run was taken instead. */
    reused: z.boolean(),
    metrics,
    /** Declared outputs that are not there. */
    missing: paths,
    /** Files that were written or removed without being declared. */
    undeclared: paths,
  }),
  rerun: document('rerun', {
    runInstanceId: id,
    /** The run that was done again. */
    reproduces: id,
    runKey: id,
    verdict: z.enum(['identical', 'within-tolerance', 'differs']),
    tolerance: z.number(),
    exitStatus: count,
    outputs: z.array(
      z.strictObject({
        path: z.string(),
        verdict: z.enum(['identical', 'within-tolerance', 'differs', 'missing']),
        detail: nullableText,
      }),
    ),
    /** null when one of the two runs has no recorded environment. */
    environment: z.nullable(valueChanges),
    notes: z.array(z.string()),
  }),
} as const;
