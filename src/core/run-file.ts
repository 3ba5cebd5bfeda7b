/**
 * cairn.run-file/1: what a pipeline says of its run (`commit --run-file run.json`). Every field may be left out; options
 * of the command line win over it. `cairn schema run-file` prints its JSON Schema.
 */
import * as z from 'zod/mini';
import { CodedError } from './errors.ts';
import { parseJson } from './parse-json.ts';
import { jsonObject, relation, shortText, wellFormedText } from './records/schemas.ts';

export const runFileSchema = z.strictObject({
  schema: z.optional(z.literal('cairn.run-file/1')),
  message: z.optional(wellFormedText),
  params: z.optional(jsonObject),
  metrics: z.optional(z.record(z.string(), z.number())),
  tags: z.optional(z.record(z.string(), wellFormedText)),
  /** Revisions or workspace paths. */
  inputs: z.optional(z.array(z.union([shortText, z.strictObject({ rev: shortText, relation: z.optional(relation) })]))),
  /** Files and directories that the run made, besides what is committed: outputs also where their bytes are as before. */
  outputs: z.optional(z.array(shortText)),
  /** Only where outputs differ in their inputs: `child` is an output path, `parent` a revision or path. */
  edges: z.optional(z.array(z.strictObject({ child: shortText, parent: shortText, relation: z.optional(relation) }))),
  engineVersion: z.optional(wellFormedText),
  configVersion: z.optional(wellFormedText),
  researchSpecVersion: z.optional(wellFormedText),
  pipelineContractVersion: z.optional(wellFormedText),
  externalRunKey: z.optional(shortText),
  externalDatasetId: z.optional(shortText),
  status: z.optional(z.enum(['succeeded', 'failed'])),
  plugins: z.optional(z.array(z.strictObject({ name: shortText, version: shortText }))),
});

export type RunFile = z.infer<typeof runFileSchema>;

/** `what` names the file in messages. Throws BAD_JSON. */
export function parseRunFile(text: string, what: string): RunFile {
  const result = runFileSchema.safeParse(parseJson(text, what));
  if (result.success) return result.data;
  throw new CodedError('BAD_JSON', `${what} is no run file: ${z.prettifyError(result.error)}`, {
    hint: '`cairn schema run-file` prints what it may hold.',
    data: { file: what },
  });
}
