import { parseTag } from '../../core/config-params.ts';
import { CodedError } from '../../core/errors.ts';
import { shortId } from '../../core/ids.ts';
import { tagArtifact } from '../../store/lineage/status-change.ts';
import { createNamed, deleteNamed, listNamed } from '../../store/runs/refs.ts';
import { resolveArtifact, resolveRun } from '../../store/runs/revision.ts';
import { declareMessage, declareYes, type MessageOptions, naming } from '../arguments.ts';
import { artifactFields } from '../artifact-view.ts';
import { defineCommand } from '../command.ts';
import { refChangeFields, refChangeLines, refFields } from '../ref-view.ts';
import { messageText, valuesText } from '../run-view.ts';
import { firstLine, inLine } from '../text.ts';

interface Options extends MessageOptions {
  readonly delete?: boolean;
  readonly artifact?: string;
}

export const command = defineCommand<[name: string | undefined, rev: string | undefined], Options>({
  description:
    'Lists tags, names a run for good, or deletes a tag. With --artifact it sets or removes a tag of an artifact instead, which is a name with a value.',
  examples: [
    ['cairn tag v1 -m "sent to review"', 'name the current run v1'],
    ['cairn tag', 'all tags'],
    ['cairn tag -d v1', 'delete the tag'],
    ['cairn tag --artifact HEAD:signals.csv quality=checked', 'tag an artifact'],
  ],
  declare: (command) => {
    command
      .argument('[name]', 'the tag; with --artifact name=value')
      .argument('[rev]', 'the run that it names (default: HEAD)')
      .option('-d, --delete', 'delete the tag')
      .option('--artifact <rev>', 'the artifact whose tag is meant');
    declareMessage(command, 'what it stands for', 'optional');
    declareYes(command);
  },
  action: async ({ args: [name, rev], options, out, openStore, confirm }) => {
    const needName = (): CodedError =>
      new CodedError('BAD_ARGUMENT', 'name: the tag has no name', { data: { argument: 'name' } });
    const store = await openStore();
    if (options.artifact !== undefined) {
      if (name === undefined) throw needName();
      if (rev !== undefined)
        throw new CodedError('BAD_ARGUMENT', 'rev: with --artifact no run is named', { data: { argument: 'rev' } });
      const [key, value] = options.delete ? [name, undefined] : naming('name', parseTag)(name);
      const entry = await tagArtifact(store, await resolveArtifact(store, options.artifact), { [key]: value });
      out.report(
        () => ({ artifact: artifactFields(entry) }),
        () => [`artifact ${shortId(entry.id)} ${inLine(entry.logicalKey)}: ${valuesText(entry.tags) || 'no tags'}`],
      );
      return undefined;
    }
    if (name === undefined) {
      if (options.delete) throw needName();
      const tags = await listNamed(store, 'tag');
      out.result(
        () => ({
          tags: tags.map(refFields),
        }),
        () =>
          tags.map(
            ({ short, run }) =>
              `${out.style('yellow', inLine(short))} ${shortId(run.id)} ${firstLine(messageText(run))}`,
          ),
      );
      return undefined;
    }
    if (options.delete) await confirm(`Delete the tag ${inLine(name)}?`, 'proceed');
    const done = options.delete
      ? await deleteNamed(store, 'tag', name, undefined, options.message)
      : await createNamed(store, 'tag', name, await resolveRun(store, rev ?? 'HEAD'), options.message);
    out.report(
      () => refChangeFields(done),
      () => refChangeLines('tag', done),
    );
    return undefined;
  },
});
