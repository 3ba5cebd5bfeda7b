/** The schema of cairn.artifact/1 (records/artifact.ts). Apart from the types because zod costs start-up. */
import * as z from 'zod/mini';
import { hashHex, nonNegativeInteger, positiveInteger, shortText } from './schemas.ts';

export const artifactSchema = z.strictObject({
  schema: z.literal('cairn.artifact/1'),
  /** Kind of thing: `file` unless said otherwise. */
  type: shortText,
  /** Version of the type's own format, from 1. */
  schemaVersion: positiveInteger,
  /** What the thing is called by those who look for it; the workspace path unless said otherwise. */
  logicalKey: shortText,
  file: z.strictObject({ sha256: hashHex, size: nonNegativeInteger }),
});
