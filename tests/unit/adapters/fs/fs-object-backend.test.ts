import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FsObjectBackend, openFsObjectBackend } from '../../../../src/adapters/fs/fs-object-backend.ts';
import { compareUtf8 } from '../../../../src/core/bytes.ts';
import { pattern } from '../../../conformance/bytes.ts';
import { source, startChild } from '../../../conformance/child.ts';

let root: string;
let backend: FsObjectBackend;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cairn-objects-'));
  backend = openFsObjectBackend({ root });
});

afterEach(async () => {
  await backend.close();
  rmSync(root, { recursive: true });
});

describe('the layout', () => {
  test('is one read-only file an object, and an empty tmp/', async () => {
    await backend.put('objects/ab/cdef', [pattern(10)]);
    expect(readdirSync(join(root, 'tmp'))).toHaveLength(1);
    await backend.settle();
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
    const stat = statSync(join(root, 'objects/ab/cdef'));
    expect(stat.mode & 0o777).toBe(0o444);
    expect(stat.nlink).toBe(1);
    expect(backend.localPath('objects/ab/cdef')).toBe(join(root, 'objects/ab/cdef'));
  });

  test('lists neither temporary files nor what people put there', async () => {
    await backend.put('objects/ab/cdef', [pattern(10)]);
    await backend.settle();
    writeFileSync(join(root, 'objects/ab/.tmp-0123'), 'half');
    writeFileSync(join(root, 'objects/ab/noté'), 'x');
    writeFileSync(join(root, 'config.json'), '{}');
    expect((await Array.fromAsync(backend.list(''))).map((entry) => entry.name)).toEqual(['objects/ab/cdef']);
  });

  test.each([
    '',
    'objects',
    'objects/',
    '/objects/ab',
    'objects//ab',
    'objects/../config.json',
    '../objects/ab',
    'objects/ab/..',
    'objects/.tmp-1',
    'config.json',
    'tmp/0123',
    'log/events',
    'objects/a b',
    'objects/a\0b',
    'objects/a\nb',
    'objects\\ab',
    'objects/é',
    `objects/${'a'.repeat(201)}`,
    'Objects/ab',
  ])('has no place for the name %j', async (name) => {
    writeFileSync(join(root, 'config.json'), '{}');
    for (const attempt of [
      () => backend.put(name, [pattern(1)]),
      () => backend.put(() => name, [pattern(1)]),
      () => backend.read(name),
      () => backend.stat(name),
      () => backend.remove(name),
      () => backend.quarantine(name),
      () => Array.fromAsync(backend.get(name)),
      async () => backend.localPath(name),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'BAD_PATH' });
    }
    await backend.settle();
    expect(existsSync(join(root, 'config.json'))).toBe(true);
    expect(await openFsObjectBackend({ root }).sweepTemporary(-1000)).toBe(0);
  });

  test('takes nothing into quarantine/ directly', async () => {
    await expect(backend.put('quarantine/x', [pattern(1)])).rejects.toMatchObject({ code: 'BAD_PATH' });
  });
});

describe('a read-only backend', () => {
  test('reads, and refuses every write', async () => {
    await backend.put('objects/ab/cdef', [pattern(10)]);
    await backend.settle();
    const reader = openFsObjectBackend({ root, readOnly: true });
    expect(await reader.read('objects/ab/cdef')).toEqual(pattern(10));
    await reader.settle();
    for (const attempt of [
      reader.put('objects/ab/x', [pattern(1)]),
      reader.remove('objects/ab/cdef'),
      reader.quarantine('objects/ab/cdef'),
      reader.sweepTemporary(0),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: 'READ_ONLY' });
    }
    expect(existsSync(join(root, 'objects/ab/cdef'))).toBe(true);
  });
});

describe('errors', () => {
  test('other than ENOENT are not "not found"', async () => {
    writeFileSync(join(root, 'objects'), 'a file in the way');
    const failures = await Promise.all(
      [
        backend.read('objects/ab/cdef'),
        backend.stat('objects/ab/cdef'),
        Array.fromAsync(backend.get('objects/ab/cdef')),
      ].map((attempt) =>
        attempt.then(
          () => undefined,
          (error: unknown) => error,
        ),
      ),
    );
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'IO', data: { errno: 'ENOTDIR' }, cause: { code: 'ENOTDIR' } });
      expect(backend.isNotFound(failure)).toBe(false);
    }
    await expect(Array.fromAsync(backend.list(''))).rejects.toMatchObject({ code: 'IO' });
  });

  test('tell a directory from an object', async () => {
    mkdirSync(join(root, 'objects/ab/cdef'), { recursive: true });
    await expect(backend.stat('objects/ab/cdef')).rejects.toMatchObject({ code: 'IO' });
    await expect(backend.read('objects/ab/cdef')).rejects.toMatchObject({ code: 'IO' });
    await expect(backend.put('objects/ab/cdef', [pattern(1)])).rejects.toMatchObject({ code: 'IO' });
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });

  test('say when a temporary file was taken away before settle', async () => {
    await backend.put('objects/ab/cdef', [pattern(10)]);
    await openFsObjectBackend({ root }).sweepTemporary(-1000);
    await expect(backend.settle()).rejects.toMatchObject({ code: 'IO', data: { errno: 'ENOENT' } });
    await expect(backend.settle()).rejects.toMatchObject({ code: 'IO' });
    await backend.abandon();
    await backend.settle();
  });

  test('say when another process stored other bytes under the name meanwhile', async () => {
    await backend.put('objects/ab/cdef', [pattern(10)]);
    const other = openFsObjectBackend({ root });
    await other.put('objects/ab/cdef', [pattern(9)]);
    await other.settle();
    await expect(backend.settle()).rejects.toMatchObject({ code: 'OBJECT_CORRUPT', data: { size: 10, stored: 9 } });
    await backend.abandon();
    expect(statSync(join(root, 'objects/ab/cdef')).size).toBe(9);
  });
});

describe('temporary files', () => {
  test('are swept by age, and the bytes counted', async () => {
    mkdirSync(join(root, 'tmp'));
    for (const [name, age] of [
      ['old', 7200],
      ['young', 10],
    ] as const) {
      writeFileSync(join(root, 'tmp', name), 'x'.repeat(100));
      const time = Date.now() / 1000 - age;
      utimesSync(join(root, 'tmp', name), time, time);
    }
    writeFileSync(join(root, '.tmp-of-HEAD'), 'y'.repeat(7));
    writeFileSync(join(root, 'HEAD'), 'heads/main');
    expect(await backend.sweepTemporary(3600_000)).toBe(100);
    expect(readdirSync(join(root, 'tmp'))).toEqual(['young']);
    expect(await backend.sweepTemporary(-1000)).toBe(107);
    expect(readdirSync(root).sort(compareUtf8)).toEqual(['HEAD', 'tmp']);
  });

  test('are all that a writer leaves that is killed between put and settle', async () => {
    const child = startChild(`
      import { openFsObjectBackend } from '${source('adapters/fs/fs-object-backend.ts')}';
      const backend = openFsObjectBackend({ root: ${JSON.stringify(root)} });
      await backend.put('objects/ab/settled', [new Uint8Array(5)]);
      await backend.settle();
      await backend.put('objects/ab/lost', [new Uint8Array(1000)]);
      await backend.put('packs/lost.pack', (function* () { for (let i = 0; i < 20; i++) yield new Uint8Array(262144); })());
      console.log('put');
      setInterval(() => {}, 1000);
    `);
    expect(await child.line()).toBe('put');
    await child.kill();
    const list = async (): Promise<string[]> => (await Array.fromAsync(backend.list(''))).map((entry) => entry.name);
    expect(await list()).toEqual(['objects/ab/settled']);
    expect(readdirSync(join(root, 'tmp'))).toHaveLength(2);
    expect(await backend.sweepTemporary(3600_000)).toBe(0);
    expect(await backend.sweepTemporary(-1000)).toBe(1000 + 20 * 262144);
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
    expect(await list()).toEqual(['objects/ab/settled']);
  });
});
