import { withdrawCandidate } from '../../store/governance/promote.ts';
import { declareMessage, declareYes, type MessageOptions } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { statusStepFields, statusStepLine } from '../status-step-view.ts';

export const command = defineCommand<[candidate: string], MessageOptions & { readonly message: string }>({
  description:
    'Takes a candidate back to exploratory, from any other status: it can be evaluated and promoted again. An accepted name is free again.',
  examples: [
    ['cairn withdraw accepted/momentum-h5 -m "the vendor corrected the prices"', 'it does not stand any more'],
  ],
  declare: (command) => {
    command.argument('<candidate>', 'an id, or an accepted name');
    declareMessage(command, 'the reason', 'needed');
    declareYes(command);
  },
  action: async ({ args: [rev], options, out, openStore, confirm }) => {
    const store = await openStore();
    await confirm(`Withdraw ${rev}?`, 'proceed');
    const done = await withdrawCandidate(store, rev, options.message);
    out.report(
      () => statusStepFields(done),
      () => [statusStepLine(done)],
    );
    return undefined;
  },
});
