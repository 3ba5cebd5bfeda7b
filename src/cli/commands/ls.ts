import { parseTag } from '../../core/config-params.ts';
import { shortId } from '../../core/ids.ts';
import type { Timestamp } from '../../core/time.ts';
import { riskNotes } from '../../store/governance/risks.ts';
import { listArtifacts, type StatusWord, statusWords } from '../../store/runs/list-artifacts.ts';
import {
  asText,
  collecting,
  declarePage,
  moreFields,
  moreLine,
  naming,
  oneOf,
  type PageOptions,
  timeOption,
} from '../arguments.ts';
import { artifactFields, statusText } from '../artifact-view.ts';
import { defineCommand } from '../command.ts';
import { declareAt, storeAt } from '../past.ts';
import { valuesText } from '../run-view.ts';
import { tableLines } from '../table.ts';
import { byteSize, inLine } from '../text.ts';

interface Options extends PageOptions {
  readonly type?: string;
  readonly key?: string;
  readonly status?: StatusWord;
  readonly tag?: [string, string][];
  readonly since?: Timestamp;
  readonly until?: Timestamp;
  readonly at?: Timestamp;
}

export const command = defineCommand<[rev: string | undefined], Options>({
  description:
    'Lists artifacts: all of the store, newest first, or the files of a run (or of a directory in it) by path. `--status withdrawn` finds what cannot be read any more.',
  examples: [
    ['cairn ls', 'what the store holds'],
    ['cairn ls HEAD', 'the files of the current run'],
    ['cairn ls main --at 2026-01-31', 'the files of a branch as it stood then'],
    ['cairn ls v1:signals --type table', 'tables in one directory of a tagged run'],
    ["cairn ls --key 'prices/**' --since 2026-01-01", 'by name and time'],
  ],
  declare: (command) => {
    command
      .argument('[rev]', 'a run, or <run>:<directory> (default: the whole store)')
      .option('--type <type>', 'only this type', naming('--type', asText))
      .option('--key <glob>', 'only logical keys that match')
      .option('--status <status>', statusWords.join(', '), oneOf('--status', statusWords))
      .option('--tag <name=value>', 'only with this tag; may be repeated', collecting('--tag', parseTag))
      .option('--since <time>', 'first produced at or after', timeOption('--since'))
      .option('--until <time>', 'first produced at or before', timeOption('--until'));
    declareAt(command);
    declarePage(command);
  },
  action: async ({ args: [rev], options, out, openStore }) => {
    const tags = options.tag === undefined ? undefined : Object.fromEntries(options.tag);
    const store = await storeAt(await openStore(), options.at);
    for (const note of await riskNotes(store, rev)) out.note(note);
    const { rows, cursor } = await listArtifacts(store, { rev, ...options, tags }, options);
    out.result(
      () => ({
        artifacts: rows.map(({ path, executable, entry }) => ({
          ...artifactFields(entry),
          path: path ?? null,
          executable,
        })),
        ...moreFields(cursor),
      }),
      () => [
        ...tableLines(
          [{ title: '' }, { title: '' }, { title: '', align: 'right' }, { title: '' }, { title: '' }],
          rows.map(({ path, entry }) => [
            out.style('yellow', shortId(entry.id)),
            inLine(entry.type),
            byteSize(entry.size),
            inLine(path ?? entry.logicalKey),
            [valuesText(entry.tags), statusText(entry, out)].filter((text) => text !== '').join('  '),
          ]),
        ),
        ...moreLine(cursor),
      ],
    );
    return undefined;
  },
});
