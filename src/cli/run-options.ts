/** What `commit` takes besides paths: values on the command line, in a run file and in a configuration file. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { JsonValue } from '../core/canonical-json.ts';
import { dropVolatileKeys, parseMetric, parseParam, parseTag } from '../core/config-params.ts';
import { CodedError } from '../core/errors.ts';
import { parseJson } from '../core/parse-json.ts';
import type { RunFile } from '../core/run-file.ts';
import { systemError } from '../core/system-error.ts';
import { asText, collecting } from './arguments.ts';
import type { Commander } from './command.ts';

export interface RunOptions {
  readonly param?: [string, JsonValue][];
  readonly metric?: [string, number][];
  readonly tag?: [string, string][];
  readonly input?: string[];
  readonly runFile?: string;
  readonly configFile?: string;
  readonly engineVersion?: string;
  readonly configVersion?: string;
  readonly researchSpecVersion?: string;
  readonly pipelineContractVersion?: string;
  readonly externalRunKey?: string;
  readonly externalDatasetId?: string;
}

/** Largest run or configuration file that is read. */
const largestFile = 64 * 1024 * 1024;

export function declareRun(command: Commander): void {
  command
    .option('--run-file <file>', 'JSON that says all of this; see `cairn schema run-file`')
    .option('--config-file <file>', 'JSON whose values become parameters, without times and places')
    .option(
      '--param <name=value>',
      'a parameter; name:=<json> for JSON; may be repeated',
      collecting('--param', parseParam),
    )
    .option('--input <input>', '[<relation>=]<rev or path>; may be repeated', collecting('--input', asText))
    .option('--metric <name=number>', 'a result; may be repeated', collecting('--metric', parseMetric))
    .option('--tag <name=value>', 'a tag of the run; may be repeated', collecting('--tag', parseTag))
    .option('--engine-version <version>', 'version of the program that computed')
    .option('--config-version <version>', 'version of its configuration')
    .option('--research-spec-version <version>', 'version of the research specification')
    .option('--pipeline-contract-version <version>', 'version of the contract with the pipeline')
    .option('--external-run-key <key>', 'run key that the pipeline computed itself')
    .option('--external-dataset-id <id>', 'dataset id that the pipeline computed itself');
}

function readText(flag: string, path: string, cwd: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(resolve(cwd, path));
  } catch (error) {
    const failure = systemError(`${flag}: cannot read`, error, path);
    if ((error as { code?: string }).code !== 'ENOENT') throw failure;
    throw new CodedError('PATH_NOT_FOUND', `${flag}: ${path} does not exist`, {
      data: { argument: flag, path },
      cause: error,
    });
  }
  if (bytes.length > largestFile)
    throw new CodedError('BAD_ARGUMENT', `${flag}: ${path} is larger than 64 MiB`, { data: { argument: flag, path } });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CodedError('BAD_JSON', `${flag}: ${path} is not UTF-8`, { data: { argument: flag, path }, cause });
  }
}

function configParams(path: string, cwd: string, note: (line: string) => void): { [name: string]: JsonValue } {
  const { params, dropped } = dropVolatileKeys(
    parseJson(readText('--config-file', path, cwd), `--config-file ${path}`),
  );
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw new CodedError('BAD_JSON', `--config-file: ${path} holds no JSON object`, {
      data: { argument: '--config-file', path },
    });
  }
  if (dropped.length > 0) note(`not taken as parameters, since they are times or places: ${dropped.join(', ')}`);
  return params;
}

export interface RunValues {
  readonly params: { readonly [name: string]: JsonValue };
  readonly metrics: { readonly [name: string]: number };
  readonly tags: { readonly [name: string]: string };
  readonly inputs: readonly string[];
  readonly runFile: RunFile | undefined;
  readonly engineVersion: string | undefined;
  readonly configVersion: string | undefined;
  readonly researchSpecVersion: string | undefined;
  readonly pipelineContractVersion: string | undefined;
  readonly externalRunKey: string | undefined;
  readonly externalDatasetId: string | undefined;
}

async function readRunFile(file: string, cwd: string): Promise<RunFile> {
  const text = readText('--run-file', file, cwd);
  // Loaded only here: its schema costs start-up.
  return (await import('../core/run-file.ts')).parseRunFile(text, `--run-file ${file}`);
}

/** Options win over the configuration file, which wins over the run file. */
export async function readRunOptions(
  options: RunOptions,
  cwd: string,
  note: (line: string) => void,
): Promise<RunValues> {
  const { runFile, configFile } = options;
  return {
    params: {
      ...(configFile === undefined ? {} : configParams(configFile, cwd, note)),
      ...Object.fromEntries(options.param ?? []),
    },
    metrics: Object.fromEntries(options.metric ?? []),
    tags: Object.fromEntries(options.tag ?? []),
    inputs: options.input ?? [],
    runFile: runFile === undefined ? undefined : await readRunFile(runFile, cwd),
    engineVersion: options.engineVersion,
    configVersion: options.configVersion,
    researchSpecVersion: options.researchSpecVersion,
    pipelineContractVersion: options.pipelineContractVersion,
    externalRunKey: options.externalRunKey,
    externalDatasetId: options.externalDatasetId,
  };
}
