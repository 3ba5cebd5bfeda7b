/**
 * The manifest: the index over records, blobs and the log, with the rules that nobody may break.
 *
 * Writes are batches of domain facts, atomic in the adapter; reads are domain questions. Everything in it can be
 * rebuilt by replaying the log over the stored records (`reindex`).
 */

import type { JsonValue } from '../core/canonical-json.ts';
import type {
  ActorId,
  ArtifactId,
  CandidateId,
  EventId,
  ObjectId,
  PolicyId,
  PublicationId,
  RefName,
  ReportId,
  RunId,
} from '../core/ids.ts';
import type { LogHead, SealedEvent } from '../core/records/event.ts';
import type { Level } from '../core/records/report.ts';
import type { AuditReads } from './audit-reads.ts';
import type { LogPosition } from './event-log.ts';
import type {
  AcceptedRef,
  Ancestry,
  AncestryRequest,
  ApprovalEntry,
  CandidateAct,
  CandidateEntry,
  CandidateFilter,
  KeyEntry,
  PolicyEntry,
  ReportEntry,
} from './governance-rows.ts';
import type { Applied, ContentQuestion, ManifestBatch, Namespace, PackEntry, StoredObject } from './manifest-facts.ts';
import type {
  ActorEntry,
  Affected,
  ArtifactEntry,
  ArtifactFilter,
  EventEntry,
  EventFilter,
  Found,
  HoldEntry,
  Lineage,
  LineageRequest,
  ManifestStats,
  ObjectColumns,
  ObjectEntry,
  Page,
  PageRequest,
  Production,
  RefEntry,
  RefLogEntry,
  RunEntry,
  RunFilter,
} from './manifest-rows.ts';
import type { TraceReads } from './trace-rows.ts';

export type * from './audit-reads.ts';
export type * from './governance-rows.ts';
export type * from './manifest-facts.ts';
export * from './manifest-rows.ts';
export type * from './trace-rows.ts';

export interface Manifest extends TraceReads, AuditReads {
  /**
   * Applies all facts or none. Guards are checked and events sealed and appended to the log inside the same write
   * transaction, in the order of the facts. Throws REF_MOVED (data: name, expected, actual) when a guard or a ref
   * fact's `from` fails, PUBLICATION_MOVED (data: guard) when one of a publication fails, STATUS_CONFLICT when a status change is not allowed (of a candidate: data candidate, status, reason), and waits for other writers.
   */
  apply(batch: ManifestBatch): Promise<Applied>;

  /** In the order of `ids`, undefined for unknown ones. */
  objects(namespace: Namespace, ids: readonly ObjectId[]): Promise<readonly (ObjectEntry | undefined)[]>;
  /** Bulk form: `digests` is n × 32 bytes; the answer has n bytes, 1 where the object is known and present. */
  knows(namespace: Namespace, digests: Uint8Array): Promise<Uint8Array>;
  allObjects(): AsyncIterable<ObjectEntry>;
  /** The same objects in the same order, in columns, for who reads a million of them. */
  objectColumns(): AsyncIterable<ObjectColumns>;
  packs(): Promise<readonly PackEntry[]>;
  /** Blobs that staging areas need. */
  stagedBlobs(): Promise<ReadonlySet<ObjectId>>;

  artifacts(ids: readonly ArtifactId[]): Promise<readonly (ArtifactEntry | undefined)[]>;
  /** Bulk form for checkout and diff: the blob of each artifact, with its place. Unknown artifacts give undefined. */
  artifactBlobs(ids: readonly ArtifactId[]): Promise<readonly (StoredObject | undefined)[]>;
  /**
   * For every question the first artifact (by production) of this type, version and key whose bytes were recorded to have
   * this content, whatever its status; undefined for none.
   */
  artifactsWithContent(questions: readonly ContentQuestion[]): Promise<readonly (ArtifactId | undefined)[]>;
  /** The runs that say they are these publications. */
  publications(ids: readonly PublicationId[]): Promise<readonly (RunId | undefined)[]>;
  /** Newest production first, then by logical key. */
  listArtifacts(filter: ArtifactFilter, page: PageRequest): Promise<Page<ArtifactEntry>>;
  /** Who produced the artifact, newest first. */
  productions(artifact: ArtifactId, limit?: number): Promise<readonly Production[]>;
  /** What the run produced, by path. */
  outputs(run: RunId): Promise<readonly Production[]>;

  runs(ids: readonly RunId[]): Promise<readonly (RunEntry | undefined)[]>;
  /** Newest first (by `seq`). */
  listRuns(filter: RunFilter, page: PageRequest): Promise<Page<RunEntry>>;
  /** Runs that used the artifact as an input, newest first. */
  consumers(artifact: ArtifactId, limit?: number): Promise<readonly RunId[]>;
  lineage(request: LineageRequest): Promise<Lineage>;

  ref(name: RefName): Promise<RunId | undefined>;
  /** All refs whose name starts with the prefix, by name. */
  refs(prefix: string): Promise<readonly RefEntry[]>;
  /** Names of accepted candidates whose full name starts with the prefix, by name. `ref` and `refs` give their runs. */
  acceptedRefs(prefix: string): Promise<readonly AcceptedRef[]>;
  /** Newest first; moves of `accepted/…` say which candidates. */
  refLog(name: RefName | undefined, page: PageRequest): Promise<Page<RefLogEntry>>;

  logHead(): Promise<LogHead>;
  /** End of the committed log. */
  logPosition(): Promise<LogPosition>;
  event(id: EventId): Promise<SealedEvent | undefined>;
  events(filter: EventFilter, page: PageRequest): Promise<Page<EventEntry>>;
  actor(id: ActorId): Promise<ActorEntry | undefined>;
  /** By name, then id. */
  actors(): Promise<readonly ActorEntry[]>;
  /** Oldest first, revoked ones too. */
  keys(): Promise<readonly KeyEntry[]>;
  key(fingerprint: string): Promise<KeyEntry | undefined>;

  /** In the order of `ids`, undefined for unknown ones. */
  candidates(ids: readonly CandidateId[]): Promise<readonly (CandidateEntry | undefined)[]>;
  /** Newest first. */
  listCandidates(filter: CandidateFilter, page: PageRequest): Promise<Page<CandidateEntry>>;
  /** What happened to the candidate and to its reports, oldest first. */
  candidateActs(candidate: CandidateId): Promise<readonly CandidateAct[]>;
  /** Candidates that rest on any of these artifacts: as evidence, or as an output of their run. Sorted. */
  candidatesOn(artifacts: readonly ArtifactId[]): Promise<readonly CandidateId[]>;
  reports(ids: readonly ReportId[]): Promise<readonly (ReportEntry | undefined)[]>;
  /** Newest first. */
  reportsOf(candidate: CandidateId, level?: Level): Promise<readonly ReportEntry[]>;
  newestReport(candidate: CandidateId, level: Level): Promise<ReportEntry | undefined>;
  /** Oldest first. */
  approvals(report: ReportId): Promise<readonly ApprovalEntry[]>;
  activePolicy(): Promise<PolicyEntry | undefined>;
  /** Newest activation first. */
  policies(): Promise<readonly PolicyEntry[]>;
  policy(id: PolicyId): Promise<PolicyEntry | undefined>;
  /**
   * The run and the runs behind it, through the producing runs of inputs: as the input says, or all that made it where it
   * does not say. Empty for an unknown run.
   */
  ancestry(request: AncestryRequest): Promise<Ancestry>;

  holds(): Promise<readonly HoldEntry[]>;

  /** Everything whose id starts with the prefix (4 to 64 digits), at most `limit` of them. */
  find(prefix: string, limit: number): Promise<readonly Found[]>;
  affected(objects: readonly { readonly namespace: Namespace; readonly id: ObjectId }[]): Promise<Affected>;
  stats(): Promise<ManifestStats>;
  /**
   * Every named table and view as rows, sorted, without what is only storage; `named` limits `objects` to what the log
   * names. Two dumps are how "equal after a rebuild" is decided.
   */
  dump(named: {
    has(namespace: Namespace, id: ObjectId): boolean;
  }): AsyncIterable<{ readonly name: string; readonly row: { readonly [column: string]: JsonValue } }>;
  /** Structural check of the index itself. Empty when it is sound. */
  check(): Promise<readonly string[]>;
  close(): Promise<void>;
}
