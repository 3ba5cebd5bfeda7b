/** Directories as inputs: each file that the branch has below becomes an input with its path, and a rerun finds all of them. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { newWorkspace, type Workspace } from './cairn.ts';

const files = { 'data/a.csv': 'a', 'data/deep/b.csv': 'b', 'data/deep/run.sh': '#!/bin/sh\ncat data/a.csv\n' };

function withDirectory(): Workspace {
  const workspace = newWorkspace();
  workspace.write('data/deep/run.sh', files['data/deep/run.sh'], 0o755);
  workspace.commit('data', files);
  return workspace;
}

function inputs(workspace: Workspace, rev: string): [path: string | undefined, relation: string][] {
  const shown = workspace.json('show', ['show', rev]) as {
    inputs: readonly { readonly path?: string; readonly relation: string }[];
  };
  return shown.inputs.map(({ path, relation }) => [path, relation]);
}

const all = ['data/a.csv', 'data/deep/b.csv', 'data/deep/run.sh'];

describe('a directory as an input', () => {
  test('of run is every file below it, with the dataset and run key of naming them one by one', () => {
    const workspace = withDirectory();
    const command = ['--', 'sh', '-c', 'cat data/a.csv data/deep/b.csv > out'];
    const whole = workspace.json('run', ['run', '--input', 'uses_folds=data/', '--output', 'out', ...command]);
    expect(inputs(workspace, 'HEAD')).toEqual(all.map((path) => [path, 'uses_folds']));
    const single = all.flatMap((path) => ['--input', `uses_folds=${path}`]);
    expect(workspace.json('run', ['run', ...single, '--', 'true']).runKey).toBe(whole.runKey);
    const twice = ['run', '--input', 'data', '--input', 'data/a.csv', '--input', 'data/deep'];
    workspace.json('run', [...twice, '--', 'true']);
    expect(inputs(workspace, 'HEAD')).toHaveLength(3);
  });

  test('of commit, of a named run, and of a recorded run', () => {
    const workspace = withDirectory();
    const [, first] = [workspace.id('HEAD'), workspace.id('HEAD:data/a.csv')];
    workspace.commit('more', { 'data/a.csv': 'changed' }, ['--input', 'data/deep']);
    expect(inputs(workspace, 'HEAD').map(([path]) => path)).toEqual(['data/deep/b.csv', 'data/deep/run.sh']);
    workspace.write(
      'cairn.yaml',
      'runs:\n  sum:\n    command: [sh, -c, "echo 1 > n"]\n    inputs: [data]\n    outputs: [n]\n',
    );
    workspace.json('run', ['run', 'sum']);
    expect(inputs(workspace, 'HEAD').map(([path]) => path)).toEqual(all);
    workspace.json('run', ['run', '--input', 'HEAD~2:data', '--', 'true']);
    const shown = workspace.json('show', ['show', 'HEAD']) as { inputs: readonly { readonly artifact: string }[] };
    expect(shown.inputs[0]?.artifact).toBe(first);
    expect(workspace.error(['run', '--input', '.', '--', 'true'], 125).message).toContain('is not committed');
  });

  test('is there for a rerun, files that are executable among them', () => {
    const workspace = withDirectory();
    const command = ['--', 'sh', '-c', 'data/deep/run.sh > out; cat data/deep/b.csv >> out'];
    workspace.json('run', ['run', '--input', 'data', '--output', 'out', ...command]);
    expect(workspace.read('out')).toBe('ab');
    expect(workspace.json('rerun', ['rerun', 'HEAD']).verdict).toBe('identical');
  });

  test('is refused when it has no file, a link, or a file that is not committed and not ignored', () => {
    const workspace = withDirectory();
    mkdirSync(workspace.path('empty'));
    workspace.says(['add', 'empty']);
    workspace.json('commit', ['commit', '-m', 'empty']);
    expect(workspace.error(['run', '--input', 'empty', '--', 'true'], 125).message).toContain(
      'the directory empty has no file',
    );
    workspace.write('data/new.csv', 'new');
    const refused = workspace.error(['run', '--input', 'data', '--', 'true'], 125);
    expect(refused.message).toContain('data/new.csv of an input directory is not committed');
    workspace.json('run', [
      'run',
      '--input',
      'data',
      '--output',
      'data/new.csv',
      '--',
      'sh',
      '-c',
      'echo > data/new.csv',
    ]);
    workspace.write('data/more.tmp', 'x');
    workspace.write('.cairnignore', '*.tmp\n');
    workspace.json('run', ['run', '--input', 'data', '--', 'true']);
    workspace.write('data/a.csv', 'not committed');
    expect(workspace.error(['run', '--input', 'data', '--', 'true'], 125).message).toContain('data/a.csv has changes');
    symlinkSync('a.csv', workspace.path('data/deep/link'));
    workspace.says(['add', '--symlinks', 'data/deep']);
    workspace.json('commit', ['commit', '-m', 'link']);
    expect(workspace.error(['run', '--input', 'data/deep', '--', 'true'], 125).message).toContain(
      'data/deep/link is a symbolic link',
    );
  });

  test('of many files is shown in part, and whole as JSON', () => {
    const workspace = newWorkspace();
    const many = Object.fromEntries(Array.from({ length: 130 }, (_, index) => [`data/${index}`, String(index)]));
    for (const [path, content] of Object.entries(many)) workspace.write(path, content);
    workspace.says(['add', 'data']);
    workspace.json('commit', ['commit', '-m', 'data']);
    workspace.json('run', ['run', '--input', 'data', '--', 'true']);
    const text = workspace.says(['show', 'HEAD']);
    expect(text.match(/\(derived_from\)/g)).toHaveLength(100);
    expect(text).toContain('… and 30 more: --json');
    expect(inputs(workspace, 'HEAD')).toHaveLength(130);
  });
});
