import { openPackSurveyor } from '../../app/pack-surveyor.ts';
import { CodedError } from '../../core/errors.ts';
import { shortId } from '../../core/ids.ts';
import { checkStore, type FsckResult, type ReadDepth } from '../../store/upkeep/fsck.ts';
import { repairStore } from '../../store/upkeep/repair.ts';
import { declareYes } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { byteSize, counted, inLine } from '../text.ts';

interface Options {
  readonly readData?: boolean;
  readonly readDataSubset?: number;
  readonly repair?: boolean;
}

/** A share of all bytes: `10%`. */
function share(text: string): number {
  const match = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) / 100;
  if (value > 0 && value <= 1) return value;
  throw new CodedError(
    'BAD_ARGUMENT',
    `--read-data-subset: not a share from above 0% to 100%: ${JSON.stringify(text.slice(0, 40))}`,
    {
      hint: 'Write it like 10%.',
      data: { argument: '--read-data-subset', value: text.slice(0, 40) },
    },
  );
}

function depthOf({ readData, readDataSubset }: Options): ReadDepth {
  if (readData === true) return 'all';
  return readDataSubset === undefined ? 'structure' : { share: readDataSubset };
}

function affectedText({ artifacts, runs, candidates }: FsckResult['problems'][number]['affects']): string {
  const parts = [
    ...(artifacts.length > 0
      ? [
          `${counted(artifacts.length, 'artifact')} (${artifacts.slice(0, 3).map(shortId).join(', ')}${artifacts.length > 3 ? ', …' : ''})`,
        ]
      : []),
    ...(runs.length > 0
      ? [`${counted(runs.length, 'run')} (${runs.slice(0, 3).map(shortId).join(', ')}${runs.length > 3 ? ', …' : ''})`]
      : []),
    ...(candidates.length > 0 ? [counted(candidates.length, 'candidate')] : []),
  ];
  return parts.length === 0 ? 'affects nothing that is named' : `affects ${parts.join(', ')}`;
}

/** Problems told to people one by one; --json has all. */
const shown = 20;

function more(problems: FsckResult['problems']): string[] {
  return problems.length > shown ? [`… and ${counted(problems.length - shown, 'more problem')}: --json lists all`] : [];
}

function lines(result: FsckResult): string[] {
  const { coverage } = result;
  const percent = coverage.bytes === 0 ? 100 : Math.floor((100 * coverage.bytesCovered) / coverage.bytes);
  const since = coverage.since === undefined ? '' : `, all of it since ${coverage.since.slice(0, 10)}`;
  return [
    ...result.problems
      .slice(0, shown)
      .flatMap((problem) => [
        `${problem.code}: ${inLine(problem.problem)}`,
        `  ${affectedText(problem.affects)}`,
        `  ${problem.hint}`,
      ]),
    ...more(result.problems),
    ...result.notes,
    `checked ${counted(result.objects, 'object')} in ${counted(result.packs, 'pack')}, ${counted(result.events, 'event')}; read ${byteSize(result.bytesRead)}`,
    `${percent} % of the stored bytes have been read through${since}`,
    result.ok ? 'no problems' : `${counted(result.problems.length, 'problem')}`,
  ];
}

export const command = defineCommand<[], Options>({
  description:
    'Checks the store: the manifest, the log, and that every stored object is where it should be. With --read-data every byte is read and hashed. Each problem names what it affects.',
  examples: [
    ['cairn fsck', 'structure only: quick'],
    ['cairn fsck --read-data', 'every byte'],
    ['cairn fsck --read-data-subset 10%', 'a tenth, another one each time'],
    ['cairn fsck --read-data --repair', 'and repair what can be repaired without loss'],
  ],
  statuses: { 5: 'something is damaged' },
  declare: (command) => {
    command
      .option('--read-data', 'read and hash all bytes')
      .option('--read-data-subset <share>', 'read and hash a part, like 10%, going on where the last one ended', share)
      .option('--repair', 'bring back what is found elsewhere, put damaged files into quarantine');
    declareYes(command);
  },
  action: async ({ options, out, openStore }) => {
    if (options.readData === true && options.readDataSubset !== undefined) {
      throw new CodedError('BAD_ARGUMENT', '--read-data and --read-data-subset exclude each other', {
        data: { argument: '--read-data-subset' },
      });
    }
    const store = await openStore();
    const depth = depthOf(options);
    const surveyor = openPackSurveyor(store.storeDirectory);
    const repaired = options.repair === true ? await repairStore(store, depth, surveyor) : undefined;
    const result = repaired?.left ?? (await checkStore(store, depth, surveyor));
    await surveyor.close();
    const repairs =
      repaired === undefined
        ? undefined
        : {
            found: repaired.found.problems,
            moved: repaired.moved,
            lost: repaired.lost,
            quarantined: repaired.quarantined,
          };
    const bytesRead = repaired === undefined ? result.bytesRead : repaired.found.bytesRead + result.bytesRead;
    const fields = { ...result, bytesRead, ...(repairs === undefined ? {} : { repairs }) };
    const show = result.ok ? out.report.bind(out) : out.result.bind(out);
    show(
      () => fields,
      () => [
        ...(repairs === undefined || repairs.found.length === 0
          ? []
          : [
              `found ${counted(repairs.found.length, 'problem')}`,
              ...repairs.found.slice(0, shown).map((problem) => `  ${problem.code}: ${inLine(problem.problem)}`),
              ...more(repairs.found),
              `moved ${counted(repairs.moved, 'object')} to safety, ${counted(repairs.lost, 'object')} lost, ${counted(repairs.quarantined.length, 'file')} in quarantine`,
            ]),
        ...lines({ ...result, bytesRead }),
      ],
    );
    return result.ok ? undefined : 5;
  },
});
