/** `lineage --format openlineage|prov|ro-crate`, held against the published formats. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLineageFaults } from '../conformance/openlineage.ts';
import { provFaults } from '../conformance/prov-json.ts';
import { crateFaults } from '../conformance/ro-crate.ts';
import { temporaryWorkspace, type Workspace } from './cairn.ts';

type Json = { [key: string]: unknown };

/** prices -> signals -> report, and a failed trial of the signals that no branch leads to. */
function research(): Workspace {
  const workspace = temporaryWorkspace();
  workspace.commit('prices', { 'prices.csv': '1\n' });
  workspace.commit('signals', { 'signals.csv': '2\n' }, ['--input', 'prices.csv', '--param', 'window=12']);
  workspace.commit('report', { 'report.txt': '3\n' }, ['--input', 'signals.csv', '--input', 'uses_config=prices.csv']);
  workspace.write('run.json', JSON.stringify({ status: 'failed' }));
  const failed = ['--run-file', 'run.json', '--input', 'prices.csv', '--allow-empty'];
  workspace.says(['commit', '-m', 'failed trial', ...failed]);
  return workspace;
}

describe('lineage', () => {
  let workspace: Workspace;
  beforeAll(() => {
    workspace = research();
  });
  afterAll(() => rmSync(workspace.root, { recursive: true }));
  const text = (...args: string[]): string => {
    const ran = workspace.cairn(['lineage', ...args]);
    if (ran.status !== 0) throw new Error(ran.stderr);
    return ran.stdout;
  };
  const events = (...args: string[]): Json[] =>
    text(...args, '--format', 'openlineage')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Json);
  const ended = (...args: string[]): string[] =>
    events(...args)
      .filter(({ eventType }) => eventType !== 'START')
      .map(({ eventType, job }) => {
        const { facets } = job as { facets: { documentation: { description: string } } };
        return `${facets.documentation.description} ${String(eventType)}`;
      });

  test('as OpenLineage is valid events, one a line, of the whole ancestry, the makers of inputs too', () => {
    expect(openLineageFaults(events('HEAD~1:report.txt'))).toEqual([]);
    expect(ended('HEAD~1:report.txt')).toStrictEqual(['prices COMPLETE', 'signals COMPLETE', 'report COMPLETE']);
    expect(ended('HEAD~2')).toStrictEqual(['prices COMPLETE', 'signals COMPLETE']);
  });

  test('of descendants names who rests on it; a failed run without outputs can be told about', () => {
    expect(ended('HEAD:prices.csv', '--down')).toContain('report COMPLETE');
    expect(ended('HEAD')).toStrictEqual(['prices COMPLETE', 'failed trial FAIL']);
  });

  test('as PROV-JSON is valid and names runs, artifacts and people', () => {
    const document = JSON.parse(text('HEAD~1:report.txt', '--format', 'prov'));
    expect(provFaults(document)).toEqual([]);
    expect(Object.keys(document.activity)).toHaveLength(3);
    expect(Object.keys(document.entity)).toHaveLength(3);
    expect(Object.values(document.agent as Json)).toMatchObject([{ 'prov:label': 'Ada Lovelace' }]);
  });

  test('as a Process Run Crate is valid and has an action a run', () => {
    const crate = JSON.parse(text('HEAD~1', '--format', 'ro-crate'));
    expect(crateFaults(crate)).toEqual([]);
    const types = (crate['@graph'] as Json[]).map((entity) => entity['@type']);
    expect(types.filter((type) => type === 'CreateAction')).toHaveLength(3);
    expect(types.filter((type) => type === 'File')).toHaveLength(3);
  });

  test('is the same text each time, and with --json the usual document', () => {
    expect(text('HEAD', '--format', 'prov')).toBe(text('HEAD', '--format', 'prov'));
    expect(workspace.json('lineage', ['lineage', 'HEAD~1', '--format', 'prov']).kind).toBe('run');
  });
});
