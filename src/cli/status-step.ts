/** `reject` and `withdraw`: a step down of one candidate, with its reason, asked about first. */
import type { rejectCandidate } from '../store/governance/promote.ts';
import { declareMessage, declareYes, type MessageOptions } from './arguments.ts';
import { type Command, defineCommand } from './command.ts';
import { statusStepFields, statusStepLine } from './status-step-view.ts';

interface StepDown extends Pick<Command, 'description' | 'examples'> {
  /** The question begins with it. */
  readonly verb: string;
  readonly step: typeof rejectCandidate;
}

export function stepDown({ verb, step, ...words }: StepDown): Command {
  return defineCommand<[candidate: string], MessageOptions & { readonly message: string }>({
    ...words,
    declare: (command) => {
      command.argument('<candidate>', 'an id, or an accepted name');
      declareMessage(command, 'the reason', 'needed');
      declareYes(command);
    },
    action: async ({ args: [rev], options, out, openStore, confirm }) => {
      const store = await openStore();
      await confirm(`${verb} ${rev}?`, 'proceed');
      const done = await step(store, rev, options.message);
      out.report(
        () => statusStepFields(done),
        () => [statusStepLine(done)],
      );
      return undefined;
    },
  });
}
