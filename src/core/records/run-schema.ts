/** The schema of cairn.run/1 (records/run.ts) and of the identity in it. Apart from the types because zod costs start-up. */
import * as z from 'zod/mini';
import { hashHex, jsonObject, positiveInteger, relation, shortText, timestamp, wellFormedText } from './schemas.ts';

const datasetIdentitySchema = z.strictObject({
  id: shortText,
  algorithm: shortText,
  mode: z.enum(['STRICT', 'FAST_DEV']),
  sha256: hashHex,
});

export const runIdentitySchema = z.strictObject({
  datasets: z.array(datasetIdentitySchema),
  params: jsonObject,
  engineVersion: wellFormedText,
  configVersion: wellFormedText,
  researchSpecVersion: z.optional(wellFormedText),
  pipelineContractVersion: z.optional(wellFormedText),
  seedVersion: positiveInteger,
  external: z.optional(z.strictObject({ runKey: z.optional(shortText), datasetIdV2: z.optional(shortText) })),
});

const inputSchema = z.strictObject({
  artifact: hashHex,
  relation,
  /** Where the input lay in the workspace, when it lay there. */
  path: z.optional(shortText),
  /** The run that produced it, when known. */
  run: z.optional(hashHex),
});

export const runSchema = z.strictObject({
  schema: z.literal('cairn.run/1'),
  runKey: hashHex,
  identity: runIdentitySchema,
  parents: z.array(hashHex),
  /** Payload id of the message. */
  message: hashHex,
  /** `Name <mail>` */
  author: shortText,
  actor: hashHex,
  createdAt: timestamp,
  inputs: z.array(inputSchema),
  outputs: hashHex,
  tree: hashHex,
  removed: z.array(shortText),
  edges: z.optional(z.array(z.strictObject({ child: hashHex, parent: hashHex, relation }))),
  relations: z.array(
    z.strictObject({
      run: hashHex,
      relation: z.string().check(z.regex(/^(reproduces|reuses|retries|[a-z0-9_-]+(\.[a-z0-9_-]+)+)$/)),
    }),
  ),
  code: z.strictObject({
    gitCommit: z.optional(z.string().check(z.regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/))),
    gitDirty: z.optional(z.boolean()),
    gitRemote: z.optional(shortText),
    /** Artifact id of the patch against gitCommit. */
    patch: z.optional(hashHex),
  }),
  writer: z.strictObject({ name: shortText, version: shortText }),
  plugins: z.array(z.strictObject({ name: shortText, version: shortText, sha256: z.optional(hashHex) })),
  command: z.optional(
    z.strictObject({
      argv: z.array(wellFormedText),
      /** Relative to the workspace. */
      cwd: wellFormedText,
      exitCode: z.optional(z.int()),
      signal: z.optional(shortText),
      startedAt: z.optional(timestamp),
      endedAt: z.optional(timestamp),
    }),
  ),
  /** Context record id: environment and resource use; not identity, erasable. */
  context: z.optional(hashHex),
  /** Ids of cairn.content/1 records, sorted. */
  contents: z.optional(z.array(hashHex).check(z.minLength(1))),
  publication: z.optional(hashHex),
  status: z.enum(['succeeded', 'failed']),
  tags: z.record(z.string(), wellFormedText),
  /** Finite numbers. */
  metrics: z.record(z.string(), z.number()),
});
