/**
 * What is written to the manifest: batches of domain facts, each with the event that stands for it in the log.
 */
import type {
  ActorId,
  ArtifactId,
  BlobId,
  ContentId,
  ObjectId,
  PublicationId,
  RefName,
  RunId,
  TableHash,
  TableSpecId,
} from '../core/ids.ts';
import type { ArtifactRecord } from '../core/records/artifact.ts';
import type { ContentRecord } from '../core/records/content.ts';
import type { SealedEvent } from '../core/records/event.ts';
import type { RunRecord } from '../core/records/run.ts';
import type { SignedStatement } from '../core/signed-statement.ts';
import type { LogPosition } from './event-log.ts';
import type { FactEvent, GovernanceFact } from './governance-facts.ts';

export type * from './governance-facts.ts';

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

export interface PackEntry {
  /** Name without folder and suffix. */
  readonly name: string;
  /** Bytes of the pack file. */
  readonly bytes: number;
}

export interface RunOutput {
  /** Path in the run's output tree. */
  readonly path: string;
  readonly artifact: ArtifactId;
}

export interface NamedArtifactRecord {
  readonly id: ArtifactId;
  readonly record: ArtifactRecord;
}

export interface NamedContentRecord {
  readonly id: ContentId;
  readonly record: ContentRecord;
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
      /** The admin's signature, where roles were given with the name. */
      readonly signed?: SignedStatement | undefined;
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
      /** The record of every id in the run's `contents`. */
      readonly contents?: readonly NamedContentRecord[];
      readonly event: FactEvent;
    }
  /**
   * Moves, makes (`from` undefined) or deletes (`to` undefined) a ref. Guarded by its own `from`. BAD_ARGUMENT for
   * `accepted/…`, which only promote, reject and withdraw move.
   */
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
  | GovernanceFact
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
  | { readonly kind: 'expect-log-size'; readonly size: number }
  /** The artifact that stands for this table content within type and key (`ContentQuestion`) is `artifact`. */
  | { readonly kind: 'expect-content'; readonly question: ContentQuestion; readonly artifact: ArtifactId | undefined }
  /** No run says that it is this publication. */
  | { readonly kind: 'expect-unpublished'; readonly publication: PublicationId };

/** Which artifact of this type and logical key has this table content. */
export interface ContentQuestion {
  readonly type: string;
  readonly schemaVersion: number;
  readonly logicalKey: string;
  readonly spec: TableSpecId;
  readonly sha256: TableHash;
}

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
