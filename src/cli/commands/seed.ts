import { seedRoot, seedVersion } from '../../core/seeds.ts';
import { runEntry } from '../../store/runs/head.ts';
import { resolveRun } from '../../store/runs/revision.ts';
import { defineCommand } from '../command.ts';

export const command = defineCommand<[run: string, salt: string], { readonly fold?: string }>({
  description:
    'Prints the seed of one purpose of a run, in decimal, 0 to 2^63 - 1. It follows from the run key, so it is the same wherever and whenever the run is done again; a captured program finds the one with the salt "root" in CAIRN_SEED.',
  examples: [
    ['cairn seed HEAD bootstrap', 'a seed for the bootstrap'],
    ['cairn seed HEAD split --fold 3', 'one for the third fold'],
  ],
  declare: (command) => {
    command
      .argument('<run>', 'a run, branch or tag')
      .argument('<salt>', 'what it is for, a name without "|"')
      .option('--fold <id>', 'one seed a fold');
  },
  action: async ({ args: [rev, salt], options: { fold }, out, openStore }) => {
    const store = await openStore();
    const { id, runKey } = await runEntry(store, await resolveRun(store, rev));
    const seed = seedRoot(runKey, salt, fold);
    out.result(
      () => ({ runInstanceId: id, runKey, salt, fold: fold ?? null, seedVersion, seed }),
      () => [seed],
    );
    return undefined;
  },
});
