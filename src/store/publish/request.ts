/** What is published, and what came of it: the words of the use case, as the modules of this folder share them. */
import type { JsonValue } from '../../core/canonical-json.ts';
import type { ArtifactId, BlobId, RunId, TableHash } from '../../core/ids.ts';
import type { RunIdentity } from '../../core/run-key.ts';
import type { DescribePath } from '../../core/workspace-config/describe-path.ts';
import type { TypeRule, VersionPins } from '../../core/workspace-config/workspace-config.ts';
import type { TableReader } from '../../ports/tables.ts';
import type { WorkspaceFiles } from '../../ports/workspace.ts';
import type { CodeState } from '../context.ts';
import type { RevisionContext } from '../runs/revision.ts';

export type PublishContext = RevisionContext & {
  /** All files of the machine, by their absolute paths. */
  readonly everywhere: WorkspaceFiles;
  readonly tables: TableReader;
};

/** What holds for every request of a batch. */
export interface PublishSettings {
  readonly pins: VersionPins;
  readonly types: readonly TypeRule[];
  /** Those of them that have a table, compiled; undefined where there are none. */
  readonly tableAt: DescribePath | undefined;
  /** State of the code, for requests that do not say it. */
  readonly code: CodeState;
  /** Turns what names an input into a workspace path. */
  readonly toPath: (text: string) => string;
}

export interface PublishRequest {
  readonly type: string;
  readonly schemaVersion: number;
  readonly logicalKey: string;
  /** Absolute. */
  readonly path: string;
  /** What the user calls the file, for messages. */
  readonly name: string;
  /** Its path in the workspace, where it lies in one. */
  readonly workspacePath: string | undefined;
  /** Name in the output tree of the run; its ending says the format. */
  readonly fileName: string;
  readonly tags: { readonly [name: string]: string };
  /** `[<relation>=]<rev or path>` */
  readonly inputs: readonly string[];
  readonly params: { readonly [name: string]: JsonValue };
  readonly pins: VersionPins;
  readonly external: RunIdentity['external'];
  /** The program that made the file; cairn itself when left out. */
  readonly writer: { readonly name: string; readonly version: string } | undefined;
  readonly code: { readonly gitCommit?: string; readonly gitDirty?: boolean } | undefined;
  /** The newest other active artifact of this type and key is superseded by this one. */
  readonly supersedePrevious: boolean;
}

export interface Published {
  /** What stands for what was published. */
  readonly artifact: ArtifactId;
  /** How it was recognised; undefined for what is new. */
  readonly mode: 'file_hash' | 'content_hash' | undefined;
  readonly status: 'active' | 'superseded';
  /** The run that records it, or recorded it before. */
  readonly run: RunId;
  /** The same was published before, and nothing was added. */
  readonly repeated: boolean;
  readonly superseded: ArtifactId | undefined;
  /** Of the file that was published. */
  readonly blob: BlobId;
  readonly content: { readonly sha256: TableHash; readonly rows: number } | undefined;
  /** Remarks for people. */
  readonly notes: readonly string[];
}

export type PublishOutcome = { readonly published: Published } | { readonly error: unknown };
