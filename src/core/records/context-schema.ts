/** The schema of cairn.context/1 (records/context.ts). Apart from the types because zod costs start-up. */
import * as z from 'zod/mini';
import { canonicalBytes, parseCanonical } from '../canonical-json.ts';
import { CodedError, isCodedError } from '../errors.ts';
import type { ContextRecord } from './context.ts';
import { hashHex, nonNegativeInteger, positiveInteger, shortText, wellFormedText } from './schemas.ts';

const file = z.strictObject({ path: shortText, sha256: hashHex, size: nonNegativeInteger });
const stream = z.strictObject({
  /** Bytes that the command wrote. */
  bytes: nonNegativeInteger,
  /** Bytes of them that the run does not keep. */
  cut: nonNegativeInteger,
});

export const runtimeSchema = z.strictObject({
  language: shortText,
  version: z.optional(shortText),
  executable: shortText,
  /** Seen running, or only named by the command. */
  evidence: z.enum(['seen', 'named']),
  packages: z.optional(z.array(z.strictObject({ name: shortText, version: wellFormedText }))),
  locks: z.optional(z.array(file)),
  problem: z.optional(wellFormedText),
});

export const contextSchema = z.strictObject({
  schema: z.literal('cairn.context/1'),
  host: z.strictObject({
    name: shortText,
    os: shortText,
    osVersion: wellFormedText,
    kernel: wellFormedText,
    arch: shortText,
    cpus: positiveInteger,
    cpuModel: z.optional(shortText),
    memoryBytes: nonNegativeInteger,
  }),
  runtimes: z.array(runtimeSchema),
  /** Environment variables of the allow-list that were set. */
  variables: z.record(z.string(), wellFormedText),
  use: z.optional(
    z.strictObject({
      wallMs: z.number().check(z.gte(0)),
      /** CPU time of the command and of what it waited for, in steps of 10 ms on Linux. */
      userCpuMs: z.optional(nonNegativeInteger),
      systemCpuMs: z.optional(nonNegativeInteger),
      /** Largest resident set of one process that was seen: a lower bound of the peak. */
      peakMemoryBytes: z.optional(nonNegativeInteger),
      samples: nonNegativeInteger,
    }),
  ),
  output: z.optional(z.strictObject({ stdout: stream, stderr: stream })),
  /** Files of the workspace that the command's words name, as they were before it ran; left out when that is not known. */
  code: z.optional(z.array(file)),
  /** Files of the workspace that were written without being declared: how many, and the first of them. */
  undeclared: z.optional(z.strictObject({ count: positiveInteger, paths: z.array(wellFormedText) })),
  /** Programs that outlived the command. */
  stillRunning: z.optional(z.array(wellFormedText)),
});

/** The bytes to store. Throws BAD_ARGUMENT for a context that the schema does not allow. */
export function contextBytes(context: ContextRecord): Uint8Array {
  const result = contextSchema.safeParse(context);
  if (result.success) return canonicalBytes(context);
  throw new CodedError('BAD_ARGUMENT', `the context cannot be recorded: ${z.prettifyError(result.error)}`);
}

/** Reads a stored context. Throws RECORD_INVALID. */
export function parseContextRecord(bytes: Uint8Array): ContextRecord {
  let value: unknown;
  try {
    value = parseCanonical(bytes);
  } catch (cause) {
    if (!isCodedError(cause)) throw cause;
    throw new CodedError('RECORD_INVALID', `not a cairn.context/1 record: ${cause.message}`, { cause });
  }
  const result = contextSchema.safeParse(value);
  if (result.success) return value as ContextRecord;
  throw new CodedError('RECORD_INVALID', `not a cairn.context/1 record: ${z.prettifyError(result.error)}`, {
    hint: 'It may have been written by a newer version of cairn, or not by cairn at all.',
  });
}
