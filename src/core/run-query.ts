/**
 * Questions about runs: `log --where "metric.mean_ic > 0.02 and param.window == 20" --sort -metric.mean_ic --columns …`.
 * run-query-parser.ts reads them; here is what they mean.
 *
 *   condition  or-terms of and-terms of comparisons; `not`, parentheses
 *   comparison FIELD == != < <= > >= VALUE      FIELD ~ "glob"      FIELD in (VALUE, …)      FIELD, alone: it is there and not false
 *   field      metric.NAME  param.NAME  tag.NAME  and the run's own: status, message, author, created, engine_version, …
 *              a name that is no word is quoted: param."learning rate"; param.a.b is b inside of the parameter a,
 *              unless a parameter is called "a.b"
 *   value      a number, "text" or 'text', true, false, null
 *
 * A field that a run does not have makes every comparison with it false, `!=` too; `not` turns that round. Numbers compare
 * with numbers, texts with texts by their UTF-8 bytes; other kinds are equal or different and never less or more.
 */
import { compareUtf8 } from './bytes.ts';
import type { JsonValue } from './json-value.ts';

/** A run as a question sees it. */
export interface QueriedRun {
  readonly id: string;
  readonly runKey: string;
  readonly message: string | undefined;
  readonly author: string;
  readonly createdAt: string;
  readonly status: string;
  readonly artifacts: number;
  readonly engineVersion: string;
  readonly configVersion: string;
  readonly configHash: string;
  readonly datasetIdV2: string | undefined;
  readonly gitCommit: string | undefined;
  readonly gitDirty: boolean | undefined;
  readonly retired: boolean;
  readonly stale: boolean;
  readonly params: { readonly [name: string]: JsonValue };
  readonly metrics: { readonly [name: string]: number };
  readonly tags: { readonly [name: string]: string };
}

/** Fields of the run itself. */
export const ownFields: { readonly [name: string]: (run: QueriedRun) => JsonValue | undefined } = {
  run: (run) => run.id,
  run_key: (run) => run.runKey,
  message: (run) => run.message,
  author: (run) => run.author,
  created: (run) => run.createdAt,
  status: (run) => run.status,
  artifacts: (run) => run.artifacts,
  engine_version: (run) => run.engineVersion,
  config_version: (run) => run.configVersion,
  config_hash: (run) => run.configHash,
  dataset_id: (run) => run.datasetIdV2,
  git_commit: (run) => run.gitCommit,
  git_dirty: (run) => run.gitDirty,
  retired: (run) => run.retired,
  stale: (run) => run.stale,
};
export type FieldKind = 'own' | 'metric' | 'param' | 'tag';

export interface RunField {
  readonly kind: FieldKind;
  /** As it was written, for headings. */
  readonly text: string;
  readonly path: readonly string[];
}

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type RunCondition =
  | { readonly op: 'and' | 'or'; readonly terms: readonly RunCondition[] }
  | { readonly op: 'not'; readonly term: RunCondition }
  | { readonly op: 'has'; readonly field: RunField }
  | { readonly op: Comparison; readonly field: RunField; readonly value: JsonValue }
  | { readonly op: 'in'; readonly field: RunField; readonly values: readonly JsonValue[] }
  | {
      readonly op: '~';
      readonly field: RunField;
      readonly pattern: string;
      readonly matches: (text: string) => boolean;
    };

export interface RunOrder {
  readonly field: RunField;
  readonly descending: boolean;
}

/** Own members only: a parameter may be called like something that every object has. */
function member(value: unknown, name: string): unknown {
  const isHolder = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  return isHolder ? (value as { [name: string]: unknown })[name] : undefined;
}

/** What a run has in a field; undefined when it has nothing there. */
export function fieldValue(run: QueriedRun, { kind, path }: RunField): JsonValue | undefined {
  if (kind === 'own') return ownFields[path[0] as string]?.(run);
  const holder = { metric: run.metrics, param: run.params, tag: run.tags }[kind];
  const whole = member(holder, path.join('.'));
  return (whole ?? (kind === 'param' ? path.reduce<unknown>(member, holder) : undefined)) as JsonValue | undefined;
}

/** Negative, zero or positive; undefined where the two have no order. */
function compareValues(left: JsonValue, right: JsonValue): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return compareUtf8(left, right);
  return undefined;
}

function holds(op: Comparison, left: JsonValue, right: JsonValue): boolean {
  if (op === '==' || op === '!=') return (left === right) === (op === '==');
  const order = compareValues(left, right);
  if (order === undefined) return false;
  return op === '<' ? order < 0 : op === '<=' ? order <= 0 : op === '>' ? order > 0 : order >= 0;
}

/** True when the condition holds for the run. */
export function satisfies(run: QueriedRun, condition: RunCondition): boolean {
  switch (condition.op) {
    case 'and':
      return condition.terms.every((term) => satisfies(run, term));
    case 'or':
      return condition.terms.some((term) => satisfies(run, term));
    case 'not':
      return !satisfies(run, condition.term);
    default: {
      const value = fieldValue(run, condition.field);
      if (value === undefined) return false;
      if (condition.op === 'has') return value !== false;
      if (condition.op === 'in') return condition.values.includes(value);
      if (condition.op === '~') return typeof value === 'string' && condition.matches(value);
      return holds(condition.op, value, condition.value);
    }
  }
}

const ranks = ['number', 'string', 'boolean', 'object'];

/**
 * The order of two runs, for sorting: numbers, then texts, then the rest; a run without the field comes last either way.
 * Runs that are equal keep the order they had.
 */
export function compareRuns(order: readonly RunOrder[]): (left: QueriedRun, right: QueriedRun) => number {
  return (left, right) => {
    for (const { field, descending } of order) {
      const [a, b] = [fieldValue(left, field), fieldValue(right, field)];
      if (a === undefined || b === undefined) {
        if (a !== b) return a === undefined ? 1 : -1;
        continue;
      }
      const byKind = ranks.indexOf(typeof a) - ranks.indexOf(typeof b);
      const difference = byKind !== 0 ? byKind : (compareValues(a, b) ?? Number(a) - Number(b));
      if (difference !== 0 && !Number.isNaN(difference)) return descending && byKind === 0 ? -difference : difference;
    }
    return 0;
  };
}
