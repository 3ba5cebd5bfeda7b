/**
 * The library: the operations of the command line for programs, over the same use cases. Sizes are in bytes, times are RFC
 * 3339 UTC with milliseconds, ids are 64 hexadecimal digits. Every failure is a `CodedError`; its `code` is stable.
 */

import type { ArtifactId } from '../core/ids.ts';
import { parseDuration, parseTimestamp } from '../core/time.ts';
import type { EventFilter, Page, PageRequest, RunEntry } from '../ports/manifest.ts';
import type { Progress } from '../ports/system.ts';
import type { AuditResult } from '../store/governance/audit.ts';
import type {
  CandidateEntry,
  CandidateListRequest,
  ClaimRequest,
  CreatedCandidate,
} from '../store/governance/candidates.ts';
import type { Evaluation, EvaluationOptions } from '../store/governance/evaluate.ts';
import type { PromotionOptions, StatusStep } from '../store/governance/promote.ts';
import type { Trace, TraceOptions } from '../store/governance/trace.ts';
import { type LineageGraph, type LineageOptions, lineageOf } from '../store/lineage/lineage.ts';
import { restore, type StatusChange, supersede, tombstone } from '../store/lineage/status-change.ts';
import type { Artifact, ArtifactFilter, ArtifactLineage, ArtifactPage } from '../store/publish/artifact.ts';
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
import type { ArtifactStore } from './artifact-store.ts';
import { noWorkspace, type OpenStore, type OpenWorkspace, openStore } from './open-store.ts';
import type { People } from './people.ts';
import type { PublishArtifactRequest } from './publish-request.ts';
import type { PublishArtifactResult } from './publish-result.ts';
import type { SigningOptions } from './signing.ts';
import { silentProgress } from './silent-progress.ts';

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

/** An open store, and its workspace; where there is none, what needs one throws NO_WORKSPACE. Operations may run at once. */
export class Cairn {
  readonly #open: OpenStore & Partial<OpenWorkspace>;
  #artifacts: Promise<ArtifactStore> | undefined;

  /** Made by `openStore`. */
  constructor(open: OpenStore) {
    this.#open = open;
  }

  get #workspace(): OpenWorkspace {
    if (this.#open.root !== undefined) return this.#open as OpenWorkspace;
    throw noWorkspace(this.#open.directory);
  }

  /** What publishes, loaded when it is first asked. */
  #store(): Promise<ArtifactStore> {
    this.#artifacts ??= import('./artifact-store.ts').then(({ ArtifactStore: Store }) => new Store(this.#open));
    return this.#artifacts;
  }

  /** Root of the workspace. Throws NO_WORKSPACE. */
  get root(): string {
    return this.#workspace.root;
  }

  get storeId(): string {
    return this.#open.storeId;
  }

  /** Stores and stages paths relative to the root ('' for all). Throws PATH_NOT_FOUND, BAD_PATH, UNSUPPORTED_FILE. */
  async add(paths: readonly string[], options?: CollectOptions): Promise<AddResult> {
    return addPaths(this.#workspace, paths, options);
  }

  /** Takes paths out of the staging area; returns them. Throws PATH_NOT_FOUND. */
  async unstage(paths: readonly string[]): Promise<string[]> {
    return unstagePaths(this.#workspace, paths);
  }

  /** Records a run over what is staged, or over `options.paths`. Throws NOTHING_TO_COMMIT, PATH_CONFLICT, SECRET_LIKE. */
  async commit(options: CommitOptions): Promise<RecordedRun> {
    return commitRun(this.#workspace, options);
  }

  /** `rehash` reads every file instead of believing its stat. */
  async status(options?: { readonly rehash?: boolean }): Promise<Status> {
    return statusOf(this.#workspace, options);
  }

  /** Materialises files of a revision, verified. Throws WOULD_OVERWRITE, OBJECT_CORRUPT, OBJECT_WITHDRAWN. */
  async checkout(rev: string, options?: CheckoutOptions): Promise<CheckoutResult> {
    return checkoutRevision(this.#workspace, rev, options);
  }

  /** Makes a branch the current one, and brings its files. Throws REF_NOT_FOUND, WOULD_OVERWRITE. */
  async switch(branch: string, options?: SwitchOptions): Promise<SwitchResult> {
    return switchBranch(this.#workspace, branch, options);
  }

  /** Makes a branch or tag at a revision. Throws REF_EXISTS, BAD_REF_NAME. */
  async createRef(kind: RefKind, name: string, rev = 'HEAD', message?: string): Promise<RefChange> {
    return createNamed(this.#open, kind, name, await resolveRun(this.#open, rev), message);
  }

  /** Deletes a branch or tag; its reflog stays. Throws REF_NOT_FOUND, BRANCH_IN_USE. */
  async deleteRef(kind: RefKind, name: string): Promise<RefChange> {
    return deleteNamed(this.#open, kind, name, await this.#workspace.state.head());
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

  /** Everything known of a revision; at most `limit` members of long lists. As of a past moment with `at`. */
  async show(rev: string, limit = 100, at?: string): Promise<Shown> {
    return showRevision(await this.#past(at), rev, limit);
  }

  /** Artifacts of the store, or the files of a run; as of a past moment with `at`. */
  async list(
    { at, ...request }: ListRequest & { readonly at?: string } = {},
    page: PageRequest = { limit: 100 },
  ): Promise<Page<ListedArtifact>> {
    return listArtifacts(await this.#past(at), request, page);
  }

  /** The bytes of an artifact or object in chunks, verified before the first leaves. */
  read(rev: string): AsyncIterable<Uint8Array> {
    return contentOf(this.#open, rev);
  }

  async diff(before?: string, after?: string, paths: readonly string[] = []): Promise<Diff> {
    return diffRevisions(this.#workspace, [before, after], paths);
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

  /** Makes a claim about a run; the same claim again is harmless. Throws EVIDENCE_INVALID, BAD_ARGUMENT. */
  async createCandidate(request: ClaimRequest): Promise<CreatedCandidate> {
    return (await import('../store/governance/candidates.ts')).createCandidate(this.#open, request);
  }

  /** Newest first. */
  async candidates(
    request: CandidateListRequest = {},
    page: PageRequest = { limit: 100 },
  ): Promise<Page<CandidateEntry>> {
    return (await import('../store/governance/candidates.ts')).listCandidates(this.#open, request, page);
  }

  /** Holds a candidate against the active policy and records the report; `report.record.passed` is the answer. */
  async evaluate(candidate: string, options: EvaluationOptions): Promise<Evaluation> {
    return (await import('../store/governance/evaluate.ts')).evaluateCandidate(this.#open, candidate, options);
  }

  /** Throws PROMOTION_BLOCKED with every reason, REF_EXISTS, STATUS_CONFLICT. */
  async promote(candidate: string, options: PromotionOptions): Promise<StatusStep> {
    return (await import('../store/governance/promote.ts')).promoteCandidate(this.#open, candidate, options);
  }

  async reject(candidate: string, reason: string): Promise<StatusStep> {
    return (await import('../store/governance/promote.ts')).rejectCandidate(this.#open, candidate, reason);
  }

  /** Back to exploratory. */
  async withdraw(candidate: string, reason: string): Promise<StatusStep> {
    return (await import('../store/governance/promote.ts')).withdrawCandidate(this.#open, candidate, reason);
  }

  /** Any revision of an artifact: an id, a prefix of one, `HEAD:prices.csv`. Throws REV_NOT_FOUND, REV_AMBIGUOUS. */
  async getArtifact(artifact: string): Promise<Artifact> {
    return (await this.#store()).getArtifact(artifact);
  }

  /** Newest first; 100 of them unless the filter has a limit. */
  async listArtifacts(filter: ArtifactFilter = {}): Promise<ArtifactPage> {
    return (await this.#store()).listArtifacts(filter);
  }

  /** The newest active artifact of a type and logical key; null when there is none. */
  async findByLogicalKey(artifactType: string, logicalKey: string): Promise<Artifact | null> {
    return (await this.#store()).findByLogicalKey(artifactType, logicalKey);
  }

  /**
   * Stores a file as an artifact with its lineage, unless its bytes or its content as a table are known. Calls that wait are
   * made together. Throws PATH_NOT_FOUND, REV_NOT_FOUND (an input), TABLE_INVALID, STATUS_CONFLICT, SECRET_LIKE.
   */
  async publishArtifact(request: PublishArtifactRequest): Promise<PublishArtifactResult> {
    return (await this.#store()).publishArtifact(request);
  }

  /** As `publishArtifact`, with a result for every request: `success` is false and `error` says why where one failed. */
  async publishMany(requests: readonly PublishArtifactRequest[]): Promise<PublishArtifactResult[]> {
    return (await this.#store()).publishMany(requests);
  }

  /** What an artifact was made from; `depth` limits the way. */
  async getLineage(artifact: string, depth?: number): Promise<ArtifactLineage> {
    return (await this.#store()).getLineage(artifact, depth);
  }

  /** Everything that was made from an artifact, nearest first. */
  async getDownstream(artifact: string): Promise<readonly Artifact[]> {
    return (await this.#store()).getDownstream(artifact);
  }

  /** Whether the store answers. Never throws. */
  async isAvailable(): Promise<boolean> {
    return (await this.#store()).isAvailable();
  }

  /** People, their roles, keys and approvals; `options` say which key signs. Loads what knows keys. */
  async people(options: SigningOptions = {}): Promise<People> {
    const { People: Opened } = await import('./people.ts');
    return new Opened(this.#open, options);
  }

  /** Events of the log, newest first unless `ascending`. */
  events(
    filter: EventFilter = {},
    page: PageRequest = { limit: 100 },
  ): ReturnType<OpenWorkspace['manifest']['events']> {
    return this.#open.manifest.events(filter, page);
  }

  /**
   * How a candidate came to stand as it does, or an artifact to be, out of the manifest alone; as of a past moment with `at`
   * (RFC 3339). Throws REV_NOT_FOUND, REV_AMBIGUOUS.
   */
  async trace(rev: string, { at, ...options }: TraceOptions & { readonly at?: string } = {}): Promise<Trace> {
    const { traceOf } = await import('../store/governance/trace.ts');
    return traceOf(await this.#past(at), rev, options);
  }

  /** Every rule of the store as a named check; fails closed. Only reads. */
  async audit(): Promise<AuditResult> {
    const { auditContext } = await import('./audit-ports.ts');
    const { auditStore } = await import('../store/governance/audit.ts');
    return auditStore(auditContext(this.#open));
  }

  async #past(at: string | undefined): Promise<OpenStore> {
    if (at === undefined) return this.#open;
    const { asOf } = await import('../store/governance/at-time.ts');
    return asOf(this.#open, parseTimestamp(at));
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

/** Opens the store of a directory, with its workspace where there is one. Throws NO_STORE, NEWER_STORE, MANIFEST_CORRUPT. */
export async function openCairn(options: OpenLibraryOptions = {}): Promise<Cairn> {
  const env = options.author === undefined ? process.env : { ...process.env, CAIRN_AUTHOR: options.author };
  return new Cairn(
    await openStore({
      cwd: options.directory ?? process.cwd(),
      env,
      progress: options.progress ?? silentProgress,
      allowSecretLike: options.allowSecretLike,
    }),
  );
}
