/**
 * The append-only log of events: canonical JSON, one event a line, each line ended by LF, in segments.
 *
 * The log is written only while the manifest's write lock is held. The manifest records how many bytes of the log are
 * committed; whatever lies behind that length was written by a process that died before its commit, and is cut off by
 * the next writer.
 */

export interface LogPosition {
  /** Number of the segment, from 1. */
  readonly segment: number;
  /** Committed bytes of that segment. */
  readonly length: number;
}

export interface EventLog {
  /**
   * Cuts the log to `at` (removing later segments), appends the lines, and returns the new end once they are durable.
   * MUST fail without appending when the log is shorter than `at`: then lines are missing that were committed.
   */
  append(at: LogPosition, lines: readonly Uint8Array[]): Promise<LogPosition>;

  /** Every complete line up to `end` (or to the end of the log), without its LF, with the position behind it. */
  read(end?: LogPosition): AsyncIterable<{ readonly line: Uint8Array; readonly end: LogPosition }>;

  /** The end of the last complete line of the log; `{segment: 1, length: 0}` for an empty log. */
  end(): Promise<LogPosition>;
}

export const logStart: LogPosition = { segment: 1, length: 0 };
