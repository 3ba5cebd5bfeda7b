import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../../../src/adapters/node/system-random.ts';
import { openStoreLock } from '../../../../src/adapters/sqlite/store-lock.ts';
import { holdForEver, lockPlace, pause } from './lock-place.ts';

const random = systemRandom();
const place = lockPlace();
const { open, child } = place;

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
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('a process that is killed while it waits for exclusive holds nobody up', async () => {
    const reader = await open().shared('reader');
    const waiter = child(`console.log('asking'); await lock.exclusive('gc'); console.log('held');`);
    await waiter.line();
    await pause(200);
    await expect(open({ waitMs: 100 }).shared('late')).rejects.toMatchObject({ code: 'BUSY' });
    await waiter.kill();
    await (await open({ waitMs: 5000 }).shared('later')).release();
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
    expect(performance.now() - start).toBeLessThan(10_000);
    await gc.release();
  });

  test('turns are never shared', async () => {
    const file = join(place.dir, 'counter');
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

describe('where nothing can be written', () => {
  test('a reader that asks for no more is let in, with a real lock where there is one', async () => {
    const reader = open({ readOnly: true });
    await (await reader.shared('read')).release();
    expect(readdirSync(place.dir)).toEqual([]);
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
    chmodSync(place.dir, 0o755);
    const code = `
      const say = async (kind) => { try { await (await lock[kind]('x')).release(); return 'ok'; } catch (error) { return error.code; } };
      console.log([await say('shared'), await say('exclusive'), await say('turn')].join(' '));`;
    const empty = child(code, { uid: 65534 });
    expect(await empty.line()).toMatch(/^ok (?:READ_ONLY|NOT_PERMITTED) (?:READ_ONLY|NOT_PERMITTED)$/);
    expect(readdirSync(place.dir)).toEqual([]);
    for (const made of [await open().shared('make'), await open().turn('make')]) await made.release();
    const second = child(code, { uid: 65534 });
    expect(await second.line()).toBe('ok READ_ONLY READ_ONLY');
    // A directory that can be written to, but a lock file that cannot be read: a writer may not go unlocked there.
    chmodSync(place.dir, 0o777);
    chmodSync(place.path, 0o600);
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
      readFileSync(join(place.dir, name)),
      statSync(join(place.dir, name)).mtimeMs,
    ]);
    for (const kind of ['shared', 'exclusive', 'turn'] as const) await (await lock[kind]('again')).release();
    expect(
      ['locks.sqlite', 'turn.sqlite'].map((name) => [
        readFileSync(join(place.dir, name)),
        statSync(join(place.dir, name)).mtimeMs,
      ]),
    ).toEqual(before);
    expect(readdirSync(place.dir).sort()).toEqual(['locks.sqlite', 'turn.sqlite']);
  });

  test('say by name when they are damaged', async () => {
    writeFileSync(place.path, 'this is not a database, and long enough for SQLite to look at it'.repeat(20));
    for (const kind of ['shared', 'exclusive'] as const) {
      await expect(open()[kind]('x')).rejects.toMatchObject({
        code: 'IO',
        message: expect.stringContaining(place.path),
        hint: expect.stringContaining('delete it'),
      });
    }
  });

  test('are missed by name when their directory is', async () => {
    const lock = openStoreLock({ path: join(place.dir, 'nowhere/locks.sqlite'), random });
    await expect(lock.shared('x')).rejects.toMatchObject({ code: 'IO', data: { errno: 'ENOENT' } });
    await lock.close();
  });
});
