import { expect, test } from 'vitest';
import { withGraph } from '../../../src/cli/graph-log.ts';

function drawn(nodes: readonly (readonly [id: string, ...parents: string[]])[], shownOnly = false): string {
  return `\n${withGraph(
    nodes.map(([id, ...parents]) => ({ id, parents })),
    nodes.map(([id]) => [id]),
    shownOnly,
  ).join('\n')}\n`;
}

test('draws a line of runs', () => {
  expect(drawn([['c', 'b'], ['b', 'a'], ['a']])).toMatchInlineSnapshot(`
    "
    * c
    * b
    * a
    "
  `);
});

test('draws two branches from one run', () => {
  expect(drawn([['d', 'b'], ['c', 'b'], ['b', 'a'], ['a']])).toMatchInlineSnapshot(`
    "
    * d
    | * c
    |/
    * b
    * a
    "
  `);
});

test('draws a run with two parents, and what they share', () => {
  expect(drawn([['m', 'x', 'y'], ['x', 'a'], ['y', 'a'], ['a']])).toMatchInlineSnapshot(`
    "
    * m
    |\\
    * | x
    | * y
    |/
    * a
    "
  `);
});

test('draws unrelated histories beside each other', () => {
  expect(drawn([['b2', 'b1'], ['a2', 'a1'], ['b1'], ['a1']])).toMatchInlineSnapshot(`
    "
    * b2
    | * a2
    * | b1
     /
    * a1
    "
  `);
});

test('ends the line of a parent that is not shown', () => {
  expect(drawn([['d', 'hidden'], ['c', 'b'], ['b']], true)).toMatchInlineSnapshot(`
    "
    * d
    * c
    * b
    "
  `);
});
