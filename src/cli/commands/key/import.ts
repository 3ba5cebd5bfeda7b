import { openSigning } from '../../../app/signing.ts';
import { findActor } from '../../../store/governance/actors.ts';
import { importKey } from '../../../store/governance/keys.ts';
import { actorIdOf } from '../../../store/log/governance.ts';
import { personText } from '../../actor-view.ts';
import { defineCommand } from '../../command.ts';
import { declareSigning, type SigningFlags, signingOptions } from '../../signing-options.ts';
import { inLine } from '../../text.ts';

interface Options extends SigningFlags {
  readonly actor?: string;
}

export const command = defineCommand<[key: string], Options>({
  description:
    "Binds a key that exists to an actor, signed with an admin's key: an OpenSSH public or private key file (a hardware key's too), a key that the SSH agent holds, by its fingerprint, or a key in keys/, by its name. A private key file is never copied: where it lies is remembered in this workspace's settings.",
  examples: [
    ['cairn key import ~/.ssh/id_ed25519.pub', 'your key, which the agent or --key signs with'],
    ['cairn key import SHA256:uNiVztksCsDhcc0u9e8BrrQXVUpKZIDTMczCvj3tD2s', 'a key of the agent'],
    ['cairn key import grace.pub --actor grace@example.org', "somebody else's, bound by an admin"],
  ],
  declare: (command) => {
    command
      .argument('<key>', 'a key file, a fingerprint, or a name in keys/')
      .option('--actor <actor>', 'whose key it is (default: yours)');
    declareSigning(command);
  },
  action: async ({ args: [text], options, io, out, openStore }) => {
    const store = openSigning(await openStore(), io.env, signingOptions(options, io));
    const owner = options.actor === undefined ? undefined : await findActor(store, options.actor);
    const { key, path, open } = await store.findKey(text);
    const { fingerprint, actor, changed } = await importKey(store, key, open, owner);
    const isOwn = actor.id === actorIdOf(store.author);
    const remembered = path !== undefined && isOwn && (await store.rememberKey(path));
    out.report(
      () => ({
        ...{ fingerprint, changed, remembered: remembered ? (path ?? null) : null },
        actor: { actorId: actor.id, name: actor.name, mail: actor.mail },
      }),
      () => [
        changed
          ? `key ${out.style('yellow', inLine(fingerprint))} is bound to ${personText(actor)}`
          : `key ${out.style('yellow', inLine(fingerprint))} was bound to ${personText(actor)} already`,
        ...(remembered ? [`actor.key is now ${inLine(path)}: that file signs here`] : []),
      ],
    );
    return undefined;
  },
});
