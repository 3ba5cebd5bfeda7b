import { getSetting } from '../../../app/settings.ts';
import { defineCommand } from '../../command.ts';
import { inLine } from '../../text.ts';

export const command = defineCommand<[key: string]>({
  description: 'Prints one setting.',
  examples: [['cairn config get actor.name', 'who acts here']],
  declare: (command) => {
    command.argument('<key>', 'the setting, such as actor.name');
  },
  action: async ({ args: [key], cwd, io, out }) => {
    const setting = getSetting({ cwd, env: io.env }, key);
    out.result(
      () => ({ key: setting.name, value: setting.value, from: setting.from }),
      () => [inLine(setting.value ?? '')],
    );
    return undefined;
  },
});
