import { listSettings } from '../../../app/settings.ts';
import { defineCommand } from '../../command.ts';
import { tableLines } from '../../table.ts';
import { inLine } from '../../text.ts';

export const command = defineCommand<[]>({
  description: 'Lists every setting there is, with its value and where that comes from.',
  examples: [['cairn config list', 'all settings']],
  action: async ({ cwd, io, out }) => {
    const settings = listSettings({ cwd, env: io.env });
    out.result(
      () => ({
        settings: settings.map(({ name, meaning, value, from }) => ({
          key: name,
          value: value ?? null,
          from: from ?? null,
          meaning,
        })),
      }),
      () =>
        tableLines(
          [{ title: 'setting' }, { title: 'value' }, { title: 'from' }, { title: 'meaning' }],
          settings.map(({ name, meaning, value, from }) => [
            name,
            value === undefined ? '' : inLine(value),
            from ?? '',
            meaning,
          ]),
        ),
    );
    return undefined;
  },
});
