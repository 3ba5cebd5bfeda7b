import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../../src/adapters/sqlite/open-database.ts';
import { openWorkspaceState, type WorkspaceStateOptions } from '../../../../src/adapters/sqlite/workspace-state.ts';
import { isCodedError } from '../../../../src/core/errors.ts';
import type { WorkspaceState } from '../../../../src/ports/workspace.ts';
import { source, startChild } from '../../../conformance/child.ts';
import { file } from '../../../conformance/workspace-state.ts';

let dir: string;
let database: string;
let opened: WorkspaceState[] = [];

function open(options: Partial<WorkspaceStateOptions> = {}): WorkspaceState {
  const state = openWorkspaceState({ dir, createId: () => 'an id', writeText: async () => undefined, ...options });
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

describe('two processes that make the database at once', () => {
  test('make it once: the one that waited for the lock sees what the other made', async () => {
    const template = mkdtempSync(join(tmpdir(), 'cairn-state-'));
    const made = open({ dir: template, createId: () => 'theirs' });
    await made.stage('default', [file('theirs')], []);
    await made.close();
    const code = `
      import { openDatabase } from '${source('adapters/sqlite/open-database.ts')}';
      const database = openDatabase(${JSON.stringify(database)}, { busyMs: 0 });
      database.exec("ATTACH '${join(template, 'workspace.sqlite')}' AS template");
      const rows = (sql) => database.prepare(sql).raw().all();
      const [[application]] = rows('PRAGMA template.application_id');
      database.exec('BEGIN IMMEDIATE');
      console.log('locked');
      setTimeout(() => {
        for (const [sql] of rows('SELECT sql FROM template.sqlite_schema WHERE sql IS NOT NULL')) database.exec(sql);
        for (const table of ['about', 'staged']) database.exec('INSERT INTO main.' + table + ' SELECT * FROM template.' + table);
        database.exec('PRAGMA application_id = ' + application + '; PRAGMA user_version = 1; COMMIT');
        console.log('made');
      }, 300);`;
    const child = startChild(code);
    expect(await child.line()).toBe('locked');
    const state = open({ createId: () => 'ours' });
    await state.stage('default', [file('ours')], []);
    expect(state.id).toBe('theirs');
    expect((await state.staged('default')).map((entry) => entry.path)).toEqual(['ours', 'theirs']);
    await child.exit();
    rmSync(template, { recursive: true });
  });
});

describe('a damaged database', () => {
  async function fill(): Promise<void> {
    const state = open();
    await state.stage(
      'default',
      Array.from({ length: 2000 }, (_, index) => file(`path/${index}`)),
      [],
    );
    await state.saveStatCache(new Uint8Array(50_000));
    await state.close();
  }

  const uses: [string, (state: WorkspaceState) => unknown][] = [
    ['staged', (state) => state.staged('default')],
    ['statCache', (state) => state.statCache()],
    ['stages', (state) => state.stages()],
    ['stage', (state) => state.stage('default', [file('x')], ['path/7'])],
    ['unstage', (state) => state.unstage('default', [file('path/1')])],
    ['id', (state) => state.id],
  ];
  const outcome = async (use: (state: WorkspaceState) => unknown): Promise<unknown> => {
    const state = open();
    try {
      await use(state);
      return undefined;
    } catch (error) {
      return error;
    } finally {
      await state.close();
    }
  };

  test.each(uses)('is named by %s, with the file to delete and what is lost', async (_, use) => {
    await fill();
    const content = readFileSync(database);
    for (const damage of [Buffer.from('no database'.repeat(100)), content.fill(0x41, 0, 16), content.fill(0xff)]) {
      writeFileSync(database, damage);
      expect(await outcome(use)).toMatchObject({
        code: 'WORKSPACE_CORRUPT',
        message: expect.stringContaining(database),
        hint: expect.stringMatching(new RegExp(`Delete ${database}.*staged`)),
        data: { path: database },
      });
    }
  });

  test('never makes anything but a coded error, wherever the damage is', async () => {
    await fill();
    const sound = readFileSync(database);
    let found = 0;
    for (let at = 0; at < sound.length; at += at < 110 ? 5 : 4999) {
      const damaged = Buffer.from(sound);
      damaged.fill(0xa5, at, at + 5);
      writeFileSync(database, damaged);
      rmSync(`${database}-journal`, { force: true });
      for (const [, use] of uses.slice(0, 5)) {
        const error = await outcome(use);
        if (error === undefined) continue;
        found++;
        expect(isCodedError(error, 'WORKSPACE_CORRUPT') || isCodedError(error, 'NEWER_STORE') ? 'named' : error).toBe(
          'named',
        );
      }
    }
    expect(found).toBeGreaterThan(20);
  });

  test('that lost its end is named', async () => {
    await fill();
    truncateSync(database, 8192);
    expect(await outcome((state) => state.staged('default'))).toMatchObject({ code: 'WORKSPACE_CORRUPT' });
  });

  const put = (...pairs: string[]): string => `{"drop":[],"put":[${pairs.join(',')}]}`;
  test.each([
    'not JSON',
    '',
    'null',
    '{}',
    '[]',
    '{"drop":[],"put":{}}',
    '{"drop":[1],"put":[]}',
    put('["a"]'),
    put('["a",null]'),
    put('["a",[]]'),
    put('[1,{"kind":"removal"}]'),
    put('["a",{"kind":"removal"},1]'),
    put('["a",{"kind":"file","size":"1"}]'),
    put('["a",{"kind":"pipe"}]'),
    put('["a",{"kind":"file","more":1}]'),
    put('["a",{"kind":"file","path":"b"}]'),
    put('["a",{"kind":"file","tags":{"a":1}}]'),
    put('["b",{"kind":"removal"}]', '["a",{"kind":"removal"}]'),
    put('["a",{"kind":"removal"}]', '["a",{"kind":"removal"}]'),
  ])('with the block %s is named', async (block) => {
    await fill();
    const raw = openDatabase(database, { busyMs: 0 });
    raw.prepare('UPDATE staged SET block = ?').run(block);
    raw.close();
    expect(await outcome((state) => state.staged('default'))).toMatchObject({ code: 'WORKSPACE_CORRUPT' });
  });

  test('of another program, or of a newer cairn, is not touched', async () => {
    const foreign = openDatabase(database, { busyMs: 0 });
    foreign.exec('CREATE TABLE other (x); PRAGMA user_version = 1');
    foreign.close();
    const before = readFileSync(database);
    expect(await outcome((state) => state.stage('default', [file('a')], []))).toMatchObject({
      code: 'WORKSPACE_CORRUPT',
    });
    expect(readFileSync(database).equals(before)).toBe(true);
    rmSync(database);
    await fill();
    const newer = openDatabase(database, { busyMs: 0 });
    newer.exec('PRAGMA user_version = 2');
    newer.close();
    expect(await outcome((state) => state.staged('default'))).toMatchObject({ code: 'NEWER_STORE' });
  });
});
