import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
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

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

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
