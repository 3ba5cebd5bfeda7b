import { setSetting } from '../../../app/settings.ts';
import { defineCommand } from '../../command.ts';
import { inLine } from '../../text.ts';

export const command = defineCommand<[key: string, value: string]>({
  description: 'Changes one setting of this workspace. An empty value takes it away.',
  examples: [
    ['cairn config set actor.name "Ada Lovelace"', 'who acts here'],
    ['cairn config set lock.wait 30s', 'give up waiting for other processes after 30 seconds'],
  ],
  declare: (command) => {
    command.argument('<key>', 'the setting, such as actor.name').argument('<value>', 'its value');
  },
  action: async ({ args: [key, value], cwd, io, out }) => {
    const setting = await setSetting({ cwd, env: io.env }, key, value);
    out.report(
      () => ({ key: setting.name, value: setting.value ?? null, from: setting.from ?? null }),
      () => [
        setting.value === undefined
          ? `${setting.name} is not set any more`
          : `${setting.name} = ${inLine(setting.value)}`,
      ],
    );
    return undefined;
  },
});
