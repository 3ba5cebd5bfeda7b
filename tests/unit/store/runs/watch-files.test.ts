import { expect, test } from 'vitest';
import type { ScanResult } from '../../../../src/ports/workspace.ts';
import { compareLooks, isBelow } from '../../../../src/store/runs/watch-files.ts';

function look(files: { readonly [path: string]: number }, emptyDirectories: readonly string[] = []): ScanResult {
  const paths = Object.keys(files).sort();
  const stats = new Float64Array(6 * paths.length);
  paths.forEach((path, row) => {
    stats[6 * row + 1] = files[path] ?? 0;
  });
  return { paths, stats, kinds: paths.map(() => 'file'), emptyDirectories, problems: [], missing: [] };
}

test('what is new, touched, removed and emptied is told apart from what stayed', () => {
  const changes = compareLooks(
    look({ gone: 1, kept: 1, touched: 1 }, ['old']),
    look({ kept: 1, new: 2, touched: 2 }, ['e', 'old']),
  );
  expect([...changes.written]).toEqual(['new', 'touched']);
  expect([...changes.removed]).toEqual(['gone']);
  expect([...changes.emptied]).toEqual(['e']);
});

test.each([
  ['a/b', ['a'], true],
  ['a', ['a'], true],
  ['ab', ['a'], false],
  ['a', [''], true],
  ['a', [], false],
] as const)('%s below %j: %s', (path, parents, expected) => {
  expect(isBelow(path, parents)).toBe(expected);
});
