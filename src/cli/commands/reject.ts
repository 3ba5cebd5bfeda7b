import { rejectCandidate } from '../../store/governance/promote.ts';
import { declareMessage, declareYes, type MessageOptions } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { statusStepFields, statusStepLine } from '../status-step-view.ts';

export const command = defineCommand<[candidate: string], MessageOptions & { readonly message: string }>({
  description:
    'Says no to a candidate, from any status. Its reports, its evidence and the reason stay for ever; an accepted name is free again.',
  examples: [['cairn reject 3f2a -m "the signal does not survive costs"', 'no, and why']],
  declare: (command) => {
    command.argument('<candidate>', 'an id, or an accepted name');
    declareMessage(command, 'the reason', 'needed');
    declareYes(command);
  },
  action: async ({ args: [rev], options, out, openStore, confirm }) => {
    const store = await openStore();
    await confirm(`Reject ${rev}?`, 'proceed');
    const done = await rejectCandidate(store, rev, options.message);
    out.report(
      () => statusStepFields(done),
      () => [statusStepLine(done)],
    );
    return undefined;
  },
});
