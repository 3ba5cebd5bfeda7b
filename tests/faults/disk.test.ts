/** Disks that are full, read-only, or two: a clear error with the next step, nothing lost, nothing left behind. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { cairn, cairnJson, emptyDirectory } from './program.ts';

const mounted: string[] = [];

function mount(...args: string[]): boolean {
  return spawnSync('mount', args, { stdio: 'ignore' }).status === 0;
}

/** Whether this machine lets the test mount; told in the test's name where it does not. */
const canMount = ((): boolean => {
  const probe = emptyDirectory('mount');
  const works = mount('-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe);
  if (works) spawnSync('umount', [probe]);
  return works;
})();
const where = canMount ? '' : ' (skipped: mounting a file system is not permitted here)';

function smallDisk(size: string): string {
  const place = emptyDirectory('disk');
  expect(mount('-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', place)).toBe(true);
  mounted.push(place);
  return place;
}

afterEach(() => {
  for (const place of mounted.splice(0)) spawnSync('umount', ['-l', place]);
});

describe.runIf(canMount)(`disks${where}`, () => {
  test('a full disk stops add and commit with a hint; what was there is whole, and it goes on when there is room', () => {
    const root = smallDisk('3m');
    cairnJson(root, 'init');
    writeFileSync(join(root, 'kept.csv'), 'kept');
    cairnJson(root, 'add', '.');
    cairnJson(root, 'commit', '-m', 'before');
    mkdirSync(join(root, 'big'));
    for (let index = 0; index < 4; index++) writeFileSync(join(root, `big/${index}`), randomBytes(400_000 + index));
    const { status, stderr } = cairn(root, 'add', 'big');
    expect(status).toBe(70);
    expect(stderr).toContain('no space left');
    expect(stderr).toContain('hint: Free some space');
    expect(readdirSync(join(root, '.cairn/tmp'))).toEqual([]);
    expect(cairn(root, 'fsck', '--read-data').status).toBe(0);
    expect(cairn(root, 'cat', 'HEAD:kept.csv').stdout).toBe('kept');
    for (let index = 1; index < 4; index++) rmSync(join(root, `big/${index}`));
    cairnJson(root, 'add', 'big');
    cairnJson(root, 'commit', '-m', 'after');
    expect(cairn(root, 'fsck', '--read-data').status).toBe(0);
  });

  test('a disk that a command fills, or that has no room for its outputs: status 125, the outputs lie as they are, and nothing is recorded', () => {
    const root = smallDisk('3m');
    cairnJson(root, 'init');
    writeFileSync(join(root, 'in.csv'), 'in');
    cairnJson(root, 'add', '.');
    const { runInstanceId } = cairnJson(root, 'commit', '-m', 'before');
    // Room for the output and none for the copy of it; then no room for the output itself.
    for (const [bytes, ended] of [
      [1_500_000, 0],
      [15_000_000, 1],
    ]) {
      const command = ['run', '--input', 'in.csv', '--output', 'out', '--'];
      const { status, stderr } = cairn(root, ...command, 'sh', '-c', `head -c ${bytes} /dev/urandom > out`);
      expect(status).toBe(125);
      expect(stderr).toContain(`the command ended with status ${ended}, and its run is not recorded`);
      expect(stderr).toContain('no space left');
      expect(stderr).toContain('hint: What it wrote lies as it left it. Free some space');
      expect(statSync(join(root, 'out')).size).toBeGreaterThanOrEqual(1_500_000);
      expect(readdirSync(join(root, '.cairn/tmp'))).toEqual([]);
      expect(cairnJson(root, 'log', '--all')).toMatchObject({ runs: [{ runInstanceId }] });
      expect(cairn(root, 'fsck', '--read-data').status).toBe(0);
      rmSync(join(root, 'out'));
    }
    expect(cairn(root, 'run', '--input', 'in.csv', '--output', 'out', '--', 'cp', 'in.csv', 'out').status).toBe(0);
    expect(cairn(root, 'fsck', '--read-data').status).toBe(0);
  });

  test('a store on a read-only file system is read, and writing says so with status 6', () => {
    const root = emptyDirectory('readonly');
    cairnJson(root, 'init');
    writeFileSync(join(root, 'a.csv'), 'text');
    cairnJson(root, 'add', '.');
    cairnJson(root, 'commit', '-m', 'one');
    const view = emptyDirectory('readonly-view');
    expect(mount('--bind', root, view)).toBe(true);
    mounted.push(view);
    expect(mount('-o', 'remount,ro,bind', view)).toBe(true);
    for (const command of [
      ['log'],
      ['show', 'HEAD'],
      ['cat', 'HEAD:a.csv'],
      ['status'],
      ['fsck', '--read-data'],
      ['ls'],
    ]) {
      expect([command[0], cairn(view, ...command).status]).toEqual([command[0], 0]);
    }
    for (const command of [
      ['add', '.', '--type', 't'],
      ['commit', '-m', 'x', '--allow-empty'],
      ['gc'],
      ['branch', 'b'],
    ]) {
      const { status, stderr } = cairn(view, ...command);
      expect([command[0], status]).toEqual([command[0], 6]);
      expect(stderr).toMatch(/read/);
    }
  });

  test('objects on another file system are written and read as anywhere', () => {
    const root = emptyDirectory('two-disks');
    cairnJson(root, 'init');
    const other = smallDisk('16m');
    for (const folder of ['objects', 'packs']) {
      renameSync(join(root, '.cairn', folder), join(root, `${folder}.old`));
      mkdirSync(join(other, folder));
      for (const name of readdirSync(join(root, `${folder}.old`))) {
        writeFileSync(join(other, folder, name), readFileSync(join(root, `${folder}.old`, name)));
      }
      rmSync(join(root, `${folder}.old`), { recursive: true });
      symlinkSync(join(other, folder), join(root, '.cairn', folder));
    }
    writeFileSync(join(root, 'large'), randomBytes(1_500_000));
    writeFileSync(join(root, 'small'), 'text');
    cairnJson(root, 'add', 'large', 'small');
    cairnJson(root, 'commit', '-m', 'far');
    expect(cairn(root, 'fsck', '--read-data').status).toBe(0);
    expect(cairn(root, 'cat', 'HEAD:small').stdout).toBe('text');
  });
});
