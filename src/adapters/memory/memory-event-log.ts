/** An event log in memory, in segments like those of the files, so that positions mean the same. */
import { CodedError } from '../../core/errors.ts';
import type { EventLog, LogPosition } from '../../ports/event-log.ts';

export interface MemoryEventLogOptions {
  /** A segment of at least this size is followed by another one. */
  readonly segmentBytes?: number | undefined;
}

export function openMemoryEventLog(options: MemoryEventLogOptions = {}): EventLog {
  const segmentBytes = options.segmentBytes ?? 16 * 1024 * 1024;
  let entries: { readonly line: Uint8Array; readonly end: LogPosition }[] = [];
  const endOf = (): LogPosition => entries.at(-1)?.end ?? { segment: 1, length: 0 };

  /** How many lines lie up to a position. Throws LOG_CORRUPT when the log ends before it. */
  function countUpTo(at: LogPosition): number {
    const end = endOf();
    if (end.segment < at.segment || (end.segment === at.segment && end.length < at.length)) {
      throw new CodedError(
        'LOG_CORRUPT',
        `the log ends at byte ${end.length} of segment ${end.segment}; events were committed beyond it`,
        {
          data: { segment: at.segment, length: at.length },
        },
      );
    }
    return entries.filter(
      (entry) => entry.end.segment < at.segment || (entry.end.segment === at.segment && entry.end.length <= at.length),
    ).length;
  }

  return {
    append: async (at, lines) => {
      entries = entries.slice(0, countUpTo(at));
      let { segment, length } = at;
      for (const line of lines) {
        if (length >= segmentBytes) {
          segment++;
          length = 0;
        }
        length += line.length + 1;
        entries.push({ line: line.slice(), end: { segment, length } });
      }
      return { segment, length };
    },
    async *read(end) {
      const shown = end === undefined ? entries : entries.slice(0, countUpTo(end));
      for (const { line, end: behind } of shown) yield { line: line.slice(), end: behind };
    },
    end: async () => endOf(),
  };
}
