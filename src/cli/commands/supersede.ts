import { shortId } from '../../core/ids.ts';
import { supersede } from '../../store/lineage/status-change.ts';
import { resolveArtifact } from '../../store/runs/revision.ts';
import { declareMessage, type MessageOptions } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { dependentLines, statusChangeFields } from '../status-view.ts';
import { inLine } from '../text.ts';

export const command = defineCommand<[newer: string, older: string], MessageOptions>({
  description:
    'Says that one artifact replaces another. Nothing is deleted; runs that used the old one are marked stale, and the answer names them.',
  examples: [
    ['cairn supersede HEAD:prices.csv HEAD~1:prices.csv -m "vendor correction"', 'the new prices replace the old ones'],
    ['cairn supersede 1f2e 9a8b', 'by id'],
  ],
  declare: (command) => {
    command.argument('<new>', 'the artifact that replaces').argument('<old>', 'the artifact that is replaced');
    declareMessage(command, 'why', 'optional');
  },
  action: async ({ args: [newer, older], options, out, openStore }) => {
    const store = await openStore();
    const done = await supersede(
      store,
      await resolveArtifact(store, newer),
      await resolveArtifact(store, older),
      options.message,
    );
    out.report(
      () => statusChangeFields(done),
      () => [
        `artifact ${shortId(done.artifact.id)} ${inLine(done.artifact.logicalKey)} is superseded by ${shortId(done.by?.id ?? '')}`,
        ...dependentLines(done.dependents),
      ],
    );
    return undefined;
  },
});
