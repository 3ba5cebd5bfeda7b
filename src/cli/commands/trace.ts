import type { Timestamp } from '../../core/time.ts';
import { traceOf } from '../../store/governance/trace.ts';
import { wholeNumber } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { declareAt, storeAt } from '../past.ts';
import { traceFields } from '../trace-fields.ts';
import { traceLines } from '../trace-view.ts';

interface Options {
  readonly depth?: number;
  readonly limit: number;
  readonly at?: Timestamp;
}

export const command = defineCommand<[rev: string], Options>({
  description:
    'Tells how a candidate came to stand as it does: its acts, the report it stands on, its evidence, and the runs, data, code and configuration behind it; or which runs made an artifact, and which candidates rest on it. Everything comes from the manifest: no stored file is read. What should be there and is not is named.',
  examples: [
    ['cairn trace accepted/momentum-h20', 'from an acceptance back to the data'],
    ['cairn trace HEAD:signals.csv', 'what produced this file, and where it was accepted'],
    ['cairn trace 1f2e3d4c --at 2026-01-31', 'as it stood then'],
    ['cairn trace accepted/momentum-h20 --json', 'for a program; `complete` says whether anything is missing'],
  ],
  paged: true,
  declare: (command) => {
    command
      .argument('<rev>', 'a candidate, accepted/<name>, a report, an artifact or <run>:<path>')
      .option('--depth <n>', 'at most so many runs back', wholeNumber('--depth', 0))
      .option('--limit <n>', 'artifacts, and edges, at most; 0 for all', wholeNumber('--limit', 0), 1000);
    declareAt(command);
  },
  action: async ({ args: [rev], options, out, openStore }) => {
    const store = await storeAt(await openStore(), options.at);
    const trace = await traceOf(store, rev, options);
    out.result(
      () => traceFields(trace),
      () => traceLines(trace, out),
    );
    return undefined;
  },
});
