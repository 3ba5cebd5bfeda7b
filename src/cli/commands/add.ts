import { workspacePath } from '../../app/open-store.ts';
import { parseTag } from '../../core/config-params.ts';
import { addPaths } from '../../store/workspace/add.ts';
import { collecting, wholeNumber } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { byteSize, counted, grouped, inLine } from '../text.ts';

interface Options {
  readonly type?: string;
  readonly key?: string;
  readonly schemaVersion?: number;
  readonly tag?: [string, string][];
  readonly force?: boolean;
  readonly symlinks?: boolean;
}

export const command = defineCommand<[paths: string[]], Options>({
  description:
    'Stores the bytes of files and stages them for the next run. Directories are taken with everything below them, without what .cairnignore lists; a tracked file that is gone is staged as removed.',
  examples: [
    ['cairn add signals.csv', 'stage one file'],
    ['cairn add .', 'everything below this directory'],
    ['cairn add prices.csv --type table --key prices/daily', 'say what it is and what it is called'],
  ],
  declare: (command) => {
    command
      .argument('<path...>', 'files and directories')
      .option('--type <type>', 'what kind of thing it is (default: file)')
      .option('--key <key>', 'logical key, for one file (default: its path)')
      .option('--schema-version <n>', 'version of the type', wholeNumber('--schema-version', 1))
      .option('--tag <name=value>', 'tag of the artifacts; may be repeated', collecting('--tag', parseTag))
      .option('--force', 'also what .cairnignore lists')
      .option('--symlinks', 'store symbolic links as links');
  },
  action: async ({ args: [paths], options, out, openWorkspace }) => {
    const workspace = await openWorkspace();
    const added = await addPaths(
      workspace,
      paths.map((path) => workspacePath(workspace, path)),
      {
        type: options.type,
        logicalKey: options.key,
        schemaVersion: options.schemaVersion,
        tags: options.tag === undefined ? undefined : Object.fromEntries(options.tag),
        force: options.force,
        symlinks: options.symlinks,
      },
    );
    const { files, bytes, objects, bytesStored, cached, staged, removed, skippedLinks } = added;
    if (skippedLinks.length > 0) {
      out.note(
        `skipped ${counted(skippedLinks.length, 'symbolic link')} (--symlinks stores them): ${skippedLinks.slice(0, 3).map(inLine).join(', ')}${skippedLinks.length > 3 ? ', …' : ''}`,
      );
    }
    out.report(
      () => ({ files, bytes, objects, bytesStored, cached, staged: staged.length, removed, skippedLinks }),
      () => [
        `staged ${counted(staged.length, 'path')}${removed.length === 0 ? '' : ` (${removed.length} removed)`} of ${counted(files, 'file')}, ${byteSize(bytes)}`,
        `stored ${counted(objects.new, 'new object')}, ${byteSize(bytesStored)}; ${grouped(objects.existing)} known already, ${grouped(cached)} not read again`,
      ],
    );
    return undefined;
  },
});
