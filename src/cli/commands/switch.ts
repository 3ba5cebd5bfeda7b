import { CodedError } from '../../core/errors.ts';
import { shortId } from '../../core/ids.ts';
import { switchBranch } from '../../store/workspace/checkout.ts';
import { defineCommand } from '../command.ts';
import { counted, grouped, inLine } from '../text.ts';

interface Options {
  readonly create?: boolean;
  readonly force?: boolean;
}

export const command = defineCommand<[name: string, rev: string | undefined], Options>({
  description:
    'Makes another branch the current one and brings its files into the workspace. Changes that are not stored stop it where they would be lost.',
  examples: [
    ['cairn switch momentum', 'go to a branch'],
    ['cairn switch -c momentum v1', 'make it, at the tag v1, and go there'],
  ],
  declare: (command) => {
    command
      .argument('<name>', 'the branch')
      .argument('[rev]', 'with -c: where it starts (default: HEAD)')
      .option('-c, --create', 'make the branch')
      .option('--force', 'overwrite files with changes that are not stored');
  },
  action: async ({ args: [name, start], options, out, openWorkspace }) => {
    if (start !== undefined && options.create !== true) {
      throw new CodedError('BAD_ARGUMENT', 'rev: only a new branch starts somewhere', {
        hint: `Make it with \`cairn switch -c ${name} ${start}\`.`,
        data: { argument: 'rev' },
      });
    }
    const done = await switchBranch(await openWorkspace(), name, {
      create: options.create,
      start,
      force: options.force,
    });
    const { ref, run, written, unchanged, removed } = done;
    out.report(
      () => ({ ref, run: run ?? null, written, unchanged, removed }),
      () => [
        `on branch ${inLine(name)}${run === undefined ? ', no run yet' : ` at ${shortId(run)}`}`,
        ...(written + removed === 0 ? [] : [`wrote ${counted(written, 'file')}, removed ${grouped(removed)}`]),
      ],
    );
    return undefined;
  },
});
