/**
 * node:fs with a log of the calls that durability depends on, and faults on demand. A test puts it in place of the module:
 * `vi.mock('node:fs', async (original) => (await import('./faulty-fs.ts')).faultyFs(await original()))`.
 */
import { relative } from 'node:path';

/** What the mocked module does beside the real thing. */
export const world = {
  calls: [] as string[],
  paths: new Map<number, string>(),
  /** Throws to make a call fail; `what` is e.g. "write 5 /path". */
  fail: (_what: string): void => undefined,
  writeDelayMs: 0,
  syncDelayMs: 0,
  shortWrites: false,
};

/** Forgets the calls and mends all faults. */
export function resetWorld(): void {
  world.calls.length = 0;
  world.fail = () => undefined;
  world.writeDelayMs = 0;
  world.syncDelayMs = 0;
  world.shortWrites = false;
}

export function systemFailure(code: string): Error {
  return Object.assign(new Error(`${code}: mocked`), { code });
}

/** Makes the first `times` calls that match fail. */
export function failOn(pattern: RegExp, code: string, times = Number.POSITIVE_INFINITY): void {
  let left = times;
  world.fail = (what) => {
    if (!pattern.test(what) || left-- <= 0) return;
    throw systemFailure(code);
  };
}

/** The calls with the root taken out of the paths, and `*` for random names. */
export function calls(root: string): string[] {
  return world.calls.map((call) =>
    call.replaceAll(/\/\S+/g, (path) => relative(root, path).replace(/[0-9a-f]{24}$/, '*') || '.'),
  );
}

type Fs = typeof import('node:fs');

export function faultyFs(fs: Fs): object {
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
    read: (fd: number, into: Uint8Array, at: number, length: number, position: number, done: Done) => {
      note(`read ${named(fd)}`);
      fs.read(fd, into, at, length, position, (error, count) => {
        setTimeout(() => {
          note(`read done ${named(fd)}`);
          done(error, count);
        }, world.writeDelayMs);
      });
    },
    closeSync: (fd: number) => {
      note(`close ${named(fd)}`);
      fs.closeSync(fd);
    },
    fdatasync: (fd: number, done: Done) => {
      try {
        note(`sync ${named(fd)}`);
      } catch (error) {
        setImmediate(done, error as Error, 0);
        return;
      }
      const delayMs = world.syncDelayMs;
      fs.fdatasync(fd, (error) => {
        setTimeout(() => {
          world.calls.push(`synced ${named(fd)}`);
          done(error, 0);
        }, delayMs);
      });
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
}
