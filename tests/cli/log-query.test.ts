/** `log --where --sort --columns`: trials compared, failed ones included. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newWorkspace, temporaryWorkspace, type Workspace } from './cairn.ts';

function trials(): Workspace {
  const workspace = temporaryWorkspace();
  const values: readonly [window: number, ic: number, status: string][] = [
    [10, 0.01, 'succeeded'],
    [20, 0.03, 'succeeded'],
    [20, 0.05, 'failed'],
    [40, 0.02, 'succeeded'],
  ];
  for (const [index, [window, ic, status]] of values.entries()) {
    workspace.write('run.json', JSON.stringify({ status, params: { window, model: { depth: index } } }));
    const args = ['--run-file', 'run.json', '--metric', `mean_ic=${ic}`, '--tag', `note=a, "b" ${index}`];
    workspace.commit(`trial ${index}`, { 'out.csv': `${index}\n` }, args);
  }
  return workspace;
}

describe('log', () => {
  let workspace: Workspace;
  beforeAll(() => {
    workspace = trials();
  });
  afterAll(() => rmSync(workspace.root, { recursive: true }));
  const csv = (...args: string[]): string[] =>
    workspace
      .cairn(['log', '--format', 'csv', ...args])
      .stdout.trimEnd()
      .split('\n');

  test('--where finds trials by metrics, parameters, tags and what they are, failed ones too', () => {
    const where = (text: string): string[] => csv('--where', text, '--columns', 'message').slice(1);
    expect(where('metric.mean_ic > 0.02 and param.window == 20')).toStrictEqual(['trial 2', 'trial 1']);
    expect(where('metric.mean_ic > 0.02 and status == "succeeded"')).toStrictEqual(['trial 1']);
    expect(where('param.model.depth in (0, 3)')).toStrictEqual(['trial 3', 'trial 0']);
    expect(where('tag.note ~ "* 2" or param.window < 11')).toStrictEqual(['trial 2', 'trial 0']);
    expect(where('not stale')).toHaveLength(4);
    expect(where('metric.nothing == 1')).toStrictEqual([]);
  });

  test('--sort puts the largest first behind a minus, and a limit goes on where it ended', () => {
    expect(csv('--sort', '-metric.mean_ic', '--columns', 'metric.mean_ic,status')).toStrictEqual([
      'metric.mean_ic,status',
      '0.05,failed',
      '0.03,succeeded',
      '0.02,succeeded',
      '0.01,succeeded',
    ]);
    const first = workspace.json('log', ['log', '--sort', 'param.window,-metric.mean_ic', '-n', '2']);
    expect(first.runs.map(({ message }) => message)).toStrictEqual(['trial 0', 'trial 2']);
    const cursor = first.cursor ?? '';
    const rest = workspace.json('log', ['log', '--sort', 'param.window,-metric.mean_ic', '--cursor', cursor]);
    expect(rest.runs.map(({ message }) => message)).toStrictEqual(['trial 1', 'trial 3']);
  });

  test('is a table of what was asked about, CSV with quotes, and JSON', () => {
    expect(
      workspace.says(['log', '--format', 'table', '--where', 'param.window == 20', '--sort', 'metric.mean_ic']),
    ).toMatchInlineSnapshot(`
      "run           created                   status     param.window  metric.mean_ic  message
      <1>  2026-01-31T09:30:00.000Z  succeeded  20            0.03            trial 1
      <2>  2026-01-31T09:30:00.000Z  failed     20            0.05            trial 2
      "
    `);
    expect(csv('--columns', 'tag.note,param.model', '-n', '1')).toContain('"a, ""b"" 3","{""depth"":3}"');
    expect(workspace.json('log', ['log', '--where', 'param.window > 20']).runs).toMatchObject([
      { message: 'trial 3', params: { window: 40 } },
    ]);
  });

  test.each([
    ['--where', 'metric.mean_ic > 0.02 and parm.window == 20', 27],
    ['--where', 'metric.mean_ic = 0.02', 16],
    ['--where', 'status == failed', 11],
    ['--where', '(stale', 7],
    ['--where', 'metric.mean_ic > 1 ;', 20],
    ['--sort', '-metric.mean_ic,-metric', 18],
    ['--columns', 'run,,status', 5],
  ])('%s %s is refused with the position', (option, text, position) => {
    const error = workspace.error(['log', option, text], 2);
    expect(error).toMatchObject({ code: 'BAD_ARGUMENT', data: { argument: option, position } });
    expect(error.message).toContain(`at character ${position}`);
  });
});

describe('a stale run', () => {
  test('is marked in log, show and status', () => {
    const workspace = newWorkspace();
    workspace.commit('prices', { 'prices.csv': '1\n' });
    workspace.commit('signals', { 'signals.csv': '2\n' }, ['--input', 'prices.csv']);
    expect(workspace.json('status', ['status']).stale).toBe(false);
    workspace.says(['tombstone', 'HEAD:prices.csv', '-m', 'wrong', '--yes']);
    expect(workspace.json('status', ['status']).stale).toBe(true);
    expect(workspace.says(['status'])).toContain('stale: an input of this run was superseded or tombstoned');
    expect(workspace.says(['log', '-n', '1', '--oneline'])).toContain('[stale]');
    expect(workspace.says(['show', 'HEAD'])).toContain('stale');
    expect(workspace.json('log', ['log', '--where', 'stale']).runs).toMatchObject([{ message: 'signals' }]);
  });
});
