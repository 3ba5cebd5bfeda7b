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
    ).toMatchInlineSnapshot(`
      "artifact <1> prices.csv is superseded by <2>
      2 runs rest on it:
        <3> Report
        <4> Signals
      still in: main
      "
    `);
    expect(workspace.says(['show', 'HEAD~1:prices.csv'])).toMatchInlineSnapshot(`
      "artifact <1>
      Id:      <1>
      Key:     prices.csv
      Type:    file, schema version 1
      Content: <2>, 2 B
      Status:  superseded by <3>
      Reason:  vendor correction
      Stored:  packed

      Produced by:
        <4> Prices  prices.csv

      Used by:
        <5> [stale] Report
        <6> [stale] Signals
      "
    `);
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
    expect(workspace.says(['supersede', 'HEAD:signals.csv', 'HEAD:prices.csv'], 4)).toMatchInlineSnapshot(`
      "cairn: artifact <1> is tombstoned itself, so it cannot replace another
      hint: \`cairn show\` says why.
      "
    `);
    expect(workspace.says(['supersede', 'HEAD', 'HEAD:prices.csv'], 2)).toMatchInlineSnapshot(`
      "cairn: "HEAD" names a run, and an artifact is needed
      hint: Name it by its id or by <run>:<path>.
      "
    `);
  });
});

describe('tombstone and restore', () => {
  test('withdraw the bytes and bring them back', () => {
    const workspace = chain();
    expect(workspace.says(['tombstone', 'HEAD:prices.csv', '-m', 'licence ended'])).toMatchInlineSnapshot(`
      "artifact <1> prices.csv is withdrawn
      2 runs rest on it:
        <2> Report
        <3> Signals
      still in: main
      "
    `);
    expect(workspace.says(['cat', 'HEAD:prices.csv'], 3)).toMatchInlineSnapshot(`
      "cairn: artifact <1> (prices.csv) was withdrawn: licence ended
      hint: \`cairn restore <1> -m <reason>\` lifts the tombstone.
      "
    `);
    expect(workspace.json('ls', ['ls', '--status', 'withdrawn']).artifacts).toMatchObject([
      { logicalKey: 'prices.csv', status: 'tombstoned' },
    ]);
    expect(workspace.error(['tombstone', 'HEAD:prices.csv', '-m', 'again'], 4)).toMatchObject({
      code: 'STATUS_CONFLICT',
    });
    expect(workspace.says(['restore', 'HEAD:prices.csv', '-m', 'licence renewed'])).toMatchInlineSnapshot(`
      "artifact <1> prices.csv is active again
      "
    `);
    expect(workspace.cairn(['cat', 'HEAD:prices.csv']).stdout).toBe('p1');
    expect(workspace.error(['restore', 'HEAD:prices.csv', '-m', 'again'], 4)).toMatchObject({
      code: 'STATUS_CONFLICT',
    });
  });

  test('want a reason, and none that looks like a secret', () => {
    const workspace = chain();
    expect(workspace.says(['tombstone', 'HEAD:prices.csv'], 2)).toMatchInlineSnapshot(`
      "cairn: tombstone: required option '-m, --message <text>' not specified
      hint: \`cairn tombstone --help\` shows what it takes.
      "
    `);
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
    expect(workspace.says(['lineage', 'HEAD:report.txt'])).toMatchInlineSnapshot(`
      "report.txt <1>
      ├─ prices.csv <2> derived_from in run <3>
      └─ signals.csv <4> uses_config in run <3>
         └─ prices.csv <2> derived_from in run <5>
      "
    `);
    expect(workspace.says(['lineage', 'HEAD:prices.csv', '--down'])).toMatchInlineSnapshot(`
      "prices.csv <1>
      ├─ report.txt <2> derived_from in run <3>
      └─ signals.csv <4> derived_from in run <5>
         └─ report.txt <2> uses_config in run <3>
      "
    `);
    expect(workspace.says(['lineage', 'HEAD:report.txt', '--depth', '1'])).toMatchInlineSnapshot(`
      "report.txt <1>
      ├─ prices.csv <2> derived_from in run <3>
      └─ signals.csv <4> uses_config in run <3>
      "
    `);
    expect(workspace.says(['lineage', 'HEAD'])).toBe(workspace.says(['lineage', 'HEAD:report.txt']));
  });

  test('is given to other programs', () => {
    const workspace = chain();
    expect(workspace.says(['lineage', 'HEAD~1', '--format', 'dot'])).toMatchInlineSnapshot(`
      "digraph lineage {
        rankdir=LR;
        node [shape=box];
        "<1>" [label="signals.csv\\n<1>", style=bold];
        "<2>" [label="prices.csv\\n<2>"];
        "<2>" -> "<1>" [label="derived_from\\n<3>"];
      }
      "
    `);
    expect(workspace.says(['lineage', 'HEAD~1', '--format', 'mermaid'])).toMatchInlineSnapshot(`
      "graph LR
        a0["signals.csv <1>"]
        a1["prices.csv <2>"]
        a1 -->|"derived_from <3>"| a0
      "
    `);
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
  expect(workspace.says(['events'])).toMatchInlineSnapshot(`
    "9  2026-01-31 09:30:00 UTC  artifact.tombstone  artifact <1>    Ada Lovelace <ada@example.org>  licence ended
    8  2026-01-31 09:30:00 UTC  ref.update          ref heads/main           Ada Lovelace <ada@example.org>
    7  2026-01-31 09:30:00 UTC  run.commit          run <2>         Ada Lovelace <ada@example.org>
    6  2026-01-31 09:30:00 UTC  ref.update          ref heads/main           Ada Lovelace <ada@example.org>
    5  2026-01-31 09:30:00 UTC  run.commit          run <3>         Ada Lovelace <ada@example.org>
    4  2026-01-31 09:30:00 UTC  ref.update          ref heads/main           Ada Lovelace <ada@example.org>
    3  2026-01-31 09:30:00 UTC  run.commit          run <4>         Ada Lovelace <ada@example.org>
    2  2026-01-31 09:30:00 UTC  key.add             key <key>  Ada Lovelace <ada@example.org>
    1  2026-01-31 09:30:00 UTC  actor.add           actor <5>       Ada Lovelace <ada@example.org>
    "
  `);
  const { events } = workspace.json('events', ['events', '--action', 'artifact.tombstone']);
  expect(events).toMatchObject([
    { message: 'licence ended', actor: { name: 'Ada Lovelace <ada@example.org>' }, subject: { kind: 'artifact' } },
  ]);
  expect(workspace.says(['show', events[0]?.eventId ?? ''])).toMatchInlineSnapshot(`
    "event 9
    Id:      <1>
    Act:     artifact.tombstone
    About:   artifact <2>
    By:      Ada Lovelace <ada@example.org> (asserted)
    Date:    2026-01-31 09:30:00 UTC (fixed clock)

        licence ended
    "
  `);
  expect(workspace.json('events', ['events', '--reverse', '--limit', '1'])).toMatchObject({
    more: true,
    events: [{ seq: 1, action: 'actor.add' }],
  });
});
