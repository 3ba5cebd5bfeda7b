import { describe, expect, test } from 'vitest';
import { describeByRules } from '../../../../src/core/workspace-config/describe-path.ts';
import { globFault } from '../../../../src/core/workspace-config/glob-fault.ts';
import { expandTemplate, templateFault } from '../../../../src/core/workspace-config/key-template.ts';

describe('type rules', () => {
  const describePath = describeByRules([
    { match: ['data/raw/*.csv'], type: 'raw' },
    { match: ['data/**/*.csv', '*.csv'], type: 'bars', schemaVersion: 2, key: 'bars/{stem}' },
    { match: ['**/*.txt'], key: 'notes/{path}' },
  ]);

  test('the first rule that matches decides, and says only what it says', () => {
    expect(describePath('data/raw/a.csv')).toEqual({ type: 'raw' });
    expect(describePath('data/2024/a.csv')).toEqual({ type: 'bars', schemaVersion: 2, logicalKey: 'bars/a' });
    expect(describePath('b.csv')).toEqual({ type: 'bars', schemaVersion: 2, logicalKey: 'bars/b' });
    expect(describePath('deep/er/a.txt')).toEqual({ logicalKey: 'notes/deep/er/a.txt' });
    expect(describePath('a.parquet')).toBeUndefined();
  });

  test('a template that gives nothing is an error naming the path', () => {
    const byExtension = describeByRules([{ match: ['**'], key: '{ext}' }]);
    expect(byExtension('a.csv')).toEqual({ logicalKey: 'csv' });
    expect(() => byExtension('Makefile')).toThrow(/gives no usable key for Makefile/);
  });
});

describe('key templates', () => {
  test.each([
    ['{path}', 'data/2024/BTC.csv.gz', 'data/2024/BTC.csv.gz'],
    ['{dir}|{name}|{stem}|{ext}', 'data/2024/BTC.csv.gz', 'data/2024|BTC.csv.gz|BTC.csv|gz'],
    ['{dir}|{name}|{stem}|{ext}', '.profile', '|.profile|.profile|'],
    ['{{{stem}}}', 'a.csv', '{a}'],
    ['bars', 'a.csv', 'bars'],
  ])('%s of %s is %s', (template, path, key) => {
    expect(templateFault(template)).toBeUndefined();
    expect(expandTemplate(template, path)).toBe(key);
  });

  test.each(['', '{', 'a}', '{stem', '{}', '{Stem}', '{{}', '{__proto__}'])('%j has a fault', (template) => {
    expect(templateFault(template)).toBeDefined();
  });
});

describe('globs', () => {
  test.each(['*.csv', '**/*.csv', 'data/**', 'a[0-9].csv', 'a[!]].csv', '[[:digit:]]*', '\\[a', 'a\\*', '.hidden/*'])(
    '%j can match',
    (pattern) => {
      expect(globFault(pattern)).toBeUndefined();
    },
  );

  test.each(['', '/data', 'data/', 'a//b', '../a', './a', '!a', 'a[', 'a[b', 'a[]', '[[:digits:]]', 'a\\', '[a\\'])(
    '%j has a fault',
    (pattern) => {
      expect(globFault(pattern)).toBeDefined();
    },
  );
});
