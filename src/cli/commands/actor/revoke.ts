import { openSigning } from '../../../app/signing.ts';
import { parseActorRole } from '../../../core/actor-roles.ts';
import { findActor, revokeRoles } from '../../../store/governance/actors.ts';
import { actorChangeFields, actorLines } from '../../actor-view.ts';
import { defineCommand } from '../../command.ts';
import { declareSigning, type SigningFlags, signingOptions } from '../../signing-options.ts';

export const command = defineCommand<[actor: string, roles: readonly string[]], SigningFlags>({
  description: "Takes roles back, signed with an admin's key. Approvals count as long as their actor holds the role.",
  examples: [
    ['cairn actor revoke grace@example.org approver', 'may approve no more, and earlier approvals stop counting'],
  ],
  declare: (command) => {
    command
      .argument('<actor>', '"Name <mail>", mail address, name or id')
      .argument('<role...>', 'researcher, approver, auditor, admin or ci');
    declareSigning(command);
  },
  action: async ({ args: [text, words], options, io, out, openStore }) => {
    const roles = words.map(parseActorRole);
    const store = openSigning(await openStore(), io.env, signingOptions(options, io));
    const done = await revokeRoles(store, (await findActor(store, text)).id, roles);
    out.report(
      () => actorChangeFields(done),
      () => [
        ...(done.changed.length === 0 ? ['nothing to do: none of these roles is held'] : []),
        ...actorLines(out, done.actor),
      ],
    );
    return undefined;
  },
});
