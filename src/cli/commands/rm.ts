import { workspacePath } from '../../app/open-store.ts';
import { CodedError } from '../../core/errors.ts';
import { unstagePaths } from '../../store/workspace/stage.ts';
import { defineCommand } from '../command.ts';
import { counted } from '../text.ts';

export const command = defineCommand<[paths: string[]], { readonly staged?: boolean }>({
  description:
    'Takes paths out of the staging area. Files stay as they are; to remove a file from the next run, delete it and `cairn add` its path.',
  examples: [['cairn rm --staged signals.csv', 'do not record it after all']],
  declare: (command) => {
    command
      .argument('<path...>', 'staged files and directories')
      .option('--staged', 'unstage (the only thing this does)');
  },
  action: async ({ args: [paths], options, out, openWorkspace }) => {
    if (options.staged !== true) {
      throw new CodedError('BAD_ARGUMENT', '--staged: rm only unstages, and wants to be told so', {
        hint: 'To remove a file from the next run, delete it and `cairn add` its path.',
        data: { argument: '--staged' },
      });
    }
    const workspace = await openWorkspace();
    const unstaged = await unstagePaths(
      workspace,
      paths.map((path) => workspacePath(workspace, path)),
    );
    out.report(
      () => ({ unstaged }),
      () => [`unstaged ${counted(unstaged.length, 'path')}`],
    );
    return undefined;
  },
});
