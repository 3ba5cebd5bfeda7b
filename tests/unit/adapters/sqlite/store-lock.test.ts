import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStoreLock, type StoreLockOptions } from '../../../../src/adapters/sqlite/store-lock.ts';
import type { StoreLock } from '../../../../src/ports/store-lock.ts';
import { type Child, source, startChild } from '../../../conformance/child.ts';
import { describeConformance } from '../../../conformance/claims.ts';
import { storeLockClaims } from '../../../conformance/store-lock.ts';

const random = { bytes: (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count)) };
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describeConformance('openStoreLock', storeLockClaims, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'cairn-lock-'));
  const opened: StoreLock[] = [];
  return {
    open: (options) => {
      const lock = openStoreLock({ path: join(dir, 'locks.sqlite'), random, ...options });
      opened.push(lock);
      return lock;
    },
    dispose: async () => {
      for (const lock of opened) await lock.close();
      rmSync(dir, { recursive: true });
    },
  };
});

let dir: string;
let path: string;
const opened: StoreLock[] = [];
const children: Child[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cairn-lock-'));
  path = join(dir, 'locks.sqlite');
});

afterEach(async () => {
  for (const child of children.splice(0)) await child.kill();
  for (const lock of opened.splice(0)) await lock.close();
  rmSync(dir, { recursive: true });
});

function open(options: Partial<StoreLockOptions> = {}): StoreLock {
  const lock = openStoreLock({ path, random, ...options });
  opened.push(lock);
  return lock;
}

/** Another process that does something with a lock on the same store and prints a line when it has. */
function child(code: string, options: { readonly uid?: number } = {}): Child {
  const started = startChild(
    `import { openStoreLock } from '${source('adapters/sqlite/store-lock.ts')}';
    import { systemRandom } from '${source('adapters/node/system-random.ts')}';
    const lock = openStoreLock({ path: ${JSON.stringify(path)}, random: systemRandom() });
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    ${code}`,
    options,
  );
  children.push(started);
  return started;
}

const holdForEver = 'setInterval(() => {}, 1000);';

describe('across processes', () => {
  test.each([
    ['shared', 'exclusive'],
    ['exclusive', 'shared'],
    ['exclusive', 'exclusive'],
    ['turn', 'turn'],
  ] as const)('a %s holder keeps %s out until it is killed', async (held, asked) => {
    const holder = child(`await lock.${held}('the child'); console.log('held'); ${holdForEver}`);
    await holder.line();
    await expect(open({ waitMs: 100 })[asked]('impatient')).rejects.toMatchObject({ code: 'BUSY' });
    let granted = false;
    const waiter = open()
      [asked]('patient')
      .then((lock) => {
        granted = true;
        return lock;
      });
    await pause(100);
    expect(granted).toBe(false);
    await holder.kill();
    const start = performance.now();
    await (await waiter).release();
    expect(performance.now() - start).toBeLessThan(500);
  });

  test('a process that is killed while it waits for exclusive holds nobody up', async () => {
    const reader = await open().shared('reader');
    const waiter = child(`console.log('asking'); await lock.exclusive('gc'); console.log('held');`);
    await waiter.line();
    await pause(200);
    await expect(open({ waitMs: 100 }).shared('late')).rejects.toMatchObject({ code: 'BUSY' });
    await waiter.kill();
    await (await open({ waitMs: 500 }).shared('later')).release();
    await reader.release();
  });

  test('exclusive gets its chance though other processes overlap without end', async () => {
    const code = `
      const work = async (index) => { for (;;) { const held = await lock.shared('w'); await pause(20 + index); await held.release(); } };
      for (let index = 0; index < 4; index++) void work(index);
      console.log('working');`;
    const workers = [child(code), child(code)];
    for (const worker of workers) await worker.line();
    const start = performance.now();
    const gc = await open().exclusive('gc');
    expect(performance.now() - start).toBeLessThan(3000);
    await gc.release();
  });

  test('turns are never shared', async () => {
    const file = join(dir, 'counter');
    writeFileSync(file, '0');
    const code = `
      import { readFileSync, writeFileSync } from 'node:fs';
      for (let round = 0; round < 40; round++) {
        const held = await lock.turn('count');
        const count = Number(readFileSync('${file}', 'utf8'));
        await pause(1);
        writeFileSync('${file}', String(count + 1));
        await held.release();
      }
      console.log('done');`;
    const workers = [child(code), child(code), child(code)];
    for (const worker of workers) expect(await worker.line()).toBe('done');
    expect(readFileSync(file, 'utf8')).toBe('120');
  });
});

describe('waiting', () => {
  test('blocks nothing else in the process', async () => {
    const held = await open().exclusive('gc');
    const waiter = open().shared('late');
    let longest = 0;
    let last = performance.now();
    for (let step = 0; step < 40; step++) {
      await pause(5);
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }
    expect(longest).toBeLessThan(100);
    await held.release();
    await (await waiter).release();
  });

  test('says once, after two seconds, for whom', async () => {
    const lines: string[] = [];
    const holder = child(`await lock.exclusive('gc --prune'); console.log('held'); ${holdForEver}`);
    await holder.line();
    const waiter = open({ onWait: (line) => lines.push(line) }).shared('commit');
    await pause(1500);
    expect(lines).toEqual([]);
    await pause(1200);
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^commit waits for gc --prune \\(process ${holder.pid}, since 2\\d{3}-`)),
    ]);
    await holder.kill();
    await (await waiter).release();
    expect(lines).toHaveLength(1);
  });

  test('does not believe a note of a process that is gone, or one that is no note', async () => {
    const gone = child(`console.log('here'); ${holdForEver}`);
    await gone.line();
    await gone.kill();
    const held = await open().exclusive('gc');
    const impatient = async (): Promise<string> =>
      await open({ waitMs: 30 })
        .shared('commit')
        .then(
          () => 'granted',
          (error: unknown) => String(error),
        );
    expect(await impatient()).toContain(`gave up waiting for gc (process ${process.pid}, since `);
    const notes = [
      'not JSON',
      'null',
      '7',
      '{}',
      '{"pid":-1}',
      '{"pid":"1"}',
      '{"pid":1e300}',
      `{"pid":${gone.pid},"purpose":"gone"}`,
    ];
    for (const note of notes) {
      writeFileSync(join(dir, 'locks.holder'), note);
      expect(await impatient()).toContain('gave up waiting for another command');
    }
    // A note may be of any hand, and its text goes to a terminal.
    writeFileSync(join(dir, 'locks.holder'), `{"pid":${process.pid},"purpose":"\\u001b[2Jx","since":["x"]}`);
    expect(await impatient()).toContain(`waiting for ?[2Jx (process ${process.pid}, since ?)`);
    await held.release();
  });

  test('leaves no note behind', async () => {
    const lock = open();
    const held = await lock.exclusive('gc');
    expect(JSON.parse(readFileSync(join(dir, 'locks.holder'), 'utf8'))).toMatchObject({
      pid: process.pid,
      purpose: 'gc',
    });
    await held.release();
    await lock.exclusive('gc');
    await lock.close();
    expect(readdirSync(dir)).toEqual(['locks.sqlite']);
  });

  test('ends when the lock is closed', async () => {
    const held = await open().exclusive('gc');
    const closing = open();
    const waiter = closing.shared('late');
    await closing.close();
    await expect(waiter).rejects.toMatchObject({ code: 'INTERNAL' });
    await held.release();
  });
});

describe('where nothing can be written', () => {
  test('a reader that asks for no more is let in, with a real lock where there is one', async () => {
    const reader = open({ readOnly: true });
    await (await reader.shared('read')).release();
    expect(readdirSync(dir)).toEqual([]);
    await (await open().shared('make the file')).release();
    const held = await open({ readOnly: true }).shared('read');
    await expect(open({ waitMs: 50 }).exclusive('gc')).rejects.toMatchObject({ code: 'BUSY' });
    await held.release();
  });

  test('a writer is told', async () => {
    const reader = open({ readOnly: true });
    await expect(reader.exclusive('gc')).rejects.toMatchObject({ code: 'READ_ONLY' });
    await expect(reader.turn('commit')).rejects.toMatchObject({ code: 'READ_ONLY' });
  });

  test('a reader still waits for exclusive, and is not let past it', async () => {
    const gc = await open().exclusive('gc');
    await expect(open({ readOnly: true, waitMs: 50 }).shared('read')).rejects.toMatchObject({ code: 'BUSY' });
    await gc.release();
  });

  test.skipIf(process.getuid?.() !== 0)('the same holds for a directory of another user', async () => {
    chmodSync(dir, 0o755);
    const code = `
      const say = async (kind) => { try { await (await lock[kind]('x')).release(); return 'ok'; } catch (error) { return error.code; } };
      console.log([await say('shared'), await say('exclusive'), await say('turn')].join(' '));`;
    const empty = child(code, { uid: 65534 });
    expect(await empty.line()).toMatch(/^ok (?:READ_ONLY|NOT_PERMITTED) (?:READ_ONLY|NOT_PERMITTED)$/);
    expect(readdirSync(dir)).toEqual([]);
    for (const made of [await open().shared('make'), await open().turn('make')]) await made.release();
    const second = child(code, { uid: 65534 });
    expect(await second.line()).toBe('ok READ_ONLY READ_ONLY');
    // A directory that can be written to, but a lock file that cannot be read: a writer may not go unlocked there.
    chmodSync(dir, 0o777);
    chmodSync(path, 0o600);
    const third = child(code, { uid: 65534 });
    expect(await third.line()).toMatch(/^NOT_PERMITTED NOT_PERMITTED /);
  });
});

describe('the files', () => {
  test('never change once they are made', async () => {
    const lock = open();
    await (await lock.exclusive('gc')).release();
    await (await lock.turn('commit')).release();
    const before = ['locks.sqlite', 'turn.sqlite'].map((name) => [
      readFileSync(join(dir, name)),
      statSync(join(dir, name)).mtimeMs,
    ]);
    for (const kind of ['shared', 'exclusive', 'turn'] as const) await (await lock[kind]('again')).release();
    expect(
      ['locks.sqlite', 'turn.sqlite'].map((name) => [readFileSync(join(dir, name)), statSync(join(dir, name)).mtimeMs]),
    ).toEqual(before);
    expect(readdirSync(dir).sort()).toEqual(['locks.sqlite', 'turn.sqlite']);
  });

  test('say by name when they are damaged', async () => {
    writeFileSync(path, 'this is not a database, and long enough for SQLite to look at it'.repeat(20));
    for (const kind of ['shared', 'exclusive'] as const) {
      await expect(open()[kind]('x')).rejects.toMatchObject({
        code: 'IO',
        message: expect.stringContaining(path),
        hint: expect.stringContaining('delete it'),
      });
    }
  });

  test('are missed by name when their directory is', async () => {
    const lock = openStoreLock({ path: join(dir, 'nowhere/locks.sqlite'), random });
    await expect(lock.shared('x')).rejects.toMatchObject({ code: 'IO', data: { errno: 'ENOENT' } });
    await lock.close();
  });
});
