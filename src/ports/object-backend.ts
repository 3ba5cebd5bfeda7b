/**
 * Where the bytes of objects and packs live: a directory today, a bucket tomorrow. Deliberately dumb: it moves bytes by
 * name and knows nothing of hashes, packs or compression, which live once, above it.
 *
 * Names are relative, `/`-separated, printable ASCII (`objects/ab/cdef…`, `packs/<id>.pack`, `records/…`).
 */

/** A half-open range of bytes: `start` inclusive, `end` exclusive (end of the object if left out). */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

export interface BackendStat {
  /** Stored bytes. */
  readonly size: number;
  /** Milliseconds since the epoch of the last write. */
  readonly modifiedMs: number;
}

export interface BackendEntry extends BackendStat {
  readonly name: string;
}

/**
 * How many chunks a backend may keep unread behind the one it asks for. A source may reuse a chunk's memory once this
 * many further chunks have been asked of it.
 */
export const chunksInFlight = 8;

/** The name, or a function that gives it once the source has ended (the content's hash is not known before). */
export type PutName = string | (() => string);

export interface ObjectBackend {
  /**
   * Takes over all bytes of `source` under a name. MUST NOT make the name visible before all its bytes are there, MUST
   * replace nothing: when the name exists already, the new bytes are dropped and that is success (same name, same
   * bytes). The result is durable and visible only after `settle`. When the source throws, MUST leave nothing behind
   * and rethrow. MUST keep at most `chunksInFlight` chunks unread. Returns the stored size in bytes.
   */
  put(name: PutName, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number>;

  /** The durability barrier: everything put before is on stable storage and visible when this returns. Idempotent. */
  settle(): Promise<void>;

  /** Drops what was put and not yet settled. */
  abandon(): Promise<void>;

  /**
   * The bytes of an object, or of a range of it; a range beyond the end gives fewer bytes. Rejects with an error for
   * which `isNotFound` is true when the name does not exist; any other failure is reported as what it is. A chunk is
   * valid only until the next one is asked for.
   */
  get(name: string, range?: ByteRange): AsyncIterable<Uint8Array>;

  /** All bytes of a range in one array that the caller owns. Fewer when the object is shorter. */
  read(name: string, range?: ByteRange): Promise<Uint8Array>;

  stat(name: string): Promise<BackendStat>;

  /** Every visible name that starts with `prefix`, in bytewise order. Never lists what has not been settled. */
  list(prefix: string): AsyncIterable<BackendEntry>;

  /** Removes a name; a name that does not exist is success. Durable when this returns. */
  remove(name: string): Promise<void>;

  /** Moves an object out of the way into `quarantine/`, where a person may look at it. Never loses bytes. */
  quarantine(name: string): Promise<string>;

  /** Removes what killed writers left unsettled and is older than `olderThanMs`. Returns the bytes freed. */
  sweepTemporary(olderThanMs: number): Promise<number>;

  /** A path at which other programs can read the object in place, where there is such a thing. */
  localPath(name: string): string | undefined;

  isNotFound(error: unknown): boolean;
}
