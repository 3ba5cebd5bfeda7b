import { describe, expect, test } from 'vitest';
import { newWorkspace, type Workspace } from './cairn.ts';

/** prices → signals → report. */
function chain(): Workspace {
  const workspace = newWorkspace();
  workspace.commit('Prices', { 'prices.csv': 'p1' });
  workspace.commit('Signals', { 'signals.csv': 's1' }, ['--input', 'prices.csv']);
  workspace.commit('Report', { 'report.txt': 'r1' }, ['--input', 'uses_config=signals.csv', '--input', 'prices.csv']);
  return workspace;
}

describe('supersede', () => {
  test('says what rests on the old artifact, and marks it', () => {
    const workspace = chain();
    workspace.commit('Better prices', { 'prices.csv': 'p2' });
    expect(
      workspace.says(['supersede', 'HEAD:prices.csv', 'HEAD~1:prices.csv', '-m', 'vendor correction']),
    ).toMatchInlineSnapshot();
    expect(workspace.says(['show', 'HEAD~1:prices.csv'])).toMatchInlineSnapshot();
    expect(workspace.json('log', ['log']).runs.map(({ message, stale }) => [message, stale])).toEqual([
      ['Better prices', false],
      ['Report', true],
      ['Signals', true],
      ['Prices', false],
    ]);
    expect(workspace.json('ls', ['ls', '--status', 'superseded']).artifacts).toMatchObject([
      { reason: 'vendor correction', supersededBy: workspace.id('HEAD:prices.csv') },
    ]);
  });

  test('refuses itself, a replacement that is not active, and what is no artifact', () => {
    const workspace = chain();
    expect(workspace.error(['supersede', 'HEAD:prices.csv', 'HEAD:prices.csv'], 2)).toMatchObject({
      code: 'BAD_ARGUMENT',
    });
    workspace.says(['tombstone', 'HEAD:signals.csv', '-m', 'wrong']);
    expect(workspace.says(['supersede', 'HEAD:signals.csv', 'HEAD:prices.csv'], 4)).toMatchInlineSnapshot();
    expect(workspace.says(['supersede', 'HEAD', 'HEAD:prices.csv'], 2)).toMatchInlineSnapshot();
  });
});

describe('tombstone and restore', () => {
  test('withdraw the bytes and bring them back', () => {
    const workspace = chain();
    expect(workspace.says(['tombstone', 'HEAD:prices.csv', '-m', 'licence ended'])).toMatchInlineSnapshot();
    expect(workspace.says(['cat', 'HEAD:prices.csv'], 3)).toMatchInlineSnapshot();
    expect(workspace.json('ls', ['ls', '--status', 'withdrawn']).artifacts).toMatchObject([
      { logicalKey: 'prices.csv', status: 'tombstoned' },
    ]);
    expect(workspace.error(['tombstone', 'HEAD:prices.csv', '-m', 'again'], 4)).toMatchObject({
      code: 'STATUS_CONFLICT',
    });
    expect(workspace.says(['restore', 'HEAD:prices.csv', '-m', 'licence renewed'])).toMatchInlineSnapshot();
    expect(workspace.cairn(['cat', 'HEAD:prices.csv']).stdout).toBe('p1');
    expect(workspace.error(['restore', 'HEAD:prices.csv', '-m', 'again'], 4)).toMatchObject({
      code: 'STATUS_CONFLICT',
    });
  });

  test('want a reason, and none that looks like a secret', () => {
    const workspace = chain();
    expect(workspace.says(['tombstone', 'HEAD:prices.csv'], 2)).toMatchInlineSnapshot();
    expect(workspace.error(['tombstone', 'HEAD:prices.csv', '-m', ' '], 2)).toMatchObject({
      data: { argument: '--message' },
    });
    const secret = `key ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
    expect(workspace.error(['tombstone', 'HEAD:prices.csv', '-m', secret], 2)).toMatchObject({ code: 'SECRET_LIKE' });
    expect(
      workspace.json('tombstone', ['tombstone', 'HEAD:prices.csv', '-m', secret, '--allow-secret-like']).reason,
    ).toBe(secret);
  });
});

describe('lineage', () => {
  test('is drawn as a tree, up and down', () => {
    const workspace = chain();
    expect(workspace.says(['lineage', 'HEAD:report.txt'])).toMatchInlineSnapshot();
    expect(workspace.says(['lineage', 'HEAD:prices.csv', '--down'])).toMatchInlineSnapshot();
    expect(workspace.says(['lineage', 'HEAD:report.txt', '--depth', '1'])).toMatchInlineSnapshot();
    expect(workspace.says(['lineage', 'HEAD'])).toBe(workspace.says(['lineage', 'HEAD:report.txt']));
  });

  test('is given to other programs', () => {
    const workspace = chain();
    expect(workspace.says(['lineage', 'HEAD~1', '--format', 'dot'])).toMatchInlineSnapshot();
    expect(workspace.says(['lineage', 'HEAD~1', '--format', 'mermaid'])).toMatchInlineSnapshot();
    const document = workspace.json('lineage', ['lineage', 'HEAD:report.txt']);
    expect(document.root).toBe(workspace.id('HEAD:report.txt'));
    expect(document.edges.map(({ relation }) => relation).sort()).toEqual([
      'derived_from',
      'derived_from',
      'uses_config',
    ]);
    expect(JSON.parse(workspace.cairn(['lineage', 'HEAD:report.txt', '--format', 'json']).stdout)).toEqual(document);
  });
});

test('events tell every act, who and why', () => {
  const workspace = chain();
  workspace.says(['tombstone', 'HEAD:prices.csv', '-m', 'licence ended']);
  expect(workspace.says(['events'])).toMatchInlineSnapshot();
  const { events } = workspace.json('events', ['events', '--action', 'artifact.tombstone']);
  expect(events).toMatchObject([
    { message: 'licence ended', actor: { name: 'Ada Lovelace <ada@example.org>' }, subject: { kind: 'artifact' } },
  ]);
  expect(workspace.says(['show', events[0]?.eventId ?? ''])).toMatchInlineSnapshot();
  expect(workspace.json('events', ['events', '--reverse', '--limit', '1'])).toMatchObject({
    more: true,
    events: [{ seq: 1, action: 'actor.add' }],
  });
});
