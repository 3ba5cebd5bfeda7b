import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { packingCodec } from '../../../../src/adapters/fs/packing-codec.ts';
import { openWorkspaceFiles } from '../../../../src/adapters/fs/workspace-files.ts';
import { toHex, utf8 } from '../../../../src/core/bytes.ts';
import { openFrame } from '../../../../src/core/pack-format.ts';
import type { FileToWrite, PackedFrame, WorkspaceFiles } from '../../../../src/ports/workspace.ts';

let root: string;
let outside: string;
let files: WorkspaceFiles;

beforeEach(() => {
  const base = mkdtempSync(join(tmpdir(), 'cairn-files-'));
  root = join(base, 'workspace');
  outside = join(base, 'outside');
  mkdirSync(root);
  mkdirSync(outside);
  files = openWorkspaceFiles({ root, probeDirectory: join(base, 'probe') });
});

function put(path: string, content: string | Uint8Array = path): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
}

const nothing = (): boolean => false;

async function write(files: WorkspaceFiles, batch: readonly FileToWrite[], expected = 1): Promise<Float64Array> {
  const writer = files.writer(expected);
  try {
    return await writer.write(batch);
  } finally {
    await writer.close();
  }
}

describe('a scan', () => {
  test('gives paths in the order of their UTF-8 bytes, directories as if they ended in a slash', async () => {
    for (const path of ['a.b', 'a/z', 'a0', 'ab', '\u{ff61}', '\u{1f600}', 'é']) put(path);
    const { paths } = await files.scan([''], nothing);
    const bytes = paths.map((path) => Buffer.from(path));
    expect(paths).toEqual([...bytes].sort(Buffer.compare).map(String));
    expect(paths).toContain('a/z');
  });

  test('never enters .git or .cairn, and reports empty directories', async () => {
    put('.git/config');
    put('.cairn/config.json');
    put('kept/.gitkeep');
    mkdirSync(join(root, 'empty/deep'), { recursive: true });
    const scan = await files.scan([''], nothing);
    expect(scan.paths).toEqual(['kept/.gitkeep']);
    expect(scan.emptyDirectories).toEqual(['empty/deep']);
  });

  test('reports links and follows none, not even above a named path', async () => {
    writeFileSync(join(outside, 'secret'), 's');
    symlinkSync(outside, join(root, 'way-out'));
    const scan = await files.scan([''], nothing);
    expect(scan.paths.map((path, row) => [path, scan.kinds[row]])).toEqual([['way-out', 'link']]);
    const named = await files.scan(['way-out/secret'], nothing);
    expect(named.paths).toEqual([]);
    expect(named.problems).toMatchObject([{ path: 'way-out/secret', code: 'BAD_PATH' }]);
  });

  test('names what is no UTF-8 instead of storing it under a made-up name', async () => {
    put('good');
    writeFileSync(Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff, 0xfe])]), 'x');
    const scan = await files.scan([''], nothing);
    expect(scan.paths).toEqual(['good']);
    expect(scan.problems).toMatchObject([{ path: 'bad-\\xff\\xfe', code: 'BAD_PATH' }]);
  });

  test('names a path that is longer than the system allows, and still sees the others', async () => {
    put('good');
    const here = process.cwd();
    try {
      process.chdir(root);
      for (let depth = 0; depth < 20; depth++) {
        mkdirSync('x'.repeat(250));
        process.chdir('x'.repeat(250));
      }
      writeFileSync('leaf', '');
    } finally {
      process.chdir(here);
    }
    const scan = await files.scan([''], nothing);
    expect(scan.paths).toEqual(['good']);
    expect(scan.problems).toMatchObject([{ code: 'BAD_PATH' }]);
    expect(scan.problems[0]?.path.length).toBeLessThan(200);
  });

  test('merges overlapping starts and tells which do not exist', async () => {
    for (const path of ['d/a', 'd/b', 'e']) put(path);
    const scan = await files.scan(['e', 'd/b', 'd', 'nowhere'], nothing);
    expect(scan.paths).toEqual(['d/a', 'd/b', 'e']);
    expect(scan.missing).toEqual(['nowhere']);
  });
});

describe('packing', () => {
  async function packAll(count: number): Promise<{ names: Map<string, string>; contents: Map<string, string> }> {
    const paths = Array.from({ length: count }, (_, index) => `f/${String(index).padStart(5, '0')}`);
    for (const [index, path] of paths.entries()) put(path, `content ${index % 977} `.repeat(index % 40));
    const frames: PackedFrame[] = [];
    const seen = new Set<string>();
    const named = await files.pack(
      paths,
      paths.map((path) => statSync(join(root, path)).size),
      {
        wanted: async (_files, digests) =>
          Uint8Array.from({ length: digests.length / 32 }, (_, index) => {
            const name = toHex(digests.subarray(32 * index, 32 * index + 32));
            const fresh = !seen.has(name);
            seen.add(name);
            return fresh ? 1 : 0;
          }),
        frame: async (frame) => {
          frames.push(frame);
        },
      },
    );
    expect(named.failures).toEqual([]);
    const names = new Map(
      paths.map((path, index) => [path, toHex(named.digests.subarray(32 * index, 32 * index + 32))]),
    );
    const contents = new Map<string, string>();
    for (const frame of frames) {
      const { head, content } = openFrame(frame.bytes, packingCodec());
      frame.files.forEach((file, index) => {
        const at = frame.offsets[index] as number;
        const bytes = content.subarray(at, at + (frame.sizes[index] as number));
        expect(head.entries[index]?.size).toBe(bytes.length);
        contents.set(names.get(paths[file] as string) as string, createHash('sha256').update(bytes).digest('hex'));
      });
    }
    return { names, contents };
  }

  for (const count of [3, 4000]) {
    test(`names ${count} files by their bytes and frames each wanted content once`, async () => {
      const { names, contents } = await packAll(count);
      for (const [path, name] of names) {
        expect(name).toBe(
          createHash('sha256')
            .update(readFileSync(join(root, path)))
            .digest('hex'),
        );
        expect(contents.get(name)).toBe(name);
      }
      expect(contents.size).toBe(new Set(names.values()).size);
    });
  }

  test('says which file could not be read, and still does the others', async () => {
    put('a');
    put('b');
    mkdirSync(join(root, 'dir'));
    const named = await files.pack(['a', 'gone', 'dir', 'b'], [1, 1, 1, 1], {
      wanted: async (list) => new Uint8Array(list.length).fill(1),
      frame: async () => undefined,
    });
    expect(named.failures.map((failure) => failure.index)).toEqual([1, 2]);
    expect(named.failures[0]?.error).toMatchObject({ data: { errno: 'ENOENT', path: 'gone' } });
    expect(toHex(named.digests.subarray(96))).toBe(createHash('sha256').update('b').digest('hex'));
  });
});

describe.each([
  ['here', 1],
  ['in a thread', 100_000],
])('writing files %s', (_, expected) => {
  const file = (path: string, text: string, executable = false) => ({ path, bytes: utf8(text), executable });

  test('makes directories, sets the executable bit, and replaces an existing file whole', async () => {
    await write(files, [file('deep/er/x', 'one', true)], expected);
    const before = statSync(join(root, 'deep/er/x'));
    expect(before.mode & 0o111).not.toBe(0);
    const stats = await write(files, [file('deep/er/x', 'two')], expected);
    expect(readFileSync(join(root, 'deep/er/x'), 'utf8')).toBe('two');
    expect(stats[3]).toBe(statSync(join(root, 'deep/er/x')).ino);
    expect(stats[3]).not.toBe(before.ino);
  });

  test('never goes through a link, neither as the file nor as a directory above it', async () => {
    writeFileSync(join(outside, 'target'), 'untouched');
    symlinkSync(join(outside, 'target'), join(root, 'link'));
    symlinkSync(outside, join(root, 'dir'));
    await write(files, [file('link', 'mine')], expected);
    expect(readFileSync(join(outside, 'target'), 'utf8')).toBe('untouched');
    expect(readFileSync(join(root, 'link'), 'utf8')).toBe('mine');
    await expect(write(files, [file('dir/escaped', 'x')], expected)).rejects.toMatchObject({ code: 'WOULD_OVERWRITE' });
    expect(existsSync(join(outside, 'escaped'))).toBe(false);
  });

  test('many directories are written without running out of descriptors', async () => {
    await write(
      files,
      Array.from({ length: 300 }, (_, index) => file(`d${index}/e/f`, String(index))),
      expected,
    );
    expect(readFileSync(join(root, 'd299/e/f'), 'utf8')).toBe('299');
    expect(readFileSync(join(root, 'd0/e/f'), 'utf8')).toBe('0');
  });

  test('batches are written in their order, and a failure stops none that came before', async () => {
    const writer = files.writer(expected);
    const first = writer.write([file('a', '1'), file('b', '1')]);
    const second = writer.write([file('a', '2')]);
    mkdirSync(join(root, 'taken'));
    const third = writer.write([file('taken', 'x')]);
    expect((await first).length).toBe(2 * (await second).length);
    await expect(third).rejects.toMatchObject({ code: 'WOULD_OVERWRITE', data: { path: 'taken' } });
    await writer.close();
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('2');
  });
});

describe('writing', () => {
  test('a stream that ends in an error leaves the old file and nothing else', async () => {
    put('big', 'old');
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield utf8('half');
      throw new Error('the hash does not match');
    }
    await expect(files.writeStream('big', false, broken())).rejects.toThrow();
    expect(readFileSync(join(root, 'big'), 'utf8')).toBe('old');
    expect((await files.scan([''], nothing)).paths).toEqual(['big']);
  });

  test('removing files takes emptied directories along, and no others', async () => {
    for (const path of ['a/b/c', 'a/d']) put(path);
    await files.remove(['a/b/c', 'not/there']);
    expect(existsSync(join(root, 'a/b'))).toBe(false);
    expect(existsSync(join(root, 'a/d'))).toBe(true);
  });

  test('a hard link is read-only', async () => {
    const source = join(outside, 'object');
    writeFileSync(source, 'bytes');
    chmodSync(source, 0o444);
    await files.writeLinked('linked', source, 'hardlink', false);
    expect(statSync(join(root, 'linked')).mode & 0o222).toBe(0);
    expect(statSync(join(root, 'linked')).ino).toBe(statSync(source).ino);
  });
});
