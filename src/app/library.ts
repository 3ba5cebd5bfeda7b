/**
 * The library: the operations of the command line for programs, over the same use cases. Sizes are in bytes, times are RFC
 * 3339 UTC with milliseconds, ids are 64 hexadecimal digits. Every failure is a `CodedError`; its `code` is stable.
 */

import type { ArtifactId } from '../core/ids.ts';
import { parseDuration } from '../core/time.ts';
import type { EventFilter, Page, PageRequest, RunEntry } from '../ports/manifest.ts';
import type { Progress } from '../ports/system.ts';
import { type LineageGraph, type LineageOptions, lineageOf } from '../store/lineage/lineage.ts';
import { restore, type StatusChange, supersede, tombstone } from '../store/lineage/status-change.ts';
import { type CommitOptions, commitRun } from '../store/runs/commit.ts';
import { type Diff, diffRevisions } from '../store/runs/diff.ts';
import { type HistoryRequest, historyOf } from '../store/runs/history.ts';
import { type ListedArtifact, type ListRequest, listArtifacts } from '../store/runs/list-artifacts.ts';
import { contentOf } from '../store/runs/read-content.ts';
import type { RecordedRun } from '../store/runs/record-run.ts';
import { createNamed, deleteNamed, type RefChange, type RefKind } from '../store/runs/refs.ts';
import { type Resolved, resolveArtifact, resolveRevision, resolveRun } from '../store/runs/revision.ts';
import { type Shown, showRevision } from '../store/runs/show.ts';
import { checkStore, type FsckResult, type ReadDepth } from '../store/upkeep/fsck.ts';
import { collectGarbage, type GcOptions, type GcResult } from '../store/upkeep/gc.ts';
import { type AddResult, addPaths } from '../store/workspace/add.ts';
import {
  type CheckoutOptions,
  type CheckoutResult,
  checkoutRevision,
  type SwitchOptions,
  type SwitchResult,
  switchBranch,
} from '../store/workspace/checkout.ts';
import type { CollectOptions } from '../store/workspace/collect.ts';
import { unstagePaths } from '../store/workspace/stage.ts';
import { type Status, statusOf } from '../store/workspace/status.ts';
import { type OpenWorkspace, openWorkspace } from './open-store.ts';

export interface OpenLibraryOptions {
  /** Where to look for the workspace: this directory or one above it. The current one when left out. */
  readonly directory?: string;
  /** `Name <mail>` of who acts; as configured when left out. */
  readonly author?: string;
  /** Told about long work; silent when left out. */
  readonly progress?: Progress;
  /** Records texts that look like secrets. */
  readonly allowSecretLike?: boolean;
}

const silent: Progress = {
  begin: () => undefined,
  advance: () => undefined,
  end: () => undefined,
  note: () => undefined,
};

/** An open workspace and its store. Close it when done; operations may run at once. */
export class Cairn {
  readonly #open: OpenWorkspace;

  /** Made by `openStore`. */
  constructor(open: OpenWorkspace) {
    this.#open = open;
  }

  /** Root of the workspace. */
  get root(): string {
    return this.#open.root;
  }

  get storeId(): string {
    return this.#open.storeId;
  }

  /** Stores and stages paths relative to the root ('' for all). Throws PATH_NOT_FOUND, BAD_PATH, UNSUPPORTED_FILE. */
  add(paths: readonly string[], options?: CollectOptions): Promise<AddResult> {
    return addPaths(this.#open, paths, options);
  }

  /** Takes paths out of the staging area; returns them. Throws PATH_NOT_FOUND. */
  unstage(paths: readonly string[]): Promise<string[]> {
    return unstagePaths(this.#open, paths);
  }

  /** Records a run over what is staged, or over `options.paths`. Throws NOTHING_TO_COMMIT, PATH_CONFLICT, SECRET_LIKE. */
  commit(options: CommitOptions): Promise<RecordedRun> {
    return commitRun(this.#open, options);
  }

  /** `rehash` reads every file instead of believing its stat. */
  status(options?: { readonly rehash?: boolean }): Promise<Status> {
    return statusOf(this.#open, options);
  }

  /** Materialises files of a revision, verified. Throws WOULD_OVERWRITE, OBJECT_CORRUPT, OBJECT_WITHDRAWN. */
  checkout(rev: string, options?: CheckoutOptions): Promise<CheckoutResult> {
    return checkoutRevision(this.#open, rev, options);
  }

  /** Makes a branch the current one, and brings its files. Throws REF_NOT_FOUND, WOULD_OVERWRITE. */
  switch(branch: string, options?: SwitchOptions): Promise<SwitchResult> {
    return switchBranch(this.#open, branch, options);
  }

  /** Makes a branch or tag at a revision. Throws REF_EXISTS, BAD_REF_NAME. */
  async createRef(kind: RefKind, name: string, rev = 'HEAD', message?: string): Promise<RefChange> {
    return createNamed(this.#open, kind, name, await resolveRun(this.#open, rev), message);
  }

  /** Deletes a branch or tag; its reflog stays. Throws REF_NOT_FOUND, BRANCH_IN_USE. */
  async deleteRef(kind: RefKind, name: string): Promise<RefChange> {
    return deleteNamed(this.#open, kind, name, await this.#open.state.head());
  }

  /** Runs, newest first. */
  async log(request: HistoryRequest = {}, page: PageRequest = { limit: 100 }): Promise<Page<RunEntry>> {
    const { rows, cursor } = await historyOf(this.#open, request, page);
    return { rows, cursor };
  }

  /** What a revision names. Throws REV_NOT_FOUND, REV_AMBIGUOUS, PATH_NOT_FOUND. */
  resolve(rev: string): Promise<Resolved> {
    return resolveRevision(this.#open, rev);
  }

  /** Everything known of a revision; at most `limit` members of long lists. */
  show(rev: string, limit = 100): Promise<Shown> {
    return showRevision(this.#open, rev, limit);
  }

  list(request: ListRequest = {}, page: PageRequest = { limit: 100 }): Promise<Page<ListedArtifact>> {
    return listArtifacts(this.#open, request, page);
  }

  /** The bytes of an artifact or object in chunks, verified before the first leaves. */
  read(rev: string): AsyncIterable<Uint8Array> {
    return contentOf(this.#open, rev);
  }

  diff(before?: string, after?: string, paths: readonly string[] = []): Promise<Diff> {
    return diffRevisions(this.#open, [before, after], paths);
  }

  lineage(rev: string, options?: LineageOptions): Promise<LineageGraph> {
    return lineageOf(this.#open, rev, options);
  }

  /** The new artifact replaces the old one. Throws STATUS_CONFLICT. */
  async supersede(newer: string, older: string, reason?: string): Promise<StatusChange> {
    const by: ArtifactId = await resolveArtifact(this.#open, newer);
    return supersede(this.#open, by, await resolveArtifact(this.#open, older), reason);
  }

  async tombstone(artifact: string, reason: string): Promise<StatusChange> {
    return tombstone(this.#open, await resolveArtifact(this.#open, artifact), reason);
  }

  async restore(artifact: string, reason: string): Promise<StatusChange> {
    return restore(this.#open, await resolveArtifact(this.#open, artifact), reason);
  }

  /** Events of the log, newest first unless `ascending`. */
  events(
    filter: EventFilter = {},
    page: PageRequest = { limit: 100 },
  ): ReturnType<OpenWorkspace['manifest']['events']> {
    return this.#open.manifest.events(filter, page);
  }

  /** Removes garbage older than the grace period; `grace` like `14d`. */
  gc(options: Omit<GcOptions, 'graceMs'> & { readonly grace?: string } = {}): Promise<GcResult> {
    const { grace, ...rest } = options;
    return collectGarbage(this.#open, { ...rest, ...(grace === undefined ? {} : { graceMs: parseDuration(grace) }) });
  }

  /** Checks structure, or every byte. */
  fsck(depth: ReadDepth = 'structure'): Promise<FsckResult> {
    return checkStore(this.#open, depth);
  }

  close(): Promise<void> {
    return this.#open.close();
  }
}

/** Opens the workspace of a directory. Throws NO_STORE, NO_WORKSPACE, NEWER_STORE, MANIFEST_CORRUPT. */
export async function openCairn(options: OpenLibraryOptions = {}): Promise<Cairn> {
  const env = options.author === undefined ? process.env : { ...process.env, CAIRN_AUTHOR: options.author };
  return new Cairn(
    await openWorkspace({
      cwd: options.directory ?? process.cwd(),
      env,
      progress: options.progress ?? silent,
      allowSecretLike: options.allowSecretLike,
    }),
  );
}
