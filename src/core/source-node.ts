/**
 * A document that a person wrote, with the place of everything in it, whatever its notation: what a reader of YAML hands
 * over, so that a later "this is no version" can point at the line. Values are JSON's; keys of a map are unique.
 *
 * Lines and columns count from 1, columns in UTF-16 units.
 */
import { CodedError } from './errors.ts';
import type { JsonValue } from './json-value.ts';

export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

export interface SourceScalar {
  readonly kind: 'scalar';
  readonly at: SourcePlace;
  readonly value: null | boolean | number | string;
}
export interface SourceList {
  readonly kind: 'list';
  readonly at: SourcePlace;
  readonly items: readonly SourceNode[];
}
export interface SourceMap {
  readonly kind: 'map';
  readonly at: SourcePlace;
  readonly entries: readonly SourceEntry[];
}
export interface SourceEntry {
  readonly key: string;
  readonly keyAt: SourcePlace;
  readonly value: SourceNode;
}
export type SourceNode = SourceScalar | SourceList | SourceMap;

/** One thing that is wrong in a document. */
export interface SourceProblem {
  readonly at: SourcePlace;
  readonly why: string;
}

/**
 * The error for a document that cannot be used: the first problem by place in the message (`cairn.yaml:3:5: …`), all of
 * them in `data.problems`.
 */
export function documentError(what: string, problems: readonly SourceProblem[], hint?: string): CodedError {
  const sorted = [...problems].sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
  const [first] = sorted;
  const { line, column } = first?.at ?? { line: 1, column: 1 };
  const more = sorted.length > 1 ? ` (and ${sorted.length - 1} more)` : '';
  return new CodedError('BAD_JSON', `${what}:${line}:${column}: ${first?.why ?? 'cannot be used'}${more}`, {
    hint,
    data: {
      file: what,
      line,
      column,
      problems: sorted.slice(0, 20).map(({ at, why }) => ({ line: at.line, column: at.column, why })),
    },
  });
}

/** The plain value of a node. Keys become own properties, whatever they are called. */
export function sourceValue(node: SourceNode): JsonValue {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(sourceValue);
  const object: { [key: string]: JsonValue } = {};
  for (const { key, value } of node.entries) {
    // Not an assignment: the key may be __proto__.
    Object.defineProperty(object, key, {
      value: sourceValue(value),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return object;
}

/** The node at a path, or the deepest one on the way to it that exists. */
export function sourceAt(node: SourceNode, path: readonly PropertyKey[]): SourceNode {
  let at = node;
  for (const step of path) {
    const next =
      at.kind === 'map'
        ? at.entries.find(({ key }) => key === step)?.value
        : at.kind === 'list' && typeof step === 'number'
          ? at.items[step]
          : undefined;
    if (next === undefined) return at;
    at = next;
  }
  return at;
}

/** Where a key of a map stands; the map's own place when it is no map or has no such key. */
export function sourceKeyPlace(node: SourceNode, key: string): SourcePlace {
  const entry = node.kind === 'map' ? node.entries.find((one) => one.key === key) : undefined;
  return entry?.keyAt ?? node.at;
}

/** What a person would call the value: for "must be a text, not a number". */
export function sourceKind(node: SourceNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  if (node.value === null) return 'empty';
  return { boolean: 'true or false', number: 'a number', string: 'a text' }[
    typeof node.value as 'boolean' | 'number' | 'string'
  ];
}
