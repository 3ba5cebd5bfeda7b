/** How runs made what they made, out of their records. */
import type { JsonValue } from '../../core/canonical-json.ts';
import type { LineageEdge } from '../../ports/manifest-rows.ts';
import type { TracedRun, TraceStep } from '../../ports/trace-rows.ts';
import { schemaVersionsOf } from './memory-dump-artifacts.ts';
import type { MemoryTables } from './memory-tables.ts';

export function memoryTracedRun(tables: MemoryTables, step: TraceStep, limit: number): TracedRun | undefined {
  const run = tables.runs.get(step.run);
  if (run === undefined) return undefined;
  const { record } = run;
  const most = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  const listed = record.edges === undefined ? undefined : edgesOf(record.edges, step);
  return {
    run: step.run,
    schemaVersions: JSON.parse(schemaVersionsOf(tables, run)) as JsonValue,
    plugins: record.plugins as unknown as JsonValue,
    productions: step.artifacts.flatMap((artifact) =>
      run.outputs
        .filter((output) => output.artifact === artifact)
        .map(({ path }) => ({ run: step.run, path, artifact }))
        .sort((left, right) => (left.path < right.path ? -1 : 1)),
    ),
    inputs: record.inputs.slice(0, most).map(({ artifact, relation, path, run: producer }) => {
      return { artifact, relation, path, producer };
    }),
    edges: listed?.slice(0, most),
    more: record.inputs.length > most || (listed?.length ?? 0) > most,
  };
}

function edgesOf(edges: readonly Omit<LineageEdge, 'run'>[], { run, artifacts }: TraceStep): LineageEdge[] {
  const order = ({ parent, relation }: Omit<LineageEdge, 'run'>): string => `${parent} ${relation}`;
  return artifacts.flatMap((artifact) => {
    const own = edges.filter(({ child }) => child === artifact);
    const once = new Map(own.map((edge) => [order(edge), { ...edge, run }]));
    return [...once.keys()].sort().map((key) => once.get(key) as LineageEdge);
  });
}
