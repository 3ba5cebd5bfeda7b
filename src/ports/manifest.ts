/**
 * The manifest: the index over records, blobs and the log, with the rules that nobody may break.
 *
 * Writes are batches of domain facts, atomic in the adapter; reads are domain questions. Everything in it can be
 * rebuilt by replaying the log over the stored records (`reindex`).
 */

import type { JsonValue } from '../core/canonical-json.ts';
import type { ActorId, ArtifactId, BlobId, EventId, ObjectId, RefName, RunId, RunKey, TreeId } from '../core/ids.ts';
import type { ArtifactRecord } from '../core/records/artifact.ts';
import type { EventAction, EventDraft, LogHead, SealedEvent, SubjectKind } from '../core/records/event.ts';
import type { RunRecord } from '../core/records/run.ts';
import type { Timestamp } from '../core/time.ts';
import type { LogPosition } from './event-log.ts';

export type Namespace = 'blob' | 'record';

/** Where an object's bytes are. */
export type ObjectLocation =
  /** A file of its own with the raw bytes. */
  | { readonly kind: 'loose' }
  /** A file of its own, one zstd frame and a digest frame behind it (objects-layout.md). */
  | { readonly kind: 'loose-zstd'; readonly storedSize: number }
  /** In a pack: byte offset of the frame in the pack, and of the object in the frame's content. */
  | { readonly kind: 'packed'; readonly pack: string; readonly frame: number; readonly offset: number }
  /**
   * Known by a record, but its bytes were let go; or, with `lost`, found damaged and put aside by `fsck --repair`. Either
   * way a writer that brings them again stores them anew.
   */
  | { readonly kind: 'absent'; readonly lost?: true };

export interface StoredObject {
  readonly namespace: Namespace;
  readonly id: ObjectId;
  /** Bytes of the object, before compression. */
  readonly size: number;
  readonly location: ObjectLocation;
}

export interface ObjectEntry extends StoredObject {
  /** Milliseconds since the epoch when the object was last put or found again by a writer. */
  readonly lastUseMs: number;
}

/** Some objects, at most 65,536, one place each in every column. */
export interface ObjectColumns {
  /** The ids one after another, 64 digits each. */
  readonly ids: string;
  /** 0 blob, 1 record. */
  readonly kinds: Uint8Array;
  readonly sizes: Float64Array;
  /** Index of the frame in `frames`, or one of `columnPlaces`. */
  readonly places: Int32Array;
  /** In a frame: offset in its content. A zstd file: its stored size. */
  readonly at: Float64Array;
  readonly frames: readonly { readonly pack: string; readonly frame: number }[];
}

/** Places that are no frame. */
export const columnPlaces = { loose: -1, looseZstd: -2, absent: -3, lost: -4 } as const;

export interface PackEntry {
  /** Name without folder and suffix. */
  readonly name: string;
  /** Bytes of the pack file. */
  readonly bytes: number;
}

// ---------------------------------------------------------------------------------------------------------- writing

/** A draft is appended to the log; a sealed event is one read back from it, by reindex. */
export type FactEvent = EventDraft | SealedEvent;

export interface RunOutput {
  /** Path in the run's output tree. */
  readonly path: string;
  readonly artifact: ArtifactId;
}

export interface NamedArtifactRecord {
  readonly id: ArtifactId;
  readonly record: ArtifactRecord;
}

export type Fact =
  /** Objects that are on stable storage. Known ones keep their place and are freshened. */
  | { readonly kind: 'objects'; readonly objects: readonly StoredObject[]; readonly packs?: readonly PackEntry[] }
  /** Known objects that a writer relies on: MUST record a use not older than an hour before `now`. */
  | { readonly kind: 'touch'; readonly namespace: Namespace; readonly ids: readonly ObjectId[] }
  /** Blobs that a staging area needs, one batch more. */
  | { readonly kind: 'stage'; readonly stage: string; readonly ids: readonly BlobId[] }
  /** The staging area needs nothing any more. */
  | { readonly kind: 'unstage'; readonly stage: string }
  /** A person or machine that acts. Skipped, with its event, when the id is known. */
  | {
      readonly kind: 'actor';
      readonly id: ActorId;
      readonly name: string;
      readonly mail: string;
      readonly roles: readonly string[];
      readonly event: FactEvent;
    }
  /**
   * A run with everything it names. `artifacts` holds the record of every artifact among the outputs and inputs; known
   * ones are skipped. Their objects come in the same batch or earlier. Skipped whole when the run id is known.
   */
  | {
      readonly kind: 'run';
      readonly id: RunId;
      readonly record: RunRecord;
      /** Text of the message; undefined when its payload was erased. */
      readonly message: string | undefined;
      readonly outputs: readonly RunOutput[];
      readonly artifacts: readonly NamedArtifactRecord[];
      readonly event: FactEvent;
    }
  /** Moves, makes (`from` undefined) or deletes (`to` undefined) a ref. Guarded by its own `from`. */
  | {
      readonly kind: 'ref';
      readonly name: RefName;
      readonly from: RunId | undefined;
      readonly to: RunId | undefined;
      readonly message: string | undefined;
      readonly event: FactEvent;
    }
  /** `value` undefined removes the tag. */
  | {
      readonly kind: 'artifact-tags';
      readonly artifact: ArtifactId;
      readonly tags: { readonly [key: string]: string | undefined };
      readonly event: FactEvent;
    }
  | {
      readonly kind: 'supersede';
      readonly artifact: ArtifactId;
      readonly by: ArtifactId;
      readonly reason: string | undefined;
      readonly event: FactEvent;
    }
  | {
      readonly kind: 'tombstone';
      readonly artifact: ArtifactId;
      readonly reason: string | undefined;
      readonly event: FactEvent;
    }
  | {
      readonly kind: 'restore';
      readonly artifact: ArtifactId;
      readonly reason: string | undefined;
      readonly event: FactEvent;
    }
  /** The bytes of a tombstoned artifact are given up. */
  | {
      readonly kind: 'erase';
      readonly artifact: ArtifactId;
      readonly reason: string | undefined;
      readonly event: FactEvent;
    }
  | {
      readonly kind: 'hold';
      readonly subject: HoldSubject;
      readonly reason: string | undefined;
      readonly event: FactEvent;
    }
  | {
      readonly kind: 'unhold';
      readonly subject: HoldSubject;
      readonly reason: string | undefined;
      readonly event: FactEvent;
    }
  | { readonly kind: 'retire'; readonly run: RunId; readonly reason: string | undefined; readonly event: FactEvent }
  // storage only, without event
  /** New places of known objects; the packs they lie in. */
  | { readonly kind: 'relocate'; readonly objects: readonly StoredObject[]; readonly packs: readonly PackEntry[] }
  /**
   * Bytes that are gone: an object that a record names becomes `absent`, another one is forgotten. With `lost` every one
   * of them becomes `absent` with that mark, so that what was damaged is never taken for what was withdrawn.
   */
  | {
      readonly kind: 'forget';
      readonly objects: readonly { readonly namespace: Namespace; readonly id: ObjectId }[];
      readonly lost?: true;
    }
  | { readonly kind: 'forget-packs'; readonly packs: readonly string[] };

export interface HoldSubject {
  readonly kind: 'run' | 'artifact' | 'object';
  readonly id: string;
}

export type Guard =
  | { readonly kind: 'expect-ref'; readonly name: RefName; readonly target: RunId | undefined }
  | { readonly kind: 'expect-log-size'; readonly size: number };

export interface ManifestBatch {
  readonly guards?: readonly Guard[];
  readonly facts: readonly Fact[];
  readonly nowMs: number;
  readonly clock: 'wall' | 'fixed';
  /** MUST be given when events of the batch are sealed: where the log ends behind the last of them. */
  readonly logEnd?: LogPosition;
}

export interface Applied {
  /** The events of the batch in order, those of skipped facts left out. */
  readonly events: readonly SealedEvent[];
}

// ---------------------------------------------------------------------------------------------------------- reading

/** Lists are read page by page: `cursor` is opaque, and absent on the last page. */
export interface PageRequest {
  /** 0 for everything. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly cursor: string | undefined;
}

export type ArtifactStatus = 'active' | 'superseded' | 'tombstoned';

export interface ArtifactEntry {
  readonly id: ArtifactId;
  readonly type: string;
  readonly schemaVersion: number;
  readonly logicalKey: string;
  readonly blob: BlobId;
  readonly size: number;
  readonly status: ArtifactStatus;
  /** The artifact that replaces it, when superseded. */
  readonly supersededBy: ArtifactId | undefined;
  /** Why it was superseded or tombstoned. */
  readonly reason: string | undefined;
  /** True when its bytes were erased or let go. */
  readonly absent: boolean;
  /** Time of the first run that produced it. */
  readonly createdAt: Timestamp | undefined;
  readonly tags: { readonly [key: string]: string };
}

export interface ArtifactFilter {
  readonly type?: string | undefined;
  /** Glob over the logical key. */
  readonly key?: string | undefined;
  readonly logicalKey?: string | undefined;
  readonly status?: ArtifactStatus | undefined;
  readonly tags?: { readonly [key: string]: string } | undefined;
  readonly blob?: BlobId | undefined;
  /** Only artifacts that this run produced, by path. */
  readonly run?: RunId | undefined;
  readonly createdFrom?: Timestamp | undefined;
  readonly createdTo?: Timestamp | undefined;
}

export interface RunEntry {
  readonly id: RunId;
  /** Sequence number of its `run.commit` event: the order of runs. */
  readonly seq: number;
  readonly runKey: RunKey;
  readonly parents: readonly RunId[];
  readonly message: string | undefined;
  readonly author: string;
  readonly actor: ActorId;
  readonly createdAt: Timestamp;
  readonly status: 'succeeded' | 'failed';
  readonly tree: TreeId;
  readonly outputs: TreeId;
  /** Number of outputs. */
  readonly artifacts: number;
  readonly engineVersion: string;
  readonly configVersion: string;
  readonly configHash: string;
  readonly datasetIdV2: string | undefined;
  readonly gitCommit: string | undefined;
  readonly gitDirty: boolean | undefined;
  readonly retired: boolean;
  /** An input was superseded or tombstoned after the run. */
  readonly stale: boolean;
  readonly params: { readonly [name: string]: JsonValue };
  readonly metrics: { readonly [name: string]: number };
  readonly tags: { readonly [name: string]: string };
}

export interface RunFilter {
  /** Only the ancestry of these runs (they included); all runs when left out. */
  readonly from?: readonly RunId[] | undefined;
  readonly status?: 'succeeded' | 'failed' | undefined;
  /** Only runs that produced or removed one of these paths or something below it. */
  readonly paths?: readonly string[] | undefined;
  readonly runKey?: RunKey | undefined;
}

export interface Production {
  readonly run: RunId;
  readonly path: string;
  readonly artifact: ArtifactId;
}

export interface RefEntry {
  readonly name: RefName;
  readonly target: RunId;
}

export interface RefLogEntry {
  readonly name: RefName;
  readonly from: RunId | undefined;
  readonly to: RunId | undefined;
  readonly message: string | undefined;
  readonly timestamp: Timestamp;
  readonly actor: ActorId;
  readonly seq: number;
}

export interface LineageEdge {
  readonly child: ArtifactId;
  readonly parent: ArtifactId;
  readonly relation: string;
  /** The run that says so. */
  readonly run: RunId;
}

export interface LineageRequest {
  readonly roots: readonly ArtifactId[];
  /** Start only from productions by this run (lineage of an artifact as one run made it). */
  readonly run?: RunId | undefined;
  readonly direction: 'up' | 'down';
  /** Edges to walk at most; unlimited when left out. */
  readonly depth?: number | undefined;
}

export interface Lineage {
  /** The roots and everything reached, with the smallest number of edges to it. */
  readonly artifacts: readonly { readonly id: ArtifactId; readonly depth: number }[];
  readonly edges: readonly LineageEdge[];
}

export interface EventEntry {
  readonly event: SealedEvent;
  /** Name and mail of the actor, when known. */
  readonly actorName: string | undefined;
}

export interface EventFilter {
  readonly action?: EventAction | undefined;
  readonly subject?: { readonly kind: SubjectKind; readonly id: string } | undefined;
  readonly from?: Timestamp | undefined;
  readonly to?: Timestamp | undefined;
  /** Oldest first instead of newest first. */
  readonly ascending?: boolean | undefined;
}

export interface ActorEntry {
  readonly id: ActorId;
  readonly name: string;
  readonly mail: string;
  readonly roles: readonly string[];
}

export interface HoldEntry {
  readonly subject: HoldSubject;
  readonly reason: string | undefined;
  readonly since: Timestamp;
}

export type FoundKind = 'run' | 'artifact' | 'blob' | 'record' | 'event';
export interface Found {
  readonly kind: FoundKind;
  readonly id: string;
}

/** What the loss of some objects means. */
export interface Affected {
  readonly artifacts: readonly ArtifactId[];
  readonly runs: readonly RunId[];
  readonly candidates: readonly string[];
}

export interface ManifestStats {
  readonly runs: number;
  readonly artifacts: number;
  readonly events: number;
  readonly blobs: { readonly count: number; readonly bytes: number };
  readonly records: { readonly count: number; readonly bytes: number };
  readonly packs: { readonly count: number; readonly bytes: number };
  /** Bytes of loose files as stored, and as they would be raw. */
  readonly loose: { readonly count: number; readonly storedBytes: number; readonly bytes: number };
  /** Sum over all productions: what it would take to keep every output of every run as a file. */
  readonly productions: { readonly count: number; readonly bytes: number };
}

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
