/** Many processes on one store: all get through, nothing is lost, nobody sees a lock. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cairn, cairnJson, emptyDirectory, type Outcome, start } from './program.ts';

function expectAllWell(outcomes: readonly Outcome[]): void {
  for (const { status, stdout, stderr } of outcomes) {
    expect(status, `${stdout}\n${stderr}`).toBe(0);
    expect(stderr).not.toMatch(/SQLITE_BUSY|database is locked/i);
  }
}

function expectHistory(root: string, count: number): void {
  const { runs } = cairnJson(root, 'log', '--limit', '0') as { runs: { message: string; parents: string[] }[] };
  expect(runs.length).toBe(count);
  for (const [index, run] of runs.entries()) expect(run.parents.length).toBe(index === runs.length - 1 ? 0 : 1);
  const fsck = cairn(root, 'fsck', '--read-data');
  expect(fsck.status, fsck.stdout + fsck.stderr).toBe(0);
}

test('16 processes commit to one branch of one workspace at once: all runs and all files are in HEAD', {
  timeout: 240_000,
}, async () => {
  const root = emptyDirectory('race-one');
  cairnJson(root, 'init');
  const processes = 16;
  const each = 2;
  for (let process = 0; process < processes; process++) writeFileSync(join(root, `f${process}`), `start ${process}`);
  const outcomes = await Promise.all(
    Array.from({ length: processes }, async (_, process) => {
      const own: Outcome[] = [];
      for (let turn = 0; turn < each; turn++) {
        writeFileSync(join(root, `f${process}`), `process ${process} turn ${turn}`);
        own.push(await start(root, 'commit', '-m', `process ${process} turn ${turn}`, '--', `f${process}`).ended);
      }
      return own;
    }),
  );
  expectAllWell(outcomes.flat());
  expectHistory(root, processes * each);
  const out = emptyDirectory('race-one-out');
  cairnJson(root, 'checkout', 'HEAD', '--to', out);
  for (let process = 0; process < processes; process++) {
    expect(readFileSync(join(out, `f${process}`), 'utf8')).toBe(`process ${process} turn ${each - 1}`);
  }
  expect((cairnJson(root, 'status') as { clean: boolean; modified: string[] }).modified).toEqual([]);
});

test('many workspaces over one store commit at once, with gc beside them', { timeout: 240_000 }, async () => {
  const store = join(emptyDirectory('race-store'), 'store');
  const workspaces = Array.from({ length: 8 }, () => emptyDirectory('race-many'));
  for (const workspace of workspaces) cairnJson(workspace, 'init', '--store', store);
  const collectors = [0, 1].map((index) => start(workspaces[index] as string, 'gc', '--grace', '0s', '--yes'));
  const outcomes = await Promise.all(
    workspaces.map(async (workspace, index) => {
      const own: Outcome[] = [];
      for (let turn = 0; turn < 2; turn++) {
        mkdirSync(join(workspace, 'out'), { recursive: true });
        writeFileSync(join(workspace, `out/w${index}-${turn}`), `workspace ${index} turn ${turn}`);
        own.push(await start(workspace, 'add', '.').ended);
        own.push(await start(workspace, 'commit', '-m', `workspace ${index} turn ${turn}`).ended);
      }
      return own;
    }),
  );
  expectAllWell([...outcomes.flat(), ...(await Promise.all(collectors.map(({ ended }) => ended)))]);
  expectHistory(workspaces[0] as string, 16);
  const out = emptyDirectory('race-many-out');
  cairnJson(workspaces[0] as string, 'checkout', 'HEAD', '--to', out);
  for (let index = 0; index < 8; index++) {
    for (let turn = 0; turn < 2; turn++) {
      expect(readFileSync(join(out, `out/w${index}-${turn}`), 'utf8')).toBe(`workspace ${index} turn ${turn}`);
    }
  }
});

test('an object that gc would remove is safe once an add has found it again', { timeout: 240_000 }, async () => {
  const root = emptyDirectory('race-gc');
  cairnJson(root, 'init');
  for (let index = 0; index < 50; index++) writeFileSync(join(root, `f${index}`), `reused ${index}`);
  cairnJson(root, 'add', '.');
  cairnJson(root, 'rm', '--staged', '.');
  const runs = Array.from({ length: 4 }, () => [
    start(root, 'add', '.').ended,
    start(root, 'gc', '--grace', '0s', '--yes').ended,
  ]);
  expectAllWell(await Promise.all(runs.flat()));
  expect(cairn(root, 'add', '.').status).toBe(0);
  expect(cairn(root, 'commit', '-m', 'kept').status).toBe(0);
  expectHistory(root, 1);
});
