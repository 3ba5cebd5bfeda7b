/** Events of the log as people and programs see them. */
import { isFullId, shortId } from '../core/ids.ts';
import type { EventDetails } from '../store/log/events.ts';
import type { Fields } from './output.ts';
import { inLine } from './text.ts';

export function eventFields({ id, record, actorName, payload, payloadErased }: EventDetails): Fields {
  return {
    eventId: id,
    seq: record.seq,
    timestamp: record.timestamp,
    clock: record.clock,
    action: record.action,
    actor: { id: record.actor, name: actorName ?? null },
    subject: record.subject,
    message: payload?.text ?? null,
    values: payload?.values ?? null,
    payloadErased,
  };
}

export function eventSubject({ kind, id }: EventDetails['record']['subject']): string {
  return `${kind} ${isFullId(id) ? shortId(id) : inLine(id)}`;
}
