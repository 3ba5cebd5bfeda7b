import { lineageOf } from '../../store/lineage/lineage.ts';
import { oneOf, wholeNumber } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { dotLines, lineageFields, mermaidLines, treeLines } from '../lineage-view.ts';

const drawings = ['tree', 'dot', 'mermaid', 'json'] as const;
const exports = ['openlineage', 'prov', 'ro-crate'] as const;
const formats = [...drawings, ...exports] as const;

interface Options {
  readonly down?: boolean;
  readonly depth?: number;
  readonly format: (typeof formats)[number];
}

export const command = defineCommand<[rev: string], Options>({
  description:
    'Shows what an artifact, or every output of a run, was made from; with --down what depends on it. Every step names the run that took it. The formats openlineage (RunEvents of 2-0-2, one a line), prov (W3C PROV-JSON) and ro-crate (Process Run Crate 0.5) tell of the whole runs.',
  examples: [
    ['cairn lineage HEAD:signals.csv', 'everything behind a file'],
    ['cairn lineage v1:prices.csv --down', 'everything that rests on it'],
    ['cairn lineage HEAD --format dot | dot -Tsvg > lineage.svg', 'a picture'],
    ['cairn lineage HEAD --format openlineage > events.jsonl', 'OpenLineage events, one a line'],
    ['cairn lineage HEAD --format ro-crate > ro-crate-metadata.json', 'a Process Run Crate'],
  ],
  declare: (command) => {
    command
      .argument('<rev>', 'an artifact, <run>:<path>, or a run for all its outputs')
      .option('--down', 'what depends on it')
      .option('--depth <n>', 'at most so many steps', wholeNumber('--depth', 1))
      .option('--format <format>', formats.join(', '), oneOf('--format', formats), 'tree');
  },
  action: async ({ args: [rev], options, out, openStore }) => {
    const store = await openStore();
    const format = exports.find((one) => one === options.format);
    if (format !== undefined && !out.json) {
      const { exportLines } = await import('../lineage-export.ts');
      out.result(() => ({}), await exportLines(store, rev, format, options));
      return undefined;
    }
    const graph = await lineageOf(store, rev, options);
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
