import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { emptyDirectory, newWorkspace } from './cairn.ts';

describe('config', () => {
  test('gets, sets, takes away and lists', () => {
    const workspace = newWorkspace();
    expect(workspace.says(['config', 'get', 'actor.name'])).toBe('Ada Lovelace\n');
    expect(workspace.says(['config', 'set', 'lock.wait', '30s'])).toBe('lock.wait = 30s\n');
    expect(workspace.json('config.get', ['config', 'get', 'lock.wait'])).toMatchObject({
      value: '30s',
      from: 'workspace',
    });
    expect(workspace.json('config.list', ['config', 'list']).settings).toContainEqual({
      key: 'gc.grace',
      value: null,
      from: null,
      meaning: expect.any(String),
    });
    expect(workspace.says(['config', 'set', 'lock.wait', ''])).toBe('lock.wait is not set any more\n');
    expect(workspace.error(['config', 'get', 'lock.wait'], 3)).toMatchObject({ code: 'CONFIG_KEY_NOT_FOUND' });
    expect(workspace.says(['config'], 2)).toBe('cairn: `cairn config` needs one of: get, set, list\n');
  });

  test('the author is who the configuration names', () => {
    const workspace = newWorkspace();
    workspace.says(['config', 'set', 'actor.name', 'Grace Hopper']);
    workspace.says(['config', 'set', 'actor.mail', 'grace@example.org']);
    workspace.says(['commit', '-m', 'x', '--allow-empty'], 0, { env: { CAIRN_AUTHOR: '' } });
    expect(workspace.json('log', ['log']).runs[0]?.author).toBe('Grace Hopper <grace@example.org>');
  });
});

describe('completion', () => {
  test('for bash is a script that bash reads, and that completes commands, verbs and options', () => {
    const { stdout } = emptyDirectory().cairn(['completion', 'bash']);
    const complete = (words: string): string => {
      const list = words.split(' ');
      const script = `${stdout}\nCOMP_WORDS=(${list.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${list.length - 1}; _cairn 2>/dev/null; echo "\${COMPREPLY[@]}"`;
      const ran = spawnSync('bash', ['--norc', '-c', script]);
      return ran.stdout.toString().trim();
    };
    expect(complete('cairn com')).toBe('commit completion');
    expect(complete('cairn config ')).toBe('get set list');
    expect(complete('cairn log --gr')).toBe('--graph');
    expect(complete('cairn config set --js')).toBe('--json');
  });

  test.each(['zsh', 'fish'])('for %s names every command', (shell) => {
    const { stdout } = emptyDirectory().cairn(['completion', shell]);
    for (const name of ['commit', 'lineage', 'config']) expect(stdout).toContain(name);
    expect(emptyDirectory().json('completion', ['completion', shell]).script).toBe(stdout);
  });
});

describe('schema', () => {
  test('prints the JSON Schema of every format that it lists', () => {
    const workspace = emptyDirectory();
    const list = workspace.json('schema', ['schema']);
    if (!('schemas' in list)) throw new Error('no list');
    for (const { name } of list.schemas) {
      const { jsonSchema } = workspace.json('schema', ['schema', name]) as { jsonSchema: { $schema?: string } };
      expect(jsonSchema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    }
    expect(list.schemas.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['run', 'artifact', 'run-file', 'cli.log', 'cli.error']),
    );
  });

  test('takes the names in which people write them', () => {
    const workspace = emptyDirectory();
    const print = (name: string): string => workspace.cairn(['schema', name]).stdout;
    expect(print('cairn.run/1')).toBe(print('run'));
    expect(print('log')).toBe(print('cairn.cli.log/1'));
    expect(JSON.parse(print('run'))).toMatchObject({ type: 'object', additionalProperties: false });
    expect(workspace.error(['schema', 'artifcat'], 3).hint).toContain('cairn schema artifact');
  });
});
