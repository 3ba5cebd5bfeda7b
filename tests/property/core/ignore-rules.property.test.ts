import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ignoreRules } from '../../../src/core/ignore-rules.ts';

const directories = ['a', 'a/b', 'a/b/c', 'b', 'b/a', 'foo', 'foo/a', 'foo/a/b', '-', 'x y '];
const files = [
  ...['f', 'a.log', 'b.log', '#x', '!x', '*', 'ab', 'a-b', '[a]', 'a ', 'foo.txt', 'foobar', '\\', ']', '0', 'Z'],
  ...['a/f', 'a/a.log', 'a/ab', 'a/b/f', 'a/b/a.log', 'a/b/c/f', 'a/b/c/ab', 'a/b/c/*'],
  ...['b/f', 'b/a/f', 'b/a/a.log', 'b/b', 'foo/f', 'foo/bar', 'foo/a/f', 'foo/a/b/a.log', '-/f', 'x y /f', 'foo/ab'],
];
const paths = [...directories.map((path) => [path, true] as const), ...files.map((path) => [path, false] as const)];

let root: string;
const git = (args: string[], input = ''): string => {
  const env = {
    ...process.env,
    HOME: root,
    XDG_CONFIG_HOME: root,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CEILING_DIRECTORIES: tmpdir(),
  };
  return execFileSync('git', args, { cwd: root, input, encoding: 'utf8', env });
};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cairn-ignore-'));
  git(['init', '--quiet']);
  git(['config', 'core.ignoreCase', 'false']);
  for (const path of directories) mkdirSync(join(root, path), { recursive: true });
  for (const path of files) writeFileSync(join(root, path), '');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function ignoredByGit(rules: string): string[] {
  writeFileSync(join(root, '.gitignore'), rules);
  try {
    return git(['check-ignore', '--no-index', '--stdin', '-z'], paths.map(([path]) => `${path}\0`).join(''))
      .split('\0')
      .filter((path) => path !== '');
  } catch (error) {
    if ((error as { status?: number }).status === 1) return []; // nothing is ignored
    throw error;
  }
}

function ignoredByUs(rules: string): string[] {
  const { ignores } = ignoreRules(rules);
  return paths.filter(([path, isDirectory]) => ignores(path, isDirectory)).map(([path]) => path);
}

const piece = fc.constantFrom(
  ...['a', 'b', 'f', 'foo', 'ab', 'c', '.log', '-', ' ', '#', '!', '0', 'x', 'y', 'Z'],
  ...[
    '*',
    '*',
    '?',
    '[ab]',
    '[!a]',
    '[^b]',
    '[a-f]',
    '[]a]',
    '[a-]',
    '[[:alpha:]]',
    '[[:digit:]-]',
    '[a',
    '[\\a-c]',
    '[/]',
    '[a/]',
    '[[:x:]]',
    '[[]',
  ],
  ...['\\a', '\\*', '\\ ', '\\', '\\#', '\\!'],
);
const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', 'f', 'foo', '*', 'a.log', '*.log', 'ab') },
  { weight: 2, arbitrary: fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join('')) },
  { weight: 2, arbitrary: fc.constant('**') },
);
const line = fc
  .record({
    bang: fc.constantFrom('', '', '', '!', '#'),
    lead: fc.constantFrom('', '', '/'),
    names: fc.array(name, { minLength: 0, maxLength: 4 }),
    tail: fc.constantFrom('', '', '', '/', '//'),
    end: fc.constantFrom('', '', '', ' ', '  ', '\r', '\t'),
  })
  .map(({ bang, lead, names, tail, end }) => bang + lead + names.join('/') + tail + end)
  // git itself departs from gitignore(5) here: it compares the literal start of an anchored pattern on its own and then
  // takes stars behind it for a part of their own, so that `foo**/bar` matches `foobar`.
  .filter(
    (pattern) =>
      !/(?:[^/]\*\*)/.test(pattern.replace(/^!?\/?/, '').replace(/\*{3,}/g, '')) || !pattern.slice(0, -1).includes('/'),
  );

describe('ignore rules', () => {
  test('decide as git check-ignore does', () => {
    return fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
        const rules = `${lines.join('\n')}\n`;
        expect({ rules, ignored: ignoredByUs(rules) }).toEqual({ rules, ignored: ignoredByGit(rules) });
      }),
      { numRuns: Number(process.env['CAIRN_PROPERTY_RUNS'] ?? 300) },
    );
  }, 120_000);
});

test('asked entry by entry, as a walk does, the rules give the same answers', async () => {
  const line = fc.constantFrom(
    '*',
    '*.log',
    '!a.log',
    '/a',
    'a/',
    '!a/',
    'b',
    'a/b',
    '**/f',
    'foo/**',
    '!foo/bar',
    '# x',
    '',
  );
  await fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const rules = ignoreRules(lines.join('\n'));
      for (const [path, isDirectory] of paths) {
        const slash = path.lastIndexOf('/');
        const directory = slash < 0 ? '' : path.slice(0, slash);
        if (directory !== '' && rules.ignores(directory, true)) continue;
        expect(rules.ignoresIn(directory, path.slice(slash + 1), isDirectory)).toBe(rules.ignores(path, isDirectory));
      }
    }),
  );
});
