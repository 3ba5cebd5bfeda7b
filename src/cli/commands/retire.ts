import { shortId } from '../../core/ids.ts';
import { parseDuration } from '../../core/time.ts';
import { retireRuns } from '../../store/upkeep/retire.ts';
import { asText, collecting, declareYes, naming, wholeNumber } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { byteSize, counted, firstLine, timeText } from '../text.ts';

interface Options {
  readonly unreachable?: boolean;
  readonly olderThan?: number;
  readonly keepLast?: number;
  readonly keepTag?: readonly string[];
  readonly dryRun?: boolean;
}

export const command = defineCommand<[revs: readonly string[]], Options>({
  description:
    'Lets go of old runs: their bytes go with the next `gc` after the grace period, their records and lineage stay for ever. The tip of a ref, a held run and everything an accepted result rests on are never retired. Rules select together; named runs come on top.',
  examples: [
    ['cairn retire --unreachable --older-than 90d --dry-run', 'what old failed and abandoned runs would free'],
    ['cairn retire --keep-last 20 --keep-tag "stage=paper"', 'all but the newest 20 of each branch and those tagged'],
    ['cairn retire 3f2a', 'one run'],
  ],
  statuses: { 4: 'a named run is the tip of a ref, held, or needed by an accepted result' },
  declare: (command) => {
    command
      .argument('[revs...]', 'runs')
      .option('--unreachable', 'runs that no branch, tag or accepted result leads to')
      .option('--older-than <time>', 'runs recorded longer ago, like 90d', naming('--older-than', parseDuration))
      .option('--keep-last <n>', 'all but the newest n of each history', wholeNumber('--keep-last', 0))
      .option('--keep-tag <glob>', 'not runs with a tag like this: key, or key=value', collecting('--keep-tag', asText))
      .option('-n, --dry-run', 'say what would be retired, and retire nothing');
    declareYes(command);
  },
  action: async ({ args: [revisions], options, out, openStore, confirm }) => {
    const store = await openStore();
    const request = {
      revisions,
      unreachable: options.unreachable,
      olderThanMs: options.olderThan,
      keepLast: options.keepLast,
      keepTags: options.keepTag,
    };
    const planned = await retireRuns(store, { ...request, dryRun: true });
    if (options.dryRun !== true && planned.runs.length > 0) {
      await confirm(`Retire ${counted(planned.runs.length, 'run')}?`, 'proceed');
    }
    const result = options.dryRun === true ? planned : await retireRuns(store, request);
    out.report(
      () => ({ ...result }),
      () => [
        ...result.runs.map(
          (run) =>
            `${out.style('yellow', shortId(run.runInstanceId))} ${timeText(run.createdAt)} ${firstLine(run.message ?? '')}`,
        ),
        `${result.dryRun ? 'would retire' : 'retired'} ${counted(result.runs.length, 'run')}; gc will free ${counted(result.objects, 'object')} (${byteSize(result.bytes)}) after the grace period`,
        ...result.kept.map(({ runInstanceId, why }) => `kept ${shortId(runInstanceId)}: ${why}`),
      ],
    );
    return undefined;
  },
});
