/**
 * cairn.run/1: what git calls a commit, and how its outputs came to be. The id of the record is the run instance id.
 *
 * `outputs` is the tree of exactly what this run produced; `tree` is the parent's tree with the outputs and removals
 * applied, which is what checkout, status and diff look at.
 */
import type {
  ActorId,
  ArtifactId,
  ContentId,
  ContextId,
  PayloadId,
  PublicationId,
  RunId,
  RunKey,
  TreeId,
} from '../ids.ts';
import type { RunIdentity } from '../run-key.ts';
import type { Timestamp } from '../time.ts';

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
  /** Table contents of what was produced, sorted; also of bytes that were not stored because their content was known. */
  readonly contents?: readonly ContentId[];
  /** Set by `publish`: what was published, so that saying it again adds nothing. */
  readonly publication?: PublicationId;
  readonly status: 'succeeded' | 'failed';
  readonly tags: { readonly [name: string]: string };
  readonly metrics: { readonly [name: string]: number };
}
