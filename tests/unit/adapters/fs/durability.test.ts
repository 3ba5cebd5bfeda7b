/** The order in which the system is asked to make things durable, and what happens when it refuses. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { durableWrite } from '../../../../src/adapters/fs/durable-write.ts';
import { type FsObjectBackend, openFsObjectBackend } from '../../../../src/adapters/fs/fs-object-backend.ts';
import { chunksInFlight } from '../../../../src/ports/object-backend.ts';
import { pattern } from '../../../conformance/object-backend.ts';

/** What the mocked node:fs does beside the real thing. */
const world = vi.hoisted(() => ({
  calls: [] as string[],
  paths: new Map<number, string>(),
  /** Throws to make a call fail; `what` is e.g. "write 5 /path". */
  fail: (_what: string): void => undefined,
  writeDelayMs: 0,
  shortWrites: false,
}));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  const note = (what: string): void => {
    world.calls.push(what);
    world.fail(what);
  };
  const named = (fd: number): string => world.paths.get(fd) ?? '?';
  type Done = (error: Error | null, count: number) => void;
  const mocked = {
    ...fs,
    openSync: (path: string, flags: string, mode?: number) => {
      note(`open ${flags} ${path}`);
      const fd = fs.openSync(path, flags, mode);
      world.paths.set(fd, path);
      return fd;
    },
    writeSync: (fd: number, bytes: Uint8Array, at: number, length: number, position: number | null) => {
      note(`write ${named(fd)}`);
      return fs.writeSync(fd, bytes, at, world.shortWrites ? Math.ceil(length / 2) : length, position);
    },
    write: (fd: number, bytes: Uint8Array, at: number, length: number, position: number, done: Done) => {
      const start = (): void => {
        try {
          note(`write ${named(fd)}`);
        } catch (error) {
          done(error as Error, 0);
          return;
        }
        fs.write(fd, bytes, at, world.shortWrites ? Math.ceil(length / 2) : length, position, done);
      };
      if (world.writeDelayMs > 0) setTimeout(start, world.writeDelayMs);
      else start();
    },
    fdatasync: (fd: number, done: Done) => {
      try {
        note(`sync ${named(fd)}`);
      } catch (error) {
        setImmediate(done, error as Error, 0);
        return;
      }
      fs.fdatasync(fd, (error) => done(error, 0));
    },
    fsyncSync: (fd: number) => {
      note(`sync ${named(fd)}`);
      fs.fsyncSync(fd);
    },
    linkSync: (from: string, to: string) => {
      note(`link ${from} ${to}`);
      fs.linkSync(from, to);
    },
    renameSync: (from: string, to: string) => {
      note(`rename ${from} ${to}`);
      fs.renameSync(from, to);
    },
    mkdirSync: (path: string, options: object) => {
      note(`mkdir ${path}`);
      return fs.mkdirSync(path, options);
    },
    unlinkSync: (path: string) => {
      note(`unlink ${path}`);
      fs.unlinkSync(path);
    },
  };
  return { ...mocked, default: mocked };
});

function systemFailure(code: string): Error {
  return Object.assign(new Error(`${code}: mocked`), { code });
}

/** Makes the first `times` calls that match fail. */
function failOn(pattern: RegExp, code: string, times = Number.POSITIVE_INFINITY): void {
  let left = times;
  world.fail = (what) => {
    if (!pattern.test(what) || left-- <= 0) return;
    throw systemFailure(code);
  };
}

let root: string;
let backend: FsObjectBackend;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cairn-durable-'));
  backend = openFsObjectBackend({ root });
  world.calls.length = 0;
});

afterEach(() => {
  world.fail = () => undefined;
  world.writeDelayMs = 0;
  world.shortWrites = false;
  rmSync(root, { recursive: true });
});

const random = { bytes: (count: number): Uint8Array => pattern(count, performance.now()) };

/** The calls with the store's root and random names taken out. */
function calls(): string[] {
  return world.calls.map((call) =>
    call.replaceAll(/\/\S+/g, (path) => relative(root, path).replace(/[0-9a-f]{24}$/, '*') || '.'),
  );
}

describe('settle', () => {
  test('syncs every file, then names them, then syncs every directory on the way to them, once', async () => {
    await backend.put('objects/ab/one', [pattern(10)]);
    await backend.put('objects/ab/two', [pattern(10)]);
    await backend.put('packs/three.pack', [pattern(10)]);
    world.calls.length = 0;
    await backend.settle();
    const made = calls().filter((call) => /^(?:sync|link|mkdir)/.test(call));
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
    expect(calls().filter((call) => call.startsWith('sync'))).toEqual(['sync objects/ab', 'sync objects', 'sync .']);
    world.calls.length = 0;
    await backend.settle();
    expect(calls()).toEqual([]);
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
    expect(calls().filter((call) => call.startsWith('sync'))).toHaveLength(32);
    await backend.settle();
    expect(calls().filter((call) => call === 'sync tmp/*')).toHaveLength(65);
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
    world.writeDelayMs = 20;
    const start = performance.now();
    await backend.put('packs/a.pack', chunks(29));
    // One at a time would take 28 × 20 ms.
    expect(performance.now() - start).toBeLessThan(400);
  });

  test('waits for every write before it passes on what the source threw', async () => {
    world.writeDelayMs = 20;
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* chunks(5);
      throw new RangeError('boom');
    }
    await expect(backend.put('packs/a.pack', failing())).rejects.toThrow('boom');
    expect(calls().at(-1)).toBe('unlink tmp/*');
    expect(calls().filter((call) => call.startsWith('write'))).toHaveLength(5);
  });
});

describe('durableWrite', () => {
  test('writes beside the target, syncs, renames and syncs the directory, in this order', async () => {
    await durableWrite(join(root, 'HEAD'), 'heads/main\n', { random });
    expect(calls()).toEqual([
      'open wx .tmp-*',
      'write .tmp-*',
      'sync .tmp-*',
      'rename .tmp-* HEAD',
      'open r .',
      'sync .',
    ]);
    expect(readFileSync(join(root, 'HEAD'), 'utf8')).toBe('heads/main\n');
    expect(readdirSync(root)).toEqual(['HEAD']);
  });

  test('goes on after short writes', async () => {
    world.shortWrites = true;
    await durableWrite(join(root, 'HEAD'), pattern(1000), { random });
    expect(new Uint8Array(readFileSync(join(root, 'HEAD')))).toEqual(pattern(1000));
  });

  test.each(['open wx', 'write', 'sync .*tmp', 'rename'])('keeps the old content when %s fails', async (step) => {
    await durableWrite(join(root, 'HEAD'), 'old', { random });
    failOn(new RegExp(`^${step}`), 'ENOSPC');
    await expect(durableWrite(join(root, 'HEAD'), 'new', { random })).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining(join(root, 'HEAD')),
    });
    expect(readFileSync(join(root, 'HEAD'), 'utf8')).toBe('old');
    expect(readdirSync(root)).toEqual(['HEAD']);
  });

  test('keeps a mode that others may not read', async () => {
    await durableWrite(join(root, 'key'), 'secret', { random, mode: 0o600 });
    const { statSync } = await import('node:fs');
    expect(statSync(join(root, 'key')).mode & 0o777).toBe(0o600);
  });
});
