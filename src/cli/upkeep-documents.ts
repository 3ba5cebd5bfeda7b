/** The `--json` documents of the commands that look after a store. */
import * as z from 'zod/mini';
import { count, document, id, nullableText, timestamp } from './document-parts.ts';

const problem = z.strictObject({
  code: z.string(),
  kind: z.enum(['blob', 'record', 'pack', 'log', 'manifest']),
  /** Id of the object or pack; `log` or `manifest`. */
  object: z.string(),
  problem: z.string(),
  affects: z.strictObject({ artifacts: z.array(id), runs: z.array(id), candidates: z.array(z.string()) }),
  hint: z.string(),
});

const countAndBytes = z.strictObject({ count, bytes: count });
const subject = z.strictObject({ kind: z.enum(['run', 'artifact', 'object']), id: z.string() });
const holdChange = { subject, changed: z.boolean() };

export const upkeepDocuments = {
  doctor: document('doctor', {
    ok: z.boolean(),
    checks: z.array(
      z.strictObject({
        name: z.string(),
        outcome: z.enum(['ok', 'warn', 'fail']),
        detail: z.string(),
        /** What to do, when it is not ok. */
        next: z.optional(z.string()),
      }),
    ),
  }),
  fsck: document('fsck', {
    ok: z.boolean(),
    objects: count,
    objectsRead: count,
    packs: count,
    events: count,
    bytesRead: count,
    problems: z.array(problem),
    notes: z.array(z.string()),
    /** How much of the store has been read through, and since when. */
    coverage: z.strictObject({
      bytes: count,
      bytesCovered: count,
      since: z.optional(timestamp),
      recorded: z.boolean(),
    }),
    /** With --repair. */
    repairs: z.optional(
      z.strictObject({ found: z.array(problem), moved: count, lost: count, quarantined: z.array(z.string()) }),
    ),
  }),
  gc: document('gc', {
    dryRun: z.boolean(),
    objects: count,
    /** Freed on the disk; an estimate in a dry run, and below zero when rewriting packs took more than it freed. */
    bytes: z.int(),
    erased: count,
    packs: z.strictObject({ dropped: count, rewritten: count, written: count }),
    orphans: count,
    temporaryBytes: count,
    /** The first 10,000. */
    removed: z.array(
      z.strictObject({
        namespace: z.enum(['blob', 'record']),
        object: id,
        size: count,
        why: z.enum(['unreachable', 'erased']),
      }),
    ),
    notes: z.array(z.string()),
  }),
  'hold.add': document('hold.add', holdChange),
  'hold.list': document('hold.list', {
    holds: z.array(z.strictObject({ subject, reason: nullableText, since: timestamp })),
  }),
  'hold.remove': document('hold.remove', holdChange),
  reindex: document('reindex', {
    events: count,
    runs: count,
    objects: count,
    packs: count,
    lost: z.array(id),
    notes: z.array(z.string()),
    previous: z.optional(z.string()),
  }),
  retire: document('retire', {
    dryRun: z.boolean(),
    runs: z.array(z.strictObject({ runInstanceId: id, createdAt: timestamp, message: z.optional(z.string()) })),
    kept: z.array(z.strictObject({ runInstanceId: id, why: z.string() })),
    objects: count,
    bytes: count,
  }),
  stats: document('stats', {
    runs: count,
    artifacts: count,
    events: count,
    outputs: count,
    blobs: countAndBytes,
    records: countAndBytes,
    packs: z.strictObject({ count, bytes: count, objects: count }),
    loose: countAndBytes,
    logicalBytes: count,
    storedBytes: count,
    saved: z.strictObject({ deduplication: count, compression: count, packing: count }),
  }),
} as const;
