import { describe, expect, test } from 'vitest';
import { readYaml } from '../../../../src/adapters/yaml/read-yaml.ts';
import { CodedError } from '../../../../src/core/errors.ts';
import { parseWorkspaceConfig } from '../../../../src/core/workspace-config/parse-config.ts';
import type { WorkspaceConfig } from '../../../../src/core/workspace-config/workspace-config.ts';

const parse = (text: string): WorkspaceConfig => parseWorkspaceConfig(readYaml(text, 'cairn.yaml'), 'cairn.yaml');

/** Every problem as `line:column why`. */
function problems(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const found = error.data['problems'] as { line: number; column: number; why: string }[];
    const [first] = found;
    expect(error.message).toContain(`cairn.yaml:${first?.line}:${first?.column}: ${first?.why}`);
    expect(error.hint).toContain('cairn schema config-file');
    return found.map(({ line, column, why }) => `${line}:${column} ${why}`);
  }
  return [];
}

const whole = `schema: cairn.config-file/1
pins:
  engineVersion: "1.4.0"
  configVersion: "7"
  researchSpecVersion: 2026-01
  pipelineContractVersion: "3"
types:
  - match: "data/**/*.csv"
    type: bars
    schemaVersion: 2
    key: bars/{stem}
    table: {columns: [{name: ts, type: timestamp_tz}, close, {name: open}], sort: [ts], time: ts}
  - match: [out/*.json, out/*.txt]
    type: report
runs:
  momentum:
    command: python momentum.py --window 20
    message: Momentum
    inputs: [data/prices.csv, uses_config=config.json]
    outputs: [./out//signal.csv]
    outputDir: out/
    params: {window: 20, nested: {on: true}}
    datasets: [market]
    variables: [MY_SEED]
  direct:
    command: [Rscript, fit.R, ""]
datasets:
  market: {sqlite: data/market.sqlite, tables: [prices], keys: {prices: [ticker, ts]}, mode: STRICT}
  features: {files: "data/**"}
variables: [SLURM_JOB_ID]
`;

describe('cairn.yaml', () => {
  test('is read as it is written', () => {
    const config = parse(whole);
    expect(config.pins).toEqual({
      engineVersion: '1.4.0',
      configVersion: '7',
      researchSpecVersion: '2026-01',
      pipelineContractVersion: '3',
    });
    expect(config.types).toEqual([
      {
        match: ['data/**/*.csv'],
        type: 'bars',
        schemaVersion: 2,
        key: 'bars/{stem}',
        table: {
          columns: [{ name: 'ts', type: 'timestamp_tz' }, { name: 'close' }, { name: 'open' }],
          sort: ['ts'],
          time: 'ts',
        },
      },
      { match: ['out/*.json', 'out/*.txt'], type: 'report' },
    ]);
    expect(config.runs.get('momentum')).toEqual({
      argv: ['sh', '-c', 'python momentum.py --window 20'],
      message: 'Momentum',
      inputs: ['data/prices.csv', 'uses_config=config.json'],
      outputs: ['out/signal.csv'],
      outputDir: 'out',
      params: { window: 20, nested: { on: true } },
      datasets: ['market'],
      variables: ['MY_SEED'],
    });
    expect(config.runs.get('direct')).toEqual({ argv: ['Rscript', 'fit.R', ''] });
    expect(config.datasets.get('market')).toEqual({
      sqlite: 'data/market.sqlite',
      tables: ['prices'],
      keys: { prices: ['ticker', 'ts'] },
      mode: 'STRICT',
    });
    expect(config.datasets.get('features')).toEqual({ files: ['data/**'] });
    expect(config.variables).toEqual(['SLURM_JOB_ID']);
  });

  test.each(['', '# nothing yet\n', '{}', 'pins: {}\ntypes: []\nruns: {}\n'])('may hold nothing: %j', (text) => {
    expect(parse(text)).toEqual({ pins: {}, types: [], runs: new Map(), datasets: new Map(), variables: [] });
  });
});

describe('what is wrong is named with its place', () => {
  test('an unknown key, with those that may stand there', () => {
    expect(problems('pin:\n  engineVersion: "1"\n')).toEqual([
      '1:1 unknown key "pin"; here may stand schema, pins, types, runs, datasets, variables',
    ]);
    expect(problems('runs:\n  a:\n    command: x\n    outptus: [y]\n')).toEqual([
      '4:5 runs.a: unknown key "outptus"; here may stand command, message, inputs, outputs, outputDir, params, datasets, variables',
    ]);
    expect(problems('types:\n  - match: x\n    table: {colums: [a]}\n')).toEqual([
      '3:13 types[0].table: unknown key "colums"; here may stand columns, sort, time',
    ]);
    expect(problems('pins: {engine: "1"}')[0]).toContain('engineVersion, configVersion');
    expect(problems('datasets: {a: {files: x, sql: y}}')[0]).toContain('files, sqlite, tables');
  });

  test('a version that YAML takes for a number', () => {
    expect(problems('pins:\n  engineVersion: 1.10\n')).toEqual([
      '2:18 pins.engineVersion: must be a text, and is a number: write "1.1" in quotes',
    ]);
  });

  test.each<[text: string, problem: string]>([
    ['- a', '1:1 must be a map, and is a list'],
    ['types: {a: b}', '1:8 types: must be a list, and is a map'],
    ['runs: [a]', '1:7 runs: must be a map, and is a list'],
    ['runs: {a: {}}', '1:11 runs.a.command: is missing'],
    ['runs: {a: {command: 1}}', '1:21 runs.a.command: must be a text or a list of texts, and is a number'],
    ['runs: {a: {command: []}}', '1:21 runs.a.command: is empty'],
    ['runs: {a: {command: [x, 1]}}', '1:25 runs.a.command[1]: must be a text, and is a number: write "1" in quotes'],
    ['runs: {a b: {command: x}}', '1:8 runs["a b"]: a name has letters, digits'],
    ['runs: {a: {command: x, outputDir: ../y}}', '1:35 runs.a.outputDir: not a path inside the workspace'],
    ['runs: {a: {command: x, outputs: [/y]}}', '1:34 runs.a.outputs[0]: not a path inside the workspace'],
    ['runs: {a: {command: x, outputDir: .}}', '1:35 runs.a.outputDir: the path is the workspace itself'],
    ['runs: {a: {command: x, datasets: [m]}}', '1:35 runs.a.datasets[0]: there is no dataset "m" in this file'],
    ['runs: {a: {command: x, variables: ["A=B"]}}', '1:36 runs.a.variables[0]: the name of a variable has letters'],
    ['types: [{match: "a[b"}]', '1:17 types[0].match: the "[" at character 2 has no "]"'],
    ['types: [{match: [a, /b]}]', '1:21 types[0].match[1]: a pattern is relative to the workspace'],
    ['types: [{match: a, schemaVersion: 0}]', '1:35 types[0].schemaVersion: must be at least 1'],
    ['types: [{match: a, schemaVersion: 1.5}]', '1:35 types[0].schemaVersion: must be a whole number, and is a number'],
    ['types: [{match: a, key: "{foo}"}]', '1:25 types[0].key: there is no {foo}; known are {path}, {dir}'],
    ['types: [{match: a, type: ""}]', '1:26 types[0].type: is empty'],
    ['types: [{match: a, table: {columns: [a], sort: [b]}}]', '1:48 types[0].table.sort: "b" is none of the columns'],
    ['types: [{match: a, table: {columns: [a, a]}}]', '1:37 types[0].table.columns: a name stands here twice'],
    [
      'types: [{match: a, table: {columns: [a, {name: a, type: text}]}}]',
      '1:37 types[0].table.columns: a name stands here twice',
    ],
    [
      'types: [{match: a, table: {columns: [{name: a, type: int}]}}]',
      '1:54 types[0].table.columns[0].type: "int" is no type; there are integer, float, decimal, boolean, text, ',
    ],
    [
      'types: [{match: a, table: {columns: [{name: a, kind: text}]}}]',
      '1:48 types[0].table.columns[0]: unknown key "kind"; here may stand name, type',
    ],
    ['types: [{match: a, table: {columns: [{type: text}]}}]', '1:38 types[0].table.columns[0].name: is missing'],
    ['types: [{match: a, table: {columns: [1]}}]', '1:38 types[0].table.columns[0]: must be a name or a map'],
    ['datasets: {a: {}}', '1:15 datasets.a: needs either "files" or "sqlite"'],
    ['datasets: {a: {files: x, sqlite: y}}', '1:15 datasets.a: needs either "files" or "sqlite"'],
    ['datasets: {a: {files: x, tables: [y]}}', '1:34 datasets.a.tables: only a dataset with "sqlite" has this'],
    ['datasets: {a: {sqlite: x, mode: SLOW}}', '1:33 datasets.a.mode: must be STRICT or FAST_DEV'],
    [
      'datasets: {a: {sqlite: x, allowMissing: yes}}',
      '1:41 datasets.a.allowMissing: must be true or false, and is a text',
    ],
    ['schema: cairn.config-file/2', '1:9 schema: must be cairn.config-file/1'],
    ['pins: ', '1:7 pins: must be a map, and is empty'],
  ])('%s', (text, problem) => {
    expect(problems(text)).toHaveLength(1);
    expect(problems(text)[0]).toContain(problem);
  });

  test('all of it at once, in the order of the file', () => {
    const text = 'pins:\n  engineVersion: 1\nruns:\n  a: {}\n  b: {command: x, typo: 1}\ntypes:\n  - {}\n';
    expect(problems(text).map((problem) => problem.split(' ')[0])).toEqual(['2:18', '4:6', '5:19', '7:5']);
  });
});
