/** What two runs differ in besides their files: parameters, version pins, metrics, tags, code and command. */
import { canonicalize, type JsonValue } from '../../core/canonical-json.ts';
import type { RunId } from '../../core/ids.ts';
import { parseIndexedRun } from '../../core/records/indexed-run.ts';
import type { RunRecord } from '../../core/records/run.ts';
import type { StoreContext } from '../context.ts';
import { readRecord } from '../objects/object-reader.ts';

/** undefined where one side has no such value. */
export interface ValueChange {
  readonly name: string;
  readonly before: JsonValue | undefined;
  readonly after: JsonValue | undefined;
}

export interface RunChanges {
  readonly params: readonly ValueChange[];
  readonly pins: readonly ValueChange[];
  readonly metrics: readonly ValueChange[];
  readonly tags: readonly ValueChange[];
  readonly code: readonly ValueChange[];
}

export async function readRun(
  context: Pick<StoreContext, 'backend' | 'codec' | 'manifest'>,
  id: RunId,
): Promise<RunRecord> {
  return parseIndexedRun(await readRecord(context, id));
}

type Values = { readonly [name: string]: JsonValue | undefined };

/** Nested parameters by their path: `model.depth`. Lists are values. */
function flattened(
  value: { readonly [name: string]: JsonValue },
  prefix = '',
  into = new Map<string, JsonValue>(),
): Map<string, JsonValue> {
  for (const [name, member] of Object.entries(value)) {
    const isNested =
      typeof member === 'object' && member !== null && !Array.isArray(member) && Object.keys(member).length > 0;
    if (isNested) flattened(member, `${prefix}${name}.`, into);
    else into.set(prefix + name, member);
  }
  return into;
}

function same(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return canonicalize(left) === canonicalize(right);
}

export function changedValues(
  before: ReadonlyMap<string, JsonValue | undefined>,
  after: ReadonlyMap<string, JsonValue | undefined>,
): ValueChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names
    .map((name) => ({ name, before: before.get(name), after: after.get(name) }))
    .filter((change) => !same(change.before, change.after));
}

const asMap = (values: Values): Map<string, JsonValue | undefined> => new Map(Object.entries(values));

/** Version pins and datasets: the part of the identity that is not a parameter. */
export function pinsOf({ identity }: RunRecord): Values {
  return {
    engineVersion: identity.engineVersion,
    configVersion: identity.configVersion,
    researchSpecVersion: identity.researchSpecVersion,
    pipelineContractVersion: identity.pipelineContractVersion,
    seedVersion: identity.seedVersion,
    datasets: identity.datasets.map((dataset) => `${dataset.algorithm}:${dataset.mode}:${dataset.id}`),
    externalRunKey: identity.external?.runKey,
    externalDatasetId: identity.external?.datasetIdV2,
  };
}

function codeOf({ code, writer, command, status }: RunRecord): Values {
  return {
    gitCommit: code.gitCommit,
    gitDirty: code.gitDirty,
    gitRemote: code.gitRemote,
    patch: code.patch,
    writer: `${writer.name} ${writer.version}`,
    command: command === undefined ? undefined : [...command.argv],
    directory: command?.cwd,
    exitCode: command?.exitCode,
    signal: command?.signal,
    status,
  };
}

export function compareRuns(before: RunRecord, after: RunRecord): RunChanges {
  return {
    params: changedValues(flattened(before.identity.params), flattened(after.identity.params)),
    pins: changedValues(asMap(pinsOf(before)), asMap(pinsOf(after))),
    metrics: changedValues(asMap(before.metrics), asMap(after.metrics)),
    tags: changedValues(asMap(before.tags), asMap(after.tags)),
    code: changedValues(asMap(codeOf(before)), asMap(codeOf(after))),
  };
}
