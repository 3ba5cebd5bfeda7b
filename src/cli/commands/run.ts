import { workspacePath } from '../../app/open-store.ts';
import type { JsonValue } from '../../core/canonical-json.ts';
import { parseMetric, parseParam, parseTag } from '../../core/config-params.ts';
import { CodedError, isCodedError } from '../../core/errors.ts';
import { captureRun } from '../../store/runs/capture-run.ts';
import { findReusable, placeReused, reusedArtifacts } from '../../store/runs/find-reusable.ts';
import { planRun } from '../../store/runs/run-plan.ts';
import { asText, collecting, declareMessage, type MessageOptions } from '../arguments.ts';
import { captureFields, captureLines, captureNotes, reusedFields, reusedLines } from '../capture-view.ts';
import { defineCommand } from '../command.ts';

interface Options extends MessageOptions {
  readonly input?: string[];
  readonly output?: string[];
  readonly outputDir?: string;
  readonly param?: [string, JsonValue][];
  readonly metric?: [string, number][];
  readonly tag?: [string, string][];
  readonly engineVersion?: string;
  readonly configVersion?: string;
  readonly ifNeeded?: boolean;
  /** commander's `--no-cache`. */
  readonly cache: boolean;
  readonly discardFailed?: boolean;
}

/** cairn itself failed; the command's own status is never hidden behind one of ours. */
const exitOwnFailure = 125;

function mayReuse(options: Options, variables: { readonly [name: string]: string | undefined }): boolean {
  const off = variables['CAIRN_NO_CACHE'] ?? '';
  return options.ifNeeded === true && options.cache && (off === '' || off === '0');
}

export const command = defineCommand<[string | undefined], Options>({
  description:
    'Runs a command and records how its outputs came to be: words, inputs, outputs, parameters, metrics, code, environment, what it printed and how it ended. The command finds its identity in CAIRN_RUN_KEY, CAIRN_SEED and CAIRN_PARAMS. A command that fails is recorded as a failed run, and the branch stays where it is.',
  examples: [
    [
      'cairn run --input prices.csv --output signals.csv --param window=12 -- python momentum.py',
      'one file made from another',
    ],
    ['cairn run --output-dir results -- ./backtest.sh', 'everything that it writes below results/'],
    ['cairn run momentum --if-needed', 'a run of cairn.yaml, unless it was done before exactly like this'],
  ],
  statuses: {
    125: 'cairn itself failed, or a declared output is missing',
    126: 'the command cannot be run',
    127: 'there is no such command',
  },
  rest: '<command>...',
  failureStatus: (error) => {
    const status = isCodedError(error) ? error.data['exitStatus'] : undefined;
    return typeof status === 'number' ? status : exitOwnFailure;
  },
  declare: (command) => {
    command.argument('[name]', 'a run of cairn.yaml');
    declareMessage(command, 'what is done; the words of the command when left out', 'optional');
    command
      .option('--input <input>', '[<relation>=]<rev or path>; may be repeated', collecting('--input', asText))
      .option('--output <path>', 'a file or directory that it makes; may be repeated', collecting('--output', asText))
      .option('--output-dir <dir>', 'take everything that it writes in this directory')
      .option(
        '--param <name=value>',
        'a parameter; name:=<json> for JSON; may be repeated',
        collecting('--param', parseParam),
      )
      .option(
        '--metric <name=number>',
        'a result, over metrics.json; may be repeated',
        collecting('--metric', parseMetric),
      )
      .option('--tag <name=value>', 'a tag of the run; may be repeated', collecting('--tag', parseTag))
      .option('--engine-version <version>', 'version of the program that computes')
      .option('--config-version <version>', 'version of its configuration')
      .option('--if-needed', 'take the outputs of an equal earlier run instead, and say so')
      .option('--no-cache', 'run it whatever was done before; CAIRN_NO_CACHE=1 says the same')
      .option('--discard-failed', 'record nothing when it fails');
  },
  action: async ({ args: [name], options, rest, out, openWorkspace }) => {
    if (name !== undefined && rest.length > 0) {
      throw new CodedError('BAD_ARGUMENT', `run takes a name (${JSON.stringify(name)}) or a command, not both`, {
        hint: 'The command of a named run stands in cairn.yaml.',
        data: { argument: 'name', name },
      });
    }
    const workspace = await openWorkspace();
    const toPath = (text: string): string => workspacePath(workspace, text);
    const plan = await planRun(workspace, {
      name,
      argv: rest,
      prefix: workspace.prefix,
      message: options.message,
      inputs: options.input ?? [],
      outputs: (options.output ?? []).map(toPath),
      outputDir: options.outputDir === undefined ? undefined : toPath(options.outputDir),
      params: Object.fromEntries(options.param ?? []),
      metrics: Object.fromEntries(options.metric ?? []),
      tags: Object.fromEntries(options.tag ?? []),
      engineVersion: options.engineVersion,
      configVersion: options.configVersion,
      toPath,
    });
    if (mayReuse(options, workspace.variables)) {
      const { found, why } = await findReusable(workspace, plan);
      if (found !== undefined) {
        const placed = await placeReused(workspace, plan, found);
        const artifacts = await reusedArtifacts(workspace, found);
        out.report(
          () => reusedFields(found, artifacts, out.quiet),
          () => reusedLines(found, placed, out),
        );
        return undefined;
      }
      if (why !== undefined) out.note(`cairn: ${why}`);
    }
    const captured = await captureRun(workspace, plan, {
      stdoutTo: out.json ? 'stderr' : 'stdout',
      discardFailed: options.discardFailed === true,
    });
    for (const note of captureNotes(captured)) out.note(`cairn: ${note}`);
    if (out.json)
      out.result(
        () => captureFields(captured, plan.runKey, out.quiet),
        () => [],
      );
    else for (const line of captureLines(captured, out)) out.note(line);
    if (captured.ended.exitStatus === 0 && captured.missing.length > 0) return { programStatus: exitOwnFailure };
    return { programStatus: captured.ended.exitStatus };
  },
});
