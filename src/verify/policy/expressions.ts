/**
 * CEL as policies use it: @bufbuild/cel, made strict and bounded.
 *
 * - `&&` and `||` go from left to right and end at the first error. The standard lets `error || true` be true; here a field that is
 *   not there is an error wherever it is read. `has(x.y)` asks whether it is there.
 * - A computed number that is none (1.0 / 0.0, double("nan")) is an error, as is one that is read.
 * - An expression is at most 2,000 characters and 32 brackets deep. Each round of a macro (all, exists, exists_one, filter, map) is paid for by the
 *   size of its body; comparing, joining and searching by the size of what they look at; lists and texts that are made are bounded.
 * - Evaluating never throws: a result or words for why there is none.
 */
import {
  type CelFunc,
  type CelList,
  CelScalar,
  type CelValue,
  celEnv,
  celFunc,
  celList,
  celMethod,
  isCelError,
  isCelList,
  isCelMap,
  listType,
  mapType,
  parse,
  plan,
} from '@bufbuild/cel';
import type { LosslessObject } from '../../core/lossless-json.ts';
import { bindVariables } from './bindings.ts';
import type { Meter } from './meter.ts';
import { makeStrict, type StrictExpression } from './strict-expression.ts';

const expressionLimit = 2000;
const bracketLimit = 32;
const listLimit = 10_000;
const textLimit = 65_536;

const { BOOL, BYTES, DOUBLE, DYN, INT, STRING } = CelScalar;
const LIST = listType(DYN);
const MAP = mapType(DYN, DYN);

/** Equality of two single values, as the package has it. */
const equalScalars = plan(celEnv(), parse('left == right'));
const matchText = plan(celEnv(), parse('text.matches(pattern)'));

function boundedFunctions(meter: Meter): CelFunc[] {
  function equal(left: CelValue, right: CelValue): boolean {
    meter.spend(1);
    if (isCelList(left) || isCelList(right)) {
      if (!isCelList(left) || !isCelList(right) || left.size !== right.size) return false;
      const others = right.values();
      for (const element of left) if (!equal(element, others.next().value as CelValue)) return false;
      return true;
    }
    if (isCelMap(left) || isCelMap(right)) {
      if (!isCelMap(left) || !isCelMap(right) || left.size !== right.size) return false;
      for (const [key, value] of left) {
        const other = right.get(key);
        if (other === undefined || !equal(value, other)) return false;
      }
      return true;
    }
    if (typeof left === 'string' && typeof right === 'string') {
      meter.spend(Math.min(left.length, right.length) / 256);
      return left === right;
    }
    return equalScalars({ left, right }) === true;
  }
  function finite(value: number): number {
    return Number.isFinite(value) ? value : meter.fail(`a computed number is ${String(value)}`);
  }
  function joinLists(left: CelList, right: CelList): CelList {
    const size = left.size + right.size;
    if (size > listLimit) meter.fail(`a list of more than ${listLimit} elements is made`);
    meter.spend(1 + size / 16);
    return celList([...left, ...right]);
  }
  function joinTexts(left: string, right: string): string {
    const length = left.length + right.length;
    if (length > textLimit) meter.fail(`a text of more than ${textLimit} characters is made`);
    meter.spend(length / 256);
    return left + right;
  }
  const search = (text: string, wanted: string): void => meter.spend(1 + (text.length + wanted.length) / 128);
  return [
    celFunc('_==_', [DYN, DYN], BOOL, equal),
    celFunc('_!=_', [DYN, DYN], BOOL, (left, right) => !equal(left, right)),
    celFunc('@in', [DYN, LIST], BOOL, (value, list) => {
      for (const element of list) if (equal(value, element)) return true;
      return false;
    }),
    celFunc('_+_', [LIST, LIST], LIST, joinLists),
    celFunc('_+_', [STRING, STRING], STRING, joinTexts),
    celFunc('_+_', [BYTES, BYTES], BYTES, () => meter.fail('bytes are joined, which policies do not need')),
    celFunc('_+_', [DOUBLE, DOUBLE], DOUBLE, (left, right) => finite(left + right)),
    celFunc('_-_', [DOUBLE, DOUBLE], DOUBLE, (left, right) => finite(left - right)),
    celFunc('_*_', [DOUBLE, DOUBLE], DOUBLE, (left, right) => finite(left * right)),
    celFunc('_/_', [DOUBLE, DOUBLE], DOUBLE, (left, right) => finite(left / right)),
    celFunc('double', [STRING], DOUBLE, (text) => finite(text.trim() === '' ? Number.NaN : Number(text))),
    celFunc('double', [INT], DOUBLE, (value) => finite(Number(value))),
    celFunc('size', [STRING], INT, (text) => {
      search(text, '');
      return BigInt([...text].length);
    }),
    celMethod('size', STRING, [], INT, function () {
      search(this, '');
      return BigInt([...this].length);
    }),
    celMethod('contains', STRING, [STRING], BOOL, function (wanted) {
      search(this, wanted);
      return this.includes(wanted);
    }),
    celMethod('matches', STRING, [STRING], BOOL, function (pattern) {
      meter.spend(20 + this.length + 16 * pattern.length);
      const result = matchText({ text: this, pattern });
      return typeof result === 'boolean' ? result : meter.fail('a regular expression cannot be read');
    }),
    celFunc('@has', [MAP, STRING], BOOL, (map, name) => meter.ask(() => map.has(name))),
    celFunc('@step', [INT, BOOL], BOOL, (cost, goesOn) => {
      meter.spend(Number(cost));
      return goesOn;
    }),
  ];
}

function bracketDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if ('([{'.includes(character)) deepest = Math.max(deepest, ++depth);
    else if (')]}'.includes(character)) depth--;
  }
  return deepest;
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : 'it fails';
  return (message.split('\n')[0] as string).slice(0, 300);
}

/** Why a text is no expression, or the names that it reads; also for whoever writes a policy. */
export function readExpression(text: string): { readonly fault: string } | StrictExpression {
  if (text.length > expressionLimit) return { fault: `it is longer than ${expressionLimit} characters` };
  if (bracketDepth(text) > bracketLimit) return { fault: `its brackets are more than ${bracketLimit} deep` };
  try {
    return makeStrict(parse(text).expr);
  } catch (error) {
    return { fault: firstLine(error) };
  }
}

export type Evaluation = { readonly value: CelValue } | { readonly undecided: string };

/** Evaluates expressions on these variables. */
export function evaluator(variables: LosslessObject, meter: Meter): (text: string) => Evaluation {
  const environment = celEnv({ funcs: boundedFunctions(meter) });
  const bindings = bindVariables(variables, meter);
  return (text) => {
    const read = readExpression(text);
    if ('fault' in read) return { undecided: read.fault };
    try {
      const value = plan(environment, read.expression)(bindings);
      if (meter.fault !== undefined) return { undecided: meter.fault };
      return isCelError(value) ? { undecided: firstLine(value) } : { value };
    } catch (error) {
      // A stack that runs out is the last bound.
      return { undecided: meter.fault ?? firstLine(error) };
    }
  };
}
