/** The manifest is only an index: lost or damaged, it is refused, never replaced by an empty one, and built again. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cairn, cairnJson, emptyDirectory } from './program.ts';

function storeWithHistory(): string {
  const root = emptyDirectory('lost');
  cairnJson(root, 'init');
  for (const round of [1, 2, 3]) {
    writeFileSync(join(root, 'a.csv'), `round ${round}`);
    // Bytes that are a record's: a file all the same.
    writeFileSync(join(root, 'event.json'), `{"action":"run.commit","schema":"cairn.event/1","seq":${round}}`);
    cairnJson(root, 'add', '.');
    cairnJson(root, 'commit', '-m', `round ${round}`, '--param', `round=${round}`, '--metric', 'm=1.5', '--tag', 'k=v');
  }
  cairnJson(root, 'tag', 'v1', '-m', 'first');
  cairnJson(root, 'supersede', 'HEAD:a.csv', 'HEAD~1:a.csv', '-m', 'better');
  cairnJson(root, 'tombstone', 'HEAD~2:a.csv', '-m', 'wrong', '--yes');
  cairnJson(root, 'hold', 'add', 'HEAD', '-m', 'audit');
  return root;
}

test('without its manifest a store is refused by every command, and the log is not touched', () => {
  const root = storeWithHistory();
  const log = join(root, '.cairn/log/events-000001.jsonl');
  const { size } = statSync(log);
  rmSync(join(root, '.cairn/manifest.sqlite'));
  writeFileSync(join(root, 'b.csv'), 'new');
  for (const command of [['log'], ['status'], ['add', '.'], ['commit', '-m', 'x', '--allow-empty'], ['gc'], ['fsck']]) {
    const { status, stderr } = cairn(root, ...command);
    expect([command[0], status]).toEqual([command[0], 5]);
    expect(stderr).toContain('cairn reindex');
  }
  expect(statSync(log).size).toBe(size);
});

test('a rebuilt manifest says what the lost one said, and the store goes on', () => {
  const root = storeWithHistory();
  const before = cairn(root, 'reindex', '--dump').stdout;
  expect(before.split('\n').length).toBeGreaterThan(40);
  rmSync(join(root, '.cairn/manifest.sqlite'));
  expect(cairn(root, 'reindex').status).toBe(0);
  expect(cairn(root, 'reindex', '--dump').stdout).toBe(before);
  writeFileSync(join(root, 'c.csv'), 'after');
  cairnJson(root, 'add', '.');
  cairnJson(root, 'commit', '-m', 'after');
  expect((cairnJson(root, 'log') as { runs: unknown[] }).runs.length).toBe(4);
  expect(cairn(root, 'fsck', '--read-data').status).toBe(0);
});

test('a manifest that is no database is refused, and rebuilt', () => {
  const root = storeWithHistory();
  const before = cairn(root, 'reindex', '--dump').stdout;
  writeFileSync(join(root, '.cairn/manifest.sqlite'), 'no database');
  expect(cairn(root, 'log').status).toBe(5);
  expect(readFileSync(join(root, '.cairn/manifest.sqlite'), 'utf8')).toBe('no database');
  expect(cairn(root, 'reindex').status).toBe(0);
  expect(cairn(root, 'reindex', '--dump').stdout).toBe(before);
});
