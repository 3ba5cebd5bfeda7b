import { shortId } from '../../core/ids.ts';
import { tombstone } from '../../store/lineage/status-change.ts';
import { resolveArtifact } from '../../store/runs/revision.ts';
import { declareMessage, declareYes, type MessageOptions } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { dependentLines, statusChangeFields } from '../status-view.ts';
import { inLine } from '../text.ts';

export const command = defineCommand<[artifact: string], MessageOptions & { readonly message: string }>({
  description:
    'Withdraws an artifact: it can no longer be read or checked out. Its record and the reason stay for ever; its bytes stay until `gc --erase-tombstoned`, and `restore` lifts the tombstone before that.',
  examples: [['cairn tombstone HEAD:prices.csv -m "licence ended"', 'withdraw the prices of the current run']],
  declare: (command) => {
    command.argument('<artifact>', 'the artifact: an id or <run>:<path>');
    declareMessage(command, 'the reason', 'needed');
    declareYes(command);
  },
  action: async ({ args: [rev], options, out, openStore, confirm }) => {
    const store = await openStore();
    const artifact = await resolveArtifact(store, rev);
    await confirm(`Withdraw artifact ${shortId(artifact)}?`, 'proceed');
    const done = await tombstone(store, artifact, options.message);
    out.report(
      () => statusChangeFields(done),
      () => [
        `artifact ${shortId(artifact)} ${inLine(done.artifact.logicalKey)} is withdrawn`,
        ...dependentLines(done.dependents),
      ],
    );
    return undefined;
  },
});
