import { lineageOf } from '../../store/lineage/lineage.ts';
import { oneOf, wholeNumber } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { dotLines, lineageFields, mermaidLines, treeLines } from '../lineage-view.ts';

const formats = ['tree', 'dot', 'mermaid', 'json'] as const;

interface Options {
  readonly down?: boolean;
  readonly depth?: number;
  readonly format: (typeof formats)[number];
}

export const command = defineCommand<[rev: string], Options>({
  description:
    'Shows what an artifact, or every output of a run, was made from; with --down what depends on it. Every step names the run that took it.',
  examples: [
    ['cairn lineage HEAD:signals.csv', 'everything behind a file'],
    ['cairn lineage v1:prices.csv --down', 'everything that rests on it'],
    ['cairn lineage HEAD --format dot | dot -Tsvg > lineage.svg', 'a picture'],
  ],
  declare: (command) => {
    command
      .argument('<rev>', 'an artifact, <run>:<path>, or a run for all its outputs')
      .option('--down', 'what depends on it')
      .option('--depth <n>', 'at most so many steps', wholeNumber('--depth', 1))
      .option('--format <format>', formats.join(', '), oneOf('--format', formats), 'tree');
  },
  action: async ({ args: [rev], options, out, openStore }) => {
    const graph = await lineageOf(await openStore(), rev, options);
    out.result(
      () => lineageFields(graph),
      () => {
        if (options.format === 'dot') return dotLines(graph);
        if (options.format === 'mermaid') return mermaidLines(graph);
        if (options.format === 'json')
          return [JSON.stringify({ schema: 'cairn.cli.lineage/1', ...lineageFields(graph) })];
        return treeLines(graph, out);
      },
    );
    return undefined;
  },
});
