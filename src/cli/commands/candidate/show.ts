import type { Timestamp } from '../../../core/time.ts';
import { showCandidate } from '../../../store/governance/candidate-details.ts';
import { shownCandidateFields, shownCandidateLines } from '../../candidate-view.ts';
import { defineCommand } from '../../command.ts';
import { declareAt, storeAt } from '../../past.ts';

export const command = defineCommand<[candidate: string], { readonly at?: Timestamp }>({
  description:
    'Shows one candidate: its status, why it is at risk, its evidence, reports and approvals, and all that is missing for the next status with the commands that come next.',
  examples: [
    ['cairn candidate show 3f2a', 'by its id'],
    ['cairn candidate show accepted/momentum-h5', 'by its accepted name'],
  ],
  paged: true,
  declare: (command) => {
    command.argument('<candidate>', 'an id, an accepted name, or one of its reports');
    declareAt(command);
  },
  action: async ({ args: [rev], options, out, openStore }) => {
    const shown = await showCandidate(await storeAt(await openStore(), options.at), rev);
    out.result(
      () => shownCandidateFields(shown),
      () => shownCandidateLines(shown, out),
    );
    return undefined;
  },
});
