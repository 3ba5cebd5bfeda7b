import { shortId } from '../../core/ids.ts';
import { restore } from '../../store/lineage/status-change.ts';
import { resolveArtifact } from '../../store/runs/revision.ts';
import { declareMessage, type MessageOptions } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { statusChangeFields } from '../status-view.ts';
import { inLine } from '../text.ts';

export const command = defineCommand<[artifact: string], MessageOptions & { readonly message: string }>({
  description:
    'Makes a superseded or withdrawn artifact active again. Bytes that were erased do not come back: add the file again.',
  examples: [['cairn restore 1f2e3d4c -m "licence renewed"', 'lift the tombstone']],
  declare: (command) => {
    command.argument('<artifact>', 'the artifact: an id or <run>:<path>');
    declareMessage(command, 'the reason', 'needed');
  },
  action: async ({ args: [rev], options, out, openStore }) => {
    const store = await openStore();
    const done = await restore(store, await resolveArtifact(store, rev), options.message);
    const { artifact } = done;
    out.report(
      () => statusChangeFields(done),
      () => [
        `artifact ${shortId(artifact.id)} ${inLine(artifact.logicalKey)} is active again`,
        ...(artifact.absent ? ['its bytes are gone: `cairn add` the file again to bring them back'] : []),
      ],
    );
    return undefined;
  },
});
