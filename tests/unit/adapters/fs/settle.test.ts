/** The order in which `settle` asks the system to make things durable, and what happens when it refuses. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FsObjectBackend, openFsObjectBackend } from '../../../../src/adapters/fs/fs-object-backend.ts';
import { pattern } from '../../../conformance/bytes.ts';
import { calls, failOn, resetWorld, world } from './faulty-fs.ts';

vi.mock('node:fs', async (original) => (await import('./faulty-fs.ts')).faultyFs(await original()));

let root: string;
let backend: FsObjectBackend;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cairn-durable-'));
  backend = openFsObjectBackend({ root });
  resetWorld();
});

afterEach(() => {
  resetWorld();
  rmSync(root, { recursive: true });
});

describe('settle', () => {
  test('syncs every file, then names them, then syncs every directory on the way to them, once', async () => {
    await backend.put('objects/ab/one', [pattern(10)]);
    await backend.put('objects/ab/two', [pattern(10)]);
    await backend.put('packs/three.pack', [pattern(10)]);
    world.calls.length = 0;
    await backend.settle();
    const made = calls(root).filter((call) => /^(?:sync|link|mkdir) /.test(call));
    expect(made).toEqual([
      'sync tmp/*',
      'sync tmp/*',
      'sync tmp/*',
      // A name is tried first, and its directory made when that fails.
      'link tmp/* objects/ab/one',
      'mkdir objects/ab',
      'link tmp/* objects/ab/one',
      'link tmp/* objects/ab/two',
      'link tmp/* packs/three.pack',
      'mkdir packs',
      'link tmp/* packs/three.pack',
      'sync objects/ab',
      'sync objects',
      'sync .',
      'sync packs',
    ]);
  });

  test('syncs directories again when that failed, though the names are in place', async () => {
    await backend.put('objects/ab/one', [pattern(10)]);
    failOn(/^sync .*objects\/ab$/, 'EIO', 1);
    await expect(backend.settle()).rejects.toMatchObject({ code: 'IO', data: { errno: 'EIO' } });
    world.calls.length = 0;
    await backend.settle();
    expect(calls(root).filter((call) => call.startsWith('sync '))).toEqual([
      'sync objects/ab',
      'sync objects',
      'sync .',
    ]);
    world.calls.length = 0;
    await backend.settle();
    expect(calls(root)).toEqual([]);
  });

  test('syncs the directories of a name that was there: who put it may not have done so yet', async () => {
    await backend.put('objects/ab/one', [pattern(10)]);
    await backend.settle();
    const other = openFsObjectBackend({ root });
    await other.put('objects/ab/one', [pattern(10)]);
    world.calls.length = 0;
    await other.settle();
    expect(calls(root).filter((call) => call.startsWith('sync '))).toEqual([
      'sync objects/ab',
      'sync objects',
      'sync .',
    ]);
  });

  test('never names a file whose sync failed, and goes on failing until abandon', async () => {
    await backend.put('objects/ab/one', [pattern(10)]);
    failOn(/^sync .*tmp/, 'EIO', 1);
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(backend.settle()).rejects.toMatchObject({ code: 'IO', cause: { code: 'EIO' } });
    }
    expect(existsSync(join(root, 'objects'))).toBe(false);
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
    await backend.abandon();
    await backend.put('objects/ab/one', [pattern(10)]);
    await backend.settle();
    expect(existsSync(join(root, 'objects/ab/one'))).toBe(true);
  });

  test('syncs early what it does not keep open', async () => {
    for (let index = 0; index < 65; index++) await backend.put(`records/aa/${index}`, [pattern(10)]);
    expect(calls(root).filter((call) => call.startsWith('sync '))).toHaveLength(32);
    await backend.settle();
    expect(calls(root).filter((call) => call === 'sync tmp/*')).toHaveLength(65);
  });

  test('waits for a sync that a put has begun', async () => {
    for (let index = 0; index < 64; index++) await backend.put(`records/aa/${index}`, [pattern(10)]);
    world.syncDelayMs = 150;
    const last = backend.put('records/aa/64', [pattern(10)]);
    await vi.waitFor(() => expect(calls(root)).toContain('sync tmp/*'));
    // The syncs that settle begins are done long before those.
    world.syncDelayMs = 0;
    await backend.settle();
    const made = calls(root);
    expect(made.filter((call) => call === 'synced tmp/*').length).toBeGreaterThanOrEqual(64);
    expect(made.lastIndexOf('synced tmp/*')).toBeLessThan(made.findIndex((call) => call.startsWith('link')));
    await last;
    await backend.settle();
    expect(await backend.read('records/aa/64')).toEqual(pattern(10));
  });

  test('renames where the file system has no hard links, and still replaces nothing', async () => {
    failOn(/^link/, 'EPERM');
    await backend.put('objects/ab/one', [pattern(10)]);
    await backend.settle();
    const other = openFsObjectBackend({ root });
    await backend.put('objects/ab/two', [pattern(10, 1)]);
    await other.put('objects/ab/two', [pattern(10, 2)]);
    await backend.settle();
    await other.settle();
    expect(await backend.read('objects/ab/two')).toEqual(pattern(10, 1));
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });
});
