/** `actor grant` and `actor revoke`: roles of one actor, by an act that an admin signs. */
import { openSigning } from '../app/signing.ts';
import { parseActorRole } from '../core/actor-roles.ts';
import { findActor, type grantRoles } from '../store/governance/actors.ts';
import { actorChangeFields, actorLines } from './actor-view.ts';
import { type Command, defineCommand } from './command.ts';
import { declareSigning, type SigningFlags, signingOptions } from './signing-options.ts';

interface RoleChange extends Pick<Command, 'description' | 'examples'> {
  readonly change: typeof grantRoles;
  /** Said when nothing had to change. */
  readonly unchanged: string;
}

export function roleChange({ change, unchanged, ...words }: RoleChange): Command {
  return defineCommand<[actor: string, roles: readonly string[]], SigningFlags>({
    ...words,
    declare: (command) => {
      command
        .argument('<actor>', '"Name <mail>", mail address, name or id')
        .argument('<role...>', 'researcher, approver, auditor, admin or ci');
      declareSigning(command);
    },
    action: async ({ args: [text, named], options, io, out, openStore }) => {
      const roles = named.map(parseActorRole);
      const store = openSigning(await openStore(), io.env, signingOptions(options, io));
      const done = await change(store, (await findActor(store, text)).id, roles);
      out.report(
        () => actorChangeFields(done),
        () => [...(done.changed.length === 0 ? [`nothing to do: ${unchanged}`] : []), ...actorLines(out, done.actor)],
      );
      return undefined;
    },
  });
}
