import { shortId } from '../../core/ids.ts';
import { refHistory, shortRef } from '../../store/runs/refs.ts';
import { declarePage, moreFields, moreLine, type PageOptions } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { firstLine, inLine, timeText } from '../text.ts';

export const command = defineCommand<[ref: string | undefined], PageOptions>({
  description: 'Shows where branches and tags stood before, newest change first. Deleted ones keep their history.',
  examples: [
    ['cairn reflog', 'every change of every ref'],
    ['cairn reflog main', 'where main has been'],
  ],
  declare: (command) => {
    command.argument('[ref]', 'a branch or tag (default: all)');
    declarePage(command);
  },
  action: async ({ args: [ref], options, out, openStore }) => {
    const { rows, cursor } = await refHistory(await openStore(), ref, options);
    out.result(
      () => ({
        entries: rows.map((row) => ({
          ref: row.name,
          from: row.from ?? null,
          to: row.to ?? null,
          message: row.message ?? null,
          timestamp: row.timestamp,
          actor: row.actor,
          event: row.seq,
        })),
        ...moreFields(cursor),
      }),
      () => [
        ...rows.map((row) => {
          const what =
            row.to === undefined ? 'deleted' : row.from === undefined ? 'created' : `from ${shortId(row.from)}`;
          const target = row.to === undefined ? '-'.repeat(12) : shortId(row.to);
          const message = row.message === undefined ? '' : `: ${firstLine(row.message)}`;
          return `${out.style('yellow', target)} ${inLine(shortRef(row.name))} ${timeText(row.timestamp)} ${what}${message}`;
        }),
        ...moreLine(cursor),
      ],
    );
    return undefined;
  },
});
