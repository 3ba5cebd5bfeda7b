import { contentOf } from '../../store/runs/read-content.ts';
import { defineCommand } from '../command.ts';

export const command = defineCommand<[rev: string]>({
  description:
    'Writes the bytes of an artifact, an object or a record to standard output. They are checked against their name before the first one leaves. With --json only a failure is JSON.',
  examples: [
    ['cairn cat HEAD:signals.csv', 'a file of the current run'],
    ['cairn cat 1f2e3d4c > model.bin', 'an artifact or object by its id'],
    ['cairn cat HEAD', 'the record of the run itself'],
  ],
  declare: (command) => {
    command.argument('<rev>', '<run>:<path>, or an id');
  },
  action: async ({ args: [rev], out, openStore }) => {
    const store = await openStore();
    for await (const chunk of contentOf(store, rev)) out.bytes(chunk);
    return undefined;
  },
});
