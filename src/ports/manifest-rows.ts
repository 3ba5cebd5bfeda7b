/**
 * What is read from the manifest: rows of its answers, and the filters of its questions.
 */
import type { JsonValue } from '../core/canonical-json.ts';
import type {
  ActorId,
  ArtifactId,
  BlobId,
  CandidateId,
  RefName,
  RunId,
  RunKey,
  TableHash,
  TableSpecId,
  TreeId,
} from '../core/ids.ts';
import type { EventAction, SealedEvent, SubjectKind } from '../core/records/event.ts';
import type { RunCondition, RunOrder } from '../core/run-query.ts';
import type { Timestamp } from '../core/time.ts';
import type { HoldSubject, StoredObject } from './manifest-facts.ts';

export interface ObjectEntry extends StoredObject {
  /** Milliseconds since the epoch when the object was last put or found again by a writer. */
  readonly lastUseMs: number;
}

/** Some objects, at most 65,536, one place each in every column. */
export interface ObjectColumns {
  /** The ids as bytes one after another, 32 each. */
  readonly digests: Uint8Array;
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
  /** Table content of its bytes, the newest taken, when a run recorded it. */
  readonly content: ArtifactContent | undefined;
}

export interface ArtifactContent {
  readonly sha256: TableHash;
  readonly spec: TableSpecId;
  readonly rows: number;
  readonly minTs: string | undefined;
  readonly maxTs: string | undefined;
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
  /** Only runs for which this holds, as core/run-query.ts means it. */
  readonly where?: RunCondition | undefined;
  /** Instead of newest first; runs that are equal in it stay newest first. */
  readonly order?: readonly RunOrder[] | undefined;
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
  /** For `accepted/…`: the candidates that the name stood and stands for; the runs are theirs. */
  readonly fromCandidate?: CandidateId | undefined;
  readonly toCandidate?: CandidateId | undefined;
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
  /** Every artifact comes with its entry, which costs less than asking for it afterwards. */
  readonly entries?: boolean | undefined;
}

export interface LineageArtifact {
  readonly id: ArtifactId;
  /** The smallest number of edges from a root. */
  readonly depth: number;
  /** Where entries were asked for. */
  readonly entry?: ArtifactEntry;
}

export interface Lineage {
  /** The roots that are known and everything reached, the nearest first. */
  readonly artifacts: readonly LineageArtifact[];
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
  /** Held now, sorted. */
  readonly roles: readonly string[];
}

export interface HoldEntry {
  readonly subject: HoldSubject;
  readonly reason: string | undefined;
  readonly since: Timestamp;
}

export type FoundKind = 'run' | 'artifact' | 'blob' | 'record' | 'event' | 'candidate' | 'report' | 'policy';
export interface Found {
  readonly kind: FoundKind;
  readonly id: string;
}

/** What the loss of some objects means. */
export interface Affected {
  readonly artifacts: readonly ArtifactId[];
  readonly runs: readonly RunId[];
  /** Those whose evidence is among the artifacts, whose run is among the runs, or whose own records are lost; sorted. */
  readonly candidates: readonly CandidateId[];
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
