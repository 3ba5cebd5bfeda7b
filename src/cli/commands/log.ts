import { workspacePath } from '../../app/open-store.ts';
import type { RunCondition, RunField, RunOrder } from '../../core/run-query.ts';
import { parseCondition, parseFields, parseOrder } from '../../core/run-query-parser.ts';
import { historyOf } from '../../store/runs/history.ts';
import { declarePage, moreFields, moreLine, oneOf, type PageOptions } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { withGraph } from '../graph-log.ts';
import { columnRows, tableColumns } from '../run-columns.ts';
import { messageText, oneLine, runBlock, runFields } from '../run-view.ts';
import { csvText, tableLines } from '../table.ts';

const formats = ['text', 'table', 'csv'] as const;
const csvColumns = ['run', 'run_key', 'created_at', 'author', 'status', 'artifacts', 'parents', 'message'];

interface Options extends PageOptions {
  readonly all?: boolean;
  readonly graph?: boolean;
  readonly oneline?: boolean;
  readonly failed?: boolean;
  readonly format?: (typeof formats)[number];
  readonly where?: RunCondition;
  readonly sort?: readonly RunOrder[];
  readonly columns?: readonly RunField[];
}

export const command = defineCommand<[rev: string | undefined], Options>({
  description:
    'Shows runs, newest first: the history of the current branch, or of a revision. Failed runs move no branch; --failed and --all show them. With --where or --sort and no revision every run of the store is compared, failed ones too, because every trial counts. A condition compares metric.NAME, param.NAME, tag.NAME or a field of the run (status, author, created, message, engine_version, stale, …) with == != < <= > >= ~ "glob" in (…), joined by and, or, not and parentheses.',
  examples: [
    ['cairn log -n 5', 'the last five runs of the current branch'],
    ['cairn log --graph --oneline --all', 'every run of the store, one line each, with how they follow one another'],
    ['cairn log v1 -- signals/', 'runs before the tag v1 that produced or removed something in signals/'],
    ['cairn log --format csv -n 0 > runs.csv', 'the whole history for a spreadsheet'],
    [
      'cairn log --where "metric.mean_ic > 0.02 and param.window == 20" --sort -metric.mean_ic',
      'trials that did well, the best first',
    ],
    ['cairn log --all --columns run,status,param.window,metric.mean_ic', 'a table of all trials'],
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
      .option('--where <condition>', 'only runs for which this holds', (text: string) => parseCondition(text))
      .option('--sort <fields>', 'by these, with a minus the largest first', (text: string) => parseOrder(text))
      .option('--columns <fields>', 'a table of just these fields', (text: string) => parseFields(text))
      .option('--format <format>', 'text, table or csv', oneOf('--format', formats));
  },
  action: async ({ args: [rev], options, rest, out, openStore }) => {
    const store = await openStore();
    const paths = rest.map((path) => workspacePath(store, path));
    const { all, failed, where, sort: order, columns } = options;
    const history = await historyOf(store, { rev, all, failed, paths, where, order }, options);
    const { rows, refs, head, cursor } = history;
    if (history.unborn) out.note(`the branch ${head?.slice('heads/'.length)} has no run yet`);
    const namesOf = (run: (typeof rows)[number]): readonly string[] => refs.get(run.id) ?? [];
    const marksOf = (run: (typeof rows)[number]): readonly string[] =>
      namesOf(run).map((name) => (history.atRisk.has(name as never) ? `${name} at-risk` : name));
    const format = options.format ?? (columns === undefined ? 'text' : 'table');
    if (format === 'csv' && !out.json) {
      const fields = columns ?? [];
      out.text(
        columns !== undefined
          ? csvText(
              fields.map(({ text }) => text),
              columnRows(rows, fields),
            )
          : csvText(
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
        if (format === 'table') {
          const fields = columns ?? tableColumns(where, order);
          const titles = fields.map(({ text }) => ({ title: text }));
          return [...tableLines(titles, columnRows(rows, fields, 'short')), ...moreLine(cursor)];
        }
        const blocks = rows.map((run, index) => {
          if (options.oneline) return [oneLine(run, marksOf(run), head, out)];
          const isLast = index === rows.length - 1;
          return [...runBlock(run, marksOf(run), head, out), ...(isLast ? [] : [''])];
        });
        const filtered = paths.length > 0 || failed === true || where !== undefined || order !== undefined;
        const lines = options.graph && order === undefined ? withGraph(rows, blocks, filtered) : blocks.flat();
        return [...lines, ...moreLine(cursor)];
      },
    );
    return undefined;
  },
});
