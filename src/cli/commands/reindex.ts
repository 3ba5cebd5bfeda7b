import { rebuildManifest } from '../../app/reindex.ts';
import { shortId } from '../../core/ids.ts';
import { dumpManifest } from '../../store/upkeep/dump.ts';
import { declareYes } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { counted, inLine } from '../text.ts';

interface Options {
  readonly dump?: boolean;
}

export const command = defineCommand<[], Options>({
  description:
    'Builds the manifest again from the stored objects and the log, beside the old one, and puts it in its place when it is whole. With --dump it changes nothing and prints every named table and view as JSON lines, without what is only storage: two dumps tell whether two manifests say the same.',
  examples: [
    ['cairn reindex', 'after the manifest was lost or damaged'],
    ['cairn reindex --dump > before.jsonl', 'what the manifest says'],
  ],
  statuses: { 5: 'the log or a record that it names cannot be read; the old manifest is as it was' },
  declare: (command) => {
    command.option('--dump', 'print what the manifest says, and change nothing');
    declareYes(command);
  },
  action: async ({ options, out, openStore, cwd, io, progress }) => {
    if (options.dump === true) {
      let lines: string[] = [];
      for await (const line of dumpManifest(await openStore())) {
        lines.push(`${line}\n`);
        if (lines.length === 1000) out.text(lines.splice(0).join(''));
      }
      out.text(lines.join(''));
      lines = [];
      return undefined;
    }
    const result = await rebuildManifest({ cwd, env: io.env, progress });
    out.report(
      () => ({ ...result }),
      () => [
        `replayed ${counted(result.events, 'event')} and ${counted(result.runs, 'run')} over ${counted(result.objects, 'stored object')}`,
        ...(result.previous === undefined ? [] : [`the old manifest was kept as ${inLine(result.previous)}`]),
        ...(result.lost.length === 0
          ? []
          : [
              `${counted(result.lost.length, 'blob')} that runs need could not be found: ${result.lost.slice(0, 3).map(shortId).join(', ')} …; see \`cairn fsck\``,
            ]),
        ...result.notes.map(inLine),
      ],
    );
    return undefined;
  },
});
