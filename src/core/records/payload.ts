/**
 * cairn.payload/1: the free text and the old and new values of an event, kept outside the event so that they can be
 * erased while the log stays whole.
 */
import { canonicalBytes, type JsonValue } from '../canonical-json.ts';

export interface PayloadRecord {
  readonly schema: 'cairn.payload/1';
  readonly text?: string;
  readonly values?: { readonly [name: string]: JsonValue };
}

/** The bytes of a payload to be stored. Throws BAD_JSON for a value that canonical JSON cannot hold. */
export function payloadBytes(payload: Omit<PayloadRecord, 'schema'>): Uint8Array {
  return canonicalBytes({ schema: 'cairn.payload/1', ...payload });
}
