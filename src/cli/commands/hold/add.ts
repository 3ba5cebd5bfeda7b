import { shortId } from '../../../core/ids.ts';
import { addHold } from '../../../store/upkeep/hold.ts';
import { declareMessage, type MessageOptions } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand<[rev: string], MessageOptions>({
  description:
    'Holds a run with everything it needs, an artifact with its bytes, a directory of a run, or an object: neither retire nor gc lets it go, nor can its bytes be erased, until the hold is removed.',
  examples: [
    ['cairn hold add v1 -m "under audit"', 'a run and all its files'],
    ['cairn hold add HEAD:prices.csv -m "licence dispute"', 'one artifact'],
  ],
  declare: (command) => {
    command.argument('<rev>', 'a run, an artifact or an object');
    declareMessage(command, 'why it is held', 'optional');
  },
  action: async ({ args: [rev], options, out, openStore }) => {
    const { subject, changed } = await addHold(await openStore(), rev, options.message);
    out.report(
      () => ({ subject, changed }),
      () => [
        changed
          ? `holding ${subject.kind} ${shortId(subject.id)}`
          : `${subject.kind} ${shortId(subject.id)} is held already`,
      ],
    );
    return undefined;
  },
});
