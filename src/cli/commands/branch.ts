import { CodedError } from '../../core/errors.ts';
import { shortId } from '../../core/ids.ts';
import { currentRef } from '../../store/runs/history.ts';
import { createNamed, deleteNamed, listNamed } from '../../store/runs/refs.ts';
import { resolveRun } from '../../store/runs/revision.ts';
import { declareMessage, declareYes, type MessageOptions } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { refChangeFields, refChangeLines, refFields } from '../ref-view.ts';
import { messageText } from '../run-view.ts';
import { firstLine, inLine } from '../text.ts';

interface Options extends MessageOptions {
  readonly delete?: boolean;
}

export const command = defineCommand<[name: string | undefined, rev: string | undefined], Options>({
  description:
    'Lists branches, makes one at a run, or deletes one. Deleting a branch deletes no run: `log --all` still shows them, and the reflog says where the branch stood.',
  examples: [
    ['cairn branch', 'all branches; * is the current one'],
    ['cairn branch momentum', 'a branch at the current run'],
    ['cairn branch momentum v1', 'a branch at the tag v1'],
    ['cairn branch -d momentum', 'delete it'],
  ],
  declare: (command) => {
    command
      .argument('[name]', 'the branch')
      .argument('[rev]', 'where it starts (default: HEAD)')
      .option('-d, --delete', 'delete the branch');
    declareMessage(command, 'why, for the reflog', 'optional');
    declareYes(command);
  },
  action: async ({ args: [name, rev], options, out, openStore, confirm }) => {
    const store = await openStore();
    const current = await currentRef(store);
    if (name === undefined) {
      if (options.delete)
        throw new CodedError('BAD_ARGUMENT', 'name: --delete needs the name of a branch', {
          data: { argument: 'name' },
        });
      const branches = await listNamed(store, 'branch');
      out.result(
        () => ({
          current: current ?? null,
          branches: branches.map(refFields),
        }),
        () =>
          branches.map(({ name: ref, short, run }) => {
            const isCurrent = ref === current;
            const shown = isCurrent ? `* ${out.style('green', inLine(short))}` : `  ${inLine(short)}`;
            return `${shown} ${out.style('yellow', shortId(run.id))} ${firstLine(messageText(run))}`;
          }),
      );
      return undefined;
    }
    if (options.delete) await confirm(`Delete the branch ${inLine(name)}?`, 'proceed');
    const done = options.delete
      ? await deleteNamed(store, 'branch', name, current, options.message)
      : await createNamed(store, 'branch', name, await resolveRun(store, rev ?? 'HEAD'), options.message);
    out.report(
      () => refChangeFields(done),
      () => refChangeLines('branch', done),
    );
    return undefined;
  },
});
