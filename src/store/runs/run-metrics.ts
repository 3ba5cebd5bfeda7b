/** Metrics that a program wrote into `metrics.json`: its numbers, those inside of objects by their path. */
import type { JsonValue } from '../../core/canonical-json.ts';
import { isCodedError } from '../../core/errors.ts';
import { parseJson } from '../../core/parse-json.ts';
import { statSize } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';

export const metricsFile = 'metrics.json';
const largestFile = 1024 * 1024;

export interface ReadMetrics {
  readonly metrics: { readonly [name: string]: number };
  /** What was not taken, for people. */
  readonly notes: readonly string[];
}

function collect(value: JsonValue, name: string, into: Map<string, number>, left: string[]): void {
  if (typeof value === 'number') into.set(name, value === 0 ? 0 : value);
  else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, member] of Object.entries(value))
      collect(member, name === '' ? key : `${name}.${key}`, into, left);
  } else left.push(name);
}

/** Reads one file that the run wrote. What cannot be used is told, and never fails the run: the program has ended well. */
export async function readMetrics(workspace: Pick<WorkspaceContext, 'files'>, path: string): Promise<ReadMetrics> {
  const [stat] = await workspace.files.stat([path]);
  if (stat?.kind !== 'file') return { metrics: {}, notes: [] };
  if ((stat.stat[statSize] as number) > largestFile)
    return { metrics: {}, notes: [`${path} is larger than 1 MiB: no metrics were taken from it`] };
  const metrics = new Map<string, number>();
  const left: string[] = [];
  try {
    const value = parseJson((await workspace.files.readText(path)) ?? '{}', path);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { metrics: {}, notes: [`${path} holds no JSON object: no metrics were taken from it`] };
    collect(value, '', metrics, left);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { metrics: {}, notes: [`no metrics were taken: ${error.message}`] };
  }
  const notes = left.length === 0 ? [] : [`${path}: not numbers, so no metrics: ${left.slice(0, 5).join(', ')}`];
  return { metrics: Object.fromEntries(metrics), notes };
}
