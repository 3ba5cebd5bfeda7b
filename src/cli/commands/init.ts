import { initStore } from '../../app/init-store.ts';
import { encryptLine } from '../actor-view.ts';
import { defineCommand } from '../command.ts';
import { declarePassphraseFile, signingOptions } from '../signing-options.ts';
import { inLine } from '../text.ts';

interface Options {
  readonly store?: string;
  readonly actor?: string;
  /** False with --no-key. */
  readonly key: boolean;
  readonly keyPassphraseFile?: string;
}

export const command = defineCommand<[dir: string | undefined], Options>({
  description:
    'Makes a workspace: a directory .cairn that holds the store, or points to one elsewhere. Where one is already, nothing happens. Who makes a store is its first admin, with a key in keys/ that signs what an admin grants; its passphrase is asked for on a terminal, or taken from --key-passphrase-file or CAIRN_KEY_PASSPHRASE.',
  examples: [
    ['cairn init', 'a store in this directory'],
    ['cairn init study --actor "Ada Lovelace <ada@example.org>"', 'a new directory, and who works in it'],
    ['cairn init --store /data/cairn', 'a workspace over a store that others share'],
  ],
  declare: (command) => {
    command
      .argument('[dir]', 'directory of the workspace (default: this one)')
      .option('--store <path>', 'where objects and manifest are kept, when not in .cairn')
      .option('--actor <name>', 'who works here: "Name <mail>"')
      .option('--no-key', 'make no key for the first admin');
    declarePassphraseFile(command);
  },
  action: async ({ args: [directory], options, cwd, io, progress, out }) => {
    const { store: storeOption, actor: actorOption, key: wantsKey, keyPassphraseFile } = options;
    const done = await initStore({
      ...{ cwd, env: io.env, progress, directory, store: storeOption, actor: actorOption },
      noKey: !wantsKey,
      signing: signingOptions(keyPassphraseFile === undefined ? {} : { keyPassphraseFile }, io),
    });
    const { created, store, storeId, actor, key } = done;
    out.report(
      () => ({ created, directory: done.directory, store, storeId, actor, key: key ?? null }),
      () => [
        created
          ? `made a cairn workspace in ${inLine(done.directory)}`
          : `there is a cairn workspace already in ${inLine(done.directory)}`,
        ...(store === done.directory ? [] : [`its store is ${inLine(store)}`]),
        `you are ${inLine(actor.name)}${actor.mail === '' ? '' : ` <${inLine(actor.mail)}>`}`,
        ...(key === undefined ? [] : [`your key is ${inLine(key.fingerprint)}`]),
        ...(key === undefined || key.encrypted ? [] : [encryptLine(key.path)]),
      ],
    );
    return undefined;
  },
});
