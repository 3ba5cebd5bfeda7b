import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { holdForEver, lockPlace, pause } from './lock-place.ts';

const place = lockPlace();
const { open, child } = place;

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
    expect(longest).toBeLessThan(1000);
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
      writeFileSync(join(place.dir, 'locks.holder'), note);
      expect(await impatient()).toContain('gave up waiting for another command');
    }
    // A note may be of any hand, and its text goes to a terminal.
    writeFileSync(join(place.dir, 'locks.holder'), `{"pid":${process.pid},"purpose":"\\u001b[2Jx","since":["x"]}`);
    expect(await impatient()).toContain(`waiting for ?[2Jx (process ${process.pid}, since ?)`);
    await held.release();
  });

  test('leaves no note behind', async () => {
    const lock = open();
    const held = await lock.exclusive('gc');
    expect(JSON.parse(readFileSync(join(place.dir, 'locks.holder'), 'utf8'))).toMatchObject({
      pid: process.pid,
      purpose: 'gc',
    });
    await held.release();
    await lock.exclusive('gc');
    await lock.close();
    expect(readdirSync(place.dir)).toEqual(['locks.sqlite']);
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
