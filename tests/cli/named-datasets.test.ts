/** Named runs whose datasets cairn.yaml declares: what enters the run key, and what is refused before anything runs. */
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { newWorkspace, type Workspace } from './cairn.ts';

type Dataset = { readonly id: string; readonly algorithm: string; readonly mode: string };

function withConfig(dataset: string): Workspace {
  const workspace = newWorkspace();
  configure(workspace, dataset);
  return workspace;
}

function configure(workspace: Workspace, dataset: string): void {
  const run = 'runs:\n  sum:\n    command: [sh, -c, "echo 1 > n"]\n    outputs: [n]\n    datasets: [data]\n';
  workspace.write('cairn.yaml', `${run}datasets:\n  data: ${dataset}\n`);
}

function database(workspace: Workspace, path: string, sql: string): void {
  workspace.write(path.replace(/[^/]*$/, '.keep'), '');
  const file = new Database(workspace.path(path));
  file.exec(sql);
  file.close();
}

function run(workspace: Workspace): { runKey: string; dataset: Dataset | undefined } {
  const { runKey } = workspace.json('run', ['run', 'sum']);
  const shown = workspace.json('show', ['show', 'HEAD']) as unknown as {
    record: { identity: { datasets: readonly Dataset[] } };
  };
  return { runKey, dataset: shown.record.identity.datasets[0] };
}

const refusal = (workspace: Workspace): string => workspace.error(['run', 'sum'], 125).message;

const unkeyed = `CREATE TABLE bars (ts_utc TEXT, close REAL); INSERT INTO bars VALUES ('2026-01-02', 2.5), ('2026-01-01', 1.5);`;

describe('a dataset of files', () => {
  test('enters the run key with its content and its mode, and neither with an input nor with another file', () => {
    const workspace = withConfig('{ files: "data/*.csv" }');
    workspace.commit('data', { 'data/a.csv': '1', 'data/b.csv': '2', 'other.txt': 'x' });
    const first = run(workspace);
    expect(first.dataset).toMatchObject({ algorithm: 'cairn.dataset/1', mode: 'STRICT' });
    const id = workspace.json('dataset.id', ['dataset', 'id', 'data']).datasets[0]?.id;
    expect(first.dataset?.id).toBe(id);
    workspace.commit('another file', { 'other.txt': 'y' });
    expect(run(workspace).runKey).toBe(first.runKey);
    expect(workspace.json('run', ['run', 'sum', '--input', 'other.txt']).runKey).toBe(first.runKey);
    workspace.commit('one cell', { 'data/a.csv': '3' });
    const changed = run(workspace);
    expect(changed.runKey).not.toBe(first.runKey);
    configure(workspace, '{ files: "data/*.csv", mode: FAST_DEV }');
    const loose = run(workspace);
    expect(loose.dataset).toEqual({ ...changed.dataset, mode: 'FAST_DEV' });
    expect(loose.runKey).not.toBe(changed.runKey);
  });

  test('is refused while one of its files is changed, new, gone, or none is committed', () => {
    const workspace = withConfig('{ files: "data/*.csv" }');
    expect(refusal(workspace)).toContain('the dataset data of cairn.yaml has no committed file');
    workspace.commit('data', { 'data/a.csv': '1' });
    workspace.write('data/a.csv', '2');
    expect(refusal(workspace)).toContain('data/a.csv has changes that are not committed');
    workspace.write('data/a.csv', '1');
    workspace.write('data/b.csv', '2');
    expect(refusal(workspace)).toContain('the file data/b.csv of a dataset is not committed');
    workspace.remove('data/b.csv');
    workspace.remove('data/a.csv');
    expect(refusal(workspace)).toContain('data/a.csv is not in the workspace');
  });
});

describe('a dataset of tables', () => {
  const keyed = 'CREATE TABLE bars (id INTEGER PRIMARY KEY, close REAL); INSERT INTO bars VALUES (1, 1.5), (2, 2.5);';

  test('enters the run key with its values and its mode, and not with its path or the order of its rows', () => {
    const workspace = withConfig('{ sqlite: db/market.db }');
    database(workspace, 'db/market.db', keyed);
    const first = run(workspace);
    expect(first.dataset).toMatchObject({ algorithm: 'sqlite_logical_v2', mode: 'STRICT' });
    expect(first.dataset?.id).toMatch(/^[0-9a-f]{16}$/);
    const other = withConfig('{ sqlite: elsewhere/m.db }');
    database(other, 'elsewhere/m.db', keyed.replace('(1, 1.5), (2, 2.5)', '(2, 2.5), (1, 1.5)'));
    expect(run(other)).toEqual(first);
    database(workspace, 'db/market.db', 'UPDATE bars SET close = 9 WHERE id = 2');
    const changed = run(workspace);
    expect(changed.runKey).not.toBe(first.runKey);
    configure(workspace, '{ sqlite: db/market.db, mode: FAST_DEV }');
    const loose = run(workspace);
    expect(loose.dataset).toEqual({ ...changed.dataset, mode: 'FAST_DEV' });
    expect(loose.runKey).not.toBe(changed.runKey);
  });

  test('in STRICT needs an order and every table of its scope; FAST_DEV takes what there is', () => {
    const workspace = withConfig('{ sqlite: db/market.db }');
    database(workspace, 'db/market.db', unkeyed);
    expect(refusal(workspace)).toContain('bars');
    configure(workspace, '{ sqlite: db/market.db, keys: { bars: [ts_utc] } }');
    const declared = run(workspace);
    configure(workspace, '{ sqlite: db/market.db, mode: FAST_DEV }');
    expect(run(workspace).dataset).toMatchObject({ mode: 'FAST_DEV', id: declared.dataset?.id });
    const scope = 'tables: [bars, symbols], keys: { bars: [ts_utc] }';
    configure(workspace, `{ sqlite: db/market.db, ${scope} }`);
    expect(refusal(workspace)).toContain('symbols');
    configure(workspace, `{ sqlite: db/market.db, ${scope}, allowMissing: true }`);
    expect(run(workspace)).toEqual(declared);
  });
});
