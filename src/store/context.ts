/**
 * What every use case is given: the ports, wired by `app`, and a few settled values. Nothing here is global.
 */
import type { CodeRepository } from '../ports/code-repository.ts';
import type { DocumentReader } from '../ports/documents.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { Manifest } from '../ports/manifest.ts';
import type { ObjectBackend } from '../ports/object-backend.ts';
import type { EnvironmentProbe, ProcessRunner } from '../ports/process.ts';
import type { ScratchSpace } from '../ports/scratch-space.ts';
import type { SqliteDatasets } from '../ports/sqlite-datasets.ts';
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
  /** Patches and other trees of that version control. */
  readonly code: CodeRepository;
  // Loaded when they are first asked something, so that no other command pays for them.
  readonly documents: DocumentReader;
  readonly datasets: SqliteDatasets;
  readonly processes: ProcessRunner;
  readonly environment: EnvironmentProbe;
  /** Directories and files for programs, outside of the user's files. */
  readonly scratch: ScratchSpace;
  /** Environment variables that a captured program is given. */
  readonly variables: { readonly [name: string]: string | undefined };
}

/** The manifest's name for a staging area: unique over all workspaces of a store. */
export function stageKey(workspace: WorkspaceContext): string {
  return `${workspace.state.id}/${workspace.stage}`;
}
