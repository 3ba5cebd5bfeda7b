import type { Timestamp } from '../../core/time.ts';
import { currentRef } from '../../store/runs/history.ts';
import { showRevision } from '../../store/runs/show.ts';
import { wholeNumber } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { declareAt, storeAt } from '../past.ts';
import { shownFields, shownLines } from '../show-view.ts';

interface Options {
  readonly limit: number;
  readonly at?: Timestamp;
}

const defaultFiles = 100;

export const command = defineCommand<[rev: string | undefined], Options>({
  description:
    'Shows one thing, whatever the revision names: a run with its inputs and outputs, an artifact with its status and the runs that made and used it, an object, a directory of a run, an event or a record.',
  examples: [
    ['cairn show', 'the current run'],
    ['cairn show HEAD:signals.csv', 'a file of it: what it is, who made it, who used it'],
    ['cairn show accepted/momentum-h20 --at 2026-01-31', 'what stood under a name then'],
    ['cairn show 1f2e3d4c --json', 'anything by its id, for a program'],
  ],
  paged: true,
  declare: (command) => {
    command
      .argument('[rev]', 'a run, artifact, object, event or record (default: HEAD)')
      .option('--limit <n>', 'files listed at most; 0 for all', wholeNumber('--limit', 0), defaultFiles);
    declareAt(command);
  },
  action: async ({ args: [rev], options, out, openStore }) => {
    const store = await storeAt(await openStore(), options.at);
    const shown = await showRevision(store, rev ?? 'HEAD', options.limit);
    const head = await currentRef(store);
    out.result(
      () => shownFields(shown),
      () => shownLines(shown, head, out),
    );
    return undefined;
  },
});
