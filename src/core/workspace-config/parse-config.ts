/**
 * From the document to a configuration: everything that is wrong is collected and named with its line and column, so
 * that a file is corrected once and not once a mistake.
 */
import { normalizePath } from '../names.ts';
import { documentError, type SourceNode, type SourceProblem, sourceAt, sourceValue } from '../source-node.ts';
import { type ReadUnion, sourceProblems } from '../source-problems.ts';
import { type ConfigFile, columnName, configFileSchema } from './config-schema.ts';
import type { DatasetScope, NamedRun, TableSpecification, TypeRule, WorkspaceConfig } from './workspace-config.ts';

/** A column is a text or a map, all else that may be two things a text or a list of texts. */
const readUnion: ReadUnion = (node, path) => {
  if (path.at(-2) === 'columns' && path.includes('table')) {
    if (node.kind === 'map') return 1;
    return isText(node) ? 0 : 'a name or a map';
  }
  if (node.kind === 'list') return 1;
  return isText(node) ? 0 : 'a text or a list of texts';
};

const isText = (node: SourceNode): boolean => node.kind === 'scalar' && typeof node.value === 'string';

const listOf = (texts: string | readonly string[]): readonly string[] => (typeof texts === 'string' ? [texts] : texts);

/** Leaves out what is undefined, as exact optional properties want it. */
function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function tableSpecification(table: NonNullable<NonNullable<ConfigFile['types']>[number]['table']>): TableSpecification {
  const { columns, ...rest } = table;
  const entries = columns?.map((entry) => {
    const type = typeof entry === 'string' ? undefined : entry.type;
    return { name: columnName(entry), ...(type === undefined ? {} : { type }) };
  });
  return { ...defined(rest), ...(entries === undefined ? {} : { columns: entries }) };
}

function typeRule(rule: NonNullable<ConfigFile['types']>[number]): TypeRule {
  const { match, table, ...rest } = rule;
  return {
    ...defined(rest),
    ...(table === undefined ? {} : { table: tableSpecification(table) }),
    match: listOf(match),
  };
}

function namedRun(run: NonNullable<ConfigFile['runs']>[string]): NamedRun {
  const { command, outputs, outputDir, ...rest } = run;
  return {
    ...defined(rest),
    argv: typeof command === 'string' ? ['sh', '-c', command] : command,
    ...(outputs === undefined ? {} : { outputs: outputs.map(normalizePath) }),
    ...(outputDir === undefined ? {} : { outputDir: normalizePath(outputDir) }),
  };
}

function datasetScope(scope: NonNullable<ConfigFile['datasets']>[string]): DatasetScope {
  const { files, sqlite, ...rest } = scope;
  return {
    ...defined(rest),
    ...(files === undefined ? {} : { files: listOf(files) }),
    ...(sqlite === undefined ? {} : { sqlite: normalizePath(sqlite) }),
  };
}

/** Names that a run uses and the file does not define. */
function danglingNames(root: SourceNode, config: ConfigFile): SourceProblem[] {
  const known = new Set(Object.keys(config.datasets ?? {}));
  return Object.entries(config.runs ?? {}).flatMap(([run, { datasets = [] }]) =>
    datasets.flatMap((dataset, index) =>
      known.has(dataset)
        ? []
        : [
            {
              at: sourceAt(root, ['runs', run, 'datasets', index]).at,
              why: `runs.${run}.datasets[${index}]: there is no dataset ${JSON.stringify(dataset)} in this file`,
            },
          ],
    ),
  );
}

/**
 * The configuration of a document; `undefined` stands for an empty one. `what` names the file in messages. Throws BAD_JSON
 * with `data.line`, `data.column` and `data.problems`.
 */
export function parseWorkspaceConfig(root: SourceNode | undefined, what: string): WorkspaceConfig {
  const hint = '`cairn schema config-file` prints what it may hold.';
  if (root === undefined) return { pins: {}, types: [], runs: new Map(), datasets: new Map(), variables: [] };
  const result = configFileSchema.safeParse(sourceValue(root));
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) => sourceProblems(configFileSchema, root, issue, readUnion));
    throw documentError(what, problems, hint);
  }
  const config = result.data;
  const dangling = danglingNames(root, config);
  if (dangling.length > 0) throw documentError(what, dangling, hint);
  return {
    pins: defined(config.pins ?? {}),
    types: (config.types ?? []).map(typeRule),
    runs: new Map(Object.entries(config.runs ?? {}).map(([name, run]) => [name, namedRun(run)])),
    datasets: new Map(Object.entries(config.datasets ?? {}).map(([name, scope]) => [name, datasetScope(scope)])),
    variables: config.variables ?? [],
  };
}
