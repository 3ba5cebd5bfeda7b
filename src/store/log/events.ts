/** The log as people ask for it: acts, newest first, with who and why. */

import type { EventId, PayloadId } from '../../core/ids.ts';
import type { EventRecord } from '../../core/records/event.ts';
import { type EventAction, eventActions } from '../../core/records/event.ts';
import { parsePayloadRecord } from '../../core/records/parse-record.ts';
import type { PayloadRecord } from '../../core/records/payload.ts';
import type { EventEntry, EventFilter, Page, PageRequest, StoredObject } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { readStored, visitObjects } from '../objects/object-reader.ts';

export { type EventAction, type EventFilter, eventActions };

export interface EventDetails {
  readonly id: EventId;
  readonly record: EventRecord;
  readonly actorName: string | undefined;
  /** undefined when the event has none, or when it was erased. */
  readonly payload: PayloadRecord | undefined;
  readonly payloadErased: boolean;
}

type ReadContext = Pick<StoreContext, 'backend' | 'codec' | 'manifest'>;

/** Payloads by id; those that were erased are missing. A damaged one throws. */
export async function readPayloads(
  context: ReadContext,
  ids: readonly PayloadId[],
): Promise<Map<PayloadId, PayloadRecord>> {
  const unique = [...new Set(ids)];
  const known = (await context.manifest.objects('record', unique)).filter(
    (one) => one !== undefined && one.location.kind !== 'absent',
  );
  const objects = known.filter((one) => one !== undefined);
  const payloads = new Map<PayloadId, PayloadRecord>();
  const large = await visitObjects(
    context,
    objects,
    (index, bytes) => {
      payloads.set(objects[index]?.id as PayloadId, parsePayloadRecord(bytes));
    },
    (_, error) => {
      throw error;
    },
  );
  for (const index of large) {
    const object = objects[index] as StoredObject;
    payloads.set(object.id as PayloadId, parsePayloadRecord(await readStored(context, object)));
  }
  return payloads;
}

/** Rows with what their payloads say. */
export async function eventDetails(context: ReadContext, rows: readonly EventEntry[]): Promise<EventDetails[]> {
  const payloads = await readPayloads(
    context,
    rows.flatMap(({ event }) => (event.record.payload === undefined ? [] : [event.record.payload])),
  );
  return rows.map(({ event, actorName }) => {
    const payload = event.record.payload === undefined ? undefined : payloads.get(event.record.payload);
    return {
      id: event.id,
      record: event.record,
      actorName,
      payload,
      payloadErased: event.record.payload !== undefined && payload === undefined,
    };
  });
}

export async function listEvents(
  context: ReadContext,
  filter: EventFilter,
  page: PageRequest,
): Promise<Page<EventDetails>> {
  const { rows, cursor } = await context.manifest.events(filter, page);
  return { cursor, rows: await eventDetails(context, rows) };
}
