import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FsObjectBackend, openFsObjectBackend } from '../../../../src/adapters/fs/fs-object-backend.ts';
import { pattern } from '../../../conformance/bytes.ts';

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
