/**
 * From the document to a configuration: everything that is wrong is collected and named with its line and column, so
 * that a file is corrected once and not once a mistake.
 */
import type * as z from 'zod/mini';
import { jsonPath } from '../json-value.ts';
import { normalizePath } from '../names.ts';
import {
  documentError,
  type SourceNode,
  type SourceProblem,
  sourceAt,
  sourceKeyPlace,
  sourceKind,
  sourceValue,
} from '../source-node.ts';
import { type ConfigFile, columnName, configFileSchema } from './config-schema.ts';
import type { DatasetScope, NamedRun, TableSpecification, TypeRule, WorkspaceConfig } from './workspace-config.ts';

type Issue = z.core.$ZodIssue;

/** What must be there, by zod's name of a type. */
const kinds: { readonly [expected: string]: string } = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

/** zod/mini has no messages of its own. */
const silent = 'Invalid input';

/** Keys that a map may have, for the message about one that it may not have. */
function allowedKeys(path: readonly PropertyKey[]): readonly string[] {
  const shape = configFileSchema.shape;
  const of = (schema: { readonly shape: object }): string[] => Object.keys(schema.shape);
  const [part, , third] = path;
  if (part === undefined) return of(configFileSchema);
  if (part === 'pins') return of(shape.pins.def.innerType);
  if (part === 'runs') return of(shape.runs.def.innerType.def.valueType);
  if (part === 'datasets') return of(shape.datasets.def.innerType.def.valueType);
  const rule = shape.types.def.innerType.def.element;
  if (third !== 'table') return of(rule);
  return path.length > 4 ? ['name', 'type'] : of(rule.shape.table.def.innerType);
}

function missing(root: SourceNode, path: readonly PropertyKey[]): boolean {
  const parent = sourceAt(root, path.slice(0, -1));
  const key = path.at(-1);
  return parent.kind === 'map' && typeof key === 'string' && !parent.entries.some((entry) => entry.key === key);
}

/** What one issue says about the document, as problems with a place. */
function problemsOf(root: SourceNode, issue: Issue, base: readonly PropertyKey[] = []): SourceProblem[] {
  const path = [...base, ...issue.path];
  const node = sourceAt(root, path);
  const label = path.length === 0 ? '' : `${jsonPath(path as (string | number)[]).replace(/^\$\.?/, '')}: `;
  const problem = (why: string): SourceProblem[] => [{ at: node.at, why: label + why }];
  if (issue.message !== silent) return problem(issue.message);
  if (missing(root, path)) return problem('is missing');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        at: sourceKeyPlace(node, key),
        why: `${label}unknown key ${JSON.stringify(key)}; here may stand ${allowedKeys(path).join(', ')}`,
      }));
    case 'invalid_key': {
      const key = String(path.at(-1));
      const at = sourceKeyPlace(sourceAt(root, path.slice(0, -1)), key);
      return [{ at, why: `${label}${issue.issues[0]?.message ?? 'not a name'}` }];
    }
    case 'invalid_union': {
      // What is there says which of the two was meant: a column is a text or a map, all else a text or a list of texts.
      const isColumn = path.at(-2) === 'columns' && path.includes('table');
      const branch = { scalar: 0, list: isColumn ? -1 : 1, map: isColumn ? 1 : -1 }[node.kind];
      const inner = issue.errors[branch];
      if (isColumn && node.kind === 'map') return (inner ?? []).flatMap((one) => problemsOf(root, one, path));
      const isText = node.kind === 'list' || (node.kind === 'scalar' && typeof node.value === 'string');
      if (inner === undefined || !isText)
        return problem(
          `must be ${isColumn ? 'a name or a map' : 'a text or a list of texts'}, and is ${sourceKind(node)}`,
        );
      return inner.flatMap((one) => problemsOf(root, one, path));
    }
    case 'invalid_type': {
      const wanted = kinds[issue.expected] ?? `a ${issue.expected}`;
      const isScalar = node.kind === 'scalar' && node.value !== null && typeof node.value !== 'string';
      const quote = issue.expected === 'string' && isScalar ? `: write "${String(node.value)}" in quotes` : '';
      return problem(`must be ${wanted}, and is ${sourceKind(node)}${quote}`);
    }
    case 'invalid_value':
      return problem(`must be ${issue.values.map((value) => String(value)).join(' or ')}`);
    case 'too_small':
      if (issue.origin === 'string' || issue.origin === 'array') return problem('is empty');
      return problem(`must be at least ${issue.minimum}`);
    case 'too_big':
      return problem(`is too long: at most ${issue.maximum} characters`);
    default:
      return problem('cannot be used');
  }
}

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
    const problems = result.error.issues.flatMap((issue) => problemsOf(root, issue));
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
