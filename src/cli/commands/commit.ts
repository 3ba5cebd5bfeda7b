import { workspacePath } from '../../app/open-store.ts';
import { commitRun } from '../../store/runs/commit.ts';
import { asText, collecting, declareMessage, type MessageOptions, oneOf } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { commitFields, commitLines } from '../commit-view.ts';
import { declareRun, type RunOptions, readRunOptions } from '../run-options.ts';

const sides = ['mine', 'theirs'] as const;

interface Options extends RunOptions, MessageOptions {
  readonly parent?: string[];
  readonly take?: (typeof sides)[number];
  readonly allowEmpty?: boolean;
  readonly symlinks?: boolean;
}

export const command = defineCommand<[], Options>({
  description:
    'Records a run over what is staged, or over just the given paths (what is staged otherwise stays staged). When another process has moved the branch meanwhile, the run is put on its new tip; a path that both changed is a conflict.',
  examples: [
    [
      'cairn commit -m "Momentum, 12 months" --param window=12 --metric mean_ic=0.031',
      'what is staged, with how it came to be',
    ],
    ['cairn commit -m "Signals" --input HEAD:prices.csv -- signals.csv', 'one file, made from another'],
    ['cairn commit --run-file run.json', 'everything as the pipeline says it'],
  ],
  statuses: { 1: 'there was nothing to record', 4: 'the branch moved and both sides changed a path' },
  rest: '<path>...',
  declare: (command) => {
    declareMessage(command, 'what was done', 'optional');
    declareRun(command);
    command
      .option('--parent <rev>', 'a further parent; may be repeated', collecting('--parent', asText))
      .option('--take <side>', 'whose version of a path that both changed: mine or theirs', oneOf('--take', sides))
      .option('--allow-empty', 'record a run without outputs')
      .option('--symlinks', 'with paths: store symbolic links as links');
  },
  action: async ({ options, rest, cwd, progress, out, openWorkspace }) => {
    const workspace = await openWorkspace();
    const toPath = (text: string): string => workspacePath(workspace, text);
    const recorded = await commitRun(workspace, {
      ...(await readRunOptions(options, cwd, (line) => progress.note(line))),
      message: options.message,
      paths: rest.length === 0 ? undefined : rest.map(toPath),
      parents: options.parent,
      take: options.take,
      allowEmpty: options.allowEmpty,
      symlinks: options.symlinks,
      toPath,
    });
    out.report(
      () => commitFields(recorded, out.quiet),
      () => commitLines(recorded, out),
    );
    return undefined;
  },
});
