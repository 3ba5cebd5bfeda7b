/** The schema of cairn.payload/1 (records/payload.ts). Apart from the types because zod costs start-up. */
import * as z from 'zod/mini';
import { jsonObject, wellFormedText } from './schemas.ts';

export const payloadSchema = z.strictObject({
  schema: z.literal('cairn.payload/1'),
  text: z.optional(wellFormedText),
  values: z.optional(jsonObject),
});
