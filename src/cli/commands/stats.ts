import { storeStats } from '../../store/upkeep/stats.ts';
import { defineCommand } from '../command.ts';
import { tableLines } from '../table.ts';
import { byteSize, counted, grouped } from '../text.ts';

export const command = defineCommand<[]>({
  description:
    'Shows how much the store holds, how much room it takes, and what deduplication, compression and packing save. Logical bytes are what it would take to keep every output of every run as a file.',
  examples: [
    ['cairn stats', 'for people'],
    ['cairn stats --json', 'for programs'],
  ],
  action: async ({ out, openStore }) => {
    const stats = await storeStats(await openStore());
    const { saved } = stats;
    out.result(
      () => ({ ...stats }),
      () =>
        tableLines(
          [{ title: '' }, { title: '', align: 'right' }, { title: '' }],
          [
            ['runs', grouped(stats.runs), ''],
            ['artifacts', grouped(stats.artifacts), counted(stats.outputs, 'output')],
            ['events', grouped(stats.events), ''],
            ['logical', byteSize(stats.logicalBytes), 'every output of every run as a file'],
            [
              'stored',
              byteSize(stats.storedBytes),
              `${counted(stats.packs.count, 'pack')}, ${counted(stats.loose.count, 'loose object')}`,
            ],
            ['saved', byteSize(saved.deduplication), 'by deduplication'],
            ['', byteSize(saved.compression), 'by compression'],
            ['', byteSize(saved.packing), `by packing ${counted(stats.packs.objects, 'object')} (ends of blocks)`],
          ],
        ),
    );
    return undefined;
  },
});
