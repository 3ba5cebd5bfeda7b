/**
 * What a pack holds, found by reading every byte of it: a statement about the pack alone, which another thread can make
 * while this one asks the manifest what should be there.
 */

/** Columns: one place each for every entry that could be read, in the order of the pack. */
export interface SurveyedEntries {
  /** Byte offset of the entry's frame in the pack. */
  readonly frames: Float64Array;
  /** Offset in the frame's content, and size. */
  readonly offsets: Uint32Array;
  readonly sizes: Uint32Array;
  /** 0 blob, 1 record. */
  readonly kinds: Uint8Array;
  /** SHA-256 of the entry's bytes, 32 bytes each. */
  readonly digests: Uint8Array;
}

export interface PackSurvey {
  /** Bytes of the file. */
  readonly size: number;
  readonly bytesRead: number;
  readonly entries: SurveyedEntries;
  /** Frames that cannot be opened. */
  readonly broken: readonly { readonly frame: number; readonly why: string }[];
  /** What is wrong apart from that: header, index, trailer, name, entries that do not match their short names. */
  readonly structure: readonly string[];
}

export interface PackSurveyor {
  /** undefined when it could not be made, for whatever reason; the caller then makes it itself and sees why. */
  survey(pack: string): Promise<PackSurvey | undefined>;
  close(): Promise<void>;
}
