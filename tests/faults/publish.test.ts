/** Many processes publish at once, and some are killed: nothing is lost, nothing is doubled, what was answered is there. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cairn, cairnJson, emptyDirectory, faultPlan, type Outcome, seededNumbers, start } from './program.ts';

interface Result {
  readonly id: number;
  readonly success: boolean;
  readonly artifactId: string;
  readonly runInstanceId: string;
  readonly deduped: boolean;
  readonly repeated: boolean;
  readonly error: unknown;
}

const bin = join(import.meta.dirname, '../../bin/cairn');
const environment = { ...process.env, CAIRN_AUTHOR: 'Ada Lovelace <ada@example.org>', NO_COLOR: '1' };

/** One `ops --stream` process; killed after a while when told so. Only whole lines of its answer count. */
function publishing(
  root: string,
  requests: readonly object[],
  killAfterMs?: number,
): Promise<Outcome & { readonly results: Result[] }> {
  const child = spawn(process.execPath, [bin, 'ops', '--stream'], { cwd: root, env: environment });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  // A killed process leaves what it was sent unread.
  child.stdin.on('error', () => undefined);
  child.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  return new Promise((resolve) => {
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      const lines = stdout.split('\n').slice(0, -1);
      resolve({ status, signal, stdout, stderr, results: lines.map((line) => JSON.parse(line) as Result) });
    });
  });
}

function request(id: number, name: string, fields: object = {}): object {
  return {
    operation: 'publish_artifact',
    id,
    artifact_type: 'data',
    logical_key: name,
    data_path: `f/${name}`,
    ...fields,
  };
}

function storedRuns(root: string): { runInstanceId: string; message: string }[] {
  return (cairnJson(root, 'log', '--all', '--limit', '0') as { runs: { runInstanceId: string; message: string }[] })
    .runs;
}

function storedArtifacts(root: string): { artifactId: string; logicalKey: string }[] {
  return (cairnJson(root, 'ls', '--limit', '0') as { artifacts: { artifactId: string; logicalKey: string }[] })
    .artifacts;
}

function expectSound(root: string): void {
  const fsck = cairn(root, 'fsck', '--read-data');
  expect(fsck.status, fsck.stdout + fsck.stderr).toBe(0);
}

test('8 processes publish overlapping files and tables at once: nothing lost, nothing doubled', {
  timeout: 240_000,
}, async () => {
  const root = emptyDirectory('publish-race');
  cairnJson(root, 'init');
  mkdirSync(join(root, 'f'));
  const [processes, files, tables] = [8, 240, 24];
  for (let file = 0; file < files; file++) writeFileSync(join(root, 'f', `${file}.bin`), `content of ${file}`);
  for (let table = 0; table < tables; table++) {
    // The same rows, spelt in two ways.
    writeFileSync(join(root, 'f', `${table}-0.csv`), `a,b\n${table},x\n`);
    writeFileSync(join(root, 'f', `${table}-1.csv`), `a,b\r\n${table},"x"\r\n`);
  }
  const plan = faultPlan(1);
  const random = seededNumbers(plan.seed);
  const shuffled = <Item>(items: Item[]): Item[] =>
    items
      .map((item) => ({ item, at: random() }))
      .sort((left, right) => left.at - right.at)
      .map(({ item }) => item);
  const outcomes = await Promise.all(
    Array.from({ length: processes }, (_, process) => {
      const requests = [
        ...Array.from({ length: files }, (_, file) => request(file, `${file}.bin`)),
        ...Array.from({ length: tables }, (_, table) =>
          request(1000 + table, `${table}-${process % 2}.csv`, {
            logical_key: `table/${table}`,
            artifact_type: 'table',
          }),
        ),
        // Its own lineage of the same bytes.
        ...Array.from({ length: 10 }, (_, file) => request(2000 + file, `${file}.bin`, { params: { process } })),
      ];
      return publishing(root, shuffled(requests));
    }),
  );
  for (const { status, stderr, results } of outcomes) {
    expect(status, stderr).toBe(0);
    expect(stderr, `seed ${plan.seed}`).toBe('');
    expect(results.filter(({ success }) => !success)).toEqual([]);
    expect(results.length).toBe(files + tables + 10);
  }
  const all = outcomes.flatMap(({ results }) => results);
  const artifacts = storedArtifacts(root);
  expect(artifacts.length, `seed ${plan.seed}`).toBe(files + tables);
  const runs = new Set(storedRuns(root).map(({ runInstanceId }) => runInstanceId));
  // A file: one publication for all. A table: one for each spelling. A parameter: one for each process.
  expect(runs.size).toBe(files + 2 * tables + 10 * processes);
  expect(new Set(all.map(({ runInstanceId }) => runInstanceId))).toEqual(runs);
  for (const id of [...Array(files).keys(), ...Array.from({ length: tables }, (_, table) => 1000 + table)]) {
    const same = all.filter((result) => result.id === id);
    expect(new Set(same.map(({ artifactId }) => artifactId)).size).toBe(1);
  }
  expectSound(root);
});

const { seed, rounds } = faultPlan(4);

test(`a publisher that is killed leaves everything that it answered (seed ${seed})`, { timeout: 240_000 }, async () => {
  const random = seededNumbers(seed);
  const root = emptyDirectory('publish-kill');
  cairnJson(root, 'init');
  mkdirSync(join(root, 'f'));
  const files = 3000;
  for (let file = 0; file < files; file++) writeFileSync(join(root, 'f', `${file}.bin`), `content of ${file}`);
  const requests = Array.from({ length: files }, (_, file) => request(file, `${file}.bin`));
  const answered: Result[] = [];
  for (let round = 0; round < rounds; round++) {
    const { results } = await publishing(root, requests, 200 + random() * 1500);
    answered.push(...results);
    const artifacts = new Set(storedArtifacts(root).map(({ artifactId }) => artifactId));
    const runs = new Set(storedRuns(root).map(({ runInstanceId }) => runInstanceId));
    expect(
      answered.filter(({ artifactId, runInstanceId }) => !artifacts.has(artifactId) || !runs.has(runInstanceId)),
    ).toEqual([]);
    expect(runs.size).toBe(artifacts.size);
    expectSound(root);
  }
  const last = await publishing(root, requests);
  expect(last.results.filter(({ success }) => success).length).toBe(files);
  expect(storedArtifacts(root).length).toBe(files);
  expect(storedRuns(root).length).toBe(files);
  expect((await start(root, 'reindex').ended).status).toBe(0);
  expect(storedRuns(root).length).toBe(files);
});
