/** The `--json` documents of identity for other programs: `seed` and `dataset id`. */
import * as z from 'zod/mini';
import { count, document, id, nullableText, paths } from './document-parts.ts';

export const identityDocuments = {
  'dataset.id': document('dataset.id', {
    datasets: z.array(
      z.strictObject({
        /** 64 digits, or 16 for sqlite_logical_v2. */
        id: z.string(),
        algorithm: z.string(),
        mode: z.enum(['STRICT', 'FAST_DEV']),
        sha256: id,
        /** The database; null for files and artifacts. */
        path: nullableText,
        members: z.array(
          z.strictObject({
            type: z.string(),
            schemaVersion: z.int(),
            logicalKey: z.string(),
            algorithm: z.enum(['file', 'cairn.table/1']),
            sha256: id,
          }),
        ),
        tables: z.array(z.strictObject({ name: z.string(), digest: id, rows: count })),
        missing: paths,
        undeclaredOrder: paths,
      }),
    ),
  }),
  seed: document('seed', {
    runInstanceId: id,
    runKey: id,
    salt: z.string(),
    fold: nullableText,
    seedVersion: z.int(),
    /** Decimal: JSON numbers end at 2^53. */
    seed: z.string().check(z.regex(/^\d{1,19}$/)),
  }),
} as const;
