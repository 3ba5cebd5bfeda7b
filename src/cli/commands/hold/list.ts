import { shortId } from '../../../core/ids.ts';
import { listHolds } from '../../../store/upkeep/hold.ts';
import { defineCommand } from '../../command.ts';
import { tableLines } from '../../table.ts';
import { firstLine, timeText } from '../../text.ts';

export const command = defineCommand<[]>({
  description: 'Lists what is held, since when and why.',
  examples: [['cairn hold list', 'all holds, oldest first']],
  action: async ({ out, openStore }) => {
    const holds = await listHolds(await openStore());
    out.result(
      () => ({ holds: holds.map(({ subject, reason, since }) => ({ subject, reason: reason ?? null, since })) }),
      () =>
        tableLines(
          [{ title: '' }, { title: '' }, { title: '' }, { title: '' }],
          holds.map(({ subject, reason, since }) => [
            subject.kind,
            out.style('yellow', shortId(subject.id)),
            timeText(since),
            firstLine(reason ?? ''),
          ]),
        ),
    );
    return undefined;
  },
});
