/** `seed` and `dataset id`: identity for other programs. */
import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { newWorkspace, type Workspace } from './cairn.ts';

function printed(workspace: Workspace, args: readonly string[]): string {
  const ran = workspace.cairn(args);
  if (ran.status !== 0) throw new Error(ran.stderr);
  return ran.stdout.trim();
}

function database(workspace: Workspace, path: string, sql: string): void {
  const file = new Database(workspace.path(path));
  file.exec(sql);
  file.close();
}

const twoTables = `
  CREATE TABLE bars (ts_utc TEXT, symbol TEXT, close REAL);
  INSERT INTO bars VALUES ('2026-01-02', 'B', 2.5), ('2026-01-01', 'A', 1.5);
  CREATE TABLE symbols (symbol TEXT PRIMARY KEY, name TEXT);
  INSERT INTO symbols VALUES ('A', 'Alpha'), ('B', 'Beta');`;

describe('seed', () => {
  test('is the first 63 bits of the hash of run key, salt, fold and version', () => {
    const workspace = newWorkspace();
    workspace.commit('one', { a: '1' });
    const { runKey, seed } = workspace.json('seed', ['seed', 'HEAD', 'bootstrap', '--fold', '3']);
    const digest = createHash('sha256').update(`${runKey}|bootstrap|fold:3|1`).digest();
    expect(seed).toBe(BigInt.asUintN(63, digest.readBigUInt64BE(0)).toString());
    expect(printed(workspace, ['seed', 'main', 'bootstrap', '--fold', '3'])).toBe(seed);
    expect(printed(workspace, ['seed', 'HEAD', 'bootstrap'])).not.toBe(seed);
  });

  test('is equal for runs of one meaning and refused for a salt with a bar', () => {
    const [one, two] = [newWorkspace(), newWorkspace()];
    one.commit('one', { a: '1' }, ['--param', 'n=1']);
    two.commit('two', { b: '2' }, ['--param', 'n=1']);
    expect(printed(one, ['seed', 'HEAD', 'root'])).toBe(printed(two, ['seed', 'HEAD', 'root']));
    expect(one.error(['seed', 'HEAD', 'a|b'], 2).code).toBe('BAD_ARGUMENT');
  });
});

describe('dataset id', () => {
  test('of a file is that of the artifact it becomes, in any order and also by cairn.yaml', () => {
    const workspace = newWorkspace();
    workspace.write('cairn.yaml', 'types: [{ match: "*.csv", type: table }]\ndatasets: { all: { files: "*.csv" } }\n');
    workspace.write('a.csv', '1\n');
    workspace.write('b.csv', '2\n');
    const before = printed(workspace, ['dataset', 'id', 'a.csv', 'b.csv']);
    workspace.commit('one', { 'a.csv': '1\n', 'b.csv': '2\n' });
    expect(printed(workspace, ['dataset', 'id', 'HEAD:b.csv', workspace.id('HEAD:a.csv')])).toBe(before);
    expect(printed(workspace, ['dataset', 'id', 'all'])).toBe(before);
    const { datasets } = workspace.json('dataset.id', ['dataset', 'id', 'a.csv', 'HEAD:b.csv']);
    expect(datasets).toMatchObject([{ id: before, algorithm: 'cairn.dataset/1', mode: 'STRICT', path: null }]);
    workspace.commit('two', { 'c.csv': '3\n' }, ['--input', 'a.csv', '--input', 'b.csv']);
    expect(workspace.json('log', ['log', '-n', '1']).runs[0]?.datasetIdV2).toBe(before);
    workspace.write('b.csv', '4\n');
    expect(printed(workspace, ['dataset', 'id', 'a.csv', 'b.csv'])).not.toBe(before);
  });

  test('of a database is by its tables, with the keys that cairn.yaml gives them', () => {
    const workspace = newWorkspace();
    database(workspace, 'market.db', twoTables);
    const refused = workspace.error(['dataset', 'id', 'market.db'], 2);
    expect(refused.message).toContain('"bars" has no primary key');
    workspace.write('cairn.yaml', 'datasets: { market: { sqlite: market.db, keys: { bars: [symbol, ts_utc] } } }\n');
    const { datasets } = workspace.json('dataset.id', ['dataset', 'id', 'market.db']);
    expect(datasets).toMatchObject([{ algorithm: 'sqlite_logical_v2', mode: 'STRICT', undeclaredOrder: [] }]);
    expect(datasets[0]?.id).toBe(datasets[0]?.sha256.slice(0, 16));
    expect(printed(workspace, ['dataset', 'id', 'market'])).toBe(datasets[0]?.id);

    // The same rows written in another order, in another file.
    database(workspace, 'other.db', twoTables.replace(/VALUES (\('2026.*?\)), (\('2026.*?\));/, 'VALUES $2, $1;'));
    workspace.write('cairn.yaml', 'datasets: { market: { sqlite: other.db, keys: { bars: [symbol, ts_utc] } } }\n');
    expect(printed(workspace, ['dataset', 'id', 'other.db'])).toBe(datasets[0]?.id);
    database(workspace, 'other.db', "UPDATE bars SET close = 1.25 WHERE symbol = 'A'");
    expect(printed(workspace, ['dataset', 'id', 'other.db'])).not.toBe(datasets[0]?.id);
  });

  test('of a database takes a scope; what is missing is refused, allowed, or said', () => {
    const workspace = newWorkspace();
    database(workspace, 'market.db', twoTables);
    const one = printed(workspace, ['dataset', 'id', 'market.db', '--scope', 'symbols']);
    expect(workspace.error(['dataset', 'id', 'market.db', '--scope', 'symbols,gone'], 2).data).toMatchObject({
      missing: ['gone'],
    });
    const allowed = workspace.cairn(['dataset', 'id', 'market.db', '--scope', 'symbols,gone', '--allow-missing']);
    expect([allowed.stdout.trim(), allowed.stderr.trim()]).toStrictEqual([one, 'market.db: no table gone']);
    const loose = workspace.cairn(['dataset', 'id', 'market.db', '--mode', 'FAST_DEV']);
    expect(loose.stderr).toContain('the rows of bars have no declared order');
    workspace.write('a.csv', '1\n');
    expect(workspace.error(['dataset', 'id', 'a.csv', '--scope', 't'], 2).code).toBe('BAD_ARGUMENT');
  });
});
