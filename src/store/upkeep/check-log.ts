/**
 * The log against itself and against the manifest: every line parses, continues the chain, and is the event that the
 * manifest has at that place; the manifest's head and position are those of the last committed line.
 *
 * Lines behind the committed position belong to a process that died before its commit. The next writer cuts them off;
 * they are no problem.
 */
import { equalBytes } from '../../core/bytes.ts';
import { isCodedError } from '../../core/errors.ts';
import { emptyLogHead, headBehind, type LogHead, parseEvent, type SealedEvent } from '../../core/records/event.ts';
import type { LogPosition } from '../../ports/event-log.ts';
import type { Manifest } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';

export interface LogVerdict {
  readonly events: number;
  /** Empty when the log is sound. Checking ends at the first problem, since all behind it hangs on it. */
  readonly problems: readonly string[];
  /** True when lines lie behind the committed end. */
  readonly uncommitted: boolean;
}

/** Head and position of one moment, although another process may be committing. */
async function committed(manifest: Manifest): Promise<{ head: LogHead; position: LogPosition }> {
  for (;;) {
    const head = await manifest.logHead();
    const position = await manifest.logPosition();
    if ((await manifest.logHead()).size === head.size) return { head, position };
  }
}

async function* manifestEvents(manifest: Manifest): AsyncGenerator<SealedEvent> {
  let cursor: string | undefined;
  do {
    const page = await manifest.events({ ascending: true }, { limit: 1000, cursor });
    for (const { event } of page.rows) yield event;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

function behind(left: LogPosition, right: LogPosition): boolean {
  return left.segment !== right.segment ? left.segment > right.segment : left.length > right.length;
}

export async function checkLog(context: Pick<StoreContext, 'log' | 'manifest'>): Promise<LogVerdict> {
  const { log, manifest } = context;
  const { head: expected, position } = await committed(manifest);
  let head: LogHead = emptyLogHead;
  let end: LogPosition = { segment: 1, length: 0 };
  const verdict = (...problems: string[]): LogVerdict => ({ events: head.size, problems, uncommitted: false });
  const rows = manifestEvents(manifest);
  try {
    for await (const line of log.read(position)) {
      let event: SealedEvent;
      try {
        event = parseEvent(line.line, head);
      } catch (error) {
        if (!isCodedError(error)) throw error;
        return verdict(`line ${head.size + 1} of the log: ${error.message}`);
      }
      const row = await rows.next();
      if (row.done === true) return verdict(`the manifest has no event ${event.record.seq}, which the log has`);
      if (row.value.id !== event.id || !equalBytes(row.value.bytes, event.bytes)) {
        return verdict(`event ${event.record.seq} of the manifest is not the one of the log`);
      }
      head = headBehind(event);
      end = line.end;
    }
    if (head.size !== expected.size || head.last !== expected.last) {
      return verdict(`the log holds ${head.size} events, and the manifest has ${expected.size}`);
    }
    if (end.segment !== position.segment ? position.length !== 0 : end.length !== position.length) {
      return verdict('the committed end of the log does not lie behind a line');
    }
    return { events: head.size, problems: [], uncommitted: behind(await log.end(), position) };
  } catch (error) {
    if (!isCodedError(error, 'LOG_CORRUPT')) throw error;
    return verdict(error.message);
  } finally {
    await rows.return(undefined);
  }
}
