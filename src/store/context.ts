/**
 * What every use case is given: the ports, wired by `app`, and a few settled values. Nothing here is global.
 */
import type { EventLog } from '../ports/event-log.ts';
import type { Manifest } from '../ports/manifest.ts';
import type { ObjectBackend } from '../ports/object-backend.ts';
import type { StoreLock } from '../ports/store-lock.ts';
import type { ByteCodec, Clock, Progress, Random } from '../ports/system.ts';
import type { WorkspaceFiles, WorkspaceState } from '../ports/workspace.ts';

/** Who acts, as configured: asserted, not proven. */
export interface Author {
  readonly name: string;
  readonly mail: string;
}

export interface StoreContext {
  readonly storeId: string;
  readonly backend: ObjectBackend;
  readonly manifest: Manifest;
  readonly log: EventLog;
  readonly lock: StoreLock;
  readonly codec: ByteCodec;
  readonly clock: Clock;
  readonly random: Random;
  readonly progress: Progress;
  readonly author: Author;
  /** Program and version that write; recorded in runs. */
  readonly writer: { readonly name: string; readonly version: string };
  /** Texts that look like secrets are recorded all the same. */
  readonly allowSecretLike: boolean;
}

export interface CodeState {
  readonly gitCommit?: string;
  readonly gitDirty?: boolean;
  readonly gitRemote?: string;
}

export interface WorkspaceContext extends StoreContext {
  readonly files: WorkspaceFiles;
  readonly state: WorkspaceState;
  /** Name of the staging area (`CAIRN_STAGE`). */
  readonly stage: string;
  /** Another directory to write files into (`checkout --to`); made when missing. */
  readonly filesAt: (directory: string) => WorkspaceFiles;
  /** State of the version control around the workspace, asked only when a run is recorded. */
  readonly codeState: () => Promise<CodeState>;
}

/** The manifest's name for a staging area: unique over all workspaces of a store. */
export function stageKey(workspace: WorkspaceContext): string {
  return `${workspace.state.id}/${workspace.stage}`;
}
