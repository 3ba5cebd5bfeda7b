import { workspacePath } from '../../../app/open-store.ts';
import { datasetIds, type NamedDataset } from '../../../store/runs/dataset-ids.ts';
import { oneOf } from '../../arguments.ts';
import { defineCommand } from '../../command.ts';
import { counted, inLine } from '../../text.ts';

const modes = ['STRICT', 'FAST_DEV'] as const;

interface Options {
  readonly mode?: (typeof modes)[number];
  readonly scope?: readonly string[];
  readonly allowMissing?: boolean;
}

function remarks({ path, missing, undeclaredOrder }: NamedDataset): string[] {
  const names = (tables: readonly string[]): string => tables.map(inLine).join(', ');
  const from = path === undefined ? '' : `${path}: `;
  return [
    ...(missing.length === 0 ? [] : [`${from}no table ${names(missing)}`]),
    ...(undeclaredOrder.length === 0
      ? []
      : [`${from}the rows of ${names(undeclaredOrder)} have no declared order, so the id may change with the file`]),
  ];
}

export const command = defineCommand<[members: string[]], Options>({
  description:
    'Prints the identity of data: of a SQLite database by its tables (sqlite_logical_v2), one id a database; of all other files and artifacts together by what they are (cairn.dataset/1), whatever their order: by their table content (cairn.table/1) where cairn.yaml gives their type a table, else by their bytes. A name from "datasets" in cairn.yaml stands for what it says; a database that it names is read with its tables and keys.',
  examples: [
    ['cairn dataset id prices.db', 'the id of all its tables'],
    ['cairn dataset id prices.db --scope bars,trades', 'of just two of them'],
    ['cairn dataset id HEAD:prices.csv universe.csv', 'of an artifact and a file together'],
  ],
  declare: (command) => {
    command
      .argument('<artifact or file...>', 'artifacts, files of the workspace, names of datasets in cairn.yaml')
      .option('--mode <mode>', 'STRICT or FAST_DEV (default: STRICT)', oneOf('--mode', modes))
      .option('--scope <tables>', 'only these tables, with commas between', (text: string) => text.split(','))
      .option('--allow-missing', 'tables of the scope may be missing');
  },
  action: async ({ args: [members], options, out, openWorkspace }) => {
    const workspace = await openWorkspace();
    const datasets = await datasetIds(workspace, {
      members,
      mode: options.mode,
      tables: options.scope,
      allowMissing: options.allowMissing,
      toPath: (text) => workspacePath(workspace, text),
    });
    for (const dataset of datasets) for (const line of remarks(dataset)) out.note(line);
    out.result(
      () => ({ datasets: datasets.map(({ path, ...dataset }) => ({ ...dataset, path: path ?? null })) }),
      () => {
        if (datasets.length === 1) return datasets.map(({ id }) => id);
        return datasets.map(({ id, path, members: files }) => `${id} ${inLine(path ?? counted(files.length, 'file'))}`);
      },
    );
    return undefined;
  },
});
