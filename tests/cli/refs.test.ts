import { describe, expect, test } from 'vitest';
import { newWorkspace, type Workspace } from './cairn.ts';

function twoRuns(): Workspace {
  const workspace = newWorkspace();
  workspace.commit('One', { a: '1' });
  workspace.commit('Two', { a: '2' });
  return workspace;
}

describe('branch', () => {
  test('is made, listed and deleted', () => {
    const workspace = twoRuns();
    expect(workspace.says(['branch', 'side', 'HEAD~1'])).toMatchInlineSnapshot();
    expect(workspace.says(['branch'])).toMatchInlineSnapshot();
    expect(workspace.json('branch', ['branch'])).toMatchObject({
      current: 'heads/main',
      branches: [{ name: 'main' }, { name: 'side' }],
    });
    expect(workspace.says(['branch', '-d', 'side'])).toMatchInlineSnapshot();
    expect(workspace.json('branch', ['branch'])).toMatchObject({ branches: [{ name: 'main' }] });
  });

  test('is refused by its name, when it exists, and when it is the current one', () => {
    const workspace = twoRuns();
    expect(workspace.says(['branch', 'main'], 4)).toMatchInlineSnapshot();
    expect(workspace.says(['branch', '-d', 'main'], 4)).toMatchInlineSnapshot();
    expect(workspace.says(['branch', '-d', 'nothing'], 3)).toMatchInlineSnapshot();
    expect(workspace.says(['branch', 'abcd1234'], 2)).toMatchInlineSnapshot();
    expect(workspace.says(['branch', 'a..b'], 2)).toMatchInlineSnapshot();
    expect(workspace.error(['branch', '-d'], 2)).toMatchObject({ code: 'BAD_ARGUMENT', data: { argument: 'name' } });
  });
});

describe('switch', () => {
  test('makes a branch, brings its files, and comes back', () => {
    const workspace = twoRuns();
    expect(workspace.says(['switch', '-c', 'side', 'HEAD~1'])).toMatchInlineSnapshot();
    expect(workspace.read('a')).toBe('1');
    workspace.commit('Three', { b: '3' });
    expect(workspace.says(['switch', 'main'])).toMatchInlineSnapshot();
    expect(workspace.read('a')).toBe('2');
    expect(workspace.exists('b')).toBe(false);
    expect(workspace.says(['log', '--all', '--graph', '--oneline'])).toMatchInlineSnapshot();
    expect(workspace.json('status', ['status'])).toMatchObject({ ref: 'heads/main', missing: [], modified: [] });
  });

  test('refuses a branch that is not there, and a start without -c', () => {
    const workspace = twoRuns();
    expect(workspace.says(['switch', 'nowhere'], 3)).toMatchInlineSnapshot();
    expect(workspace.error(['switch', 'main', 'HEAD~1'], 2)).toMatchObject({ data: { argument: 'rev' } });
  });
});

describe('tag', () => {
  test('names a run, and resolves to it', () => {
    const workspace = twoRuns();
    expect(workspace.says(['tag', 'v1', 'HEAD~1', '-m', 'Sent to review'])).toMatchInlineSnapshot();
    expect(workspace.says(['tag'])).toMatchInlineSnapshot();
    expect(workspace.id('v1')).toBe(workspace.id('HEAD~1'));
    expect(workspace.id('tags/v1')).toBe(workspace.id('HEAD~1'));
    expect(workspace.error(['tag', 'v1'], 4)).toMatchObject({ code: 'REF_EXISTS' });
    expect(workspace.says(['tag', '-d', 'v1'])).toMatchInlineSnapshot();
    expect(workspace.error(['show', 'v1'], 3)).toMatchObject({ code: 'REV_NOT_FOUND' });
  });

  test('of an artifact is set and removed', () => {
    const workspace = twoRuns();
    expect(workspace.says(['tag', '--artifact', 'HEAD:a', 'quality=checked'])).toMatchInlineSnapshot();
    expect(workspace.json('ls', ['ls', '--tag', 'quality=checked']).artifacts).toHaveLength(1);
    workspace.says(['tag', '--artifact', 'HEAD:a', '-d', 'quality']);
    expect(workspace.json('ls', ['ls', '--tag', 'quality=checked']).artifacts).toHaveLength(0);
    expect(workspace.error(['tag', '--artifact', 'HEAD:a', '-d', 'quality'], 2)).toMatchObject({
      code: 'BAD_ARGUMENT',
    });
    expect(workspace.error(['tag', '--artifact', 'HEAD:a', 'quality'], 2)).toMatchObject({
      data: { argument: 'name' },
    });
  });
});

test('reflog keeps every change, of deleted refs too', () => {
  const workspace = twoRuns();
  workspace.says(['tag', 'v1', '-m', 'Release']);
  workspace.says(['tag', '-d', 'v1']);
  expect(workspace.says(['reflog', 'v1'])).toMatchInlineSnapshot();
  expect(workspace.says(['reflog', 'main'])).toMatchInlineSnapshot();
  expect(workspace.json('reflog', ['reflog', '--limit', '1'])).toMatchObject({
    more: true,
    entries: [{ ref: 'tags/v1', to: null }],
  });
  expect(workspace.says(['reflog', 'never'], 3)).toMatchInlineSnapshot();
});
