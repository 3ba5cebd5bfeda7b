import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCodedError } from '../../../src/core/errors.ts';
import type { JsonValue } from '../../../src/core/json-value.ts';
import { compareRuns, fieldValue, type QueriedRun, satisfies } from '../../../src/core/run-query.ts';
import { parseCondition, parseFields, parseOrder } from '../../../src/core/run-query-parser.ts';

function run(fields: Partial<QueriedRun> = {}): QueriedRun {
  return {
    id: 'a'.repeat(64),
    runKey: 'b'.repeat(64),
    message: 'momentum',
    author: 'Ada <ada@example.org>',
    createdAt: '2026-01-31T09:30:00.000Z',
    status: 'succeeded',
    artifacts: 3,
    engineVersion: '1.4',
    configVersion: '',
    configHash: 'c'.repeat(64),
    datasetIdV2: undefined,
    gitCommit: undefined,
    gitDirty: false,
    retired: false,
    stale: false,
    params: {},
    metrics: {},
    tags: {},
    ...fields,
  };
}
const params = (value: { [name: string]: JsonValue }): QueriedRun => run({ params: value });

describe('a condition', () => {
  const one = run({
    params: {
      window: 20,
      'learning rate': 0.1,
      universe: 'sp500',
      nested: { depth: 3 },
      'a.b': 'dotted',
      none: null,
      on: true,
    },
    metrics: { mean_ic: 0.031, 'ic.std': 0.2 },
    tags: { stage: 'draft' },
  });

  test.each([
    'metric.mean_ic > 0.02 and param.window == 20',
    'metric.mean_ic>=0.031',
    'param.window != 21',
    'param."learning rate" < 1e0',
    "param.universe == 'sp500'",
    'param.universe ~ "sp*"',
    'param.window in (10, 20, 30)',
    'param.nested.depth == 3',
    'param.a.b == "dotted"',
    'param.none == null',
    'param.on == true',
    'metric.ic.std < 1',
    'tag.stage',
    'not tag.owner',
    'status == "succeeded" and (tag.stage == "final" or tag.stage == "draft")',
    'created >= "2026-01-01" and created < "2026-02-01"',
    'stale == false and artifacts > 2',
    'not param.missing == 1',
    'message ~ "mom*"',
    'not (param.window == 1 or param.window == 2) and not not tag.stage',
  ])('%s holds', (text) => {
    expect(satisfies(one, parseCondition(text))).toBe(true);
  });

  test.each([
    'metric.mean_ic > 0.04',
    'param.window == "20"',
    'param.window < "21"',
    'param.missing == 1',
    'param.missing != 1',
    'param.constructor',
    'param.window.toString',
    'metric.mean_ic.x',
    'dataset_id',
    'param.on == 1',
    'param.nested == 3',
    'param.window in (1)',
    'param.window ~ "2*"',
  ])('%s does not', (text) => {
    expect(satisfies(one, parseCondition(text))).toBe(false);
  });

  test('and binds before or', () => {
    const text = 'param.a == 1 or param.a == 2 and param.b == 3';
    expect(satisfies(params({ a: 1, b: 0 }), parseCondition(text))).toBe(true);
    expect(satisfies(params({ a: 2, b: 0 }), parseCondition(text))).toBe(false);
  });
});

describe('what is no condition is refused at its place', () => {
  test.each<[string, string]>([
    ['', 'a field should stand where it ends is, at character 1'],
    ['metric.ic >', 'a value should stand where it ends is, at character 12'],
    ['metric.ic = 1', 'equal is written =='],
    ['metric.ic > 0.02 param.x', '"and", "or" or the end should stand where "param" is, at character 18'],
    ['metric', 'metric needs a name: metric.NAME, at character 1'],
    ['colour == 1', 'there is no field "colour"'],
    ['constructor', 'there is no field "constructor"'],
    ['param.x == high', 'a text stands in quotes: "high", at character 12'],
    ['(param.x == 1', '")" should stand where it ends'],
    ['param.x in 1', '"(" should stand where "1" is'],
    ['param.x == "open', 'is not understood, at character 12'],
    ['param.x; drop', 'is not understood, at character 8'],
    ['param.x ~ 1', 'a pattern in quotes'],
    ['not '.repeat(40), 'nested more than 32 deep'],
    ['('.repeat(40), 'nested more than 32 deep'],
    ['param.x '.repeat(600), 'longer than 4096'],
  ])('%j', (text, why) => {
    expect(() => parseCondition(text)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
    expect(() => parseCondition(text)).toThrow(why);
  });

  test('whatever the text', () => {
    const word = fc.constantFrom(
      'param',
      '.',
      'x',
      ' ',
      '==',
      '(',
      ')',
      'and',
      'or',
      'not',
      'in',
      ',',
      '"a"',
      "'",
      '1',
      '-',
      'metric.y',
      'status',
      '~',
      '\\',
      'é',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(' ')),
        ),
        (text) => {
          try {
            satisfies(run(), parseCondition(text));
          } catch (error) {
            if (!isCodedError(error, 'BAD_ARGUMENT')) throw error;
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('columns and order', () => {
  test('columns are fields with the text they were given as', () => {
    expect(parseFields('run, metric.mean_ic ,param."learning rate"').map((field) => field.text)).toEqual([
      'run',
      'metric.mean_ic',
      'param."learning rate"',
    ]);
    expect(
      fieldValue(params({ x: { y: [1] } }), parseFields('param.x.y')[0] ?? { kind: 'own', text: '', path: [] }),
    ).toEqual([1]);
    expect(() => parseFields('run,')).toThrow(/--columns: a field should stand/);
  });

  test('largest first with a minus, ties by the next field, and runs without the field last either way', () => {
    const runs = [
      params({ a: 1, n: 1 }),
      params({ n: 2 }),
      params({ a: 3, n: 3 }),
      params({ a: 1, n: 4 }),
      params({ a: 'x', n: 5 }),
    ];
    const sorted = (text: string): unknown[] =>
      runs.toSorted(compareRuns(parseOrder(text))).map(({ params: { n } }) => n);
    expect(sorted('param.a')).toEqual([1, 4, 3, 5, 2]);
    expect(sorted('-param.a')).toEqual([3, 1, 4, 5, 2]);
    expect(sorted('-param.a,-param.n')).toEqual([3, 4, 1, 5, 2]);
    expect(() => parseOrder('metric')).toThrow(/--sort: metric needs a name/);
  });
});
