/** The `--json` document of `publish`: the result as the library gives it. */
import * as z from 'zod/mini';
import { count, document, id, jsonObject, nullableText } from './document-parts.ts';

export const publishDocuments = {
  publish: document('publish', {
    success: z.literal(true),
    /** The artifact was there already. */
    deduped: z.boolean(),
    mode: z.nullable(z.enum(['file_hash', 'content_hash'])),
    existingArtifactId: z.nullable(id),
    artifactId: id,
    /** A file with just these bytes, where there is one. */
    path: nullableText,
    pathParquet: nullableText,
    pathSidecar: nullableText,
    error: z.nullable(z.strictObject({ code: z.string(), message: z.string(), hint: nullableText, data: jsonObject })),
    status: z.enum(['active', 'superseded']),
    runInstanceId: id,
    /** The same was published before, and nothing was added. */
    repeated: z.boolean(),
    supersededArtifactId: z.nullable(id),
    fileHash: id,
    contentHash: z.nullable(id),
    rowCount: z.nullable(count),
    notes: z.array(z.string()),
  }),
} as const;
