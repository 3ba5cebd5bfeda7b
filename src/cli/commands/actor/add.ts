import { parseAuthor } from '../../../app/environment.ts';
import { openSigning } from '../../../app/signing.ts';
import { type ActorRole, parseActorRole } from '../../../core/actor-roles.ts';
import { addActor } from '../../../store/governance/actors.ts';
import { actorChangeFields, actorLines } from '../../actor-view.ts';
import { collecting } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { declareSigning, type SigningFlags, signingOptions } from '../../signing-options.ts';

interface Options extends SigningFlags {
  readonly role?: readonly ActorRole[];
}

export const command = defineCommand<[person: string], Options>({
  description:
    "Enters a person or machine. Without --role it is a researcher, as everybody becomes who acts; any other role takes an admin's signature. Somebody who is known is given the roles that are missing.",
  examples: [
    ['cairn actor add "Grace Hopper <grace@example.org>"', 'a researcher'],
    ['cairn actor add "Grace Hopper <grace@example.org>" --role approver', 'somebody who may approve'],
  ],
  declare: (command) => {
    command
      .argument('<person>', '"Name <mail>"')
      .option(
        '--role <role>',
        'researcher, approver, auditor, admin or ci; may be given again',
        collecting('--role', parseActorRole),
      );
    declareSigning(command);
  },
  action: async ({ args: [person], options, io, out, openStore }) => {
    const store = openSigning(await openStore(), io.env, signingOptions(options, io));
    const done = await addActor(store, parseAuthor(person, 'the person'), options.role ?? []);
    out.report(
      () => ({ ...actorChangeFields(done), created: done.created }),
      () => [...(done.created ? [] : ['known already']), ...actorLines(out, done.actor)],
    );
    return undefined;
  },
});
