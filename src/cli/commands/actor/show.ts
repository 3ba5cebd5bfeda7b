import { findActor, showActor } from '../../../store/governance/actors.ts';
import { actorFields, actorLines } from '../../actor-view.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand<[actor: string]>({
  description: 'Shows one person or machine: roles and keys, and whether an admin signed for them.',
  examples: [
    ['cairn actor show grace@example.org', 'by mail address'],
    ['cairn actor show "Grace Hopper"', 'by name'],
  ],
  declare: (command) => {
    command.argument('<actor>', '"Name <mail>", mail address, name or id');
  },
  action: async ({ args: [text], out, openStore }) => {
    const store = await openStore();
    const actor = await showActor(store, (await findActor(store, text)).id);
    out.result(
      () => actorFields(actor),
      () => actorLines(out, actor),
    );
    return undefined;
  },
});
