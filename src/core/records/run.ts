/**
 * cairn.run/1: what git calls a commit, and how its outputs came to be. The id of the record is the run instance id.
 *
 * `outputs` is the tree of exactly what this run produced; `tree` is the parent's tree with the outputs and removals
 * applied, which is what checkout, status and diff look at.
 */
import * as z from 'zod/mini';
import type { ActorId, ArtifactId, ContextId, PayloadId, RunId, RunKey, TreeId } from '../ids.ts';
import { type RunIdentity, runIdentitySchema } from '../run-key.ts';
import type { Timestamp } from '../time.ts';
import { hashHex, relation, shortText, timestamp, wellFormedText } from './schemas.ts';

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
  status: z.enum(['succeeded', 'failed']),
  tags: z.record(z.string(), wellFormedText),
  /** Finite numbers. */
  metrics: z.record(z.string(), z.number()),
});

export interface RunInput {
  readonly artifact: ArtifactId;
  readonly relation: string;
  readonly path?: string;
  readonly run?: RunId;
}

export interface RunEdge {
  readonly child: ArtifactId;
  readonly parent: ArtifactId;
  readonly relation: string;
}

export interface RunCode {
  readonly gitCommit?: string;
  readonly gitDirty?: boolean;
  readonly gitRemote?: string;
  readonly patch?: ArtifactId;
}

export interface RunCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly startedAt?: Timestamp;
  readonly endedAt?: Timestamp;
}

export interface RunRecord {
  readonly schema: 'cairn.run/1';
  readonly runKey: RunKey;
  readonly identity: RunIdentity;
  readonly parents: readonly RunId[];
  readonly message: PayloadId;
  readonly author: string;
  readonly actor: ActorId;
  readonly createdAt: Timestamp;
  readonly inputs: readonly RunInput[];
  readonly outputs: TreeId;
  readonly tree: TreeId;
  readonly removed: readonly string[];
  readonly edges?: readonly RunEdge[];
  readonly relations: readonly { readonly run: RunId; readonly relation: string }[];
  readonly code: RunCode;
  readonly writer: { readonly name: string; readonly version: string };
  readonly plugins: readonly { readonly name: string; readonly version: string; readonly sha256?: string }[];
  readonly command?: RunCommand;
  readonly context?: ContextId;
  readonly status: 'succeeded' | 'failed';
  readonly tags: { readonly [name: string]: string };
  readonly metrics: { readonly [name: string]: number };
}
