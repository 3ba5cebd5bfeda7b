import { shortId } from '../../../core/ids.ts';
import { removeHold } from '../../../store/upkeep/hold.ts';
import { declareMessage, declareYes, type MessageOptions } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand<[rev: string], MessageOptions>({
  description: 'Removes a hold. What it kept is kept from then on only as far as runs, refs and other holds need it.',
  examples: [['cairn hold remove v1 -m "audit closed"', 'the hold on a run']],
  declare: (command) => {
    command.argument('<rev>', 'what is held');
    declareMessage(command, 'why the hold ends', 'optional');
    declareYes(command);
  },
  action: async ({ args: [rev], options, out, openStore, confirm }) => {
    const store = await openStore();
    await confirm(`Remove the hold on ${rev}?`, 'proceed');
    const { subject, changed } = await removeHold(store, rev, options.message);
    out.report(
      () => ({ subject, changed }),
      () => [
        changed
          ? `no longer holding ${subject.kind} ${shortId(subject.id)}`
          : `${subject.kind} ${shortId(subject.id)} was not held`,
      ],
    );
    return undefined;
  },
});
