/** Damaged bytes are found, named with what they affect, and never handed out; nothing else breaks. */
import { randomBytes } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cairn, cairnJson, emptyDirectory, start } from './program.ts';

function storeFiles(root: string): string[] {
  const found: string[] = [];
  for (const folder of ['objects', 'records', 'packs']) {
    for (const entry of readdirSync(join(root, '.cairn', folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) found.push(join(entry.parentPath, entry.name));
    }
  }
  return found;
}

function flip(file: string, at: number): void {
  chmodSync(file, 0o644);
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] as number) ^ 0x10;
  writeFileSync(file, bytes);
}

interface Fsck {
  readonly ok: boolean;
  readonly problems: readonly {
    readonly object?: string;
    readonly affects: { readonly artifacts: string[]; readonly runs: string[] };
  }[];
}

test('a flipped byte in any stored file is found and named, and the damaged file alone is refused', {
  timeout: 240_000,
}, () => {
  const root = emptyDirectory('damage');
  cairnJson(root, 'init');
  writeFileSync(join(root, 'small.csv'), 'a,b\n1,2\n');
  writeFileSync(join(root, 'text.csv'), 'x,y\n'.repeat(500_000));
  writeFileSync(join(root, 'noise.bin'), randomBytes(1_200_000));
  cairnJson(root, 'add', '.');
  cairnJson(root, 'commit', '-m', 'whole');
  const names = ['small.csv', 'text.csv', 'noise.bin'];
  const files = storeFiles(root);
  expect(files.length).toBeGreaterThanOrEqual(4);
  for (const file of files) {
    const { size } = statSync(file);
    for (const at of [0, Math.floor(size / 2), size - 1]) {
      flip(file, at);
      const result = cairn(root, 'fsck', '--read-data', '--json');
      expect(result.status, `${file} at ${at}`).toBe(5);
      const { ok, problems } = JSON.parse(result.stdout) as Fsck;
      expect(ok).toBe(false);
      expect(problems.length).toBeGreaterThan(0);
      const readable = names.filter((name) => cairn(root, 'cat', `HEAD:${name}`).status === 0);
      const refused = names.filter((name) => !readable.includes(name));
      // What cannot be read is named by fsck: the artifact whose bytes they are, or the pack its records are in.
      if (refused.length > 0 && readable.length > 0)
        expect(problems.some(({ affects }) => affects.artifacts.length > 0)).toBe(true);
      if (file.includes('/objects/')) expect(refused.length).toBe(1);
      flip(file, at);
    }
  }
  expect(cairn(root, 'fsck', '--read-data').status).toBe(0);
  for (const name of names) expect(cairn(root, 'cat', `HEAD:${name}`).stdout.length).toBeGreaterThan(0);
});

test('checkout refuses a damaged file and leaves what was there', () => {
  const root = emptyDirectory('damage-checkout');
  cairnJson(root, 'init');
  writeFileSync(join(root, 'a.bin'), 'x'.repeat(1_200_000));
  cairnJson(root, 'add', '.');
  cairnJson(root, 'commit', '-m', 'one');
  const object = storeFiles(root).find((file) => file.includes('/objects/')) as string;
  flip(object, 100);
  const out = emptyDirectory('damage-out');
  writeFileSync(join(out, 'other'), 'mine');
  const { status, stderr } = cairn(root, 'checkout', 'HEAD', 'a.bin', '--to', out);
  expect(status).toBe(5);
  expect(stderr).toContain('a.bin');
  expect(readdirSync(out)).toEqual(['other']);
});

test('files that change while they are added are stored under the hash of what was stored, and seen as modified', {
  timeout: 120_000,
}, async () => {
  const root = emptyDirectory('moving');
  cairnJson(root, 'init');
  const paths = Array.from({ length: 300 }, (_, index) => join(root, `f${index}`));
  for (const path of paths) writeFileSync(path, 'start '.repeat(2000));
  writeFileSync(join(root, 'large'), Buffer.alloc(30_000_000, 1));
  const { ended } = start(root, 'add', '.');
  let running = true;
  const done = ended.then((outcome) => {
    running = false;
    return outcome;
  });
  for (let turn = 0; running; turn++) {
    writeFileSync(paths[turn % paths.length] as string, `turn ${turn} `.repeat(1500));
    writeFileSync(join(root, 'large'), Buffer.alloc(30_000_000, turn % 251));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect((await done).status).toBe(0);
  for (const path of [...paths.slice(0, 20), join(root, 'large')]) writeFileSync(path, 'after everything');
  expect(cairn(root, 'commit', '-m', 'moving').status).toBe(0);
  expect(cairn(root, 'fsck', '--read-data').status).toBe(0);
  const { modified } = cairnJson(root, 'status') as { modified: string[] };
  for (const name of ['f0', 'f19', 'large']) expect(modified).toContain(name);
});
