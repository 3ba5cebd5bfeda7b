/** Tables: their differences, reruns that write the same content in other bytes, dataset ids by content. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newWorkspace, type Workspace } from './cairn.ts';

const directory = mkdtempSync(join(tmpdir(), 'cairn-tables-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let duckdb: DuckDBInstance;
beforeAll(async () => {
  duckdb = await DuckDBInstance.create(':memory:');
});
afterAll(() => duckdb.closeSync());

let files = 0;
/** Bytes of a Parquet file with the rows of a query. */
async function parquet(select: string, options = ''): Promise<Uint8Array> {
  const path = join(directory, `${files++}.parquet`);
  const connection = await duckdb.connect();
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet${options})`);
  connection.closeSync();
  return readFileSync(path);
}

const bars = (rows: string): string => `SELECT * FROM (VALUES ${rows}) t(day, symbol, price, volume)`;
const before = bars(
  "(DATE '2026-01-01', 'A', 10.0::DOUBLE, 5), ('2026-01-01', 'B', 3.5, 1), ('2026-01-02', 'A', 11.0, 7)",
);
const after = bars(
  "(DATE '2026-01-01', 'A', 10.25::DOUBLE, 5), ('2026-01-02', 'A', 11.0, 8), ('2026-01-02', 'B', NULL, 2)",
);

async function twoRuns(path = 'bars.parquet'): Promise<Workspace> {
  const workspace = newWorkspace();
  workspace.commit('first', { [path]: await parquet(before) });
  workspace.commit('second', { [path]: await parquet(after) });
  return workspace;
}

describe('diff', () => {
  test('of two tables by a key says schema, counts, numbers and rows', async () => {
    const workspace = await twoRuns();
    const args = ['diff', 'HEAD~1:bars.parquet', 'HEAD:bars.parquet', '--key', 'day,symbol'];
    expect(workspace.says(args)).toMatchInlineSnapshot(`
      "changed bars.parquet: 3 rows: 1 added, 1 removed, 2 changed
      Key: day, symbol
      Numbers:
        column  changed  max |delta|  mean |delta|  mean delta
        price         1         0.25          0.25       +0.25
        volume        1            1             1          +1
      Removed:
        - day=2026-01-01 symbol=B price=3.5 volume=1
      Added:
        + day=2026-01-02 symbol=B price=null volume=2
      Changed:
        ~ day=2026-01-01 symbol=A  price: 10 -> 10.25 (+0.25)
        ~ day=2026-01-02 symbol=A  volume: 7 -> 8 (+1)
      "
    `);
    const { files: found, differs } = workspace.json('diff', args);
    expect(differs).toBe(true);
    expect(found[0]?.table).toEqual({
      key: ['day', 'symbol'],
      equal: false,
      columns: { added: [], removed: [], changed: [] },
      rows: { before: 3, after: 3, added: 1, removed: 1, changed: 2 },
      deltas: [
        { column: 'price', changed: 1, maxAbs: 0.25, meanAbs: 0.25, mean: 0.25 },
        { column: 'volume', changed: 1, maxAbs: 1, meanAbs: 1, mean: 1 },
      ],
      added: [{ day: '2026-01-02', symbol: 'B', price: null, volume: 2 }],
      removed: [{ day: '2026-01-01', symbol: 'B', price: 3.5, volume: 1 }],
      changed: [
        { key: { day: '2026-01-01', symbol: 'A' }, before: { price: 10 }, after: { price: 10.25 } },
        { key: { day: '2026-01-02', symbol: 'A' }, before: { volume: 7 }, after: { volume: 8 } },
      ],
    });
  });

  test('takes the sort keys of cairn.yaml, or whole rows; a sample as long as it is told', async () => {
    const workspace = await twoRuns();
    const args = ['diff', 'HEAD~1:bars.parquet', 'HEAD:bars.parquet'];
    expect(workspace.says([...args, '--sample', '1'])).toMatchInlineSnapshot(`
      "changed bars.parquet: 3 rows: 3 added, 3 removed
      Key: none, whole rows are compared
      Removed:
        - day=2026-01-01 symbol=A price=10 volume=5
        … 2 more: --sample 0 for all
      Added:
        + day=2026-01-01 symbol=A price=10.25 volume=5
        … 2 more: --sample 0 for all
      "
    `);
    workspace.write('cairn.yaml', 'types: [{ match: "*.parquet", type: bars, table: { sort: [day, symbol] } }]\n');
    expect(workspace.json('diff', args).files[0]?.table).toMatchObject({ key: ['day', 'symbol'] });
    // Sort keys that do not name each row are no key.
    workspace.write('cairn.yaml', 'types: [{ match: "*.parquet", type: bars, table: { sort: [day] } }]\n');
    expect(workspace.json('diff', args).files[0]?.table).toMatchObject({ key: null, rows: { added: 3, removed: 3 } });
    expect(workspace.error([...args, '--key', 'day'], 2)).toMatchObject({
      code: 'BAD_ARGUMENT',
      data: { ambiguous: { day: '2026-01-01' } },
    });
  });

  test('shows columns that came, went and changed', async () => {
    const workspace = newWorkspace();
    workspace.commit('first', { 't.parquet': await parquet("SELECT 1 AS id, 'x' AS note, 2 AS n, 3 AS old") });
    workspace.write('t.parquet', await parquet('SELECT 1 AS id, 5 AS note, 2.5::DOUBLE AS n, true AS "new"'));
    expect(workspace.says(['diff', 'HEAD:t.parquet', '--key', 'id'])).toMatchInlineSnapshot(`
      "changed t.parquet: 1 row: 1 changed, 4 columns differ
      Key: id
      Columns:
        - old integer
        + new boolean
        ~ note text -> integer (values not compared)
        ~ n integer -> float
      Numbers:
        column  changed  max |delta|  mean |delta|  mean delta
        n             1          0.5           0.5        +0.5
      Changed:
        ~ id=1  n: 2 -> 2.5 (+0.5)
      "
    `);
    expect(workspace.cairn(['diff', 'HEAD:t.parquet', '--exit-code']).status).toBe(1);
  });

  test('between runs gives a table that is no text one line; one that is stays a text', async () => {
    const workspace = await twoRuns();
    workspace.commit('third', { 'bars.parquet': await parquet(before), 'x.csv': 'a\n1\n' });
    workspace.commit('fourth', { 'bars.parquet': await parquet(before, ', COMPRESSION zstd'), 'x.csv': 'a\n2\n' });
    expect(workspace.says(['diff', 'HEAD~2', 'HEAD~1', '--stat'])).toContain(
      ' bars.parquet | changed 3 rows: 3 added, 3 removed\n',
    );
    expect(workspace.says(['diff', 'HEAD~1', 'HEAD'])).toMatchInlineSnapshot(`
      "changed bars.parquet: 3 rows: equal content, written otherwise
      changed x.csv
      --- a/x.csv
      +++ b/x.csv
      @@ -1,2 +1,2 @@
       a
      -1
      +2
      "
    `);
    expect(workspace.error(['diff', 'HEAD~1', 'HEAD', '--key', 'a'], 2).code).toBe('BAD_ARGUMENT');
  });

  test('of a CSV finds its numbers, and with --text its lines', () => {
    const workspace = newWorkspace();
    workspace.commit('first', { 'x.csv': 'id,x\n1,10\n2,20\n' });
    workspace.write('x.csv', 'id,x\n1,10.5\n2,20\n');
    expect(workspace.says(['diff', 'HEAD:x.csv', '--key', 'id'])).toMatchInlineSnapshot(`
      "changed x.csv: 2 rows: 1 changed
      Key: id
      Numbers:
        column  changed  max |delta|  mean |delta|  mean delta
        x             1          0.5           0.5        +0.5
      Changed:
        ~ id=1  x: 10 -> 10.5 (+0.5)
      "
    `);
    expect(workspace.says(['diff', 'HEAD:x.csv', '--text'])).toContain('-1,10\n+1,10.5\n');
  });

  test('takes files of the workspace, also two of them, and other formats of the same rows', async () => {
    const workspace = newWorkspace();
    workspace.write('a.parquet', await parquet("SELECT range AS id, 'x' || range AS t FROM range(3)"));
    workspace.write('b.jsonl', '{"id":0,"t":"x0"}\n{"id":1,"t":"y"}\n{"id":2,"t":"x2"}\n');
    const args = ['diff', 'a.parquet', 'b.jsonl', '--key', 'id'];
    const found = workspace.json('diff', args);
    expect(found.before).toEqual({ name: 'a.parquet', kind: 'workspace', id: null });
    expect(found.files[0]?.table).toMatchObject({
      changed: [{ key: { id: 1 }, before: { t: 'x1' }, after: { t: 'y' } }],
    });
    workspace.write('c.txt', 'no table');
    expect(workspace.json('diff', ['diff', 'a.parquet', 'c.txt']).files[0]?.table).toBeNull();
    expect(workspace.error(['diff', 'a.parquet', 'nothing.csv'], 3).code).toBe('REV_NOT_FOUND');
  });

  test('of what only calls itself a table says so, and compares the bytes', async () => {
    const workspace = newWorkspace();
    workspace.commit('first', { 't.parquet': await parquet(before) });
    workspace.write('t.parquet', 'PAR1 and no more');
    expect(workspace.says(['diff', 'HEAD:t.parquet'])).toMatch(
      /^changed t\.parquet: .*\(binary\)\n {2}no table that can be read: t\.parquet \(after\): .*\n$/,
    );
    expect(workspace.error(['diff', 'HEAD:t.parquet', '--key', 'day'], 2).code).toBe('TABLE_INVALID');
  });
});

describe('rerun', () => {
  const wall = { env: { CAIRN_DETERMINISTIC_TIME: '' } };

  /** What becomes of an output that the command writes once as `then`, and once as `now`. */
  function rerunOf(then: string | Uint8Array, now: string | Uint8Array, name: string, options: readonly string[] = []) {
    const workspace = newWorkspace();
    const source = join(directory, `source-${files++}`);
    writeFileSync(source, then);
    workspace.write('fit.sh', `mkdir -p out; cp ${source} out/${name}\n`);
    workspace.commit('in', { in: '1' });
    workspace.json('run', ['run', '--input', 'in', '--output-dir', 'out', '--', 'sh', 'fit.sh'], wall);
    writeFileSync(source, now);
    const ran = workspace.cairn(['--json', 'rerun', 'HEAD', ...options], wall);
    return JSON.parse(ran.stdout).outputs.find((one: { path: string }) => one.path === `out/${name}`);
  }

  test('finds equal content in other bytes', async () => {
    const one = await parquet(before);
    const other = await parquet(before, ', COMPRESSION zstd');
    expect(rerunOf(one, other, 't.parquet')).toMatchObject({ verdict: 'identical', detail: 'content' });
  });

  test('takes numbers of a table within the tolerance, and says what differs beyond it', async () => {
    const [one, other] = [
      await parquet('SELECT 1 AS id, 1.5::DOUBLE AS x'),
      await parquet('SELECT 1 AS id, 1.5000001::DOUBLE AS x'),
    ];
    expect(rerunOf(one, other, 't.parquet', ['--tolerance', '1e-6'])).toMatchObject({ verdict: 'within-tolerance' });
    expect(rerunOf(one, other, 't.parquet')).toMatchObject({
      verdict: 'differs',
      detail: expect.stringMatching(/^rows: 0 added, 0 removed, 1 changed, x by 1\.\d+e-7 at most$/),
    });
    expect(rerunOf('id,x\n1,1.5\n', 'id,x\n1,1.50000001\n', 't.csv', ['--tolerance', '1e-6'])).toMatchObject({
      verdict: 'within-tolerance',
    });
    expect(rerunOf(one, await parquet('SELECT 1 AS id, 1.5::DOUBLE AS y'), 't.parquet')).toMatchObject({
      verdict: 'differs',
      detail: 'the columns differ: y, x',
    });
  });
});

describe('show', () => {
  test('of an artifact says its table content, when a run recorded it', async () => {
    const workspace = newWorkspace();
    workspace.write(
      'cairn.yaml',
      'types: [{ match: "*.parquet", type: bars, table: { sort: [day, symbol], time: day } }]\n',
    );
    workspace.write('bars.parquet', await parquet(before));
    const { artifactId } = workspace.json('publish', ['publish', 'bars.parquet', '--type', 'bars', '--key', 'bars']);
    expect(workspace.says(['show', String(artifactId)])).toMatch(
      /^Table: {3}<\d+>, 3 rows\nTimes: {3}2026-01-01T00:00:00\.000Z to 2026-01-02T00:00:00\.000Z$/m,
    );
    const { content } = workspace.json('show', ['show', String(artifactId)]) as { content?: object };
    expect(content).toMatchObject({ rows: 3, minTs: '2026-01-01T00:00:00.000Z', maxTs: '2026-01-02T00:00:00.000Z' });
  });
});

describe('dataset id', () => {
  const rules = (table: string): string => `types: [{ match: "*.parquet", type: bars, table: ${table} }]\n`;
  const id = (workspace: Workspace, ...args: string[]) =>
    workspace.json('dataset.id', ['dataset', 'id', ...args]).datasets[0] as { id: string; mode: string };

  test('is by content where the type has a table: other bytes, one id, before and after it is stored', async () => {
    const workspace = newWorkspace();
    workspace.write('cairn.yaml', rules('{ sort: [day, symbol] }'));
    workspace.write('bars.parquet', await parquet(before));
    const first = id(workspace, 'bars.parquet');
    expect(first).toMatchObject({ mode: 'STRICT', members: [{ type: 'bars', algorithm: 'cairn.table/1' }] });
    workspace.commit('one', { 'bars.parquet': readFileSync(workspace.path('bars.parquet')) });
    expect(id(workspace, 'HEAD:bars.parquet')).toEqual(first);
    workspace.write('bars.parquet', await parquet(`${before} ORDER BY symbol DESC`, ', COMPRESSION zstd'));
    expect(id(workspace, 'bars.parquet').id).toBe(first.id);
    workspace.write('bars.parquet', await parquet(after));
    expect(id(workspace, 'bars.parquet').id).not.toBe(first.id);
  });

  test('in the order of the file is no strict one, and is refused as such', async () => {
    const workspace = newWorkspace();
    workspace.write('cairn.yaml', rules('{ time: day }'));
    workspace.write('bars.parquet', await parquet(before));
    expect(id(workspace, 'bars.parquet')).toMatchObject({ mode: 'FAST_DEV', undeclaredOrder: ['bars.parquet'] });
    const refused = workspace.error(['dataset', 'id', 'bars.parquet', '--mode', 'STRICT'], 2);
    expect(refused.message).toBe('the rows of bars.parquet have no declared order');
  });
});

test('published tables are compared by their ids, whatever their key', async () => {
  const workspace = newWorkspace();
  const publish = async (rows: string): Promise<string> => {
    workspace.write('bars.parquet', await parquet(rows));
    return workspace.json('publish', ['publish', 'bars.parquet', '--type', 'bars', '--key', 'the bars']).artifactId;
  };
  const [older, newer] = [await publish(before), await publish(after)];
  expect(workspace.says(['diff', older, newer, '--key', 'day,symbol'])).toContain('1 added, 1 removed, 2 changed');
  expect(workspace.json('diff', ['diff', older, newer])).toMatchObject({
    files: [{ table: { rows: { before: 3, after: 3 } } }],
  });
});
