import { resolve } from 'node:path';
import { workspacePath } from '../../app/open-store.ts';
import { shortId } from '../../core/ids.ts';
import { riskNotes } from '../../store/governance/risks.ts';
import { checkoutRevision } from '../../store/workspace/checkout.ts';
import { oneOf } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { byteSize, counted, grouped, inLine } from '../text.ts';

const linkModes = ['copy', 'reflink', 'hardlink'] as const;

interface Options {
  readonly to?: string;
  readonly link?: (typeof linkModes)[number];
  readonly force?: boolean;
  readonly sidecar?: boolean;
}

export const command = defineCommand<[rev: string, paths: string[]], Options>({
  description:
    'Writes files of a run, verified. It moves no branch and removes nothing; a file with changes that are not stored stops it, unless --force is given. `switch` changes the branch.',
  examples: [
    ['cairn checkout HEAD signals.csv', 'bring back one file'],
    ['cairn checkout v1 --to /tmp/v1', 'a whole run, elsewhere'],
    ['cairn checkout v1 --to /tmp/v1 --link hardlink', 'without copying: the files are then read-only'],
  ],
  declare: (command) => {
    command
      .argument('<rev>', 'a run, <run>:<path>, or an artifact')
      .argument('[path...]', 'only these paths of the run')
      .option('--to <dir>', 'write there instead of into the workspace')
      .option('--link <mode>', linkModes.join(', '), oneOf('--link', linkModes))
      .option('--force', 'overwrite files with changes that are not stored')
      .option('--sidecar', 'write <file>.cairn.json beside each file: what it is and how it came to be');
  },
  action: async ({ args: [rev, paths], options, cwd, out, openWorkspace }) => {
    const workspace = await openWorkspace();
    for (const note of await riskNotes(workspace, rev)) out.note(note);
    const place = {
      paths: paths.map((path) => workspacePath(workspace, path)),
      to: options.to === undefined ? undefined : resolve(cwd, options.to),
    };
    const done = await checkoutRevision(workspace, rev, {
      ...place,
      link: options.link,
      force: options.force,
    });
    if (options.sidecar === true) {
      const { writeSidecars } = await import('../../store/publish/sidecar.ts');
      await writeSidecars(workspace, rev, place);
    }
    const { run, to, written, bytes, unchanged, removed } = done;
    out.report(
      () => ({ run: run ?? null, to, written, bytes, unchanged, removed }),
      () => [
        `wrote ${counted(written, 'file')}, ${byteSize(bytes)}${unchanged === 0 ? '' : `; ${grouped(unchanged)} were right already`}${run === undefined ? '' : ` (run ${shortId(run)})`}`,
        ...(options.to === undefined ? [] : [`to ${inLine(to)}`]),
      ],
    );
    return undefined;
  },
});
