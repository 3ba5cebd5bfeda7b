import { join } from 'node:path';
import { openSigning } from '../../../app/signing.ts';
import { formatPublicKeyLine } from '../../../core/ssh/public-key.ts';
import { findActor } from '../../../store/governance/actors.ts';
import { generateKey } from '../../../store/governance/keys.ts';
import { encryptLine, personText } from '../../actor-view.ts';
import { defineCommand } from '../../command.ts';
import { declareSigning, type SigningFlags, signingOptions } from '../../signing-options.ts';
import { inLine } from '../../text.ts';

interface Options extends SigningFlags {
  readonly actor?: string;
  readonly name?: string;
}

export const command = defineCommand<[], Options>({
  description:
    'Makes an Ed25519 key in the keys/ of the store, encrypted with a passphrase: asked for on a terminal, or from --key-passphrase-file or CAIRN_KEY_PASSPHRASE; without any of them the file is not encrypted. An admin binds the key to its actor in the same step; for anybody else it is made, and an admin has yet to bind it.',
  examples: [
    ['cairn key generate', 'a key of your own'],
    ['cairn key generate --actor grace@example.org', "somebody else's, made and bound by an admin"],
  ],
  declare: (command) => {
    command
      .option('--actor <actor>', 'whose key it is (default: yours)')
      .option('--name <name>', 'name in keys/ (default: the mail address)');
    declareSigning(command);
  },
  action: async ({ options, io, out, openStore }) => {
    const store = openSigning(await openStore(), io.env, signingOptions(options, io));
    const actor = options.actor === undefined ? undefined : await findActor(store, options.actor);
    const done = await generateKey(store, { actor, name: options.name, newPassphrase: store.newPassphrase });
    const { key, bound } = done;
    const path = join(store.storeDirectory, 'keys', key.name, 'key');
    const publicKey = formatPublicKeyLine(key.sshKey, key.comment);
    out.report(
      () => ({
        fingerprint: key.fingerprint,
        name: key.name,
        path,
        publicKey,
        encrypted: key.encrypted,
        bound,
        actor: { actorId: done.actor.id, name: done.actor.name, mail: done.actor.mail },
      }),
      () => [
        `key ${out.style('yellow', inLine(key.fingerprint))} of ${personText(done.actor)}`,
        `  ${inLine(path)}`,
        `  ${inLine(publicKey)}`,
        ...(key.encrypted ? [] : [encryptLine(path)]),
        ...(bound
          ? []
          : [
              `it counts once an admin has bound it: cairn key import ${inLine(key.name)} --actor ${JSON.stringify(personText(done.actor))}`,
            ]),
      ],
    );
    return undefined;
  },
});
