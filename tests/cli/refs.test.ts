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
    expect(workspace.says(['branch', 'side', 'HEAD~1'])).toMatchInlineSnapshot(`
      "branch side at <1>
      "
    `);
    expect(workspace.says(['branch'])).toMatchInlineSnapshot(`
      "* main <1> Two
        side <2> One
      "
    `);
    expect(workspace.json('branch', ['branch'])).toMatchObject({
      current: 'heads/main',
      branches: [{ name: 'main' }, { name: 'side' }],
    });
    expect(workspace.says(['branch', '-d', 'side'])).toMatchInlineSnapshot(`
      "deleted branch side (was <1>)
      "
    `);
    expect(workspace.json('branch', ['branch'])).toMatchObject({ branches: [{ name: 'main' }] });
  });

  test('is refused by its name, when it exists, and when it is the current one', () => {
    const workspace = twoRuns();
    expect(workspace.says(['branch', 'main'], 4)).toMatchInlineSnapshot(`
      "cairn: the branch main exists already, at run <1>
      hint: Choose another name, or delete it first: \`cairn branch -d main\`.
      "
    `);
    expect(workspace.says(['branch', '-d', 'main'], 4)).toMatchInlineSnapshot(`
      "cairn: main is the current branch
      hint: Switch to another one first: \`cairn switch <branch>\`.
      "
    `);
    expect(workspace.says(['branch', '-d', 'nothing'], 3)).toMatchInlineSnapshot(`
      "cairn: there is no branch "nothing"
      hint: \`cairn branch\` lists them.
      "
    `);
    expect(workspace.says(['branch', 'abcd1234'], 2)).toMatchInlineSnapshot(`
      "cairn: not a ref name: "heads/abcd1234" (it looks like an id)
      hint: Use letters, digits, "-", "_" and "/", and not only hexadecimal digits.
      "
    `);
    expect(workspace.says(['branch', 'a..b'], 2)).toMatchInlineSnapshot(`
      "cairn: not a ref name: "heads/a..b" (it holds a space, a control character, "..", "@{" or one of ~ ^ : ? * [ \\)
      hint: Use letters, digits, "-", "_" and "/", and not only hexadecimal digits.
      "
    `);
    expect(workspace.error(['branch', '-d'], 2)).toMatchObject({ code: 'BAD_ARGUMENT', data: { argument: 'name' } });
  });
});

describe('switch', () => {
  test('makes a branch, brings its files, and comes back', () => {
    const workspace = twoRuns();
    expect(workspace.says(['switch', '-c', 'side', 'HEAD~1'])).toMatchInlineSnapshot(`
      "on branch side at <1>
      wrote 1 file, removed 0
      "
    `);
    expect(workspace.read('a')).toBe('1');
    workspace.commit('Three', { b: '3' });
    expect(workspace.says(['switch', 'main'])).toMatchInlineSnapshot(`
      "on branch main at <1>
      wrote 1 file, removed 1
      "
    `);
    expect(workspace.read('a')).toBe('2');
    expect(workspace.exists('b')).toBe(false);
    expect(workspace.says(['log', '--all', '--graph', '--oneline'])).toMatchInlineSnapshot(`
      "* <1> (side) Three
      | * <2> (HEAD -> main) Two
      |/
      * <3> One
      "
    `);
    expect(workspace.json('status', ['status'])).toMatchObject({ ref: 'heads/main', missing: [], modified: [] });
  });

  test('refuses a branch that is not there, and a start without -c', () => {
    const workspace = twoRuns();
    expect(workspace.says(['switch', 'nowhere'], 3)).toMatchInlineSnapshot(`
      "cairn: there is no branch nowhere
      hint: Make it with \`cairn switch -c nowhere\`.
      "
    `);
    expect(workspace.error(['switch', 'main', 'HEAD~1'], 2)).toMatchObject({ data: { argument: 'rev' } });
  });
});

describe('tag', () => {
  test('names a run, and resolves to it', () => {
    const workspace = twoRuns();
    expect(workspace.says(['tag', 'v1', 'HEAD~1', '-m', 'Sent to review'])).toMatchInlineSnapshot(`
      "tag v1 at <1>
      "
    `);
    expect(workspace.says(['tag'])).toMatchInlineSnapshot(`
      "v1 <1> One
      "
    `);
    expect(workspace.id('v1')).toBe(workspace.id('HEAD~1'));
    expect(workspace.id('tags/v1')).toBe(workspace.id('HEAD~1'));
    expect(workspace.error(['tag', 'v1'], 4)).toMatchObject({ code: 'REF_EXISTS' });
    expect(workspace.says(['tag', '-d', 'v1'])).toMatchInlineSnapshot(`
      "deleted tag v1 (was <1>)
      "
    `);
    expect(workspace.error(['show', 'v1'], 3)).toMatchObject({ code: 'REV_NOT_FOUND' });
  });

  test('of an artifact is set and removed', () => {
    const workspace = twoRuns();
    expect(workspace.says(['tag', '--artifact', 'HEAD:a', 'quality=checked'])).toMatchInlineSnapshot(`
      "artifact <1> a: quality=checked
      "
    `);
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
  expect(workspace.says(['reflog', 'v1'])).toMatchInlineSnapshot(`
    "------------ v1 2026-01-31 09:30:00 UTC deleted
    <1> v1 2026-01-31 09:30:00 UTC created: Release
    "
  `);
  expect(workspace.says(['reflog', 'main'])).toMatchInlineSnapshot(`
    "<1> main 2026-01-31 09:30:00 UTC from <2>
    <2> main 2026-01-31 09:30:00 UTC created
    "
  `);
  expect(workspace.json('reflog', ['reflog', '--limit', '1'])).toMatchObject({
    more: true,
    entries: [{ ref: 'tags/v1', to: null }],
  });
  expect(workspace.says(['reflog', 'never'], 3)).toMatchInlineSnapshot(`
    "cairn: no ref "never" was ever made
    hint: \`cairn reflog\` shows the changes of all refs.
    "
  `);
});
