import { initStore } from '../../app/init-store.ts';
import { defineCommand } from '../command.ts';
import { inLine } from '../text.ts';

interface Options {
  readonly store?: string;
  readonly actor?: string;
}

export const command = defineCommand<[dir: string | undefined], Options>({
  description:
    'Makes a workspace: a directory .cairn that holds the store, or points to one elsewhere. Where one is already, nothing happens.',
  examples: [
    ['cairn init', 'a store in this directory'],
    ['cairn init study --actor "Ada Lovelace <ada@example.org>"', 'a new directory, and who works in it'],
    ['cairn init --store /data/cairn', 'a workspace over a store that others share'],
  ],
  declare: (command) => {
    command
      .argument('[dir]', 'directory of the workspace (default: this one)')
      .option('--store <path>', 'where objects and manifest are kept, when not in .cairn')
      .option('--actor <name>', 'who works here: "Name <mail>"');
  },
  action: async ({ args: [directory], options, cwd, io, progress, out }) => {
    const done = await initStore({ cwd, env: io.env, progress, directory, ...options });
    const { created, store, storeId, actor } = done;
    out.report(
      () => ({ created, directory: done.directory, store, storeId, actor }),
      () => [
        created
          ? `made a cairn workspace in ${inLine(done.directory)}`
          : `there is a cairn workspace already in ${inLine(done.directory)}`,
        ...(store === done.directory ? [] : [`its store is ${inLine(store)}`]),
        `you are ${inLine(actor.name)}${actor.mail === '' ? '' : ` <${inLine(actor.mail)}>`}`,
      ],
    );
    return undefined;
  },
});
