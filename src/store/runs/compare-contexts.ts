/** What two runs differ in by where they ran: host, language runtimes with their packages, and environment variables. */
import type { JsonValue } from '../../core/json-value.ts';
import type { ContextRecord } from '../../core/records/context.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { changedValues, type ValueChange } from './compare-runs.ts';
import { type ReadingContext, readContext } from './run-context.ts';

/** Everything that may change a result, by name. What a run took is no difference between environments. */
function environmentOf({ host, runtimes, variables }: ContextRecord): Map<string, JsonValue> {
  const values = new Map<string, JsonValue>([
    ['host', host.name],
    ['operating system', `${host.os} ${host.osVersion}`],
    ['kernel', host.kernel],
    ['architecture', host.arch],
    ['processors', host.cpus],
    ['memory', host.memoryBytes],
  ]);
  if (host.cpuModel !== undefined) values.set('processor', host.cpuModel);
  for (const { language, version, executable, packages = [], locks = [] } of runtimes) {
    // Two programs of one language are told apart by where they are.
    const name = values.has(language) ? `${language} ${executable}` : language;
    values.set(name, version ?? 'unknown version');
    values.set(`${name} executable`, executable);
    for (const one of packages) values.set(`${name} package ${one.name}`, one.version);
    for (const { path, sha256 } of locks) values.set(`${name} lock ${path}`, sha256);
  }
  for (const [name, value] of Object.entries(variables)) values.set(`variable ${name}`, value);
  return values;
}

export function compareContexts(before: ContextRecord, after: ContextRecord): ValueChange[] {
  return changedValues(environmentOf(before), environmentOf(after));
}

/** Differences of the environments of two runs; none where one of them is not known. */
export async function environmentChanges(
  context: ReadingContext,
  before: RunRecord,
  after: RunRecord,
): Promise<readonly ValueChange[]> {
  if (before.context === undefined || before.context === after.context) return [];
  const [left, right] = [await readContext(context, before), await readContext(context, after)];
  return left === undefined || right === undefined ? [] : compareContexts(left, right);
}
