/** `query`: SQL over the manifest and stored tables, in every format. */
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newWorkspace, stranger, temporaryWorkspace, type Workspace } from './cairn.ts';

let workspace: Workspace;
beforeAll(() => {
  workspace = temporaryWorkspace();
  workspace.commit('prices', { 'prices.csv': 'symbol,close\nA,10.5\nB,20\n"C, D",\n' }, ['--param', 'window=20']);
  const signals = '{"symbol": "A", "signal": 0.5}\n{"symbol": "B", "signal": null}\n';
  workspace.commit('signals', { 'signals.jsonl': signals, 'note.txt': 'hello' }, [
    '--input',
    'prices.csv',
    '--metric',
    'ic=0.25',
  ]);
});
afterAll(() => rmSync(workspace.root, { recursive: true }));

const query = (...args: string[]): string => workspace.says(['query', ...args]);
const prices = "FROM artifact('HEAD:prices.csv')";

describe('a query over the manifest', () => {
  test('is shown as a table', () => {
    expect(query('SELECT logical_key, size FROM artifacts ORDER BY size DESC LIMIT 2')).toBe(
      'logical_key    size\nsignals.jsonl    63\nprices.csv       33\n',
    );
    expect(query('SHOW TABLES')).toMatch(/^name\nactor_keys\n[\s\S]*\nartifact_edges\n[\s\S]*\nruns\n$/);
  });

  test('joins what runs say', () => {
    const sql = `SELECT r.message, p.name, p.value, m.value AS ic FROM runs r LEFT JOIN run_params p USING (run_instance_id)
      LEFT JOIN run_metrics m USING (run_instance_id) ORDER BY r.event_id`;
    expect(query(sql, '--format', 'csv')).toBe('message,name,value,ic\nprices,window,20,\nsignals,,,0.25\n');
  });

  test('shows a hundred rows and says that there are more', () => {
    const ran = workspace.cairn(['query', 'SELECT range AS n FROM range(250)']);
    expect(ran.stdout.split('\n')).toHaveLength(102);
    expect(ran.stderr).toBe('… there are more rows: --limit 0 for all\n');
    expect(query('SELECT range AS n FROM range(250)', '--limit', '0').split('\n')).toHaveLength(252);
    expect(query('SELECT range AS n FROM range(250)', '--format', 'csv').split('\n')).toHaveLength(252);
  });
});

describe('a query over a stored table', () => {
  test('knows by the file that was published what an artifact of any key is', () => {
    workspace.write('levels.csv', 'level\n1\n2\n');
    const published = workspace.json('publish', ['publish', 'levels.csv', '--type', 'levels', '--key', 'daily levels']);
    const sql = `SELECT sum(level) AS s FROM artifact('${String(published.artifactId)}')`;
    expect(query(sql, '--format', 'csv')).toBe('s\n3\n');
  });

  test('reads it by its revision', () => {
    expect(query(`SELECT * ${prices} ORDER BY symbol`)).toBe(
      'symbol  close\nA        10.5\nB          20\nC, D     NULL\n',
    );
    const joined =
      "SELECT symbol, close * signal AS x FROM artifact('HEAD:signals.jsonl') JOIN artifact('HEAD~1:prices.csv') USING (symbol)";
    expect(query(`${joined} ORDER BY 1`, '--format', 'csv')).toBe('symbol,x\nA,5.25\nB,\n');
    expect(query(`SELECT count(*) AS n FROM artifact('${workspace.id('HEAD:prices.csv')}')`, '--format', 'csv')).toBe(
      'n\n3\n',
    );
  });

  test('says what is no table, and what is not there', () => {
    expect(workspace.error(['query', "FROM artifact('HEAD:note.txt')"], 2)).toMatchObject({ code: 'TABLE_INVALID' });
    expect(workspace.error(['query', "FROM artifact('HEAD:none.csv')"], 3)).toMatchObject({ code: 'PATH_NOT_FOUND' });
    expect(workspace.error(['query', "FROM artifact('HEAD')"], 2)).toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  test('hashes a file of its own once for as long as it is unchanged, and refuses a damaged one', () => {
    const ipc = tableToIPC(tableFromArrays({ v: new Float64Array(randomBytes(1 << 21).buffer) }), 'file');
    workspace.commit('big', { 'big.arrow': ipc });
    const sha256 = createHash('sha256').update(ipc).digest('hex');
    const path = ['.cairn', 'objects', sha256.slice(0, 2), sha256.slice(2)];
    const count = "SELECT count(*) AS n FROM artifact('HEAD:big.arrow')";
    expect(query(count, '--format', 'csv')).toBe('n\n262144\n');
    expect(query(count, '--format', 'csv')).toBe('n\n262144\n');
    const notes = workspace.read('.cairn/verified-tables.txt').trimEnd().split('\n');
    expect(notes.map((line) => line.split(' ')[0])).toEqual([sha256]);
    const stored = workspace.path(...path);
    chmodSync(stored, 0o644);
    const bytes = readFileSync(stored);
    bytes[1000] = (bytes[1000] as number) ^ 1;
    writeFileSync(stored, bytes);
    const error = workspace.error(['query', count], 5);
    expect(error).toMatchObject({ code: 'OBJECT_CORRUPT' });
    expect(JSON.stringify(error)).not.toContain('.cairn/objects');
  });

  test('leaves nothing behind', () => {
    query(`SELECT * ${prices}`);
    expect(readdirSync(workspace.path('.cairn', 'tmp'))).toEqual([]);
  });
});

describe('the formats', () => {
  const sql = `SELECT symbol, close, [1, 2] AS list, {'a': ''} AS s, '' AS empty, 9007199254740993 AS large ${prices} ORDER BY symbol LIMIT 1`;

  test('csv', () => {
    expect(query(sql, '--format', 'csv')).toBe(
      'symbol,close,list,s,empty,large\nA,10.5,"[1,2]","{""a"":""""}","",9007199254740993\n',
    );
    expect(query(`SELECT symbol ${prices} WHERE close IS NULL`, '--format', 'csv')).toBe('symbol\n"C, D"\n');
  });

  test('json: an array of objects, a row a line', () => {
    expect(query(sql, '--format', 'json')).toBe(
      '[\n{"symbol":"A","close":10.5,"list":[1,2],"s":{"a":""},"empty":"","large":"9007199254740993"}\n]\n',
    );
    expect(JSON.parse(query('SELECT 1 WHERE false', '--format', 'json'))).toEqual([]);
  });

  test('--json: the document', () => {
    expect(
      workspace.json('query', ['query', "SELECT symbol, close FROM artifact('HEAD:prices.csv')", '--limit', '1']),
    ).toEqual({
      schema: 'cairn.cli.query/1',
      columns: [
        { name: 'symbol', type: 'VARCHAR' },
        { name: 'close', type: 'DOUBLE' },
      ],
      rows: [['A', 10.5]],
      more: true,
    });
    expect(workspace.json('query', ['query', 'SELECT 1 AS a WHERE false'])).toMatchObject({ rows: [], more: false });
    expect(workspace.error(['query', 'SELECT 1', '--format', 'csv'], 2)).toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  test('parquet, to a file that can be stored and asked again', () => {
    expect(query(`SELECT * ${prices}`, '--format', 'parquet', '-o', 'out.parquet')).toBe('');
    expect(readFileSync(workspace.path('out.parquet')).subarray(0, 4).toString()).toBe('PAR1');
    workspace.commit('out', { 'out.parquet': readFileSync(workspace.path('out.parquet')) });
    expect(query("SELECT sum(close) AS s FROM artifact('HEAD:out.parquet')", '--format', 'csv')).toBe('s\n30.5\n');
    expect(query('DESCRIBE runs', '--format', 'parquet').slice(0, 4)).toBe('PAR1');
    expect(workspace.says(['query', 'EXPLAIN SELECT 1', '--format', 'parquet'], 2)).toMatch(
      /no rows to write as Parquet/,
    );
  });

  test('a file is replaced whole or not at all', () => {
    workspace.write('answer.csv', 'before\n');
    workspace.says(
      [
        'query',
        "SELECT CAST(symbol AS INTEGER) FROM artifact('HEAD:prices.csv')",
        '--format',
        'csv',
        '-o',
        'answer.csv',
      ],
      2,
    );
    expect(workspace.read('answer.csv')).toBe('before\n');
    query('SELECT 1 AS a', '--format', 'csv', '-o', 'answer.csv');
    expect(workspace.read('answer.csv')).toBe('a\n1\n');
    expect(readdirSync(workspace.root).filter((name) => name.startsWith('.tmp-'))).toEqual([]);
  });

  test('a row that cannot be made leaves nothing of the rows before it, in any format', () => {
    const late = "SELECT CAST(CASE WHEN range = 90000 THEN 'x' ELSE '1' END AS INTEGER) AS n FROM range(100000)";
    for (const format of ['json', 'csv', 'table', 'parquet']) {
      const limit = format === 'parquet' ? [] : ['--limit', '0'];
      expect(workspace.cairn(['query', late, '--format', format, ...limit])).toMatchObject({ status: 2, stdout: '' });
    }
    expect(workspace.error(['query', late], 2)).toMatchObject({
      code: 'BAD_QUERY',
      message: "line 1, column 8: Could not convert string 'x' to INT32",
    });
    expect(workspace.cairn(['query', late, '--limit', '1', '--format', 'csv']).stdout).toBe('n\n1\n');
  });

  test('EXPLAIN is drawn', () => {
    expect(query('EXPLAIN SELECT 1')).toMatch(/^┌─+┐\n│ +PROJECTION/);
  });
});

describe('what is wrong', () => {
  test('is said with its place and the next step', () => {
    expect(workspace.says(['query', 'SELECT nope\nFROM runs'], 2)).toMatch(
      /^cairn: line 1, column 8: Referenced column "nope"[\s\S]*\nhint: /,
    );
    expect(workspace.says(['query', 'FROM nowhere'], 2)).toMatch(/nowhere does not exist[\s\S]*\nhint: `SHOW TABLES`/);
    expect(workspace.error(['query', 'DELETE FROM runs'], 2)).toMatchObject({
      code: 'BAD_QUERY',
      message: 'a statement of the kind DELETE does more than read',
    });
    expect(workspace.error(['query', ''], 2)).toMatchObject({ code: 'BAD_QUERY' });
    expect(workspace.error(['query', 'SELECT 1; SELECT 2'], 2)).toMatchObject({ data: { line: 1, column: 11 } });
  });

  test('is said of a CSV with a line that is too long to guess its types', () => {
    workspace.commit('long', { 'long.csv': `a,b\n1,${'x'.repeat(3_000_000)}\n` });
    expect(workspace.error(['query', "SELECT a FROM artifact('HEAD:long.csv')"], 2)).toMatchObject({
      code: 'TABLE_INVALID',
      message: 'HEAD:long.csv: a line is longer than 2,000,000 bytes, the most that can be read',
    });
  });

  test('changes nothing: the manifest and the log stay as they are', () => {
    const state = (): string =>
      ['manifest.sqlite', ...readdirSync(workspace.path('.cairn', 'log')).map((name) => `log/${name}`)]
        .map((name) =>
          createHash('sha256')
            .update(readFileSync(workspace.path('.cairn', name)))
            .digest('hex'),
        )
        .join();
    const before = state();
    for (const sql of [
      "ATTACH '.cairn/manifest.sqlite' AS m (TYPE sqlite)",
      "COPY (SELECT 1) TO '.cairn/manifest.sqlite'",
      "EXPLAIN ANALYZE COPY (SELECT 1) TO '.cairn/manifest.sqlite'",
      "UPDATE artifact_status SET status = 'active'",
      'DROP TABLE governance_events',
      "FROM read_blob('.cairn/manifest.sqlite')",
    ]) {
      expect(workspace.error(['query', sql], 2)).toMatchObject({ code: 'BAD_QUERY' });
    }
    expect(state()).toBe(before);
  });
});

describe('docs/guides/query.md', () => {
  test('shows queries that are answered', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/query.md'), 'utf8');
    const blocks = Array.from(guide.matchAll(/^```sh\n([\s\S]*?)^```/gm), (block) => String(block[1]));
    const lines = blocks.join('').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(5);
    const example = temporaryWorkspace();
    const files = { 'prices.csv': 'symbol,close\nA,10.5\n', 'signals.jsonl': '{"symbol": "A", "signal": 2}\n' };
    example.commit('prices', { 'prices.csv': files['prices.csv'] });
    example.commit('signals', { 'signals.jsonl': files['signals.jsonl'] }, [
      '--param',
      'window=5',
      '--metric',
      'ic=0.5',
    ]);
    const said = lines.map((line) => {
      const words = Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), (word) => word[1] ?? String(word[2]));
      return example.says(words.slice(1));
    });
    expect(said.filter((text) => text === '')).toHaveLength(1); // the one with -o
    expect(said).toContain('symbol,x\nA,21\n');
    rmSync(example.root, { recursive: true });
  });
});

test('a store that can only be read is asked all the same, and its tables compared', () => {
  const store = newWorkspace();
  store.commit('one', { 'p.csv': 'a,b\n1,x\n2,y\n' });
  store.commit('two', { 'p.csv': 'a,b\n1,x\n3,y\n' });
  const paths = ['', ...(readdirSync(store.root, { recursive: true }) as string[])].map((path) => store.path(path));
  const modes = paths.map((path) => statSync(path).mode);
  const leftovers = (): string[] => readdirSync(tmpdir()).filter((name) => /^(duckdb|table)-[0-9a-f]{24}$/.test(name));
  const before = leftovers();
  for (const path of paths) chmodSync(path, statSync(path).isDirectory() ? 0o555 : 0o444);
  try {
    expect(store.cairn(['query', "FROM artifact('HEAD:p.csv')", '--format', 'csv'], stranger)).toMatchObject({
      status: 0,
      stdout: 'a,b\n1,x\n3,y\n',
    });
    expect(store.cairn(['diff', 'HEAD~1:p.csv', 'HEAD:p.csv', '--key', 'a'], stranger).stdout).toMatch(
      /^changed p\.csv: 2 rows: 1 added, 1 removed\n/,
    );
    expect(store.cairn(['query', 'SELECT count(*) AS n FROM runs', '--format', 'csv'], stranger).stdout).toBe('n\n2\n');
  } finally {
    paths.forEach((path, index) => {
      chmodSync(path, modes[index] as number);
    });
  }
  expect(readdirSync(store.path('.cairn', 'tmp'))).toEqual([]);
  expect(leftovers()).toEqual(before);
});
