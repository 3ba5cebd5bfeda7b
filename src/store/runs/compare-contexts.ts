/** What two runs differ in by where they ran: host, language runtimes with their packages, and environment variables. */
import type { ContextId } from '../../core/ids.ts';
import type { JsonValue } from '../../core/json-value.ts';
import type { ContextRecord } from '../../core/records/context.ts';
import type { RunRecord } from '../../core/records/run.ts';
import type { StoreContext } from '../context.ts';
import { readRecord } from '../objects/object-reader.ts';
import { changedValues, type ValueChange } from './compare-runs.ts';

type Reading = Pick<StoreContext, 'backend' | 'codec' | 'manifest'>;

/** undefined when the run has none, or it was erased. */
export async function readContext(context: Reading, id: ContextId | undefined): Promise<ContextRecord | undefined> {
  if (id === undefined) return undefined;
  const [object] = await context.manifest.objects('record', [id]);
  if (object === undefined || object.location.kind === 'absent') return undefined;
  // Loaded only here: most runs that are compared have no context, and schemas cost start-up.
  const { parseContextRecord } = await import('../../core/records/context.ts');
  return parseContextRecord(await readRecord(context, id));
}

/** What a run ran on, by name. What it took is no difference between environments. */
function environmentOf({ host, runtimes, variables }: ContextRecord): Map<string, JsonValue> {
  const values = new Map<string, JsonValue>();
  for (const [name, value] of Object.entries(host)) values.set(`host.${name}`, value);
  for (const { language, version, executable, packages = [], locks = [] } of runtimes) {
    values.set(language, version ?? 'unknown version');
    values.set(`${language}.executable`, executable);
    for (const one of packages) values.set(`${language}.packages.${one.name}`, one.version);
    for (const { path, sha256 } of locks) values.set(`${language}.locks.${path}`, sha256);
  }
  for (const [name, value] of Object.entries(variables)) values.set(`variable.${name}`, value);
  return values;
}

export function compareContexts(before: ContextRecord, after: ContextRecord): ValueChange[] {
  return changedValues(environmentOf(before), environmentOf(after));
}

/** Differences of the environments of two runs; none where one of them is not known. */
export async function environmentChanges(
  context: Reading,
  before: RunRecord,
  after: RunRecord,
): Promise<readonly ValueChange[]> {
  if (before.context === undefined || before.context === after.context) return [];
  const [left, right] = [await readContext(context, before.context), await readContext(context, after.context)];
  return left === undefined || right === undefined ? [] : compareContexts(left, right);
}
