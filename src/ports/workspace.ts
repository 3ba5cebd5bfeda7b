/**
 * The user's files, and the little state that belongs to one workspace. Calls carry batches, so that an adapter may work
 * synchronously inside: for small files that is three to four times faster than a promise a file.
 */

/** Columns of a scan, `statColumns` numbers a file. Times are milliseconds with fraction, as the system reports them. */
export const statColumns = 6;
export const statSize = 0;
export const statMtime = 1;
export const statCtime = 2;
export const statInode = 3;
export const statDevice = 4;
/** Mode bits as in stat(2). */
export const statMode = 5;

export type FileKind = 'file' | 'directory' | 'link' | 'other';

export interface ScanResult {
  /** Paths relative to the workspace, `/`-separated, sorted by their UTF-8 bytes. Files, links and others; no directories. */
  readonly paths: readonly string[];
  /** `statColumns` × paths. */
  readonly stats: Float64Array;
  readonly kinds: readonly FileKind[];
  /** Directories without any entry at all. */
  readonly emptyDirectories: readonly string[];
  /** Names that are not valid UTF-8 and unreadable directories, with the reason. */
  readonly problems: readonly {
    readonly path: string;
    readonly reason: string;
    readonly code: 'BAD_PATH' | 'NOT_PERMITTED';
  }[];
  /** Paths that were asked for and do not exist. */
  readonly missing: readonly string[];
}

export interface FileStat {
  readonly kind: FileKind;
  readonly stat: Float64Array;
}

/** One frame of a pack, as objects-layout.md defines it, with where each object of it lies. */
export interface PackedFrame {
  readonly bytes: Uint8Array;
  readonly headSize: number;
  /** Index of each packed file in the list that was given. */
  readonly files: Uint32Array;
  /** Offset of each in the frame's content, and its bytes. */
  readonly offsets: Uint32Array;
  readonly sizes: Uint32Array;
}

export interface NamedFiles {
  /** 32 bytes a file. */
  readonly digests: Uint8Array;
  /** Bytes that were read, a file. */
  readonly sizes: Float64Array;
  /** `statColumns` a file, taken from the open file before it was read. */
  readonly stats: Float64Array;
  /** Milliseconds since the epoch before the file was opened, a file: what decides racily clean entries. */
  readonly readAt: Float64Array;
  /** Files that could not be read: index and error. */
  readonly failures: readonly { readonly index: number; readonly error: unknown }[];
}

export interface FilePacking {
  /**
   * Says which of some just named files are wanted: called with their positions in the list and their digests
   * (32 bytes each); answers 1 for those to pack. Called in an order of the packer's choosing.
   */
  readonly wanted: (files: Uint32Array, digests: Uint8Array) => Promise<Uint8Array>;
  /** Takes a frame; awaited, so that memory stays bounded. */
  readonly frame: (frame: PackedFrame) => Promise<void>;
  readonly progress?: (files: number, bytes: number) => void;
}

export interface IgnoreFilter {
  (path: string, isDirectory: boolean): boolean;
  /** The same for an entry of a directory that is not ignored itself: a walk asks this way, which costs less. */
  readonly ignoresIn?: (directory: string, name: string, isDirectory: boolean) => boolean;
}

export interface WorkspaceFiles {
  /**
   * Every file below the given relative paths ('' for all), links not followed. `ignores` prunes; `.git` and `.cairn`
   * are never entered.
   */
  scan(paths: readonly string[], ignores: IgnoreFilter): Promise<ScanResult>;
  /** undefined where nothing is. */
  stat(paths: readonly string[]): Promise<readonly (FileStat | undefined)[]>;
  readLink(path: string): Promise<string>;
  /** Whole content of a small file that may be missing (ignore rules, metrics.json). */
  readText(path: string): Promise<string | undefined>;

  /**
   * Reads small files, names them, and packs the wanted ones into frames, in several threads where that pays. `sizes` are
   * what the scan said, for planning; what counts is what is read. A file that grew to `packedObjectLimit` is a failure
   * with code UNSUPPORTED_FILE for the caller to take the large way.
   */
  pack(paths: readonly string[], sizes: ArrayLike<number>, packing: FilePacking): Promise<NamedFiles>;
  /** Opens a large file. Chunks follow the rule of `chunksInFlight`. Fails when it is no regular file. */
  open(path: string): Promise<OpenFile>;

  /** For writing about this many small files; close it when done. */
  writer(expected: number): FilesWriter;
  /** Streams one large file. */
  writeStream(path: string, executable: boolean, source: AsyncIterable<Uint8Array>): Promise<Float64Array>;
  /** Links or clones from a path of the object store; `hardlink` makes the file read-only. */
  writeLinked(path: string, from: string, how: 'hardlink' | 'reflink', executable: boolean): Promise<Float64Array>;
  writeLink(path: string, target: string): Promise<Float64Array>;
  makeDirectory(path: string): Promise<void>;
  /** Removes files and then directories that became empty, up to the workspace's root. */
  remove(paths: readonly string[]): Promise<void>;
  /** True when names that differ only in case are the same file here. */
  isCaseInsensitive(): Promise<boolean>;
  /** Absolute path of the root, for messages and child processes. */
  readonly root: string;
}

export interface OpenFile {
  readonly stat: Float64Array;
  readonly readAtMs: number;
  chunks(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export interface FilesWriter {
  /**
   * Writes files, each atomically and never through a link; directories are made. Answers the stat of each. An existing
   * file is replaced. Batches are written in their order, and the next may be given while one is under way; the bytes of
   * files MUST stay as they are until then. After a failure later batches fail as well or are written whole.
   */
  write(files: readonly FileToWrite[]): Promise<Float64Array>;
  close(): Promise<void>;
}

export interface FileToWrite {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly executable: boolean;
}

/** One path of a staging area. */
export interface StagedEntry {
  readonly path: string;
  readonly kind: 'file' | 'link' | 'directory' | 'removal';
  /** Content of a file. */
  readonly blob?: string;
  readonly size?: number;
  readonly executable?: boolean;
  /** Target of a link. */
  readonly target?: string;
  readonly type?: string;
  readonly schemaVersion?: number;
  readonly logicalKey?: string;
  readonly tags?: { readonly [key: string]: string };
}

/** Deleting all of it loses only what is staged and the stat cache. */
export interface WorkspaceState {
  /** The workspace's own random id. */
  readonly id: string;
  /** The current ref of this workspace, e.g. `heads/main`. */
  head(): Promise<string>;
  /** Durable when it returns. */
  setHead(ref: string): Promise<void>;
  statCache(): Promise<Uint8Array | undefined>;
  saveStatCache(bytes: Uint8Array): Promise<void>;
  /** By path, in bytewise order. */
  staged(stage: string): Promise<readonly StagedEntry[]>;
  /** Adds or replaces entries and drops others, atomically and durably. */
  stage(stage: string, entries: readonly StagedEntry[], drop: readonly string[]): Promise<void>;
  /**
   * Drops exactly these entries if they are still as given, so that what another process staged meanwhile stays.
   * Returns how many remain in the stage.
   */
  unstage(stage: string, entries: readonly StagedEntry[]): Promise<number>;
  stages(): Promise<readonly string[]>;
  close(): Promise<void>;
}
