import { workspacePath } from '../../app/open-store.ts';
import { diffRevisions } from '../../store/runs/diff.ts';
import { wholeNumber } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { diffFields, diffLines } from '../diff-view.ts';

interface Options {
  readonly exitCode?: boolean;
  readonly stat?: boolean;
  readonly nameOnly?: boolean;
  readonly text?: boolean;
  readonly key?: readonly string[];
  readonly sample: number;
}

const defaultSample = 10;

const columns = (text: string): string[] => (text === '' ? [] : text.split(','));

export const command = defineCommand<[before: string | undefined, after: string | undefined], Options>({
  description:
    'Compares. Without revisions: the current run with the workspace; with one: that revision with the workspace; with two: with each other. Runs are compared by parameters, pins, metrics, tags, code, command, environment and files; two tables by columns and rows; other text files line by line.',
  examples: [
    ['cairn diff', 'what changed in the workspace since the current run'],
    ['cairn diff HEAD~1 HEAD', 'what the last run changed'],
    ['cairn diff v1:config.json v2:config.json', 'two versions of one file'],
    ['cairn diff v1:bars.parquet v2:bars.parquet --key day,symbol', 'rows added, removed and changed'],
    ['cairn diff v1 v2 --stat -- signals/', 'only a list, only of one directory'],
  ],
  statuses: { 1: 'with --exit-code: they differ' },
  rest: '<path>...',
  paged: true,
  declare: (command) => {
    command
      .argument('[a]', 'a run, <run>:<path>, artifact or object (default: HEAD); with <b> also a file')
      .argument('[b]', 'what to compare it with (default: the workspace)')
      .option('--exit-code', 'exit with 1 when they differ')
      .option('--stat', 'a list of files instead of their differences')
      .option('--name-only', 'only the paths')
      .option(
        '--key <columns>',
        'columns that name a row of two tables, with commas between; "" for whole rows',
        columns,
      )
      .option('--sample <n>', 'rows of tables shown of each kind; 0 for all', wholeNumber('--sample', 0), defaultSample)
      .option('--text', 'compares two tables line by line');
  },
  action: async ({ args: [before, after], options, rest, out, openStore }) => {
    const store = await openStore();
    const paths = rest.map((path) => workspacePath(store, path));
    const { key, sample, text } = options;
    const diff = await diffRevisions(store, [before, after], paths, {
      key,
      sample,
      text,
      toPath: (name) => workspacePath(store, name),
    });
    out.result(
      () => diffFields(diff),
      () => diffLines(diff, options.nameOnly ? 'names' : options.stat ? 'stat' : 'full', out),
    );
    return options.exitCode && diff.differs ? 1 : undefined;
  },
});
