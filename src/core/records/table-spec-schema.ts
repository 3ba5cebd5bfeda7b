/** The schema of cairn.table-spec/1 (records/table-spec.ts). Apart from the types because zod costs start-up. */
import * as z from 'zod/mini';
import { shortText } from './schemas.ts';

export const tableSpecSchema = z.strictObject({
  schema: z.literal('cairn.table-spec/1'),
  columns: z.optional(z.array(z.strictObject({ name: shortText, type: z.optional(shortText) })).check(z.minLength(1))),
  sort: z.optional(z.array(shortText).check(z.minLength(1))),
  time: z.optional(shortText),
});
