/** Every format that `cairn schema` can print as JSON Schema: records, the run file, and the `--json` documents. */
import * as z from 'zod/mini';
import { CodedError } from '../core/errors.ts';
import { evidenceSchemas } from '../core/evidence/evidence-schemas.ts';
import { policyFileSchema } from '../core/policy-file/policy-file-schema.ts';
import { approvalSchema } from '../core/records/approval-schema.ts';
import { artifactSchema } from '../core/records/artifact-schema.ts';
import { candidateSchema } from '../core/records/candidate-schema.ts';
import { contextSchema } from '../core/records/context-schema.ts';
import { eventSchema } from '../core/records/event-schema.ts';
import { factsSchema } from '../core/records/facts-schema.ts';
import { payloadSchema } from '../core/records/payload-schema.ts';
import { policySchema } from '../core/records/policy-schema.ts';
import { reportSchema } from '../core/records/report-schema.ts';
import { runSchema } from '../core/records/run-schema.ts';
import { hashHex } from '../core/records/schemas.ts';
import { runFileSchema } from '../core/run-file.ts';
import { configFileSchema } from '../core/workspace-config/config-schema.ts';
import { documents } from './documents.ts';
import { closest } from './suggest.ts';

/** Trees are parsed by hand for their size; this is the same format for readers (records/tree.ts). */
const treeSchema = z.strictObject({
  schema: z.literal('cairn.tree/1'),
  entries: z.array(
    z.union([
      z.strictObject({ name: z.string(), artifact: hashHex, executable: z.optional(z.literal(true)) }),
      z.strictObject({ name: z.string(), tree: hashHex }),
      z.strictObject({ name: z.string(), link: z.string() }),
    ]),
  ),
});

interface Format {
  readonly name: string;
  readonly about: string;
  readonly schema: z.ZodMiniType;
}

const records: readonly Format[] = [
  { name: 'artifact', about: 'record: what a thing is', schema: artifactSchema },
  { name: 'tree', about: 'record: one directory', schema: treeSchema },
  { name: 'run', about: 'record: how things came to be', schema: runSchema },
  { name: 'payload', about: 'record: text and values of an event', schema: payloadSchema },
  { name: 'event', about: 'line of the log', schema: eventSchema },
  { name: 'context', about: 'record: what a run ran on, erasable', schema: contextSchema },
  { name: 'candidate', about: 'record: a claim with its evidence', schema: candidateSchema },
  { name: 'report', about: 'record: the outcome of an evaluation', schema: reportSchema },
  { name: 'facts', about: 'record: what an evaluation read', schema: factsSchema },
  { name: 'policy', about: 'record: what each level requires', schema: policySchema },
  { name: 'approval', about: 'record: a signature under a report', schema: approvalSchema },
  { name: 'policy-file', about: 'policy in YAML', schema: policyFileSchema },
  { name: 'config-file', about: 'cairn.yaml', schema: configFileSchema },
  { name: 'run-file', about: 'file for commit --run-file', schema: runFileSchema },
];

const formats: readonly Format[] = [
  ...records,
  ...Object.entries(evidenceSchemas).map(
    ([role, schema]): Format => ({ name: `evidence.${role}`, about: 'file of evidence', schema }),
  ),
  ...Object.entries(documents).map(
    ([name, schema]): Format => ({ name: `cli.${name}`, about: 'document of --json', schema }),
  ),
];

export function listSchemas(): { name: string; about: string }[] {
  return formats.map(({ name, about }) => ({ name, about }));
}

/** Takes `run`, `cairn.run/1`, `cli.log`, `cairn.cli.log/1`, and `log` where no record has that name. */
export function jsonSchemaOf(text: string): { name: string; jsonSchema: object } {
  const short = text.replace(/^cairn\./, '').replace(/\/1$/, '');
  const found = formats.find(({ name }) => name === short) ?? formats.find(({ name }) => name === `cli.${short}`);
  if (found === undefined) {
    const near = closest(
      short,
      formats.map(({ name }) => name),
    );
    throw new CodedError('SCHEMA_NOT_FOUND', `there is no format ${JSON.stringify(text.slice(0, 80))}`, {
      hint:
        near === undefined
          ? '`cairn schema` lists them.'
          : `Did you mean \`cairn schema ${near}\`? \`cairn schema\` lists all.`,
      data: { name: text.slice(0, 80) },
    });
  }
  return { name: `cairn.${found.name}/1`, jsonSchema: z.toJSONSchema(found.schema, { unrepresentable: 'any' }) };
}
