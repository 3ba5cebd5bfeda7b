/** A past moment as the log knows it: everything up to one event. */
import type { ActorId, PayloadId } from '../../core/ids.ts';
import type { SealedEvent } from '../../core/records/event.ts';
import type { PayloadRecord } from '../../core/records/payload.ts';
import type { Timestamp } from '../../core/time.ts';
import type { EventFilter, Manifest, Page, PageRequest } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';

export class Moment {
  readonly time: Timestamp;
  /** The last event at or before the time; 0 when the log begins later. */
  readonly seq: number;
  readonly manifest: Manifest;
  readonly #context: Pick<StoreContext, 'backend' | 'codec'>;

  constructor(context: Pick<StoreContext, 'backend' | 'codec' | 'manifest'>, time: Timestamp, seq: number) {
    this.#context = context;
    this.manifest = context.manifest;
    this.time = time;
    this.seq = seq;
  }

  /** The moment right behind every event of that time. */
  static async at(context: Pick<StoreContext, 'backend' | 'codec' | 'manifest'>, time: Timestamp): Promise<Moment> {
    const { rows } = await context.manifest.events({ to: time }, { limit: 1 });
    return new Moment(context, time, rows[0]?.event.record.seq ?? 0);
  }

  had(row: { readonly seq: number }): boolean {
    return row.seq <= this.seq;
  }

  /** Events up to the moment, oldest first. */
  async events(filter: Pick<EventFilter, 'action' | 'subject'>): Promise<SealedEvent[]> {
    const { rows } = await this.manifest.events({ ...filter, to: this.time, ascending: true }, { limit: 0 });
    // Several events may have one time, and a moment may lie between them.
    return rows.flatMap(({ event }) => (this.had(event.record) ? [event] : []));
  }

  /** What events said besides; those whose payload was erased are missing. */
  async payloads(events: readonly SealedEvent[]): Promise<Map<PayloadId, PayloadRecord>> {
    const ids = events.flatMap(({ record }) => (record.payload === undefined ? [] : [record.payload]));
    if (ids.length === 0) return new Map();
    // Loaded only here: reading records needs schemas, and schemas cost start-up.
    const { readPayloads } = await import('../log/events.ts');
    return readPayloads({ ...this.#context, manifest: this.manifest }, ids);
  }

  /** Sorted. */
  async rolesOf(actor: ActorId): Promise<string[]> {
    const events = await this.events({ subject: { kind: 'actor', id: actor } });
    const payloads = await this.payloads(events);
    const held = new Set<string>();
    for (const { record } of events) {
      const roles = record.payload === undefined ? undefined : payloads.get(record.payload)?.values?.['roles'];
      if (!Array.isArray(roles)) continue;
      for (const role of roles) {
        if (record.action === 'actor.revoke') held.delete(String(role));
        else held.add(String(role));
      }
    }
    return [...held].sort();
  }
}

/** A page of the rows that `keep` keeps: what is missing is asked for until the page is full. */
export async function pageWhere<Row>(
  ask: (page: PageRequest) => Promise<Page<Row>>,
  keep: (rows: readonly Row[]) => Promise<readonly Row[]>,
  page: PageRequest,
): Promise<Page<Row>> {
  const rows: Row[] = [];
  let cursor = page.cursor;
  do {
    const found = await ask({ limit: page.limit === 0 ? 1000 : page.limit - rows.length, cursor });
    rows.push(...(await keep(found.rows)));
    cursor = found.cursor;
  } while (cursor !== undefined && (page.limit === 0 || rows.length < page.limit));
  return { rows, cursor };
}
