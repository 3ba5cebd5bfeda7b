/**
 * What a schema has against a document, as problems with the line and column of what is wrong, in words for whoever wrote it.
 */
import type * as z from 'zod/mini';
import { jsonPath } from './json-value.ts';
import { type SourceNode, type SourceProblem, sourceAt, sourceKeyPlace, sourceKind } from './source-node.ts';

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** What a schema of zod says about itself, as far as it is asked here. */
interface Definition {
  readonly innerType?: Schema;
  readonly options?: readonly Schema[];
  readonly element?: Schema;
  readonly valueType?: Schema;
  readonly shape?: { readonly [key: PropertyKey]: Schema };
}

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

/**
 * What a document means where either of several things may stand: the number of the branch whose faults are to be told, or, where
 * it is none of them, what must stand there.
 */
export type ReadUnion = (node: SourceNode, path: readonly PropertyKey[]) => number | string;

const scalarOrList: ReadUnion = () => 'a number, a text, true or false, empty, or a list of these';

/** zod/mini has no messages of its own. */
const silent = 'Invalid input';

/** The keys that a map at this path may have. */
function allowedKeys(schema: Schema, path: readonly PropertyKey[]): readonly string[] {
  const definition = (of: Schema): Definition => of._zod.def as unknown as Definition;
  let at: Schema = schema;
  for (const step of [...path, undefined]) {
    let def = definition(at);
    while (def.innerType !== undefined) def = definition(def.innerType);
    // Of several things only the map has keys.
    def = def.options?.map(definition).find((option) => option.shape !== undefined) ?? def;
    if (step === undefined) return Object.keys(def.shape ?? {});
    const next = def.element ?? def.valueType ?? def.shape?.[step];
    if (next === undefined) return [];
    at = next;
  }
  return [];
}

function isMissing(root: SourceNode, path: readonly PropertyKey[]): boolean {
  const parent = sourceAt(root, path.slice(0, -1));
  const key = path.at(-1);
  return parent.kind === 'map' && typeof key === 'string' && !parent.entries.some((entry) => entry.key === key);
}

/** What one issue says about the document; `base` is where the part that it is about stands. */
export function sourceProblems(
  schema: Schema,
  root: SourceNode,
  issue: Issue,
  readUnion: ReadUnion = scalarOrList,
  base: readonly PropertyKey[] = [],
): SourceProblem[] {
  const path = [...base, ...issue.path];
  const node = sourceAt(root, path);
  const label = path.length === 0 ? '' : `${jsonPath(path as (string | number)[]).replace(/^\$\.?/, '')}: `;
  const problem = (why: string): SourceProblem[] => [{ at: node.at, why: label + why }];
  if (issue.message !== silent) return problem(issue.message);
  if (isMissing(root, path)) return problem('is missing');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        at: sourceKeyPlace(node, key),
        why: `${label}unknown key ${JSON.stringify(key)}; here may stand ${allowedKeys(schema, path).join(', ')}`,
      }));
    case 'invalid_key': {
      const at = sourceKeyPlace(sourceAt(root, path.slice(0, -1)), String(path.at(-1)));
      return [{ at, why: `${label}${issue.issues[0]?.message ?? 'not a name'}` }];
    }
    case 'invalid_type': {
      const wanted = kinds[issue.expected] ?? `a ${issue.expected}`;
      const isScalar = node.kind === 'scalar' && node.value !== null && typeof node.value !== 'string';
      const quote = issue.expected === 'string' && isScalar ? `: write "${String(node.value)}" in quotes` : '';
      return problem(`must be ${wanted}, and is ${sourceKind(node)}${quote}`);
    }
    case 'invalid_union': {
      const meant = readUnion(node, path);
      if (typeof meant === 'string') return problem(`must be ${meant}, and is ${sourceKind(node)}`);
      return (issue.errors[meant] ?? []).flatMap((one) => sourceProblems(schema, root, one, readUnion, path));
    }
    case 'invalid_value':
      return problem(`must be ${issue.values.map((value) => String(value)).join(' or ')}`);
    case 'too_small':
      return problem(
        issue.origin === 'string' || issue.origin === 'array' ? 'is empty' : `must be at least ${issue.minimum}`,
      );
    case 'too_big':
      return problem(
        issue.origin === 'number'
          ? `must be at most ${issue.maximum}`
          : `is too long: at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`,
      );
    default:
      return problem('cannot be used');
  }
}
