import { describe, expect, test } from 'vitest';
import { ignoreRules } from '../../../src/core/ignore-rules.ts';

const file = false;
const directory = true;

describe('ignore rules', () => {
  test.each<[meaning: string, rules: string, path: string, isDirectory: boolean, ignored: boolean]>([
    ['an empty file ignores nothing', '', 'a', file, false],
    ['a comment says nothing', '#a', '#a', file, false],
    ['an escaped # is a character', '\\#a', '#a', file, true],
    ['an escaped ! is a character', '\\!a', '!a', file, true],
    ['spaces at the end do not count', 'a   ', 'a', file, true],
    ['an escaped space at the end counts', 'a\\ ', 'a ', file, true],
    ['a tab at the end counts', 'a\t', 'a', file, false],
    ['a name matches at any depth', '*.log', 'x/y/a.log', file, true],
    ['a slash at the start anchors', '/a', 'x/a', file, false],
    ['a slash in the middle anchors', 'x/a', 'y/x/a', file, false],
    ['a slash at the end means directories', 'a/', 'a', file, false],
    ['a slash at the end means directories at any depth', 'a/', 'x/a', directory, true],
    ['what lies in an ignored directory is ignored', 'a/', 'x/a/b/c', file, true],
    ['the last match wins', '*.log\n!keep.log', 'keep.log', file, false],
    ['the last match wins again', '*.log\n!keep.log\nkeep.*', 'keep.log', file, true],
    ['nothing in an ignored directory can be taken back', 'a/\n!a/keep', 'a/keep', file, true],
    ['what lies beside it can', 'a/*\n!a/keep', 'a/keep', file, false],
    ['CR LF and a byte order mark are tolerated', '\ufeffa\r\nb\r\n', 'a', file, true],
    ['two stars match no name too', 'a/**/b', 'a/b', file, true],
    ['two stars at the end match inside only', 'a/**', 'a', directory, false],
    ['two stars inside a name are one', '/foo**bar', 'foo/bar', file, false],
    ['stars beside other characters are ordinary, as gitignore(5) says', 'foo**/bar', 'foobar', file, false],
    ['an unreadable pattern matches nothing', 'a[', 'a[', file, false],
    ['a lone ! takes nothing back', 'a\n!', 'a', file, true],
  ])('%s', (_, rules, path, isDirectory, ignored) => {
    expect(ignoreRules(rules).ignores(path, isDirectory)).toBe(ignored);
  });
});
