/**
 * The schema of cairn.event/1 (records/event.ts), as it is published. The log is read through `parseEvent`, which is written out
 * because every command that writes reads the log's head; a test holds the two equal.
 */
import * as z from 'zod/mini';
import { eventActions, subjectKinds } from './event.ts';
import { hashHex, positiveInteger, shortText, timestamp } from './schemas.ts';

export const eventSchema = z.strictObject({
  schema: z.literal('cairn.event/1'),
  /** From 1, without gaps. */
  seq: positiveInteger,
  previous: hashHex,
  timestamp,
  clock: z.enum(['wall', 'fixed']),
  actor: hashHex,
  action: z.enum(eventActions),
  subject: z.strictObject({ kind: z.enum(subjectKinds), id: shortText }),
  /** The event before this one about the same subject; 64 zeros when there is none. */
  subjectPrevious: hashHex,
  payload: z.optional(hashHex),
});
