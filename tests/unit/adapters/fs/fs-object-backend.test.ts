import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FsObjectBackend, openFsObjectBackend } from '../../../../src/adapters/fs/fs-object-backend.ts';
import { source, startChild } from '../../../conformance/child.ts';
import { pattern } from '../../../conformance/object-backend.ts';

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

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

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

describe('descriptors', () => {
  test('are reused for ranges of the same pack', async () => {
    await backend.put('packs/a.pack', [pattern(100_000)]);
    await backend.settle();
    await backend.read('packs/a.pack', { start: 0, end: 1 });
    const before = openDescriptors();
    rmSync(join(root, 'packs/a.pack'));
    // Only a descriptor that stayed open can still read it.
    for (let at = 0; at < 600; at++) {
      expect(await backend.read('packs/a.pack', { start: at, end: at + 3 })).toEqual(
        pattern(100_000).slice(at, at + 3),
      );
    }
    expect(openDescriptors()).toBe(before);
  });

  test('stay few, however many packs are read or objects are put', async () => {
    const before = openDescriptors();
    for (let pack = 0; pack < 40; pack++) await backend.put(`packs/${pack}.pack`, [pattern(10, pack)]);
    await backend.settle();
    expect(openDescriptors()).toBe(before);
    for (let pack = 0; pack < 40; pack++) await backend.read(`packs/${pack}.pack`, { start: 0 });
    expect(openDescriptors()).toBeLessThanOrEqual(before + 16);
    await backend.close();
    expect(openDescriptors()).toBe(before);
    for (let index = 0; index < 300; index++) await backend.put(`records/aa/${index}`, [pattern(10)]);
    expect(openDescriptors()).toBeLessThanOrEqual(before + 65);
    await backend.abandon();
    expect(openDescriptors()).toBe(before);
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });

  test('are closed by readers that stop, fail or end', async () => {
    await backend.put('packs/a.pack', [pattern(2_000_000)]);
    await backend.settle();
    const before = openDescriptors();
    for await (const _ of backend.get('packs/a.pack')) break;
    for await (const _ of backend.get('packs/a.pack'));
    await expect(
      (async () => {
        for await (const _ of backend.get('packs/a.pack')) throw new Error('reader');
      })(),
    ).rejects.toThrow('reader');
    expect(openDescriptors()).toBe(before);
  });

  test('of a pack that shrank on disk give fewer bytes, not old memory', async () => {
    await backend.put('packs/a.pack', [pattern(1000)]);
    await backend.settle();
    await backend.read('packs/a.pack', { start: 0, end: 1 });
    truncateSync(join(root, 'packs/a.pack'), 100);
    expect(await backend.read('packs/a.pack', { start: 90, end: 200 })).toEqual(pattern(1000).slice(90, 100));
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
    expect(await backend.sweepTemporary(3600_000)).toBe(100);
    expect(readdirSync(join(root, 'tmp'))).toEqual(['young']);
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

const elsewhere = '/dev/shm';
const hasOtherFileSystem = existsSync(elsewhere) && statSync(elsewhere).dev !== statSync(tmpdir()).dev;

describe.skipIf(!hasOtherFileSystem)('folders on another file system', () => {
  let far: string;
  beforeEach(() => {
    far = mkdtempSync(join(elsewhere, 'cairn-far-'));
    symlinkSync(far, join(root, 'objects'));
  });
  afterEach(() => rmSync(far, { recursive: true }));

  test('get their objects, whole and read-only', async () => {
    const bytes = pattern(700_000);
    await backend.put('objects/ab/cdef', [bytes]);
    await backend.put('packs/near.pack', [pattern(10)]);
    await backend.settle();
    expect(Buffer.compare(readFileSync(join(far, 'ab/cdef')), bytes)).toBe(0);
    expect(statSync(join(far, 'ab/cdef')).mode & 0o777).toBe(0o444);
    expect(readdirSync(join(far, 'ab'))).toEqual(['cdef']);
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
    expect((await Array.fromAsync(backend.list(''))).map((entry) => entry.name)).toEqual([
      'objects/ab/cdef',
      'packs/near.pack',
    ]);
  });

  test('keep what is there under a name', async () => {
    const other = openFsObjectBackend({ root });
    for (const view of [backend, other]) await view.put('objects/ab/cdef', [pattern(10)]);
    await backend.settle();
    await other.settle();
    expect(readdirSync(join(far, 'ab'))).toEqual(['cdef']);
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });

  test('are quarantined over the boundary', async () => {
    await backend.put('objects/ab/cdef', [pattern(10)]);
    await backend.settle();
    const aside = await backend.quarantine('objects/ab/cdef');
    expect(await backend.read(aside)).toEqual(pattern(10));
    expect(readdirSync(join(far, 'ab'))).toEqual([]);
  });

  test('are swept of what a killed writer left beside its target', async () => {
    mkdirSync(join(far, 'ab'));
    writeFileSync(join(far, 'ab/.tmp-0123'), 'x'.repeat(50));
    writeFileSync(join(far, 'ab/cdef'), 'object');
    expect(await backend.sweepTemporary(-1000)).toBe(50);
    expect(readdirSync(join(far, 'ab'))).toEqual(['cdef']);
  });
});
