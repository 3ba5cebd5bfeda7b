/** The library as pipelines use it: the port with its exact names, typed errors, batches. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Artifact, type Cairn, initStore, openStore, type PublishArtifactRequest } from '../../../src/index.ts';

const silent = { begin: () => undefined, advance: () => undefined, end: () => undefined, note: () => undefined };
let directory: string;
let store: Cairn;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cairn-library-'));
  await initStore({ cwd: directory, env: { CAIRN_AUTHOR: 'Ada <ada@example.org>' }, progress: silent });
  store = await openStore({ directory });
});
afterEach(() => store.close());

function request(name: string, fields: Partial<PublishArtifactRequest> = {}): PublishArtifactRequest {
  return { artifactType: 'data', logicalKey: `key/${name}`, dataPath: name, ...fields };
}

function write(...names: string[]): void {
  for (const name of names) writeFileSync(join(directory, name), `content of ${name}`);
}

describe('the artifact store', () => {
  test('publishes, finds and follows', async () => {
    write('a', 'b');
    expect(await store.isAvailable()).toBe(true);
    const a = await store.publishArtifact(request('a', { tags: { desk: 'rates' } }));
    const b = await store.publishArtifact(request('b', { inputArtifactIds: [String(a.artifactId)] }));
    const found: Artifact | null = await store.findByLogicalKey('data', 'key/b');
    expect(found).toMatchObject({
      artifactId: b.artifactId,
      artifactType: 'data',
      schemaVersion: 1,
      logicalKey: 'key/b',
      status: 'active',
      path: null,
      pathParquet: null,
      pathSidecar: null,
      fileHash: b.fileHash,
      contentHash: null,
      rowCount: null,
      minTs: null,
      maxTs: null,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(await store.getArtifact(String(b.artifactId))).toEqual(found);
    expect(await store.getLineage(String(b.artifactId))).toMatchObject({
      inputs: [{ artifactId: a.artifactId }],
      depth: 1,
    });
    expect(await store.getDownstream(String(a.artifactId))).toMatchObject([{ artifactId: b.artifactId }]);
    const page = await store.listArtifacts({ artifactType: 'data', limit: 1 });
    expect(page).toMatchObject({ artifacts: [{ artifactId: b.artifactId }], more: true });
    const rest = await store.listArtifacts({ artifactType: 'data', cursor: String(page.cursor) });
    expect(rest).toMatchObject({ artifacts: [{ artifactId: a.artifactId }], more: false, cursor: null });
    expect((await store.listArtifacts({ maxCreatedAt: '2001-01-01T00:00:00Z' })).artifacts).toEqual([]);
  });

  test('makes publications that are asked for at once together', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `f${index}`);
    write(...names);
    const results = await Promise.all(names.map((name) => store.publishArtifact(request(name))));
    expect(results.every(({ success, deduped }) => success && !deduped)).toBe(true);
    // One pack for one barrier: 300 of them would be 300.
    const { rows } = await store.log({ all: true }, { limit: 0 });
    expect(rows.length).toBe(300);
  });

  test('answers publishMany for every request', async () => {
    write('a');
    const results = await store.publishMany([
      request('a'),
      request('none'),
      request('a', { gitCommit: 'main' }),
      request('a'),
    ]);
    expect(results.map(({ success, error }) => error?.code ?? success)).toEqual([
      true,
      'PATH_NOT_FOUND',
      'BAD_ARGUMENT',
      true,
    ]);
    expect(results[3]).toMatchObject({ deduped: true, repeated: true, existingArtifactId: results[0]?.artifactId });
    expect(results[1]?.error?.message).toContain('none');
  });

  test.each<[string, object, string]>([
    ['no type', { artifactType: undefined }, 'artifactType is missing'],
    ['an empty key', { logicalKey: '' }, 'logicalKey must not be empty'],
    ['a version from 0', { schemaVersion: 0 }, 'schemaVersion must be a whole number from 1'],
    ['a tag that is no text', { tags: { a: 1 } }, 'tags "a" must be a text'],
    ['a lone surrogate', { logicalKey: '\ud800' }, 'logicalKey holds a lone surrogate'],
    ['a writer without version', { writerName: 'loader' }, 'writerVersion is missing'],
    ['a short commit id', { gitCommit: 'abc123' }, 'gitCommit must be a whole commit id'],
    ['a field that there is not', { dataFile: 'a' }, 'dataFile is no field'],
    ['a parameter that JSON cannot hold', { params: { a: Number.NaN } }, 'NaN'],
  ])('refuses %s by name', async (_, fields, message) => {
    write('a');
    const wrong = { ...request('a'), ...fields } as PublishArtifactRequest;
    await expect(store.publishArtifact(wrong)).rejects.toThrow(message);
    await expect(store.publishArtifact(wrong)).rejects.toHaveProperty('code');
  });

  test('refuses a filter that is none', async () => {
    await expect(store.listArtifacts({ type: 'x' } as never)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await expect(store.listArtifacts({ minCreatedAt: 'yesterday' })).rejects.toMatchObject({ code: 'BAD_TIME' });
  });

  test('says that an artifact is not there', async () => {
    await expect(store.getArtifact('f'.repeat(64))).rejects.toMatchObject({ code: 'REV_NOT_FOUND' });
    expect(await store.findByLogicalKey('data', 'none')).toBeNull();
  });
});
