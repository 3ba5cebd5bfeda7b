/**
 * cairn.payload/1: the free text and the old and new values of an event, kept outside the event so that they can be
 * erased while the log stays whole.
 */
import * as z from 'zod/mini';
import type { JsonValue } from '../canonical-json.ts';
import { jsonObject, wellFormedText } from './schemas.ts';

export const payloadSchema = z.strictObject({
  schema: z.literal('cairn.payload/1'),
  text: z.optional(wellFormedText),
  values: z.optional(jsonObject),
});

export interface PayloadRecord {
  readonly schema: 'cairn.payload/1';
  readonly text?: string;
  readonly values?: { readonly [name: string]: JsonValue };
}
