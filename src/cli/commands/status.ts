import { statusOf } from '../../store/workspace/status.ts';
import { defineCommand } from '../command.ts';
import { statusFields, statusLines } from '../status-lines.ts';

export const command = defineCommand<[], { readonly rehash?: boolean }>({
  description:
    'Shows what is staged, what differs from the current run, what is missing and what is not tracked. Files whose size, times and inode are as they were when last read are not read again; the last line says how many. --rehash reads everything.',
  examples: [
    ['cairn status', 'where the workspace stands'],
    ['cairn status --rehash', 'believe no cached hash'],
  ],
  declare: (command) => {
    command.option('--rehash', 'read every file');
  },
  action: async ({ options, out, openWorkspace }) => {
    const workspace = await openWorkspace();
    const status = await statusOf(workspace, { rehash: options.rehash === true });
    out.result(
      () => statusFields(status),
      () => statusLines(status, out),
    );
    return undefined;
  },
});
