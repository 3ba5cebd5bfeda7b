/** Trace, audit and the past as people and scripts see them, over a store in which a signal was accepted. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anAcceptedSignal, hour, type Signal } from '../unit/store/governance/an-accepted-signal.ts';
import { Workspace } from './cairn.ts';

let signal: Signal;
let workspace: Workspace;
beforeAll(async () => {
  signal = await anAcceptedSignal();
  workspace = new Workspace(signal.root);
}, 60_000);
afterAll(() => signal.remove());

describe('cairn trace', () => {
  test('tells the story of an acceptance', () => {
    expect(workspace.says(['trace', 'accepted/momentum-h20'])).toMatchInlineSnapshot(`
      "candidate <1>: momentum at horizon 20, accepted as accepted/momentum-h20 since 2026-01-01 10:00:00 UTC
        of run <2>, dataset <3>, configuration <4>
        event 10  2026-01-01 05:00:00 UTC  candidate.create, by Ada Lovelace <ada@example.org>
        event 11  2026-01-01 05:00:00 UTC  candidate.evaluate on report <5>, by Ada Lovelace <ada@example.org>
        event 12  2026-01-01 06:00:00 UTC  candidate.promote to candidate on report <5>, by Ada Lovelace <ada@example.org>
        event 13  2026-01-01 08:00:00 UTC  candidate.evaluate on report <6>, by Ada Lovelace <ada@example.org>
        event 14  2026-01-01 09:00:00 UTC  approve on report <6>, by Bob Noyce <bob@example.org>
        event 15  2026-01-01 10:00:00 UTC  candidate.promote to accepted on report <6>, by Ada Lovelace <ada@example.org>
      stands on report <6>: accepted, passed, evaluated 2026-01-01 08:00:00 UTC by Ada Lovelace <ada@example.org>
        policy plain 1 (<7>)
        approved 2026-01-01 09:00:00 UTC by Bob Noyce <bob@example.org> with <key>
      evidence
        validation_bundle: <8> bundle.json, made by run <2>

      run <2>  2026-01-01 03:00:00 UTC, by Ada Lovelace <ada@example.org>: signals
        engine 1.0, configuration 7 (<4>), code not known
        run key <9>, dataset <3>
        made <8> bundle.json
        made <10> signals.csv
        from <11> prices.csv, derived_from, made by run <12>

      run <12>  2026-01-01 02:00:00 UTC, by Ada Lovelace <ada@example.org>: prices
        engine 1.0, configuration 7 (<4>), code not known
        run key <13>, dataset none or several
        made <11> prices.csv

      complete: everything that it rests on is known
      "
    `);
  });

  test('tells programs the same', () => {
    const traced = workspace.json('trace', ['trace', signal.candidate]);
    expect(traced.candidate).toMatchObject({
      candidateId: signal.candidate,
      status: 'accepted',
      name: 'accepted/momentum-h20',
    });
    expect(traced.eligibilityReport).toMatchObject({ eligibilityReportId: signal.report, passed: true });
    expect(traced.governanceEvents).toHaveLength(6);
    expect(traced.artifactLineage.map(({ relativePath }) => relativePath).sort()).toEqual([
      'bundle.json',
      'prices.csv',
      'signals.csv',
    ]);
    expect(traced.artifactEdges).toHaveLength(2);
    expect([traced.complete, traced.missing]).toEqual([true, []]);
  });

  test('of an artifact names what made it and where it was accepted', () => {
    const traced = workspace.json('trace', ['trace', 'HEAD:signals.csv']);
    expect(traced.root).toEqual({ kind: 'artifact', id: workspace.id('HEAD:signals.csv') });
    expect(traced.candidate?.candidateId).toBe(signal.candidate);
    expect(traced.candidates).toHaveLength(2);
    expect(traced.artifactLineage.map(({ engineVersion, configVersion }) => [engineVersion, configVersion])).toEqual([
      ['1.0', '7'],
      ['1.0', '7'],
    ]);
  });

  test('says what cannot be traced', () => {
    expect(workspace.error(['trace', 'HEAD'], 2).code).toBe('BAD_ARGUMENT');
    expect(workspace.error(['trace', 'accepted/nothing'], 3).code).toBe('REV_NOT_FOUND');
  });
});

describe('cairn audit', () => {
  test('passes a sound store, and says nothing with --quiet', () => {
    const audited = workspace.json('audit', ['audit']);
    expect(audited.ok).toBe(true);
    expect(audited.checks.every(({ outcome }) => outcome === 'pass')).toBe(true);
    expect(workspace.says(['audit', '--quiet'])).toBe('');
    expect(workspace.says(['audit'])).toContain(
      'pass  decisions: 1 decisions follow again from their facts and policy\n',
    );
  });

  test('ends with 1 when a check fails, and names the row and since when', () => {
    const copy = signal.copy();
    const db = new Database(join(copy.root, '.cairn', 'manifest.sqlite'));
    db.pragma('foreign_keys = OFF');
    const sql = db.prepare("SELECT sql FROM sqlite_schema WHERE name = 'candidate_update'").pluck().get() as string;
    db.exec('DROP TRIGGER candidate_update');
    db.prepare("UPDATE candidate SET status = 'rejected' WHERE status = 'accepted'").run();
    db.exec(sql);
    db.close();
    const broken = new Workspace(copy.root);
    const audited = broken.json('audit', ['audit'], { status: 1 });
    expect(audited.checks.flatMap(({ name, outcome }) => (outcome === 'fail' ? [name] : []))).toEqual([
      'tables',
      'names',
    ]);
    expect(audited.checks.find(({ name }) => name === 'tables')?.findings).toEqual([
      {
        subject: `promotion_candidates ${signal.candidate.slice(0, 12)}`,
        problem: 'status is rejected, and the log gives accepted',
        since: hour(10),
      },
    ]);
    expect(broken.says(['audit', '--quiet'], 1)).toContain('2 checks of 16 failed');
  });
});

describe('--at', () => {
  test('shows a name, a branch and candidates as they stood', () => {
    expect(workspace.error(['show', 'accepted/momentum-h20', '--at', hour(9)], 3).code).toBe('REV_NOT_FOUND');
    workspace.says(['show', 'accepted/momentum-h20', '--at', hour(10)]);
    const files = (count: number): (string | null)[] =>
      workspace.json('ls', ['ls', 'main', '--at', hour(count)]).artifacts.map(({ path }) => path);
    expect([files(2), files(3)]).toEqual([['prices.csv'], ['bundle.json', 'prices.csv', 'signals.csv']]);
    expect(workspace.json('trace', ['trace', signal.candidate, '--at', hour(7)]).candidate?.status).toBe('candidate');
    expect(workspace.error(['ls', '--at', '2025-01-01'], 2).message).toContain('begins after');
  });
});

describe('cairn events', () => {
  test('of a candidate are its own and those of its reports', () => {
    const { events } = workspace.json('events', ['events', '--candidate', 'accepted/momentum-h20', '--reverse']);
    expect(events.map(({ action }) => action)).toEqual([
      'candidate.create',
      'candidate.evaluate',
      'candidate.promote',
      'candidate.evaluate',
      'approve',
      'candidate.promote',
    ]);
    const page = workspace.json('events', ['events', '--candidate', signal.candidate, '--limit', '2']);
    expect([page.events.length, page.more]).toEqual([2, true]);
    const rest = workspace.json('events', [
      'events',
      '--candidate',
      signal.candidate,
      '--cursor',
      page.cursor as string,
    ]);
    expect(rest.events).toHaveLength(4);
    const since = workspace.json('events', [
      'events',
      '--candidate',
      signal.candidate,
      '--since',
      hour(9),
      '--action',
      'approve',
    ]);
    expect(since.events.map(({ timestamp }) => timestamp)).toEqual([hour(9)]);
  });
});

describe('docs/guides/audit.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/guides/audit.md'), 'utf8');
  const blocks = (language: string): string =>
    Array.from(page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm')), (block) => block[1]).join(
      '\n',
    );

  test('shows commands that work', () => {
    const lines = blocks('sh')
      .split('\n')
      .filter((line) => line !== '');
    expect(lines.length).toBeGreaterThanOrEqual(8);
    for (const line of lines) workspace.says(line.split(' ').slice(1));
  });

  test('shows SQL that any SQLite answers', () => {
    const statements = blocks('sql')
      .split(';\n')
      .filter((statement) => statement.trim() !== '');
    expect(statements.length).toBeGreaterThanOrEqual(6);
    const db = new Database(join(signal.root, '.cairn', 'manifest.sqlite'), { readonly: true });
    const counts = statements.map((statement) => db.prepare(statement).all().length);
    db.close();
    expect(counts.slice(0, -1).every((count) => count > 0)).toBe(true);
    expect(counts.at(-1)).toBe(0);
  });

  test('lists every check', () => {
    const listed = Array.from(page.matchAll(/^\| `([a-z-]+)` \|/gm), (row) => row[1]);
    expect(listed).toEqual(
      workspace
        .json('audit', ['audit'])
        .checks.map(({ name }) => name)
        .toSorted((left, right) => listed.indexOf(left) - listed.indexOf(right)),
    );
  });
});
