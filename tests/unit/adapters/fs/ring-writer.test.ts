/** `put` and `get` where the system is slow, writes short or refuses. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FsObjectBackend, openFsObjectBackend } from '../../../../src/adapters/fs/fs-object-backend.ts';
import { chunksInFlight } from '../../../../src/ports/object-backend.ts';
import { pattern } from '../../../conformance/bytes.ts';
import { calls, failOn, resetWorld, systemFailure, world } from './faulty-fs.ts';

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

describe('put', () => {
  async function* chunks(count: number): AsyncGenerator<Uint8Array> {
    for (let chunk = 0; chunk < count; chunk++) yield pattern(256 * 1024, chunk);
  }

  test.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EIO', 'IO'],
    ['EACCES', 'NOT_PERMITTED'],
    ['EROFS', 'READ_ONLY'],
  ])('that meets %s leaves nothing and says %s', async (errno, code) => {
    for (const [matching, from] of [
      [/^write/, 0],
      [/^write/, 12],
      [/^open wx/, 0],
    ] as const) {
      let seen = 0;
      world.fail = (what) => {
        if (matching.test(what) && seen++ >= from) throw systemFailure(errno);
      };
      await expect(backend.put('packs/a.pack', chunks(30))).rejects.toMatchObject({ code, data: { errno } });
      world.fail = () => undefined;
      await backend.settle();
      expect(existsSync(join(root, 'packs'))).toBe(false);
      if (existsSync(join(root, 'tmp'))) expect(readdirSync(join(root, 'tmp'))).toEqual([]);
    }
  });

  test('goes on after short writes', async () => {
    world.shortWrites = true;
    await backend.put('packs/a.pack', chunks(5));
    await backend.settle();
    const expected = await Array.fromAsync(chunks(5));
    expect(Buffer.compare(readFileSync(join(root, 'packs/a.pack')), Buffer.concat(expected))).toBe(0);
  });

  test('fails when a sync on the way failed', async () => {
    failOn(/^sync/, 'EIO', 1);
    async function* large(): AsyncGenerator<Uint8Array> {
      const chunk = new Uint8Array(256 * 1024);
      for (let index = 0; index < 300; index++) yield chunk;
    }
    await expect(backend.put('packs/a.pack', large())).rejects.toMatchObject({ code: 'IO' });
  });

  test('lets a source reuse its memory by the rule even where writing is slow', async () => {
    world.writeDelayMs = 3;
    const ring = Array.from({ length: chunksInFlight }, () => new Uint8Array(256 * 1024));
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < 40; chunk++) yield (ring[chunk % ring.length] as Uint8Array).fill(chunk + 1);
    }
    await backend.put('packs/a.pack', source());
    await backend.settle();
    const bytes = readFileSync(join(root, 'packs/a.pack'));
    for (let chunk = 0; chunk < 40; chunk++) expect(bytes[chunk * 256 * 1024 + 1]).toBe(chunk + 1);
  });

  test('keeps several writes under way', async () => {
    world.writeDelayMs = 60;
    const start = performance.now();
    await backend.put('packs/a.pack', chunks(29));
    // One at a time would take 28 × 60 ms.
    expect(performance.now() - start).toBeLessThan(1300);
  });

  test('waits for every write before it passes on what the source threw', async () => {
    world.writeDelayMs = 20;
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* chunks(5);
      throw new RangeError('boom');
    }
    await expect(backend.put('packs/a.pack', failing())).rejects.toThrow('boom');
    expect(calls(root).at(-1)).toBe('unlink tmp/*');
    expect(calls(root).filter((call) => call.startsWith('write'))).toHaveLength(5);
  });
});

describe('get', () => {
  test('never closes a descriptor under a read', async () => {
    await backend.put('packs/a.pack', [pattern(2_000_000)]);
    await backend.settle();
    world.writeDelayMs = 20;
    world.calls.length = 0;
    for await (const _ of backend.get('packs/a.pack')) break;
    expect(calls(root)).toEqual([
      'open r packs/a.pack',
      'read packs/a.pack',
      'read done packs/a.pack',
      'close packs/a.pack',
    ]);
  });
});
