/** Input that cannot be used: status 2 with the argument's name, or 3 when nothing answers to it. */
import { mkdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyDirectory, newWorkspace, temporaryWorkspace, type Workspace } from './cairn.ts';

const noSuchId = 'f'.repeat(64);

/** Arguments, status, code, and what the message must name. */
const refusals: readonly (readonly [args: string[], status: number, code: string, named: string])[] = [
  [['init', '--actor', 'no\nname <'], 2, 'BAD_ARGUMENT', '--actor'],
  [['add', 'nothing-here'], 3, 'PATH_NOT_FOUND', 'nothing-here'],
  [['add', '../outside'], 2, 'BAD_PATH', '../outside'],
  [['add', ''], 2, 'BAD_PATH', 'path'],
  [['add', '.cairn'], 2, 'BAD_PATH', '.cairn'],
  [['add', 'a', '--schema-version', '0'], 2, 'BAD_ARGUMENT', '--schema-version'],
  [['add', 'a', '--schema-version', '1.5'], 2, 'BAD_ARGUMENT', '--schema-version'],
  [['add', 'a', '--tag', 'novalue'], 2, 'BAD_ARGUMENT', '--tag'],
  [['add', 'a', '--tag', '=x'], 2, 'BAD_ARGUMENT', '--tag'],
  [['rm', 'a'], 2, 'BAD_ARGUMENT', '--staged'],
  [['rm', '--staged', 'nothing-here'], 3, 'PATH_NOT_FOUND', 'nothing-here'],
  [['commit'], 2, 'BAD_ARGUMENT', 'message'],
  [['commit', '-m', ' '], 2, 'BAD_ARGUMENT', 'message'],
  [['commit', '-m', 'x', '--param', 'window'], 2, 'BAD_ARGUMENT', '--param'],
  [['commit', '-m', 'x', '--param', 'window:={'], 2, 'BAD_ARGUMENT', '--param'],
  [['commit', '-m', 'x', '--param', 'window:={"a":1,"a":2}'], 2, 'BAD_ARGUMENT', '--param'],
  [['commit', '-m', 'x', '--metric', 'ic=high'], 2, 'BAD_ARGUMENT', '--metric'],
  [['commit', '-m', 'x', '--metric', 'ic=NaN'], 2, 'BAD_ARGUMENT', '--metric'],
  [['commit', '-m', 'x', '--tag', 'x'], 2, 'BAD_ARGUMENT', '--tag'],
  [['commit', '-m', 'x', '--take', 'both'], 2, 'BAD_ARGUMENT', '--take'],
  [['commit', '-m', 'x', '--run-file', 'nothing.json'], 3, 'PATH_NOT_FOUND', '--run-file'],
  [['commit', '-m', 'x', '--run-file', 'bad.json'], 2, 'BAD_JSON', '--run-file'],
  [['commit', '-m', 'x', '--config-file', 'list.json'], 2, 'BAD_JSON', '--config-file'],
  [['commit', '-m', 'x', '--config-file', 'directory'], 70, 'IO', '--config-file'],
  [['commit', '-m', 'x', '--allow-empty', '--input', 'nothing-here'], 3, 'REV_NOT_FOUND', '--input'],
  [['commit', '-m', 'x', '--allow-empty', '--parent', 'nothing-here'], 3, 'REV_NOT_FOUND', 'nothing-here'],
  [['commit', '-m', `token ghp_${'a1B2c3D4e5F6'.repeat(3)}`, '--allow-empty'], 2, 'SECRET_LIKE', 'message'],
  [['checkout', 'nothing-here'], 3, 'REV_NOT_FOUND', 'nothing-here'],
  [['checkout', 'HEAD', 'nothing-here'], 3, 'PATH_NOT_FOUND', 'nothing-here'],
  [['checkout', 'HEAD', '--link', 'symlink'], 2, 'BAD_ARGUMENT', '--link'],
  [['log', 'nothing-here'], 3, 'REV_NOT_FOUND', 'nothing-here'],
  [['log', '-n', 'ten'], 2, 'BAD_ARGUMENT', '--limit'],
  [['log', '-n', '1', '--cursor', '!!!'], 2, 'BAD_ARGUMENT', 'cursor'],
  [['log', '--format', 'xml'], 2, 'BAD_ARGUMENT', '--format'],
  [['log', '--', '../outside'], 2, 'BAD_PATH', '../outside'],
  [['log', 'HEAD:a'], 2, 'BAD_ARGUMENT', 'HEAD:a'],
  [['show', noSuchId], 3, 'REV_NOT_FOUND', noSuchId],
  [['show', 'abc'], 3, 'REV_NOT_FOUND', 'abc'],
  [['show', ''], 2, 'BAD_ARGUMENT', 'revision'],
  [['show', 'HEAD~9'], 3, 'REV_NOT_FOUND', 'HEAD~9'],
  [['show', 'HEAD:nothing-here'], 3, 'PATH_NOT_FOUND', 'nothing-here'],
  [['show', 'HEAD:../a'], 2, 'BAD_PATH', '..'],
  [['show', '--limit', 'x'], 2, 'BAD_ARGUMENT', '--limit'],
  [['cat', noSuchId], 3, 'REV_NOT_FOUND', noSuchId],
  [['cat', 'HEAD:'], 2, 'BAD_PATH', 'path'],
  [['ls', 'nothing-here'], 3, 'REV_NOT_FOUND', 'nothing-here'],
  [['ls', '--since', 'yesterday'], 2, 'BAD_TIME', '--since'],
  [['ls', '--until', '2026-02-30'], 2, 'BAD_TIME', '--until'],
  [['ls', '--tag', 'x'], 2, 'BAD_ARGUMENT', '--tag'],
  [['ls', '--limit', '-5'], 2, 'BAD_ARGUMENT', '--limit'],
  [['diff', 'nothing-here'], 3, 'REV_NOT_FOUND', 'nothing-here'],
  [['diff', 'HEAD', 'HEAD:a'], 2, 'BAD_ARGUMENT', 'HEAD:a'],
  [['lineage', 'HEAD:a', '--depth', '0'], 2, 'BAD_ARGUMENT', '--depth'],
  [['lineage', 'HEAD:a', '--format', 'svg'], 2, 'BAD_ARGUMENT', '--format'],
  [['events', '--action', 'run.delete'], 2, 'BAD_ARGUMENT', '--action'],
  [['events', '--since', '2026-13-01T00:00:00Z'], 2, 'BAD_TIME', '--since'],
  [['branch', 'HEAD'], 2, 'BAD_REF_NAME', 'HEAD'],
  [['branch', 'deadbeef'], 2, 'BAD_REF_NAME', 'deadbeef'],
  [['branch', 'side', 'nothing-here'], 3, 'REV_NOT_FOUND', 'nothing-here'],
  [['branch', 'side', 'HEAD:a'], 2, 'BAD_ARGUMENT', 'HEAD:a'],
  [['tag', 'a b'], 2, 'BAD_REF_NAME', 'a b'],
  [['tag', '-d', 'v9'], 3, 'REF_NOT_FOUND', 'v9'],
  [['switch', 'a~b'], 2, 'BAD_REF_NAME', 'a~b'],
  [['reflog', 'a b'], 2, 'BAD_REF_NAME', 'a b'],
  [['supersede', noSuchId, 'HEAD:a'], 3, 'REV_NOT_FOUND', noSuchId],
  [['tombstone', 'HEAD', '-m', 'x'], 2, 'BAD_ARGUMENT', 'HEAD'],
  [['restore', 'HEAD:a', '-m', ''], 2, 'BAD_ARGUMENT', '--message'],
  [['config', 'get', 'no.such'], 3, 'CONFIG_KEY_NOT_FOUND', 'no.such'],
  [['config', 'get', 'lock.wait'], 3, 'CONFIG_KEY_NOT_FOUND', 'lock.wait'],
  [['config', 'set', 'no.such', '1'], 3, 'CONFIG_KEY_NOT_FOUND', 'no.such'],
  [['config', 'set', 'lock.wait', 'long'], 2, 'BAD_TIME', 'lock.wait'],
  [['config', 'set', 'actor.name', 'A <b'], 2, 'BAD_ARGUMENT', 'actor.name'],
  [['completion', 'tcsh'], 2, 'BAD_ARGUMENT', 'shell'],
  [['schema', 'cairn.run/9'], 3, 'SCHEMA_NOT_FOUND', 'cairn.run/9'],
];

describe('one workspace, which nothing of this changes', () => {
  let workspace: Workspace;
  let before: string;

  beforeAll(() => {
    workspace = temporaryWorkspace();
    workspace.commit('One', { a: '1' });
    workspace.write('bad.json', '{"params": ');
    workspace.write('list.json', '[1]');
    mkdirSync(workspace.path('directory'));
    before = workspace.says(['events', '--limit', '0']);
  });

  test.each(refusals)('cairn %j is refused', (args, status, code, named) => {
    const error = workspace.error(args, status);
    expect(error.code).toBe(code);
    expect(`${error.message} ${JSON.stringify(error.data)}`).toContain(named);
  });

  afterAll(() => {
    expect(workspace.says(['events', '--limit', '0'])).toBe(before);
    expect(workspace.json('status', ['status'])).toMatchObject({ staged: [], modified: [], missing: [] });
    rmSync(workspace.root, { recursive: true });
  });
});

describe('without a store', () => {
  const inStore = [
    'status',
    'log',
    'show',
    'ls',
    'diff',
    'branch',
    'tag',
    'reflog',
    'events',
    'config list',
    'add x',
    'rm --staged x',
    'cat x',
    'lineage x',
    'switch x',
    'checkout x',
    'commit -m x',
    'supersede x y',
    'tombstone x -m y',
    'restore x -m y',
  ];

  test.each(inStore)('%s says so, with status 3 and what to do', (line) => {
    expect(emptyDirectory().error(line.split(' '), 3)).toMatchObject({
      code: 'NO_STORE',
      hint: 'Make one with `cairn init`.',
    });
  });

  test.each(['completion bash', 'schema run', '--help'])('%s works', (line) => {
    expect(emptyDirectory().cairn(line.split(' ')).status).toBe(0);
  });
});

describe('ambiguous and withdrawn things', () => {
  test('a prefix that fits several names them', () => {
    const workspace = newWorkspace();
    const files = Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`f${index}`, String(index)]));
    workspace.commit('Many', files);
    const ids = workspace.json('ls', ['ls', '--limit', '0']).artifacts.map(({ artifactId }) => artifactId.slice(0, 4));
    const twice = ids.find((prefix, index) => ids.indexOf(prefix) !== index);
    if (twice === undefined) throw new Error('no two artifacts share four digits');
    expect(workspace.error(['show', twice], 3)).toMatchObject({ code: 'REV_AMBIGUOUS', data: { rev: twice } });
  });
});
