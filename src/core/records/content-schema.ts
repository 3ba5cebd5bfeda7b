/** The schema of cairn.content/1 (records/content.ts). Apart from the types because zod costs start-up. */
import * as z from 'zod/mini';
import { tableAlgorithm } from './content.ts';
import { hashHex, nonNegativeInteger, shortText } from './schemas.ts';

export const contentSchema = z.strictObject({
  schema: z.literal('cairn.content/1'),
  blob: hashHex,
  spec: hashHex,
  algorithm: z.literal(tableAlgorithm),
  sha256: hashHex,
  rows: nonNegativeInteger,
  minTs: z.optional(shortText),
  maxTs: z.optional(shortText),
});
