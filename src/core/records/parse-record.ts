/**
 * Reading records back: canonical bytes, a known schema, no unknown field. Trees have their own parser (records/tree.ts)
 * because of their size.
 */
import * as z from 'zod/mini';
import { canonicalBytes, type JsonValue, parseCanonical } from '../canonical-json.ts';
import { CodedError, isCodedError } from '../errors.ts';
import type { ArtifactRecord } from './artifact.ts';
import { artifactSchema } from './artifact-schema.ts';
import type { CandidateRecord } from './candidate.ts';
import { candidateSchema } from './candidate-schema.ts';
import type { ContentRecord } from './content.ts';
import { contentSchema } from './content-schema.ts';
import type { FactsRecord } from './facts.ts';
import { factsSchema } from './facts-schema.ts';
import type { PayloadRecord } from './payload.ts';
import { payloadSchema } from './payload-schema.ts';
import type { PolicyRecord } from './policy.ts';
import { policySchema } from './policy-schema.ts';
import type { ReportRecord } from './report.ts';
import { reportSchema } from './report-schema.ts';
import type { RunRecord } from './run.ts';
import { runSchema } from './run-schema.ts';
import type { TableSpecRecord } from './table-spec.ts';
import { tableSpecSchema } from './table-spec-schema.ts';

function parseWith(schema: z.ZodMiniType, name: string, bytes: Uint8Array): unknown {
  let value: JsonValue;
  try {
    value = parseCanonical(bytes);
  } catch (cause) {
    if (!isCodedError(cause)) throw cause;
    throw new CodedError('RECORD_INVALID', `not a ${name} record: ${cause.message}`, { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return value;
  throw new CodedError('RECORD_INVALID', `not a ${name} record: ${z.prettifyError(result.error)}`, {
    hint: 'It may have been written by a newer version of cairn, or not by cairn at all.',
  });
}

export const parseArtifactRecord = (bytes: Uint8Array): ArtifactRecord =>
  parseWith(artifactSchema, 'cairn.artifact/1', bytes) as ArtifactRecord;
export const parseRunRecord = (bytes: Uint8Array): RunRecord => parseWith(runSchema, 'cairn.run/1', bytes) as RunRecord;
export const parsePayloadRecord = (bytes: Uint8Array): PayloadRecord =>
  parseWith(payloadSchema, 'cairn.payload/1', bytes) as PayloadRecord;
export const parseContentRecord = (bytes: Uint8Array): ContentRecord =>
  parseWith(contentSchema, 'cairn.content/1', bytes) as ContentRecord;
export const parseCandidateRecord = (bytes: Uint8Array): CandidateRecord =>
  parseWith(candidateSchema, 'cairn.candidate/1', bytes) as CandidateRecord;
export const parseReportRecord = (bytes: Uint8Array): ReportRecord =>
  parseWith(reportSchema, 'cairn.report/1', bytes) as ReportRecord;
export const parseTableSpecRecord = (bytes: Uint8Array): TableSpecRecord =>
  parseWith(tableSpecSchema, 'cairn.table-spec/1', bytes) as TableSpecRecord;
export const parseFactsRecord = (bytes: Uint8Array): FactsRecord =>
  parseWith(factsSchema, 'cairn.facts/1', bytes) as FactsRecord;
export const parsePolicyRecord = (bytes: Uint8Array): PolicyRecord =>
  parseWith(policySchema, 'cairn.policy/1', bytes) as PolicyRecord;

/** The bytes of a record to be stored: validated, canonical. */
export function runBytes(record: RunRecord): Uint8Array {
  const result = runSchema.safeParse(record);
  if (!result.success)
    throw new CodedError('BAD_ARGUMENT', `the run cannot be recorded: ${z.prettifyError(result.error)}`);
  return canonicalBytes(record);
}
