import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { durableWrite } from '../../../../src/adapters/fs/durable-write.ts';
import { openWorkspaceState, type WorkspaceStateOptions } from '../../../../src/adapters/sqlite/workspace-state.ts';
import type { WorkspaceState } from '../../../../src/ports/workspace.ts';
import { source, startChild } from '../../../conformance/child.ts';
import { describeConformance } from '../../../conformance/claims.ts';
import { file, workspaceStateClaims } from '../../../conformance/workspace-state.ts';

const random = { bytes: (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count)) };
const writeText = (path: string, text: string): Promise<void> => durableWrite(path, text, { random });

let dir: string;
let database: string;
let opened: WorkspaceState[] = [];
let ids = 0;

function open(options: Partial<WorkspaceStateOptions> = {}): WorkspaceState {
  const state = openWorkspaceState({ dir, createId: () => `id-${++ids}`, writeText, ...options });
  opened.push(state);
  return state;
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cairn-state-'));
  database = join(dir, 'workspace.sqlite');
});

afterEach(async () => {
  for (const state of opened) await state.close();
  opened = [];
  rmSync(dir, { recursive: true });
});

describeConformance('openWorkspaceState', workspaceStateClaims, async () => ({ open, dispose: async () => undefined }));

describe('HEAD', () => {
  test('is a line of text', async () => {
    await open().setHead('heads/main');
    expect(readFileSync(join(dir, 'HEAD'), 'utf8')).toBe('heads/main\n');
  });

  test('that is missing says that there is no workspace', async () => {
    await expect(open().head()).rejects.toMatchObject({ code: 'NO_WORKSPACE', cause: { code: 'ENOENT' } });
  });

  test.each(['', '\n', 'two\nlines\n', 'heads/\0main\n', 'x'.repeat(2000), Buffer.from([0xff, 0xfe, 0x0a])])(
    'that holds %j is called damaged, with the way out',
    async (content) => {
      writeFileSync(join(dir, 'HEAD'), content);
      await expect(open().head()).rejects.toMatchObject({
        code: 'WORKSPACE_CORRUPT',
        message: expect.stringContaining(join(dir, 'HEAD')),
        hint: expect.stringContaining('heads/main'),
      });
    },
  );

  test('that cannot be read is reported as what it is', async () => {
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(dir, 'HEAD'));
    await expect(open().head()).rejects.toMatchObject({ code: 'IO', data: { errno: 'EISDIR' } });
  });
});

describe('the database', () => {
  test('is neither loaded nor made by a command that needs HEAD only', async () => {
    const code = `
      import { openWorkspaceState } from '${source('adapters/sqlite/workspace-state.ts')}';
      import { durableWrite } from '${source('adapters/fs/durable-write.ts')}';
      import { systemRandom } from '${source('adapters/node/system-random.ts')}';
      const random = systemRandom();
      const state = openWorkspaceState({ dir: ${JSON.stringify(dir)}, createId: () => 'x', writeText: (path, text) => durableWrite(path, text, { random }) });
      await state.setHead('heads/main');
      await state.head();
      const native = () => process.report.getReport().sharedObjects.filter((name) => name.includes('better-sqlite3')).length;
      const before = native();
      await state.stage('default', [{ path: 'a', kind: 'removal' }], []);
      console.log(before, native());`;
    const child = startChild(code);
    expect(await child.line()).toBe('0 1');
    await child.exit();
  });

  test('is not made by reading', async () => {
    const state = open();
    expect(await state.staged('default')).toEqual([]);
    expect(await state.stages()).toEqual([]);
    expect(await state.statCache()).toBeUndefined();
    expect(await state.unstage('default', [file('a')])).toBe(0);
    await state.stage('default', [], []);
    expect(readdirSync(dir)).toEqual([]);
    await state.stage('default', [file('a')], []);
    expect(existsSync(database)).toBe(true);
  });

  test('may be deleted: what is staged is gone, and nothing else fails', async () => {
    const state = open();
    await state.setHead('heads/main');
    await state.stage('default', [file('a')], []);
    await state.close();
    rmSync(database);
    const next = open();
    expect(await next.staged('default')).toEqual([]);
    expect(await next.head()).toBe('heads/main');
    await next.stage('default', [file('b')], []);
    expect(await next.staged('default')).toEqual([file('b')]);
  });

  test('can be used again after close', async () => {
    const state = open();
    await state.stage('default', [file('a')], []);
    await state.close();
    expect(await state.staged('default')).toEqual([file('a')]);
  });

  test('keeps what was staged when the process is killed right after', async () => {
    const child = startChild(`
      import { openWorkspaceState } from '${source('adapters/sqlite/workspace-state.ts')}';
      const state = openWorkspaceState({ dir: ${JSON.stringify(dir)}, createId: () => 'x', writeText: async () => {} });
      await state.stage('default', [{ path: 'a', kind: 'removal' }], []);
      console.log('staged');
      setInterval(() => {}, 1000);`);
    await child.line();
    await child.kill();
    expect(await open().staged('default')).toEqual([{ path: 'a', kind: 'removal' }]);
  });

  test('is made by several processes at once without an error, and has one id', async () => {
    const code = `
      import { openWorkspaceState } from '${source('adapters/sqlite/workspace-state.ts')}';
      const state = openWorkspaceState({ dir: ${JSON.stringify(dir)}, createId: () => String(process.pid), writeText: async () => {} });
      for (let round = 0; round < 20; round++) await state.stage('default', [{ path: process.pid + '/' + round, kind: 'removal' }], []);
      console.log(state.id);`;
    const children = Array.from({ length: 4 }, () => startChild(code));
    const seen = new Set(await Promise.all(children.map((child) => child.line())));
    expect(await Promise.all(children.map((child) => child.exit()))).toEqual([0, 0, 0, 0]);
    expect(seen.size).toBe(1);
    expect(await open().staged('default')).toHaveLength(80);
  });
});

describe('opened for reading only', () => {
  test('it reads what is there, and nothing where nothing is', async () => {
    const empty = open({ readOnly: true });
    expect(await empty.staged('default')).toEqual([]);
    expect(empty.id).toBe(empty.id);
    const state = open();
    await state.setHead('heads/main');
    await state.stage('default', [file('a')], []);
    const reader = open({ readOnly: true });
    expect(await reader.staged('default')).toEqual([file('a')]);
    expect(reader.id).toBe(state.id);
    expect(await reader.head()).toBe('heads/main');
  });

  test('it refuses every write', async () => {
    const reader = open({ readOnly: true });
    for (const attempt of [
      reader.setHead('heads/x'),
      reader.stage('default', [file('a')], []),
      reader.saveStatCache(new Uint8Array()),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: 'READ_ONLY' });
    }
    expect(readdirSync(dir)).toEqual([]);
  });
});
