import { parseDuration } from '../../core/time.ts';
import { collectGarbage, type GcResult } from '../../store/upkeep/gc.ts';
import { declareYes, naming } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { byteSize, counted } from '../text.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly grace?: number;
  readonly eraseTombstoned?: boolean;
}

/** Objects listed for people; --json has up to 10,000 and gc.jsonl in the store has all. */
const listed = 20;

/** How many packs will be written is known only when it is done. */
function packLines({ dryRun, packs: { dropped, rewritten, written } }: GcResult): string[] {
  if (dropped + rewritten === 0) return [];
  if (dryRun) return [`packs: would drop ${dropped} and rewrite ${rewritten}`];
  return [`packs: ${dropped} dropped, ${rewritten} rewritten${rewritten === 0 ? '' : ` into ${written}`}`];
}

export const command = defineCommand<[], Options>({
  description:
    'Removes bytes that nothing needs: not reachable from a run that is not retired, a ref, a hold or a staging area, and not used within the grace period. Small packs are merged, packs with much dead content are rewritten. When one record that decides cannot be read, nothing is removed. What was removed is written to gc.jsonl in the store.',
  examples: [
    ['cairn gc --dry-run', 'what would go'],
    ['cairn gc', 'remove what has not been needed for 14 days'],
    ['cairn gc --erase-tombstoned', 'also erase the bytes of withdrawn artifacts'],
  ],
  statuses: { 4: 'a record could not be read, so nothing was removed' },
  declare: (command) => {
    command
      .option('-n, --dry-run', 'say what would be removed, and remove nothing')
      .option(
        '--grace <time>',
        'keep what was used within this time (default: gc.grace of the configuration, else 14d)',
        naming('--grace', parseDuration),
      )
      .option(
        '--erase-tombstoned',
        'erase the bytes of artifacts that are tombstoned and not held; this cannot be undone',
      );
    declareYes(command);
  },
  action: async ({ options, out, openStore, confirm }) => {
    const store = await openStore();
    if (options.eraseTombstoned === true && options.dryRun !== true) {
      await confirm('Erase the bytes of every withdrawn artifact that nothing holds, for ever?', 'proceed');
    }
    const { config, storeConfig } = store.located;
    const configured = config.settings?.['gc.grace'] ?? storeConfig.settings?.['gc.grace'];
    const graceMs = options.grace ?? (configured === undefined ? undefined : parseDuration(configured));
    const result = await collectGarbage(store, {
      graceMs,
      dryRun: options.dryRun,
      eraseTombstoned: options.eraseTombstoned,
    });
    out.report(
      () => ({ ...result }),
      () => [
        `${result.dryRun ? 'would remove' : 'removed'} ${counted(result.objects, 'object')}, ${result.dryRun ? 'about ' : ''}${byteSize(Math.max(0, result.bytes))}`,
        ...(result.erased > 0 ? [`of them ${counted(result.erased, 'withdrawn blob')} erased`] : []),
        ...packLines(result),
        ...(result.orphans > 0 ? [`${counted(result.orphans, 'file')} that nothing pointed at`] : []),
        ...result.removed
          .slice(0, listed)
          .map(({ namespace, object, size, why }) => `  ${namespace} ${object} ${byteSize(size)} ${why}`),
        ...(result.objects > listed
          ? [`  … and ${result.objects - listed} more: --json, or gc.jsonl in the store`]
          : []),
        ...result.notes,
      ],
    );
    return undefined;
  },
});
