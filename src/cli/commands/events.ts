import type { OpenStore } from '../../app/open-store.ts';
import { shortId } from '../../core/ids.ts';
import type { Timestamp } from '../../core/time.ts';
import { type EventAction, type EventFilter, eventActions, listEvents } from '../../store/log/events.ts';
import { declarePage, moreFields, moreLine, oneOf, type PageOptions, timeOption } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { eventFields, eventSubject } from '../event-view.ts';
import { tableLines } from '../table.ts';
import { firstLine, inLine, timeText } from '../text.ts';

interface Options extends PageOptions {
  readonly candidate?: string;
  readonly action?: EventAction;
  readonly since?: Timestamp;
  readonly until?: Timestamp;
  readonly reverse?: boolean;
}

/** Loaded only here: most of the log is about no candidate. */
async function eventsOf(
  store: OpenStore,
  rev: string,
  filter: EventFilter,
  page: PageOptions,
): ReturnType<typeof listEvents> {
  const { resolveCandidate } = await import('../../store/governance/candidate-entry.ts');
  const { listCandidateEvents } = await import('../../store/governance/candidate-events.ts');
  return listCandidateEvents(store, await resolveCandidate(store, rev), filter, page);
}

export const command = defineCommand<[], Options>({
  description: 'Shows the log of the store: every act that no record says by itself, with who and why, newest first.',
  examples: [
    ['cairn events --limit 10', 'the last ten acts'],
    ['cairn events --action artifact.tombstone', 'everything that was withdrawn'],
    ['cairn events --candidate accepted/momentum-h20 --reverse', 'how a candidate got there'],
    ['cairn events --since 2026-01-01 --reverse', 'this year, oldest first'],
  ],
  declare: (command) => {
    command
      .option('--candidate <rev>', 'only acts about this candidate and its reports')
      .option('--action <action>', 'only this act, such as run.commit or ref.update', oneOf('--action', eventActions))
      .option('--since <time>', 'at or after', timeOption('--since'))
      .option('--until <time>', 'at or before', timeOption('--until'))
      .option('--reverse', 'oldest first');
    declarePage(command);
  },
  action: async ({ options, out, openStore }) => {
    const filter = { action: options.action, from: options.since, to: options.until, ascending: options.reverse };
    const store = await openStore();
    const { rows, cursor } =
      options.candidate === undefined
        ? await listEvents(store, filter, options)
        : await eventsOf(store, options.candidate, filter, options);
    out.result(
      () => ({ events: rows.map(eventFields), ...moreFields(cursor) }),
      () => [
        ...tableLines(
          [{ title: '', align: 'right' }, { title: '' }, { title: '' }, { title: '' }, { title: '' }, { title: '' }],
          rows.map((event) => [
            out.style('yellow', String(event.record.seq)),
            timeText(event.record.timestamp),
            event.record.action,
            eventSubject(event.record.subject),
            inLine(event.actorName ?? shortId(event.record.actor)),
            event.payload?.text === undefined ? '' : firstLine(event.payload.text),
          ]),
        ),
        ...moreLine(cursor),
      ],
    );
    return undefined;
  },
});
