/** Looking after a store, from the command line. What each does in depth is tested beside its use case. */
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { newWorkspace, type Workspace } from './cairn.ts';

function twoRuns(): Workspace {
  const workspace = newWorkspace();
  workspace.commit('One', { a: 'first content' });
  workspace.commit('Two', { a: 'second content' });
  return workspace;
}

/** Flips one bit in the middle of every pack. */
function damagePacks(workspace: Workspace): void {
  const folder = workspace.path('.cairn', 'packs');
  for (const name of readdirSync(folder)) {
    const path = `${folder}/${name}`;
    const bytes = readFileSync(path);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] as number) ^ 1;
    rmSync(path);
    writeFileSync(path, bytes);
  }
}

test('stats tells what is stored', () => {
  const stats = twoRuns().json('stats', ['stats']);
  expect(stats).toMatchObject({ runs: 2, artifacts: 2, outputs: 2, logicalBytes: 27 });
});

describe('fsck', () => {
  test('finds nothing wrong with a new store, and says how much it read', () => {
    const workspace = twoRuns();
    expect(workspace.json('fsck', ['fsck'])).toMatchObject({ ok: true, problems: [] });
    expect(workspace.json('fsck', ['fsck', '--read-data'])).toMatchObject({ ok: true, problems: [] });
  });

  test('ends with 5 when bytes are damaged, and so does cat', () => {
    const workspace = twoRuns();
    damagePacks(workspace);
    const found = workspace.json('fsck', ['fsck', '--read-data'], { status: 5 });
    expect(found.ok).toBe(false);
    expect(found.problems.length).toBeGreaterThan(0);
    for (const { hint } of found.problems) expect(hint).not.toBe('');
  });

  test('no byte of a damaged file leaves cat, small or large', () => {
    const workspace = newWorkspace();
    const noise = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * index * 2654435761) >>> 13);
    workspace.commit('Files', { small: 'a little text', large: noise });
    damagePacks(workspace);
    const shown = workspace.json('ls', ['ls']).artifacts.find(({ logicalKey }) => logicalKey === 'large');
    const sha256 = shown?.sha256 ?? '';
    const stored = [`${sha256.slice(2)}`, `${sha256.slice(2)}.zst`]
      .map((name) => workspace.path('.cairn', 'objects', sha256.slice(0, 2), name))
      .find((path) => existsSync(path));
    if (stored === undefined) throw new Error('the large file is not loose');
    const bytes = readFileSync(stored);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
    chmodSync(stored, 0o600);
    writeFileSync(stored, bytes);
    for (const rev of [sha256, shown?.artifactId ?? '']) {
      const ran = workspace.cairn(['cat', rev]);
      expect([ran.status, ran.stdout]).toEqual([5, '']);
      expect(ran.stderr).toContain('fsck --read-data');
    }
  });

  test.each([
    ['--read-data-subset', '0%'],
    ['--read-data-subset', '101%'],
    ['--read-data-subset', 'some'],
  ])('refuses %s %s', (option, value) => {
    expect(newWorkspace().error(['fsck', option, value], 2)).toMatchObject({ data: { argument: option } });
  });
});

describe('retire, hold and gc', () => {
  test('let go of a run that nothing keeps, and of its bytes', () => {
    const workspace = twoRuns();
    workspace.says(['branch', 'side', 'HEAD~1']);
    workspace.says(['switch', 'side']);
    const lost = workspace.commit('Abandoned', { b: 'only here' });
    workspace.says(['switch', 'main']);
    expect(workspace.error(['retire', lost], 4)).toMatchObject({ code: 'HELD' });
    workspace.says(['branch', '-d', 'side']);

    workspace.json('hold.add', ['hold', 'add', lost, '-m', 'under audit']);
    expect(workspace.json('hold.list', ['hold', 'list']).holds).toMatchObject([
      { reason: 'under audit', subject: { kind: 'run', id: lost } },
    ]);
    expect(workspace.error(['retire', lost], 4)).toMatchObject({ code: 'HELD' });
    workspace.json('hold.remove', ['hold', 'remove', lost]);

    expect(workspace.json('retire', ['retire', '--unreachable', '--dry-run'])).toMatchObject({
      dryRun: true,
      runs: [{ runInstanceId: lost }],
    });
    expect(workspace.json('retire', ['retire', '--unreachable', '--yes'])).toMatchObject({
      dryRun: false,
      runs: [{ runInstanceId: lost }],
    });
    expect(workspace.json('gc', ['gc', '--dry-run'])).toMatchObject({ dryRun: true, objects: 0 });
    const later = { env: { CAIRN_DETERMINISTIC_TIME: '2026-06-01T00:00:00Z' } };
    expect(workspace.json('gc', ['gc'], later).objects).toBeGreaterThan(0);
    expect(workspace.error(['cat', `${lost}:b`], 3)).toMatchObject({ code: 'OBJECT_WITHDRAWN' });
    expect(
      workspace.json('log', ['log', '--all']).runs.find(({ runInstanceId }) => runInstanceId === lost),
    ).toMatchObject({ retired: true });
    expect(workspace.json('ls', ['ls', '--status', 'withdrawn']).artifacts).toMatchObject([
      { logicalKey: 'b', absent: true },
    ]);
    expect(workspace.cairn(['cat', 'HEAD:a']).stdout).toBe('second content');
  });

  test.each([
    [['gc', '--grace', 'soon'], 'BAD_TIME', '--grace'],
    [['retire', '--older-than', '90'], 'BAD_TIME', '--older-than'],
    [['retire', '--keep-last', '-1'], 'BAD_ARGUMENT', '--keep-last'],
  ])('%j is refused', (args, code, argument) => {
    expect(newWorkspace().error(args, 2)).toMatchObject({ code, data: { argument } });
  });
});

test('reindex gives back what the manifest said', () => {
  const workspace = twoRuns();
  workspace.says(['tag', 'v1', '-m', 'Release']);
  workspace.says(['tag', '--artifact', 'HEAD:a', 'quality=checked']);
  workspace.says(['supersede', 'HEAD:a', 'HEAD~1:a', '-m', 'better']);
  workspace.says(['tombstone', 'HEAD~1:a', '-m', 'wrong']);
  const before = workspace.cairn(['reindex', '--dump']);
  expect(before.status).toBe(0);
  for (const name of readdirSync(workspace.path('.cairn')))
    if (name.startsWith('manifest.sqlite')) rmSync(workspace.path('.cairn', name));
  expect(workspace.json('reindex', ['reindex'])).toMatchObject({ runs: 2, lost: [] });
  expect(workspace.cairn(['reindex', '--dump']).stdout).toBe(before.stdout);
  expect(workspace.json('fsck', ['fsck', '--read-data']).ok).toBe(true);
});

test('doctor examines the place', () => {
  const { ok, checks } = newWorkspace().json('doctor', ['doctor']);
  expect(ok).toBe(true);
  expect(checks.map(({ name }) => name)).toContain('runtime');
});
