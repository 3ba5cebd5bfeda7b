/** `cairn.yaml` at work in `add` and `commit`, and what a run key depends on. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readYaml } from '../../src/adapters/yaml/read-yaml.ts';
import { parseWorkspaceConfig } from '../../src/core/workspace-config/parse-config.ts';
import { newWorkspace, temporaryWorkspace, type Workspace } from './cairn.ts';

const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'guides', 'cairn-yaml.md'), 'utf8');

/** What the run at HEAD is identified by. */
function identity(workspace: Workspace): { [name: string]: unknown } {
  const shown = workspace.json('show', ['show', 'HEAD']);
  if (!('record' in shown)) throw new Error('HEAD is no run');
  return (shown.record as { identity: { [name: string]: unknown } }).identity;
}

function listed(workspace: Workspace, rev = 'HEAD'): string[] {
  const { artifacts } = workspace.json('ls', ['ls', rev]);
  return artifacts.map(({ path, type, schemaVersion, logicalKey }) => `${path} ${type}/${schemaVersion} ${logicalKey}`);
}

describe('the guide', () => {
  test('shows a complete file that is read as it says', () => {
    const text = /^```yaml\n([\s\S]*?)^```/m.exec(guide)?.[1] ?? '';
    const config = parseWorkspaceConfig(readYaml(text, 'cairn.yaml'), 'cairn.yaml');
    expect(config.pins).toStrictEqual({
      engineVersion: '3.2',
      configVersion: '7',
      researchSpecVersion: '2026-01',
      pipelineContractVersion: '1',
    });
    expect(config.types.map(({ type }) => type)).toStrictEqual(['table', 'figure']);
    expect([...config.runs.keys()]).toStrictEqual(['momentum']);
    expect([...config.datasets.keys()]).toStrictEqual(['prices', 'bars']);
  });
});

describe('type rules', () => {
  const rules = (type: string): string =>
    `types:\n  - match: data/*.csv\n    type: ${type}\n    schemaVersion: 2\n    key: prices/{stem}\n`;

  test('say what added files are, and options win over them', () => {
    const workspace = newWorkspace();
    workspace.write('cairn.yaml', rules('table'));
    workspace.commit('one', { 'data/a.csv': '1\n', 'data/b.txt': '2\n' });
    expect(listed(workspace)).toStrictEqual(['data/a.csv table/2 prices/a', 'data/b.txt file/1 data/b.txt']);
    workspace.write('data/c.csv', '3\n');
    workspace.says(['add', 'data/c.csv', '--type', 'raw']);
    workspace.says(['commit', '-m', 'two']);
    expect(listed(workspace)).toContain('data/c.csv raw/2 prices/c');
  });

  test('that change stage an unchanged file again, and only then', () => {
    const workspace = newWorkspace();
    workspace.write('cairn.yaml', rules('table'));
    workspace.commit('one', { 'data/a.csv': '1\n' });
    expect(workspace.json('add', ['add', 'data'])).toMatchObject({ staged: 0 });
    workspace.write('cairn.yaml', rules('frame'));
    expect(workspace.json('add', ['add', 'data'])).toMatchObject({ staged: 1, cached: 1 });
    workspace.says(['commit', '-m', 'two']);
    expect(listed(workspace)).toStrictEqual(['data/a.csv frame/2 prices/a']);
    workspace.remove('cairn.yaml');
    expect(workspace.json('add', ['add', 'data'])).toMatchObject({ staged: 0 });
  });

  test('that are wrong are refused with line and column', () => {
    const workspace = newWorkspace();
    workspace.write('cairn.yaml', 'types:\n  - match: "*.csv"\n    tpye: table\n');
    workspace.write('a.csv', '1\n');
    const error = workspace.error(['add', 'a.csv'], 2);
    expect(error.data).toMatchObject({ line: 3, column: 5 });
    expect(error.message).toContain('tpye');
  });
});

describe('pins', () => {
  const all = ['engineVersion', 'configVersion', 'researchSpecVersion', 'pipelineContractVersion'];
  const yaml = `pins:\n${all.map((name) => `  ${name}: "y-${name}"\n`).join('')}`;
  const pinsOf = (workspace: Workspace): unknown[] => all.map((name) => identity(workspace)[name]);

  test('of options win over the run file, which wins over cairn.yaml', () => {
    const workspace = newWorkspace();
    workspace.commit('none', { a: '0' });
    expect(pinsOf(workspace)).toStrictEqual(['', '', undefined, undefined]);
    workspace.write('cairn.yaml', yaml);
    workspace.commit('from cairn.yaml', { a: '1' });
    expect(pinsOf(workspace)).toStrictEqual(all.map((name) => `y-${name}`));
    workspace.write('run.json', JSON.stringify(Object.fromEntries(all.map((name) => [name, 'file']))));
    workspace.commit('from the file', { a: '2' }, ['--run-file', 'run.json']);
    expect(pinsOf(workspace)).toStrictEqual(all.map(() => 'file'));
    const options = all.flatMap((name) => [`--${name.replace(/[A-Z]/g, (one) => `-${one.toLowerCase()}`)}`, 'option']);
    workspace.commit('from options', { a: '3' }, ['--run-file', 'run.json', ...options]);
    expect(pinsOf(workspace)).toStrictEqual(all.map(() => 'option'));
  });
});

interface Trial {
  readonly prices?: string;
  readonly config?: string;
  readonly params?: readonly string[];
  readonly pin?: string;
  readonly output?: string;
  readonly time?: string;
}

/** The same research in a new directory: its run key and the ids of what it made. */
function trial(options: Trial = {}, workspace = newWorkspace()): { runKey: string; artifacts: string[] } {
  workspace.write('cairn.yaml', `pins: { engineVersion: "${options.pin ?? '1'}", configVersion: "2" }\n`);
  workspace.write('config.json', options.config ?? '{"window": 12, "model": {"depth": 3, "kind": "tree"}}');
  workspace.commit('prices', { 'prices.csv': options.prices ?? 'a,1\nb,2\n' });
  const output = options.output ?? 'signals.csv';
  workspace.write(output, 'signal\n');
  const env = { CAIRN_DETERMINISTIC_TIME: options.time ?? '2026-01-31T09:30:00Z' };
  workspace.says(['add', output, '--key', 'signals'], 0, { env });
  const args = ['commit', '-m', 'signals', '--input', 'prices.csv', '--config-file', 'config.json'];
  const params = (options.params ?? ['seed=1', 'universe=top']).flatMap((param) => ['--param', param]);
  const { runKey, artifacts = [] } = workspace.json('commit', [...args, ...params], { env });
  return { runKey, artifacts: artifacts.map(({ artifactId }) => artifactId) };
}

describe('the run key', () => {
  let base: ReturnType<typeof trial>;
  beforeAll(() => {
    const workspace = temporaryWorkspace();
    base = trial({}, workspace);
    rmSync(workspace.root, { recursive: true });
  });

  test('and artifact ids are equal in another directory, whatever the order of keys', () => {
    const config = '{"model": {"kind": "tree", "depth": 3}, "window": 12}';
    expect(trial({ config, params: ['universe=top', 'seed=1'] })).toStrictEqual(base);
  });

  test('does not change with the place of the output, its directory, or the time', () => {
    const config = '{"window": 12, "out_dir": "/elsewhere", "path": "x", "model": {"depth": 3, "kind": "tree"}}';
    expect(trial({ output: 'deep/er/out.csv' })).toStrictEqual(base);
    expect(trial({ time: '2027-02-01T00:00:00Z', config })).toStrictEqual(base);
  });

  test.each<[string, Trial]>([
    ['one cell of an input', { prices: 'a,1\nb,3\n' }],
    ['one parameter', { params: ['seed=2', 'universe=top'] }],
    ['the kind of a parameter', { params: ['seed:="1"', 'universe=top'] }],
    ['a parameter inside of another', { config: '{"window": 12, "model": {"depth": 4, "kind": "tree"}}' }],
    ['one pin', { pin: '1.1' }],
  ])('changes with %s', (_, options) => {
    const other = trial(options);
    expect(other.runKey).not.toBe(base.runKey);
    expect(other.artifacts).toStrictEqual(base.artifacts);
  });
});
