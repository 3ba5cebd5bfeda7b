/**
 * The log as files: `events-NNNNNN.jsonl` in one folder, segments from 1, without gaps.
 *
 * A line is appended whole to the last segment, unless that is at its size already: then to a new one. So every segment but
 * the last has at least `segmentBytes` bytes, and no line crosses a boundary. The caller holds the manifest's write lock
 * while it appends, and says where the committed log ends; what lies behind is the remains of a process that died.
 */
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { concatBytes } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import { systemError } from '../../core/system-error.ts';
import type { EventLog, LogPosition } from '../../ports/event-log.ts';
import { syncDirectory, writeFully } from './durable-write.ts';

export interface FileEventLogOptions {
  /** The folder; made, with its name synced, by the first append. */
  readonly directory: string;
  /** A segment of at least this size is followed by another one. 16 MiB when left out. */
  readonly segmentBytes?: number | undefined;
}

const lf = 10;
const segmentName = /^events-(\d{6,})\.jsonl$/;
const readSize = 1024 * 1024;

export function openFileEventLog(options: FileEventLogOptions): EventLog {
  const { directory, segmentBytes = 16 * 1024 * 1024 } = options;
  const pathOf = (segment: number): string => join(directory, `events-${String(segment).padStart(6, '0')}.jsonl`);

  /** Numbers of the segments that exist, ascending. */
  function segments(): number[] {
    const numbers: number[] = [];
    for (const name of readNames(directory)) {
      const match = segmentName.exec(name);
      if (match !== null) numbers.push(Number(match[1]));
    }
    return numbers.sort((left, right) => left - right);
  }

  function sizeOf(segment: number): number {
    return statSync(pathOf(segment), { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Cuts off what lies behind `at`. Throws LOG_CORRUPT when the log ends before it. */
  function cut(at: LogPosition): void {
    for (let segment = 1; segment <= at.segment; segment++) {
      const least = segment === at.segment ? at.length : 1;
      if (sizeOf(segment) < least) throw tooShort(pathOf(segment), sizeOf(segment), at);
    }
    const later = segments().filter((segment) => segment > at.segment);
    for (const segment of later.reverse()) unlinkSync(pathOf(segment));
    if (later.length > 0) syncDirectory(directory);
    if (sizeOf(at.segment) > at.length) truncate(pathOf(at.segment), at.length);
  }

  /** Writes one run of lines into one segment, durably. */
  function write(segment: number, at: number, bytes: Uint8Array): void {
    const fresh = at === 0;
    const fd = openSync(pathOf(segment), fresh ? 'w' : 'r+');
    try {
      writeFully(fd, bytes, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (fresh) syncDirectory(directory);
  }

  function append(at: LogPosition, lines: readonly Uint8Array[]): LogPosition {
    cut(at);
    if (mkdirSync(directory, { recursive: true }) !== undefined) syncDirectory(dirname(directory));
    let { segment, length } = at;
    for (let next = 0; next < lines.length; ) {
      if (length >= segmentBytes) {
        segment++;
        length = 0;
      }
      const parts: Uint8Array[] = [];
      let bytes = 0;
      while (next < lines.length && length + bytes < segmentBytes) {
        const line = lines[next++] as Uint8Array;
        parts.push(line, Uint8Array.of(lf));
        bytes += line.length + 1;
      }
      write(segment, length, concatBytes(...parts));
      length += bytes;
    }
    return { segment, length };
  }

  async function* read(end?: LogPosition): ReturnType<EventLog['read']> {
    for (let segment = 1; end === undefined || segment <= end.segment; segment++) {
      const size = sizeOf(segment);
      const limit = end?.segment === segment ? end.length : size;
      if (size < limit) throw tooShort(pathOf(segment), size, { segment, length: limit });
      if (size === 0) {
        if (end !== undefined && segment < end.segment) throw tooShort(pathOf(segment), 0, end);
        return;
      }
      for await (const { line, length } of linesOf(pathOf(segment), limit)) yield { line, end: { segment, length } };
    }
  }

  async function end(): Promise<LogPosition> {
    let last: LogPosition = { segment: 1, length: 0 };
    const numbers = segments();
    const from = numbers.findLast((segment) => sizeOf(segment) > 0) ?? 1;
    for (const segment of from > 1 ? [from - 1, from] : [from]) {
      if (sizeOf(segment) === 0) continue;
      for await (const { length } of linesOf(pathOf(segment), sizeOf(segment))) last = { segment, length };
    }
    return last;
  }

  return {
    append: async (at, lines) => {
      try {
        return append(at, lines);
      } catch (error) {
        throw systemError('cannot append to the log', error, directory);
      }
    },
    read,
    end,
  };
}

function readNames(directory: string): string[] {
  if (statSync(directory, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(directory);
}

function truncate(path: string, length: number): void {
  const fd = openSync(path, 'r+');
  try {
    ftruncateSync(fd, length);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function tooShort(path: string, size: number, at: LogPosition): CodedError {
  return new CodedError(
    'LOG_CORRUPT',
    `the log ends at byte ${size} of ${path}; events were committed up to ${at.length} of segment ${at.segment}`,
    {
      hint: 'Lines of the log are missing. Restore the log folder from a backup, then run `cairn fsck`.',
      data: { path, size, segment: at.segment, length: at.length },
    },
  );
}

/** Complete lines of the first `limit` bytes, without LF, with the offset behind it. */
async function* linesOf(
  path: string,
  limit: number,
): AsyncGenerator<{ readonly line: Uint8Array; readonly length: number }> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw systemError('cannot read the log', error, path);
  });
  try {
    let rest: Uint8Array = new Uint8Array(0);
    let offset = 0;
    for (let at = 0; at < limit; ) {
      const chunk = new Uint8Array(Math.min(readSize, limit - at));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const bytes = rest.length === 0 ? chunk.subarray(0, bytesRead) : concatBytes(rest, chunk.subarray(0, bytesRead));
      let from = 0;
      for (let to = bytes.indexOf(lf); to >= 0; to = bytes.indexOf(lf, from)) {
        offset += to + 1 - from;
        yield { line: bytes.slice(from, to), length: offset };
        from = to + 1;
      }
      rest = bytes.subarray(from);
    }
  } catch (error) {
    throw systemError('cannot read the log', error, path);
  } finally {
    await file.close();
  }
}
