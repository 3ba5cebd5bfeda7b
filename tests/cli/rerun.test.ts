/** Doing work again, and not doing it: `rerun` and `run --if-needed`, with real programs on a real clock. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { newWorkspace, type Workspace } from './cairn.ts';

const wall = { env: { CAIRN_DETERMINISTIC_TIME: '' } };

function withCode(script: string): Workspace {
  const workspace = newWorkspace();
  workspace.commit('data', { 'in.csv': 'a,b\n1,2\n' });
  workspace.write('fit.sh', script);
  return workspace;
}

const words = ['--input', 'in.csv', '--output-dir', 'res', '--', 'sh', 'fit.sh'];
const steady = 'mkdir -p res; cat in.csv > res/out.csv; echo ran >> ran.log\n';

function run(workspace: Workspace, ...options: string[]): { reused: boolean; runInstanceId: string | null } {
  return workspace.json('run', ['run', ...options, ...words], wall);
}

function times(workspace: Workspace): number {
  return workspace.read('ran.log').trim().split('\n').length;
}

describe('--if-needed', () => {
  test('takes the outputs of an equal run, says which, and brings them back', () => {
    const workspace = withCode(steady);
    const first = run(workspace);
    workspace.remove('res/out.csv');
    expect(run(workspace, '--if-needed')).toMatchObject({ reused: true, runInstanceId: first.runInstanceId });
    expect(workspace.read('res/out.csv')).toBe('a,b\n1,2\n');
    expect(times(workspace)).toBe(1);
    const told = workspace.cairn(['run', '--if-needed', ...words], wall);
    expect(told.stdout).toContain(`not run: run ${first.runInstanceId?.slice(0, 12)}`);
  });

  test('runs when it is told not to look', () => {
    const workspace = withCode(steady);
    run(workspace);
    expect(run(workspace, '--if-needed', '--no-cache').reused).toBe(false);
    const env = { ...wall.env, CAIRN_NO_CACHE: '1' };
    expect(workspace.json('run', ['run', '--if-needed', ...words], { env }).reused).toBe(false);
    expect(times(workspace)).toBe(3);
  });

  const changes: readonly (readonly [string, (workspace: Workspace) => readonly string[]])[] = [
    ['another parameter', () => ['--param', 'x=2']],
    [
      'other code',
      (workspace) => {
        workspace.write('fit.sh', `${steady}: other\n`);
        return [];
      },
    ],
    [
      'another input',
      (workspace) => {
        workspace.commit('more', { 'in.csv': 'a,b\n3,4\n' });
        return [];
      },
    ],
    [
      'a withdrawn output',
      (workspace) => {
        workspace.says(['tombstone', 'HEAD:res/out.csv', '-m', 'wrong']);
        return [];
      },
    ],
    [
      'a stale run',
      (workspace) => {
        const input = workspace.id('HEAD:in.csv');
        workspace.says(['tombstone', input, '-m', 'wrong']);
        return [];
      },
    ],
  ];
  test.each(changes)('never reuses over %s', (_, change) => {
    const workspace = withCode(steady);
    run(workspace);
    const options = change(workspace);
    const again = workspace.cairn(['--json', 'run', '--if-needed', ...options, ...words], wall);
    expect(again.stdout).not.toContain('"reused":true');
  });

  test('never reuses over another variable, a failed run, or one without context', () => {
    const workspace = withCode(steady);
    run(workspace);
    const env = { ...wall.env, PYTHONHASHSEED: '3' };
    expect(workspace.json('run', ['run', '--if-needed', ...words], { env }).reused).toBe(false);

    const fixed = withCode(steady);
    fixed.json('run', ['run', ...words]);
    expect(run(fixed, '--if-needed').reused).toBe(false);

    const failing = withCode('mkdir -p res; exit 3\n');
    for (const _ of [1, 2])
      expect(failing.json('run', ['run', '--if-needed', ...words], { ...wall, status: 3 }).reused).toBe(false);
  });
});

describe('rerun', () => {
  test('of a deterministic program is identical, and recorded as what reproduces the first', () => {
    const workspace = withCode(steady);
    const first = run(workspace).runInstanceId;
    const done = workspace.json('rerun', ['rerun', 'HEAD'], wall);
    expect(done).toMatchObject({ verdict: 'identical', reproduces: first, environment: [] });
    expect(workspace.id('HEAD')).toBe(first);
    const shown = workspace.json('show', ['show', done.runInstanceId]) as { record?: object };
    expect(shown.record).toMatchObject({
      relations: [{ run: first, relation: 'reproduces' }],
      tags: { 'rerun.verdict': 'identical' },
    });
    expect(times(workspace)).toBe(1);
  });

  test('of a program that counts differs, with status 1; within a wide tolerance it does not', () => {
    const workspace = withCode('mkdir -p res; echo "{\\"x\\": 1.$(date +%N)}" > res/x.json\n');
    run(workspace);
    const done = workspace.json('rerun', ['rerun', 'HEAD'], { ...wall, status: 1 });
    expect(done.verdict).toBe('differs');
    expect(done.outputs[0]).toMatchObject({ path: 'res/x.json', verdict: 'differs' });
    expect(workspace.json('rerun', ['rerun', 'HEAD', '--tolerance', '2'], wall).verdict).toBe('within-tolerance');
  });

  test('says exactly what is missing', () => {
    const workspace = withCode(steady);
    run(workspace);
    workspace.write('fit.sh', 'echo other\n');
    workspace.says(['tombstone', 'HEAD:in.csv', '-m', 'wrong']);
    const error = workspace.error(['rerun', 'HEAD'], 3, wall);
    expect(error.message).toMatch(/input in\.csv .* was withdrawn: wrong; the file fit\.sh, .* has changed since/);
    workspace.commit('plain', { x: 'x' });
    expect(workspace.error(['rerun', 'HEAD'], 2, wall).message).toMatch(/records no command/);
  });

  test('takes the code from the recorded commit and patch, whatever the workspace has now', () => {
    const workspace = withCode(steady);
    const git = (...args: string[]): string => {
      const done = spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=b', ...args], { cwd: workspace.root });
      expect(done.status).toBe(0);
      return done.stdout.toString();
    };
    git('init', '-q', '.');
    git('add', 'fit.sh');
    git('commit', '-qm', 'x');
    workspace.write('fit.sh', `${steady}echo patched > res/two\n`);
    run(workspace);
    git('checkout', '-q', 'fit.sh');
    const done = workspace.json('rerun', ['rerun', 'HEAD'], wall);
    expect(done.verdict).toBe('identical');
    expect(done.outputs.map((one) => one.path)).toEqual(['res/out.csv', 'res/two']);
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
    expect(workspace.read('fit.sh')).toBe(steady);
  });
});
