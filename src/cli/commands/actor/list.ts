import { listActors } from '../../../store/governance/actors.ts';
import { actorFields, actorTable } from '../../actor-view.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand<[]>({
  description:
    "Lists everybody who acts here, with their roles. A role is `asserted` when no admin's key stands for it.",
  examples: [['cairn actor list', 'people and machines, by name']],
  action: async ({ out, openStore }) => {
    const actors = await listActors(await openStore());
    out.result(
      () => ({ actors: actors.map(actorFields) }),
      () => actorTable(out, actors),
    );
    return undefined;
  },
});
