import { workspacePath } from '../../app/open-store.ts';
import { historyOf } from '../../store/runs/history.ts';
import { declarePage, moreFields, moreLine, oneOf, type PageOptions } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { withGraph } from '../graph-log.ts';
import { messageText, oneLine, runBlock, runFields } from '../run-view.ts';
import { csvText } from '../table.ts';

const formats = ['text', 'csv'] as const;
const csvColumns = ['run', 'run_key', 'created_at', 'author', 'status', 'artifacts', 'parents', 'message'];

interface Options extends PageOptions {
  readonly all?: boolean;
  readonly graph?: boolean;
  readonly oneline?: boolean;
  readonly failed?: boolean;
  readonly format: (typeof formats)[number];
}

export const command = defineCommand<[rev: string | undefined], Options>({
  description:
    'Shows runs, newest first: the history of the current branch, or of a revision. Failed runs move no branch; --failed and --all show them.',
  examples: [
    ['cairn log -n 5', 'the last five runs of the current branch'],
    ['cairn log --graph --oneline --all', 'every run of the store, one line each, with how they follow one another'],
    ['cairn log v1 -- signals/', 'runs before the tag v1 that produced or removed something in signals/'],
    ['cairn log --format csv -n 0 > runs.csv', 'the whole history for a spreadsheet'],
  ],
  rest: '<path>...',
  paged: true,
  declare: (command) => {
    command.argument('[rev]', 'where to start: a run, branch or tag (default: HEAD)');
    declarePage(command, '-n, ');
    command
      .option('--all', 'all runs of the store, also of other branches, failed and retired ones')
      .option('--graph', 'draw how runs follow one another')
      .option('--oneline', 'one line a run')
      .option('--failed', 'only failed runs')
      .option('--format <format>', formats.join(' or '), oneOf('--format', formats), 'text');
  },
  action: async ({ args: [rev], options, rest, out, openStore }) => {
    const store = await openStore();
    const paths = rest.map((path) => workspacePath(store, path));
    const history = await historyOf(store, { rev, all: options.all, failed: options.failed, paths }, options);
    const { rows, refs, head, cursor } = history;
    if (history.unborn) out.note(`the branch ${head?.slice('heads/'.length)} has no run yet`);
    const namesOf = (run: (typeof rows)[number]): readonly string[] => refs.get(run.id) ?? [];
    if (options.format === 'csv' && !out.json) {
      out.text(
        csvText(
          csvColumns,
          rows.map((run) => [
            run.id,
            run.runKey,
            run.createdAt,
            run.author,
            run.status,
            String(run.artifacts),
            run.parents.join(' '),
            messageText(run),
          ]),
        ),
      );
      return undefined;
    }
    out.result(
      () => ({ runs: rows.map((run) => runFields(run, namesOf(run))), ...moreFields(cursor) }),
      () => {
        const blocks = rows.map((run, index) => {
          if (options.oneline) return [oneLine(run, namesOf(run), head, out)];
          const isLast = index === rows.length - 1;
          return [...runBlock(run, namesOf(run), head, out), ...(isLast ? [] : [''])];
        });
        const filtered = paths.length > 0 || options.failed === true;
        const lines = options.graph ? withGraph(rows, blocks, filtered) : blocks.flat();
        return [...lines, ...moreLine(cursor)];
      },
    );
    return undefined;
  },
});
