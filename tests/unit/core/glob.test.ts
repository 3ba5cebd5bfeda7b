import { describe, expect, test } from 'vitest';
import { globMatcher, nameMatcher } from '../../../src/core/glob.ts';

describe('globs over paths', () => {
  test.each<[pattern: string, matching: string[], other: string[]]>([
    ['a/b', ['a/b'], ['a', 'a/b/c', 'x/a/b']],
    ['*.csv', ['a.csv', '.csv'], ['data/a.csv', 'a.csv.gz']],
    ['data/*', ['data/a', 'data/.a'], ['data', 'data/a/b']],
    ['**', ['a', 'a/b'], []],
    ['**/a', ['a', 'x/a', 'x/y/a'], ['a/x', 'xa']],
    ['a/**', ['a/b', 'a/b/c'], ['a', 'ab/c']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a/bb', 'ab']],
    ['a/**/b/**/c', ['a/b/c', 'a/x/b/y/c', 'a/b/b/c'], ['a/c', 'a/b']],
    ['**/x*/**/y', ['x1/y', 'a/x/b/c/y'], ['a/y']],
    ['a**b', ['ab', 'axb'], ['a/b']],
    ['?', ['a', 'é', '😀'], ['', 'ab', '/']],
    ['[a-c]x', ['ax', 'cx'], ['dx', 'x']],
    ['[!a-c]x', ['dx', '-x'], ['ax']],
    ['[^a]', ['b'], ['a']],
    ['a[/]b', [], ['a/b']],
    ['[]-]', [']', '-'], ['a']],
    ['[a\\]]', ['a', ']'], ['\\']],
    ['[[:digit:][:upper:]_]', ['7', 'Q', '_'], ['q', ':']],
    ['[\\a-\\c]', ['b'], ['\\']],
    ['[a-]', ['a', '-'], ['b']],
    ['[a-c-e]', ['b', '-', 'e'], ['d']],
    ['[ä-ü]', ['ö'], ['a']],
    ['\\*', ['*'], ['a', '\\*']],
    ['*a*b*', ['ab', 'xaxbx', 'aab'], ['ba', 'a', 'b']],
  ])('%s', (pattern, matching, other) => {
    const matches = globMatcher(pattern);
    expect(matching.filter((path) => !matches(path))).toEqual([]);
    expect(other.filter(matches)).toEqual([]);
  });

  test.each(['[a', 'a\\', '[', '[[:nosuch:]]', '[a-\\', 'x/[!'])(
    'the unreadable pattern %j matches nothing',
    (pattern) => {
      expect(['a', '[a', 'a\\', '[', '', pattern].filter(globMatcher(pattern))).toEqual([]);
      expect(['a', '[a', 'a\\', '[', '', pattern].filter(nameMatcher(pattern))).toEqual([]);
    },
  );

  test('hostile patterns take no more than pattern times path', () => {
    const started = performance.now();
    expect(globMatcher(`${'*a'.repeat(200)}b`)('a'.repeat(5_000))).toBe(false);
    expect(globMatcher(`${'**/a/'.repeat(200)}b`)('a/'.repeat(2_500))).toBe(false);
    expect(globMatcher(`${'**/*a*/'.repeat(100)}b`)('aa/'.repeat(1_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
