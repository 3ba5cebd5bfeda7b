import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFsObjectBackend } from '../../../../src/adapters/fs/fs-object-backend.ts';
import { openLocalFiles } from '../../../../src/adapters/fs/local-files.ts';
import { openUpkeepNotes } from '../../../../src/adapters/fs/upkeep-notes.ts';
import { nativeCodec } from '../../../../src/adapters/node/native-codec.ts';
import { systemRandom } from '../../../../src/adapters/node/system-random.ts';
import { utf8 } from '../../../../src/core/bytes.ts';
import type { BlobId } from '../../../../src/core/ids.ts';
import { sha256Hex } from '../../../../src/core/sha256.ts';
import type { ObjectLocation, StoredObject } from '../../../../src/ports/manifest.ts';
import type { ObjectBackend } from '../../../../src/ports/object-backend.ts';
import { TableFiles, type TableFilesContext } from '../../../../src/store/tables/table-files.ts';
import { codeOf } from '../../../conformance/manifest-sample.ts';

const content = utf8(`id,v\n${'1,2\n'.repeat(400_000)}`);
const id = sha256Hex(content) as string as BlobId;
const name = `objects/${id.slice(0, 2)}/${id.slice(2)}`;

let root: string;
let reads: number;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'cairn-tables-'));
  reads = 0;
  mkdirSync(join(root, name, '..'), { recursive: true });
  writeFileSync(join(root, name), content);
  await settled();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Until the file's times lie so far back that a later write cannot leave the same ones. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

function tables(): TableFiles {
  const backend = openFsObjectBackend({ root });
  const counting: ObjectBackend = {
    ...backend,
    get: (...args) => {
      reads++;
      return backend.get(...args);
    },
  };
  return new TableFiles({
    backend: counting,
    codec: nativeCodec(),
    notes: openUpkeepNotes({ directory: root }),
    localFiles: openLocalFiles({ directory: join(root, 'tmp'), random: systemRandom() }),
  } as unknown as TableFilesContext);
}

const object = (location: ObjectLocation = { kind: 'loose' }): StoredObject => ({
  namespace: 'blob',
  id,
  size: content.length,
  location,
});

describe('a raw object in a file of its own', () => {
  test('is read where it lies, hashed once for as long as it is unchanged', async () => {
    const file = await tables().ofObject(object(), 'HEAD:a.csv', ['a.csv']);
    expect(file).toEqual({ path: join(root, name), format: 'csv', name: 'HEAD:a.csv' });
    expect(reads).toBe(1);
    await tables().ofObject(object(), 'HEAD:a.csv', ['a.csv']);
    expect(reads).toBe(1);
  });

  test('is hashed again when its stat has changed, and refused when its bytes have', async () => {
    await tables().ofObject(object(), 'a', ['a.csv']);
    writeFileSync(join(root, name), content);
    await tables().ofObject(object(), 'a', ['a.csv']);
    expect(reads).toBe(2);
    const other = content.slice();
    other[9] = 0x39;
    writeFileSync(join(root, name), other);
    expect(await codeOf(tables().ofObject(object(), 'a', ['a.csv']))).toBe('OBJECT_CORRUPT');
    await settled();
    expect(await codeOf(tables().ofObject(object(), 'a', ['a.csv']))).toBe('OBJECT_CORRUPT');
  });

  test('that was touched just now is not remembered', async () => {
    chmodSync(join(root, name), 0o600);
    await tables().ofObject(object(), 'a', ['a.csv']);
    await settled();
    await tables().ofObject(object(), 'a', ['a.csv']);
    expect(reads).toBe(2);
  });
});

describe('a compressed object', () => {
  test('is written to a temporary file, which goes with the rest', async () => {
    const { zstdCompressSync } = await import('node:zlib');
    const codec = nativeCodec();
    const { digestFrame } = await import('../../../../src/core/loose-format.ts');
    const body = new Uint8Array(zstdCompressSync(content));
    writeFileSync(join(root, `${name}.zst`), Buffer.concat([body, digestFrame(codec.sha256(body))]));
    const files = tables();
    const file = await files.ofObject(object({ kind: 'loose-zstd' } as ObjectLocation), 'a', ['a.csv']);
    expect(file.format).toBe('csv');
    expect(readFileSync(file.path).equals(content)).toBe(true);
    await files.close();
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });
});

describe('the kind of a table', () => {
  test('is told by the first path that says one', async () => {
    expect((await tables().ofObject(object(), 'a', ['prices', 'prices.tsv'])).format).toBe('csv');
    expect(await codeOf(tables().ofObject(object(), 'a', ['prices', 'x.txt']))).toBe('TABLE_INVALID');
  });
});
