/** How output behaves: colours, pipes, names of other people. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newWorkspace } from './cairn.ts';

const escapeSign = '\u001b[';

describe('colours', () => {
  test('are off in a pipe, on with FORCE_COLOR, and off whatever else with NO_COLOR or --no-color', () => {
    const workspace = newWorkspace();
    workspace.commit('One', { a: '1' });
    const coloured = (env: { [name: string]: string }, ...args: string[]): boolean =>
      workspace.cairn(['log', ...args], { env }).stdout.includes(escapeSign);
    expect(coloured({})).toBe(false);
    expect(coloured({ FORCE_COLOR: '1' })).toBe(true);
    expect(coloured({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(coloured({ FORCE_COLOR: '1' }, '--no-color')).toBe(false);
    expect(coloured({ FORCE_COLOR: '1' }, '--json')).toBe(false);
  });
});

describe('a pipe', () => {
  test('that is closed early ends the command without a word', () => {
    const workspace = newWorkspace();
    workspace.commit('Large', { large: 'x'.repeat(5_000_000) });
    const program = join(import.meta.dirname, '..', '..', 'bin', 'cairn');
    const line = `"${process.execPath}" "${program}" cat HEAD:large | head -c 10; echo " \${PIPESTATUS[0]}"`;
    const ran = spawnSync('bash', ['-c', line], { cwd: workspace.root });
    expect(ran.stdout.toString()).toBe('xxxxxxxxxx 141\n');
    expect(ran.stderr.toString()).toBe('');
  });

  test('gets every byte of a large file', () => {
    const workspace = newWorkspace();
    const content = Array.from({ length: 400_000 }, (_, line) => `${line}\n`).join('');
    workspace.commit('Large', { large: content });
    expect(workspace.cairn(['cat', 'HEAD:large']).stdout === content).toBe(true);
  });
});

test('a name cannot write to the terminal of whoever lists it', () => {
  const workspace = newWorkspace();
  workspace.commit(`Message ${escapeSign}31m`, { [`evil${escapeSign}2J\n.csv`]: '1' });
  for (const args of [
    ['log'],
    ['show'],
    ['ls'],
    ['ls', 'HEAD'],
    ['diff', 'HEAD'],
    ['status'],
    ['events'],
    ['reflog'],
  ]) {
    expect(workspace.cairn(args).stdout, args.join(' ')).not.toContain('\u001b');
  }
  expect(workspace.cairn(['ls', 'HEAD']).stdout).toContain('evil\\u001b[2J\\n.csv');
  expect(workspace.json('ls', ['ls', 'HEAD']).artifacts).toMatchObject([{ path: `evil${escapeSign}2J\n.csv` }]);
});

test('--quiet leaves only what was asked for', () => {
  const workspace = newWorkspace();
  workspace.write('a', '1');
  expect(workspace.cairn(['add', 'a', '--quiet'])).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(workspace.cairn(['commit', '-m', 'One', '-q'])).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(workspace.cairn(['log', '--oneline', '-q']).stdout).not.toBe('');
});
