/** The log about one candidate: its own events, and those of its reports. */
import type { CandidateId } from '../../core/ids.ts';
import type { EventEntry, EventFilter, Page, PageRequest } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { type EventDetails, eventDetails } from '../log/events.ts';
import { authorText } from '../log/governance.ts';

/** The filter's subject does not count: the candidate is one. The cursor is the number of the last event. */
export async function listCandidateEvents(
  context: Pick<StoreContext, 'backend' | 'codec' | 'manifest'>,
  candidate: CandidateId,
  { action, from, to, ascending }: EventFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<EventDetails>> {
  const after = cursor === undefined ? undefined : Number(cursor);
  const acts = (await context.manifest.candidateActs(candidate)).filter(
    (act) =>
      (action === undefined || act.action === action) &&
      (from === undefined || act.timestamp >= from) &&
      (to === undefined || act.timestamp <= to) &&
      (after === undefined || (ascending === true ? act.seq > after : act.seq < after)),
  );
  if (ascending !== true) acts.reverse();
  const shown = limit === 0 ? acts : acts.slice(0, limit);
  const entries: EventEntry[] = [];
  for (const { event, actor } of shown) {
    const sealed = await context.manifest.event(event);
    const who = await context.manifest.actor(actor);
    if (sealed !== undefined)
      entries.push({ event: sealed, actorName: who === undefined ? undefined : authorText(who) });
  }
  const last = shown.length < acts.length ? shown.at(-1) : undefined;
  return { rows: await eventDetails(context, entries), cursor: last === undefined ? undefined : String(last.seq) };
}
