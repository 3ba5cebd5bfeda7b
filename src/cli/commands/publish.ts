import type { JsonValue } from '../../core/canonical-json.ts';
import { parseParam, parseTag } from '../../core/config-params.ts';
import { shortId } from '../../core/ids.ts';
import { asText, collecting, declareAllowSecretLike, wholeNumber } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { counted, inLine } from '../text.ts';
import { type WriterText, writerOption } from '../writer-option.ts';

interface Options {
  readonly type: string;
  readonly key: string;
  readonly schemaVersion?: number;
  readonly input?: string[];
  readonly param?: [string, JsonValue][];
  readonly tag?: [string, string][];
  readonly writer?: WriterText;
  readonly engineVersion?: string;
  readonly configVersion?: string;
  readonly filenameHint?: string;
  readonly supersedePrevious?: boolean;
  readonly sidecar?: boolean;
}

export const command = defineCommand<[file: string], Options>({
  description:
    'Stores one file as an artifact, with what it was made from, in one step: for pipelines. What is known already under this type and key is recognised, by its bytes or as a table by its content, and not stored again; the lineage of this publication is recorded all the same. It stages nothing and moves no branch, and it needs no workspace.',
  examples: [
    ['cairn publish out/prices.parquet --type prices --key prices/daily --writer loader@1.4', 'a file and who made it'],
    [
      'cairn publish out/ic.json --type metrics --key momentum/ic --input 1f2e --param window=12',
      'made from another artifact',
    ],
    [
      'cairn publish out/prices.parquet --type prices --key prices/daily --supersede-previous',
      'instead of the one before',
    ],
  ],
  statuses: { 4: 'the artifact was withdrawn' },
  declare: (command) => {
    command
      .argument('<file>', 'the file')
      .requiredOption('--type <type>', 'what kind of thing it is')
      .requiredOption('--key <key>', 'what it is called by those who look for it')
      .option('--schema-version <n>', 'version of the type (default: 1)', wholeNumber('--schema-version', 1))
      .option('--input <input>', '[<relation>=]<rev or path>; may be repeated', collecting('--input', asText))
      .option(
        '--param <name=value>',
        'a parameter; name:=<json> for JSON; may be repeated',
        collecting('--param', parseParam),
      )
      .option('--tag <name=value>', 'a tag of the artifact; may be repeated', collecting('--tag', parseTag))
      .option('--writer <name@version>', 'the program that made it (default: cairn)', writerOption)
      .option('--engine-version <version>', 'version of the program that computed')
      .option('--config-version <version>', 'version of its configuration')
      .option('--filename-hint <name>', 'file name in the run, whose ending says the format')
      .option('--supersede-previous', 'the newest other active artifact of this type and key is superseded by this one')
      .option('--sidecar', 'write <file>.cairn.json: what the artifact is and how it came to be');
    declareAllowSecretLike(command);
  },
  action: async ({ args: [file], options, out, openStore }) => {
    const [store, { ArtifactStore }] = await Promise.all([openStore(), import('../../app/artifact-store.ts')]);
    const { type, key, input, param, tag, writer, ...rest } = options;
    const { engineVersion, configVersion, filenameHint, schemaVersion, supersedePrevious, sidecar } = rest;
    const done = await new ArtifactStore(store).publishArtifact({
      artifactType: type,
      logicalKey: key,
      dataPath: file,
      schemaVersion,
      inputArtifactIds: input,
      params: param === undefined ? undefined : Object.fromEntries(param),
      tags: tag === undefined ? undefined : Object.fromEntries(tag),
      writerName: writer?.name,
      writerVersion: writer?.version,
      engineVersion,
      configVersion,
      filenameHint,
      supersedePrevious,
      sidecar,
    });
    for (const note of done.notes) out.note(inLine(note));
    const { artifactId, mode, repeated, runInstanceId, supersededArtifactId, rowCount, pathSidecar } = done;
    const how =
      mode === null ? 'new' : mode === 'file_hash' ? 'known by its bytes' : 'known by its content, bytes not stored';
    out.report(
      () => ({ ...done }),
      () => [
        `artifact ${out.style('yellow', shortId(artifactId ?? ''))} ${inLine(key)}: ${how}${rowCount === null ? '' : `, ${counted(rowCount, 'row')}`}`,
        `run ${out.style('yellow', shortId(runInstanceId ?? ''))}${repeated ? ' said so before; nothing was added' : ''}`,
        ...(supersededArtifactId === null ? [] : [`artifact ${shortId(supersededArtifactId)} is superseded by it`]),
        ...(pathSidecar === null ? [] : [`wrote ${inLine(pathSidecar)}`]),
      ],
    );
    return undefined;
  },
});
