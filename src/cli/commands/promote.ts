import { shortId } from '../../core/ids.ts';
import { promoteCandidate } from '../../store/governance/promote.ts';
import { declareMessage, type MessageOptions, oneOf } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { statusStepFields } from '../status-step-view.ts';

const targets = ['candidate', 'accepted'] as const;

interface Options extends MessageOptions {
  readonly to: (typeof targets)[number];
  readonly as?: string;
  readonly replace?: boolean;
}

export const command = defineCommand<[candidate: string], Options>({
  description:
    'Makes a candidate `candidate` or `accepted`. The newest report of that level must have passed under the active policy, with the approvals that it asks for; every reason why not is listed. An accepted one gets a name: `accepted/<signal>-h<horizon>`, or as you say.',
  examples: [
    ['cairn promote 3f2a --to candidate', 'the first step'],
    ['cairn promote 3f2a --to accepted -m "committee of 12 March"', 'the second'],
    ['cairn promote 3f2a --to accepted --as momentum --replace', 'in the place of the one that has the name'],
  ],
  statuses: { 1: 'something is missing: every reason is listed', 4: 'the name is taken, or somebody was quicker' },
  declare: (command) => {
    command
      .argument('<candidate>', 'an id, or one of its reports')
      .requiredOption('--to <status>', targets.join(' or '), oneOf('--to', targets))
      .option('--as <name>', 'accepted/<name> (default: <signal>-h<horizon>)')
      .option('--replace', 'take the name from the candidate that has it');
    declareMessage(command, 'why', 'optional');
  },
  action: async ({ args: [rev], options, out, openStore }) => {
    const done = await promoteCandidate(await openStore(), rev, options);
    const { candidate, replaced } = done;
    out.report(
      () => statusStepFields(done),
      () => [
        `candidate ${shortId(candidate.id)} is ${candidate.status}${candidate.name === undefined ? '' : ` as ${out.style(['bold', 'green'], candidate.name)}`}`,
        ...(replaced === undefined
          ? []
          : [`the name was taken from ${shortId(replaced)}, which stays accepted without one`]),
      ],
    );
    return undefined;
  },
});
