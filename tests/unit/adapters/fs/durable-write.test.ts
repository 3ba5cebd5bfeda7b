import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { durableWrite } from '../../../../src/adapters/fs/durable-write.ts';
import { pattern } from '../../../conformance/bytes.ts';
import { calls, failOn, resetWorld, world } from './faulty-fs.ts';

vi.mock('node:fs', async (original) => (await import('./faulty-fs.ts')).faultyFs(await original()));

const random = { bytes: (count: number): Uint8Array => pattern(count, performance.now()) };
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cairn-durable-'));
  resetWorld();
});

afterEach(() => {
  resetWorld();
  rmSync(root, { recursive: true });
});

describe('durableWrite', () => {
  test('writes beside the target, syncs, renames and syncs the directory, in this order', async () => {
    await durableWrite(join(root, 'HEAD'), 'heads/main\n', { random });
    expect(calls(root)).toEqual([
      'open wx .tmp-*',
      'write .tmp-*',
      'sync .tmp-*',
      'close .tmp-*',
      'rename .tmp-* HEAD',
      'open r .',
      'sync .',
      'close .',
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
    expect(statSync(join(root, 'key')).mode & 0o777).toBe(0o600);
  });
});
