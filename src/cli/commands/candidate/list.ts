import type { Timestamp } from '../../../core/time.ts';
import {
  type CandidateStatusWord,
  candidateStatusWords,
  listCandidates,
} from '../../../store/governance/candidates.ts';
import { declarePage, moreFields, moreLine, oneOf, type PageOptions } from '../../arguments.ts';
import { candidateFields, candidateRows } from '../../candidate-view.ts';
import { defineCommand } from '../../command.ts';
import { declareAt, storeAt } from '../../past.ts';

interface Options extends PageOptions {
  readonly status?: CandidateStatusWord;
  readonly dataset?: string;
  readonly signal?: string;
  readonly at?: Timestamp;
}

export const command = defineCommand<[], Options>({
  description:
    'Lists candidates, newest first. `at-risk` are those whose report failed since, or whose evidence was replaced or withdrawn: `candidate show` says what to do.',
  examples: [
    ['cairn candidate list', 'every claim'],
    ['cairn candidate list --status accepted', 'what stands'],
    ['cairn candidate list --status at-risk', 'what does not stand any more'],
  ],
  declare: (command) => {
    command
      .option('--status <status>', candidateStatusWords.join(', '), oneOf('--status', candidateStatusWords))
      .option('--dataset <id>', 'only those about this dataset')
      .option('--signal <name>', 'only those about this signal');
    declareAt(command);
    declarePage(command);
  },
  action: async ({ options, out, openStore }) => {
    const { rows, cursor } = await listCandidates(await storeAt(await openStore(), options.at), options, options);
    out.result(
      () => ({ candidates: rows.map(candidateFields), ...moreFields(cursor) }),
      () => [...candidateRows(rows, out), ...moreLine(cursor)],
    );
    return undefined;
  },
});
