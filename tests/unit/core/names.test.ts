import { describe, expect, test } from 'vitest';
import {
  acceptedRef,
  branchRef,
  entryName,
  normalizePath,
  parseRefName,
  parseRelativePath,
  tagRef,
} from '../../../src/core/names.ts';

const badPath = expect.objectContaining({ code: 'BAD_PATH' });
const badRef = expect.objectContaining({ code: 'BAD_REF_NAME' });

describe('names of tree entries', () => {
  test.each([
    'a',
    'a b',
    '.hidden',
    '...',
    '.gitignore',
    '.cairnignore',
    '.github',
    'é',
    '😀',
    'a\\b',
    '-x',
    'a\nb',
    'x.git',
    'git',
    '.git-',
    'git~10',
  ])('accepts %j', (name) => {
    expect(entryName(name)).toBe(name);
  });

  test.each([
    '',
    '.',
    '..',
    'a/b',
    '/',
    'a\0b',
    '\ud800',
    '.git',
    '.GIT',
    '.Cairn',
    '.git ',
    '.git.',
    '.git . .',
    '.git::$INDEX_ALLOCATION',
    '.git\\config',
    'GIT~1',
    'cairn~1',
    '.g\u200cit',
    '\ufeff.cairn',
  ])('refuses %j', (name) => {
    expect(() => entryName(name)).toThrow(badPath);
  });
});

describe('relative paths', () => {
  test('have one spelling', () => {
    expect(normalizePath('a/b.csv')).toBe('a/b.csv');
    expect(normalizePath('./a//b/.')).toBe('a/b');
    expect(normalizePath('.')).toBe('');
    expect(parseRelativePath('a/b c/d')).toEqual(['a', 'b c', 'd']);
  });

  test.each(['', '/', '/etc/passwd', '..', '../a', 'a/../b', 'a/..', '.git/config', 'a/.GIT/b', 'a\0', 'a/\udfff'])(
    'refuses %j',
    (path) => {
      expect(() => normalizePath(path)).toThrow(badPath);
    },
  );
});

describe('names of refs', () => {
  test.each([
    'heads/main',
    'heads/feature/x',
    'tags/v1.0',
    'accepted/momentum-24h',
    'heads/abc',
    'heads/deadbeefg',
    'heads/DEADBEEF',
    'heads/ä',
    'tags/a@b',
    'heads/feed/beef',
  ])('accepts %s', (name) => {
    expect(parseRefName(name)).toBe(name);
  });

  test('short names get their kind', () => {
    expect(branchRef('main')).toBe('heads/main');
    expect(tagRef('v1')).toBe('tags/v1');
    expect(acceptedRef('x')).toBe('accepted/x');
  });

  test.each(['main', 'refs/heads/main', 'heads', 'heads/', '', 'HEAD', 'notes/x', 'Heads/x'])(
    'refuses %j, which is not under a known kind',
    (name) => {
      expect(() => parseRefName(name)).toThrow(badRef);
    },
  );

  test.each([
    'HEAD',
    '@',
    'beef',
    '20240131',
    'f'.repeat(64),
    'a..b',
    '.a',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a.',
    'a/',
    '/a',
    'a//b',
    'a b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[b',
    'a\\b',
    'a@{0}',
    'a\tb',
    'a\u007f',
    '-a',
    'a\ud800',
    'tags/v1',
    'heads/main',
    'accepted/x',
  ])('refuses the short name %j', (name) => {
    expect(() => branchRef(name)).toThrow(badRef);
    expect(() => tagRef(name)).toThrow(badRef);
  });
});
