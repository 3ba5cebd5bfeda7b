/** `publish` and `ops`: what pipelines say, and what they are told. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newWorkspace, type Workspace } from './cairn.ts';

type Reply = { readonly [name: string]: unknown } & {
  readonly error?: { readonly code: string; readonly message: string } | null;
};

function ops(workspace: Workspace, request: unknown, status = 0): Reply {
  const input = typeof request === 'string' ? request : JSON.stringify(request);
  const ran = workspace.cairn(['ops'], { input });
  expect({ status: ran.status, stderr: status === 0 ? ran.stderr : '' }).toEqual({ status, stderr: '' });
  expect(ran.stdout.endsWith('}\n')).toBe(true);
  return JSON.parse(ran.stdout) as Reply;
}

function stream(workspace: Workspace, requests: readonly unknown[]): Reply[] {
  const input = requests.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
  const ran = workspace.cairn(['ops', '--stream'], { input });
  expect(ran.status).toBe(0);
  return ran.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Reply);
}

const prices = ['publish', 'out/prices.csv', '--type', 'prices', '--key', 'prices/daily'];

function withPrices(): Workspace {
  const workspace = newWorkspace();
  workspace.write('out/prices.csv', 'ts,close\n2026-01-02,10.5\n2026-01-05,11\n');
  return workspace;
}

describe('publish', () => {
  test('says what is new, what is known, and what was said before', () => {
    const workspace = withPrices();
    expect(workspace.says([...prices, '--writer', 'loader@1.4', '--tag', 'desk=rates'])).toMatchInlineSnapshot(`
      "artifact <1> prices/daily: new, 2 rows
      run <2>
      "
    `);
    expect(workspace.says([...prices, '--writer', 'loader@1.4', '--tag', 'desk=rates'])).toMatchInlineSnapshot(`
      "artifact <1> prices/daily: known by its bytes, 2 rows
      run <2> said so before; nothing was added
      "
    `);
    workspace.write('out/prices.csv', 'ts,close\r\n"2026-01-02",10.5\r\n2026-01-05,"11"\r\n');
    expect(workspace.says([...prices, '--writer', 'loader@1.4'])).toMatchInlineSnapshot(`
      "artifact <1> prices/daily: known by its content, bytes not stored, 2 rows
      run <2>
      "
    `);
    expect(workspace.says(['log', '--all', '--oneline']).trimEnd().split('\n').length).toBe(2);
    expect(workspace.says(['ls'])).toContain('prices/daily');
    expect(workspace.says(['fsck'])).toContain('no problems');
  });

  test('gives the result as JSON, and a loose raw file where it lies', () => {
    const workspace = newWorkspace();
    const bytes = Buffer.alloc(2 * 1024 * 1024);
    for (let at = 0, state = 1; at < bytes.length; at += 4) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      bytes.writeUInt32LE(state, at);
    }
    workspace.write('model.bin', bytes);
    const done = workspace.json('publish', ['publish', 'model.bin', '--type', 'model', '--key', 'm']);
    expect(done).toMatchObject({ success: true, deduped: false, mode: null, existingArtifactId: null, error: null });
    expect(done.pathParquet).toBe(done.path);
    expect(readFileSync(String(done.path)).equals(bytes)).toBe(true);
    expect(workspace.json('publish', ['publish', 'model.bin', '--type', 'model', '--key', 'm'])).toMatchObject({
      deduped: true,
      mode: 'file_hash',
      existingArtifactId: done.artifactId,
      repeated: true,
    });
  });

  test('follows inputs and supersedes the one before', () => {
    const workspace = withPrices();
    const input = workspace.json('publish', prices);
    workspace.write('out/ic.json', '{"ic": 0.03}');
    const metrics = ['publish', 'out/ic.json', '--type', 'metrics', '--key', 'ic', '--supersede-previous'];
    const first = workspace.json('publish', [...metrics, '--input', input.artifactId, '--param', 'window=12']);
    workspace.write('out/ic.json', '{"ic": 0.04}');
    const second = workspace.json('publish', [...metrics, '--input', input.artifactId, '--param', 'window=12']);
    expect(second.supersededArtifactId).toBe(first.artifactId);
    const { edges } = workspace.json('lineage', ['lineage', second.artifactId]);
    expect(edges).toMatchObject([{ child: second.artifactId, parent: input.artifactId, relation: 'derived_from' }]);
  });

  test('takes tables as cairn.yaml says: other columns do not count, and what is no table is refused', () => {
    const workspace = withPrices();
    workspace.write(
      'cairn.yaml',
      'schema: cairn.config-file/1\npins: { engineVersion: "3.2" }\ntypes:\n  - match: out/*.csv\n    table: { columns: [ts, close], sort: [ts] }\n',
    );
    const first = workspace.json('publish', prices);
    workspace.write('out/prices.csv', 'note,ts,close\nx,2026-01-05,11\ny,2026-01-02,10.5\n');
    expect(workspace.json('publish', prices)).toMatchObject({ mode: 'content_hash', artifactId: first.artifactId });
    expect(workspace.says(['show', first.runInstanceId])).toContain('3.2');
    workspace.write('out/prices.csv', 'ts,open\n2026-01-05,11\n');
    const error = workspace.error(prices, 2);
    expect(error.code).toBe('TABLE_INVALID');
    expect(error.message).toContain('out/prices.csv');
  });

  test('writes a sidecar', () => {
    const workspace = withPrices();
    const done = workspace.json('publish', [...prices, '--sidecar', '--param', 'source=vendor']);
    expect(done.pathSidecar).toBe(workspace.path('out/prices.csv.cairn.json'));
    expect(JSON.parse(workspace.read('out/prices.csv.cairn.json'))).toMatchObject({
      schema: 'cairn.sidecar/1',
      artifact: { artifactId: done.artifactId, logicalKey: 'prices/daily', fileHash: done.fileHash },
      content: { contentHash: done.contentHash, rowCount: 2 },
      run: { runInstanceId: done.runInstanceId, identity: { params: { source: 'vendor' } } },
    });
  });

  test('a sidecar is also written beside what a checkout brings', () => {
    const workspace = withPrices();
    workspace.says(['add', 'out/prices.csv']);
    workspace.says(['commit', '-m', 'prices', '--param', 'source=vendor']);
    workspace.says(['checkout', 'HEAD', '--to', workspace.path('there'), '--sidecar']);
    expect(JSON.parse(workspace.read('there/out/prices.csv.cairn.json'))).toMatchObject({
      artifact: { logicalKey: 'out/prices.csv' },
      content: null,
      run: { message: 'prices', identity: { params: { source: 'vendor' } } },
    });
  });

  test('needs no workspace: variables name the store', () => {
    const workspace = newWorkspace();
    const store = join(mkdtempSync(join(tmpdir(), 'cairn-named-')), 'store');
    workspace.says(['init', workspace.path('w'), '--store', store]);
    const elsewhere = mkdtempSync(join(tmpdir(), 'cairn-elsewhere-'));
    writeFileSync(join(elsewhere, 'a.txt'), 'hello');
    const publish = ['publish', 'a.txt', '--type', 't', '--key', 'a'];
    const places: { readonly [name: string]: string }[] = [
      { ARTIFACT_MANIFEST_DB: join(store, 'manifest.sqlite') },
      { ARTIFACTS_ROOT: join(store, 'objects') },
      { ARTIFACT_MANIFEST_DB: join(store, 'manifest.sqlite'), ARTIFACTS_ROOT: join(store, 'objects') },
      { CAIRN_DIR: store },
    ];
    const ids = places.map((env) => workspace.json('publish', publish, { cwd: elsewhere, env }).artifactId);
    expect(new Set(ids).size).toBe(1);
    expect(workspace.json('ls', ['ls'], { cwd: workspace.path('w') }).artifacts.length).toBe(1);
  });

  test('refuses variables that name no store, another database, or two stores', () => {
    const workspace = withPrices();
    const other = newWorkspace();
    const codeOf = (env: { readonly [name: string]: string }, status: number): string =>
      workspace.error(prices, status, { env }).code;
    const manifest = workspace.path('.cairn', 'manifest.sqlite');
    copyFileSync(manifest, workspace.path('foreign.db'));
    workspace.says(['add', 'out']);
    expect(codeOf({ ARTIFACT_MANIFEST_DB: workspace.path('foreign.db') }, 5)).toBe('MANIFEST_CORRUPT');
    expect(codeOf({ ARTIFACT_MANIFEST_DB: workspace.path('.cairn', 'workspace.sqlite') }, 5)).toBe('MANIFEST_CORRUPT');
    expect(codeOf({ ARTIFACT_MANIFEST_DB: workspace.path('none.db') }, 3)).toBe('NO_STORE');
    expect(codeOf({ ARTIFACTS_ROOT: workspace.path('out') }, 3)).toBe('NO_STORE');
    const objects = other.path('.cairn', 'objects');
    expect(codeOf({ ARTIFACT_MANIFEST_DB: manifest, ARTIFACTS_ROOT: objects }, 2)).toBe('BAD_ARGUMENT');
  });

  test.each<[string, readonly string[], number, string]>([
    ['a file that is not there', ['publish', 'gone', '--type', 't', '--key', 'k'], 3, 'PATH_NOT_FOUND'],
    ['a directory', ['publish', 'out', '--type', 't', '--key', 'k'], 2, 'UNSUPPORTED_FILE'],
    ['no type', ['publish', 'out/prices.csv', '--key', 'k'], 2, 'BAD_ARGUMENT'],
    ['a writer without version', [...prices, '--writer', 'loader'], 2, 'BAD_ARGUMENT'],
    ['an unknown input', [...prices, '--input', 'f'.repeat(64)], 3, 'REV_NOT_FOUND'],
    ['a secret', [...prices, '--param', 'token=ghp_0123456789abcdefghij0123456789ABCDEF'], 2, 'SECRET_LIKE'],
    ['a name that is a way out', [...prices, '--filename-hint', '../x'], 2, 'BAD_PATH'],
  ])('refuses %s', (_, args, status, code) => {
    expect(withPrices().error(args, status).code).toBe(code);
  });
});

describe('ops', () => {
  test('answers the questions of a pipeline', () => {
    const workspace = withPrices();
    mkdirSync(workspace.path('in'));
    workspace.write('in/raw.txt', 'raw');
    const raw = ops(workspace, {
      operation: 'publish_artifact',
      artifact_type: 'raw',
      logical_key: 'raw',
      data_path: 'in/raw.txt',
      tags: { desk: 'rates' },
    });
    const made = ops(workspace, {
      operation: 'publish_artifact',
      id: 7,
      artifactType: 'prices',
      logicalKey: 'prices/daily',
      dataPath: 'out/prices.csv',
      inputArtifactIds: [raw['artifactId']],
      writer_name: 'loader',
      writer_version: '1',
      params: { snake_case: 1 },
      git_commit: null,
    });
    expect(made).toMatchObject({ id: 7, success: true, deduped: false, rowCount: 2 });
    const id = made['artifactId'];
    const artifact = { artifactId: id, artifactType: 'prices', status: 'active', rowCount: 2, schemaVersion: 1 };
    expect(ops(workspace, { operation: 'get_artifact', artifact_id: id })).toMatchObject({ artifact });
    expect(
      ops(workspace, { operation: 'find_by_logical_key', artifact_type: 'prices', logical_key: 'prices/daily' }),
    ).toMatchObject({ artifact });
    expect(ops(workspace, { operation: 'find_by_logical_key', artifact_type: 'prices', logical_key: 'other' })).toEqual(
      { artifact: null },
    );
    expect(
      ops(workspace, {
        operation: 'list_artifacts',
        filter: { tags: { desk: 'rates' }, min_created_at: '2020-01-01T00:00:00Z' },
      }),
    ).toMatchObject({ artifacts: [{ artifactId: raw['artifactId'] }], more: false, cursor: null });
    expect(ops(workspace, { operation: 'get_lineage', artifact_id: id })).toMatchObject({
      artifactId: id,
      inputs: [{ artifactId: raw['artifactId'] }],
      depth: 1,
    });
    expect(ops(workspace, { operation: 'get_downstream', artifact_id: raw['artifactId'] })).toMatchObject({
      artifacts: [{ artifactId: id }],
    });
    expect(ops(workspace, { operation: 'health_check' })).toMatchObject({ available: true, workspace: workspace.root });
    const { runs } = workspace.json('log', ['log', '--all']);
    expect(runs[0]?.params).toEqual({ snake_case: 1 });
  });

  test('publishes many, each with its own result, and supersedes', () => {
    const workspace = withPrices();
    for (const name of ['a', 'b']) workspace.write(`${name}.txt`, name);
    const publication = (name: string): object => ({ artifact_type: 't', logical_key: 'k', data_path: `${name}.txt` });
    const { results } = ops(workspace, {
      operation: 'publish_many',
      requests: [publication('a'), publication('none'), { ...publication('b'), wrong: 1 }, publication('b')],
    }) as unknown as { results: Reply[] };
    expect(results.map((result) => result.error?.code ?? 'published')).toEqual([
      'published',
      'PATH_NOT_FOUND',
      'BAD_ARGUMENT',
      'published',
    ]);
    expect(results.map((result) => result['success'])).toEqual([true, false, false, true]);
    const done = ops(workspace, {
      operation: 'supersede',
      new_artifact_id: results[3]?.['artifactId'],
      old_artifact_id: results[0]?.['artifactId'],
      reason: 'corrected',
    });
    expect(done).toMatchObject({ artifact: { status: 'superseded' }, by: { status: 'active' }, reason: 'corrected' });
  });

  test('commits a run of the workspace', () => {
    const workspace = withPrices();
    const done = ops(workspace, {
      operation: 'commit_run',
      message: 'loaded',
      outputs: ['out/prices.csv'],
      params: { window: 12 },
      metrics: { rows: 2 },
    });
    expect(done).toMatchObject({ ref: 'heads/main', artifacts: [{ path: 'out/prices.csv' }] });
    const { runs } = workspace.json('log', ['log']);
    expect(runs).toMatchObject([{ runInstanceId: done['runInstanceId'], metrics: { rows: 2 } }]);
  });

  test.each<[string, unknown, number, string, string]>([
    ['what is no JSON', '{"operation":', 2, 'BAD_JSON', ''],
    ['what is no object', '[1]', 2, 'BAD_ARGUMENT', ''],
    ['an unknown operation', { operation: 'drop_all' }, 2, 'BAD_ARGUMENT', 'drop_all'],
    ['an unknown field', { operation: 'health_check', bogus_field: 1 }, 2, 'BAD_ARGUMENT', 'bogus_field'],
    [
      'a wrong value in the spelling of the request',
      { operation: 'publish_artifact', artifact_type: 't', logical_key: 'k', data_path: 'a', schema_version: 'two' },
      2,
      'BAD_ARGUMENT',
      'schema_version must be a whole number from 1',
    ],
    ['a missing field', { operation: 'get_artifact' }, 2, 'BAD_ARGUMENT', 'artifactId'],
    [
      'a field given twice',
      { operation: 'get_artifact', artifact_id: 'a', artifactId: 'b' },
      2,
      'BAD_ARGUMENT',
      'twice',
    ],
    [
      'an artifact that is not there',
      { operation: 'get_artifact', artifact_id: 'f'.repeat(64) },
      3,
      'REV_NOT_FOUND',
      '',
    ],
    ['a number that is none', { operation: 'get_lineage', artifact_id: 'ffff', depth: 0 }, 2, 'BAD_ARGUMENT', 'depth'],
  ])('refuses %s by name', (_, request, status, code, named) => {
    const workspace = withPrices();
    const { error } = ops(workspace, request, status);
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(named);
  });

  test('says a failed publication twice: as an error and as a result', () => {
    const reply = ops(
      withPrices(),
      { operation: 'publish_artifact', artifact_type: 't', logical_key: 'k', data_path: 'none' },
      3,
    );
    expect(reply).toMatchObject({ success: false, error: { code: 'PATH_NOT_FOUND' } });
  });

  test('streams replies in the order of the requests, and goes on after a failure', () => {
    const workspace = withPrices();
    for (let index = 0; index < 20; index++) workspace.write(`f/${index}.txt`, `content ${index % 15}`);
    const requests = Array.from({ length: 20 }, (_, index) => ({
      operation: 'publish_artifact',
      id: `p${index}`,
      artifact_type: 't',
      logical_key: `k${index % 15}`,
      data_path: index === 3 ? 'none' : `f/${index}.txt`,
    }));
    const replies = stream(workspace, [
      ...requests.slice(0, 10),
      { operation: 'list_artifacts', id: 'list', filter: { limit: 0 } },
      '',
      'not json',
      ...requests.slice(10),
      { operation: 'health_check', id: 'end' },
    ]);
    expect(replies.map(({ id }) => id)).toEqual([
      ...requests.slice(0, 10).map(({ id }) => id),
      'list',
      undefined,
      ...requests.slice(10).map(({ id }) => id),
      'end',
    ]);
    expect(replies[3]?.error?.code).toBe('PATH_NOT_FOUND');
    expect(replies[10]?.['artifacts']).toHaveLength(9);
    expect(replies[11]?.error?.code).toBe('BAD_JSON');
    expect(replies.slice(17, 22).map((reply) => reply['repeated'])).toEqual([true, true, true, false, true]);
  });

  test('says as JSON that there is no store', () => {
    const workspace = newWorkspace();
    const ran = workspace.cairn(['ops'], { cwd: tmpdir(), input: '{"operation": "health_check"}' });
    expect(ran.status).toBe(3);
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'NO_STORE' } });
    expect(ran.stderr).toContain('no cairn store');
  });
});
