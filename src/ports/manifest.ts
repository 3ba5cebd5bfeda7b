/**
 * The manifest: the index over records, blobs and the log, with the rules that nobody may break.
 *
 * Writes are batches of domain facts, atomic in the adapter; reads are domain questions. Everything in it can be
 * rebuilt by replaying the log over the stored records (`reindex`).
 */

import type { JsonValue } from '../core/canonical-json.ts';
import type { ActorId, ArtifactId, EventId, ObjectId, RefName, RunId } from '../core/ids.ts';
import type { LogHead, SealedEvent } from '../core/records/event.ts';
import type { LogPosition } from './event-log.ts';
import type { Applied, ManifestBatch, Namespace, PackEntry, StoredObject } from './manifest-facts.ts';
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

export type * from './manifest-facts.ts';
export * from './manifest-rows.ts';

export interface Manifest {
  /**
   * Applies all facts or none. Guards are checked and events sealed and appended to the log inside the same write
   * transaction, in the order of the facts. Throws REF_MOVED (data: name, expected, actual) when a guard or a ref
   * fact's `from` fails, STATUS_CONFLICT when a status change is not allowed, and waits for other writers.
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
  /** Newest first. */
  refLog(name: RefName | undefined, page: PageRequest): Promise<Page<RefLogEntry>>;

  logHead(): Promise<LogHead>;
  /** End of the committed log. */
  logPosition(): Promise<LogPosition>;
  event(id: EventId): Promise<SealedEvent | undefined>;
  events(filter: EventFilter, page: PageRequest): Promise<Page<EventEntry>>;
  actor(id: ActorId): Promise<ActorEntry | undefined>;
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
