/** Events of the log as people and programs see them. */
import { isFullId, shortId } from '../core/ids.ts';
import type { EventDetails } from '../store/log/events.ts';
import type { ShownEvent } from '../store/runs/show.ts';
import type { Fields, Output } from './output.ts';
import { inLine, inLines, timeText } from './text.ts';

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

/** In lists: ids and fingerprints cut to what tells them apart. */
export function eventSubject({ kind, id }: EventDetails['record']['subject']): string {
  if (kind === 'key') return `key ${inLine(id.slice(0, 'SHA256:'.length + 12))}`;
  return `${kind} ${isFullId(id) ? shortId(id) : inLine(id)}`;
}

export function shownEvent({ entry, payload }: ShownEvent): EventDetails {
  const { event, actorName } = entry;
  return {
    id: event.id,
    record: event.record,
    actorName,
    payload,
    payloadErased: event.record.payload !== undefined && payload === undefined,
  };
}

export function shownEventLines(shown: ShownEvent, out: Output): string[] {
  const { id, record, actorName, payload, payloadErased } = shownEvent(shown);
  const { signed, ...values } = payload?.values ?? {};
  const isSigned = signed !== undefined || record.action === 'approve';
  return [
    out.style('yellow', `event ${record.seq}`),
    `Id:      ${id}`,
    `Act:     ${record.action}`,
    `About:   ${record.subject.kind === 'key' ? `key ${inLine(record.subject.id)}` : eventSubject(record.subject)}`,
    `By:      ${inLine(actorName ?? record.actor)} ${isSigned ? '(signed; cairn audit checks it)' : '(asserted)'}`,
    `Date:    ${timeText(record.timestamp)}${record.clock === 'fixed' ? ' (fixed clock)' : ''}`,
    ...(payload?.values === undefined ? [] : [`Values:  ${inLine(JSON.stringify(values))}`]),
    ...(payloadErased ? ['(its text was erased)'] : []),
    ...(payload?.text === undefined
      ? []
      : [
          '',
          ...inLines(payload.text)
            .split('\n')
            .map((line) => `    ${line}`),
        ]),
  ];
}
