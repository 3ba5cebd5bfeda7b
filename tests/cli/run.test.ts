/** `cairn run` with real programs: what is recorded of one that succeeds, fails, is killed, or does what nobody expects. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newWorkspace, type Workspace } from './cairn.ts';

const wallClock = { env: { CAIRN_DETERMINISTIC_TIME: '' } };

function withInput(): Workspace {
  const workspace = newWorkspace();
  workspace.commit('data', { 'in.csv': 'a,b\n1,2\n' });
  return workspace;
}

function clean(workspace: Workspace): void {
  expect(workspace.cairn(['fsck', '--read-data']).status).toBe(0);
  const temporary = workspace.path('.cairn', 'tmp');
  expect(existsSync(temporary) ? readdirSync(temporary) : []).toEqual([]);
}

describe('a command that succeeds', () => {
  test('is recorded with words, inputs, outputs, parameters, metrics and what it printed', () => {
    const workspace = withInput();
    const script =
      'cat in.csv > out.csv; echo said; echo \'{"ic":0.5,"by":{"year":2}}\' > metrics.json; cp $CAIRN_PARAMS p';
    const options = ['--input', 'in.csv', '--output', 'out.csv', '--output', 'p', '--param', 'window=12'];
    const ran = workspace.json('run', [
      'run',
      '-m',
      'copy',
      ...options,
      '--metric',
      'ic=0.7',
      '--',
      'sh',
      '-c',
      script,
    ]);
    expect(ran).toMatchObject({ status: 'succeeded', exitStatus: 0, reused: false, ref: 'heads/main', undeclared: [] });
    expect(ran.artifacts?.map((one) => one.path).sort()).toEqual(['.run/stdout', 'out.csv', 'p']);
    expect(ran.metrics).toEqual({ ic: 0.7, 'by.year': 2 });
    expect(JSON.parse(workspace.read('p'))).toEqual({ window: 12 });
    expect(workspace.cairn(['cat', 'HEAD:.run/stdout']).stdout).toBe('said\n');
    const shown = workspace.json('show', ['show', 'HEAD']) as { record?: { [name: string]: unknown } };
    expect(shown.record).toMatchObject({
      command: { argv: ['sh', '-c', script], cwd: '.', exitCode: 0 },
      inputs: [{ path: 'in.csv', relation: 'derived_from' }],
    });
    expect(shown.record).not.toHaveProperty('context');
    expect(workspace.json('status', ['status'])).toMatchObject({ modified: [], missing: [] });
    clean(workspace);
  });

  test('finds who it is in its environment, the same in another directory', () => {
    const script = 'echo $CAIRN_RUN_KEY $CAIRN_SEED > id';
    const ids = [withInput(), withInput()].map((workspace) => {
      workspace.json('run', ['run', '--input', 'in.csv', '--output', 'id', '--', 'sh', '-c', script]);
      return [workspace.read('id'), workspace.id('HEAD')];
    });
    expect(ids[0]).toEqual(ids[1]);
    expect(ids[0]?.[0]).toMatch(/^[0-9a-f]{64} \d+\n$/);
  });

  test('passes its streams through, and says its own part on standard error', () => {
    const workspace = newWorkspace();
    const ran = workspace.cairn(['run', '--', 'sh', '-c', 'cat; echo err >&2'], { input: 'from stdin' });
    expect(ran).toMatchObject({ status: 0, stdout: 'from stdin' });
    expect(ran.stderr).toMatch(/^err\n/);
  });

  test('has its context on a real clock: machine, use, and what it wrote without saying so', () => {
    const workspace = newWorkspace();
    workspace.json('run', ['run', '--', 'sh', '-c', 'echo > stray'], wallClock);
    const shown = workspace.json('show', ['show', 'HEAD']) as { record?: { context?: string } };
    const context = JSON.parse(workspace.cairn(['cat', shown.record?.context ?? '']).stdout);
    expect(context).toMatchObject({ schema: 'cairn.context/1', undeclared: { count: 1, paths: ['stray'] } });
    expect(context.use.wallMs).toBeGreaterThan(0);
  });

  test('shows its context: machine, runtimes with their packages counted, variables, use; without one nothing is said', () => {
    const workspace = newWorkspace();
    const env = { ...wallClock.env, OMP_NUM_THREADS: '3' };
    workspace.json('run', ['run', '--', 'sh', '-c', 'node -e 0; echo > stray; echo said'], { env });
    const shown = workspace.json('show', ['show', 'HEAD']) as unknown as { context: Record<string, unknown> };
    expect(shown.context).toMatchObject({
      erased: false,
      host: { cpus: availableParallelism() },
      variables: { OMP_NUM_THREADS: '3' },
      undeclared: { count: 1, paths: ['stray'] },
      output: { stdout: { bytes: 5, cut: 0 } },
    });
    const text = workspace.says(['show', 'HEAD']);
    expect(text).toContain('\nEnvironment:\n  host: ');
    for (const line of ['variable OMP_NUM_THREADS: 3', 'printed: 5 B on stdout, 0 B on stderr', 'not declared: stray'])
      expect(text).toContain(`\n  ${line}\n`);
    expect(text).toMatch(/\n {2}took: \d+ ms/);
    workspace.json('run', ['run', '--', 'true']);
    expect(workspace.json('show', ['show', 'HEAD'])).toMatchObject({ context: null });
    expect(workspace.says(['show', 'HEAD'])).not.toContain('Environment');
  });

  test('takes from --output-dir what it wrote there and nothing that lay there before', () => {
    const workspace = newWorkspace();
    workspace.write('res/old', 'old');
    const ran = workspace.json('run', ['run', '--output-dir', 'res', '--', 'sh', '-c', 'echo 1 > res/new']);
    expect(ran.artifacts?.map((one) => one.path)).toEqual(['res/new']);
  });

  test('records a directory of many files, and a link as a link', () => {
    const workspace = newWorkspace();
    const script = 'mkdir d; i=0; while [ $i -lt 1500 ]; do echo $i > d/$i; i=$((i+1)); done; ln -s /etc/hostname l';
    const ran = workspace.json('run', ['run', '--output', 'd', '--output', 'l', '--', 'sh', '-c', script]);
    expect(ran.artifacts).toHaveLength(1500);
    workspace.says(['checkout', 'HEAD', '--to', workspace.path('there')]);
    expect(readdirSync(workspace.path('there', 'd'))).toHaveLength(1500);
    expect(workspace.json('status', ['status']).missing).toEqual([]);
    clean(workspace);
  });

  test('may delete its inputs: the run still says what it read', () => {
    const workspace = withInput();
    const ran = workspace.json('run', ['run', '--input', 'in.csv', '--', 'rm', 'in.csv']);
    expect(ran).toMatchObject({ status: 'succeeded', undeclared: ['in.csv'] });
    expect(workspace.cairn(['cat', 'HEAD:in.csv']).stdout).toBe('a,b\n1,2\n');
    clean(workspace);
  });

  test('may leave a process behind: it has ended when it ends, and the other is named', () => {
    const workspace = newWorkspace();
    const started = Date.now();
    const ran = workspace.cairn(['run', '--', 'sh', '-c', 'sleep 20 & sleep 0.2; echo first; exit 0'], wallClock);
    expect(ran.status).toBe(0);
    expect(Date.now() - started).toBeLessThan(15_000);
    const pid = /\((\d+)\)/.exec(ran.stderr)?.[1];
    if (pid !== undefined) process.kill(Number(pid));
  });

  test('keeps both ends of much output and says how much is cut', () => {
    const workspace = newWorkspace();
    const ran = workspace.cairn(['run', '--', 'sh', '-c', 'head -c 6000000 /dev/zero | tr "\\0" x']);
    expect(ran.stdout).toHaveLength(6_000_000);
    expect(workspace.cairn(['cat', 'HEAD:.run/stdout']).stdout).toMatch(
      /\[cairn: \d+ of 6000000 bytes are not kept here\]/,
    );
  });

  test('a named run of cairn.yaml, with its pins', () => {
    const workspace = withInput();
    workspace.write(
      'cairn.yaml',
      'pins:\n  engineVersion: "7"\nruns:\n  copy:\n    command: [cp, in.csv, out.csv]\n    inputs: [in.csv]\n    outputs: [out.csv]\n    params: {k: 1}\n',
    );
    workspace.json('run', ['run', 'copy', '--param', 'j=2']);
    const shown = workspace.json('show', ['show', 'HEAD']) as { record?: object };
    expect(shown.record).toMatchObject({ identity: { engineVersion: '7', params: { k: 1, j: 2 } } });
    expect(workspace.error(['run', 'nope'], 125)).toMatchObject({ code: 'BAD_ARGUMENT' });
  });
});

describe('a command that does not', () => {
  test('is a failed run that moves no branch, with its own status', () => {
    const workspace = withInput();
    const before = workspace.id('HEAD');
    const ran = workspace.json('run', ['run', '--output', 'o', '--', 'sh', '-c', 'echo half > o; exit 7'], {
      status: 7,
    });
    expect(ran).toMatchObject({ status: 'failed', exitStatus: 7, ref: null });
    expect(workspace.id('HEAD')).toBe(before);
    expect(workspace.json('log', ['log', '--all', '--failed']).runs).toHaveLength(1);
    clean(workspace);
  });

  test('is dropped with --discard-failed', () => {
    const workspace = withInput();
    const ran = workspace.json('run', ['run', '--discard-failed', '--', 'false'], { status: 1 });
    expect(ran.runInstanceId).toBeNull();
    expect(workspace.json('log', ['log', '--all']).runs).toHaveLength(1);
  });

  test('that a signal ended has 128 and the number of the signal', () => {
    const workspace = newWorkspace();
    const ran = workspace.json('run', ['run', '--', 'sh', '-c', 'kill -9 $$'], { status: 137 });
    expect(ran).toMatchObject({ status: 'failed', signal: 'SIGKILL' });
  });

  test('gets the signals that cairn gets, and is recorded', async () => {
    const workspace = newWorkspace();
    const program = join(import.meta.dirname, '..', '..', 'bin', 'cairn');
    const child = spawn(
      process.execPath,
      [program, 'run', '--', 'sh', '-c', 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done'],
      {
        cwd: workspace.root,
        env: { PATH: process.env['PATH'] ?? '', CAIRN_AUTHOR: 'Ada <ada@example.org>' },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGTERM');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(9);
    expect(workspace.json('log', ['log', '--all', '--failed']).runs).toHaveLength(1);
  });

  test('exist is 127, cannot be run is 126, and neither is recorded', () => {
    const workspace = newWorkspace();
    workspace.write('plain', 'x', 0o644);
    expect(workspace.cairn(['run', '--', 'no-such-program']).status).toBe(127);
    expect(workspace.cairn(['run', '--', './plain']).status).toBe(126);
    expect(workspace.cairn(['run']).status).toBe(125);
    expect(workspace.json('log', ['log', '--all']).runs).toHaveLength(0);
  });

  test('make its declared output has failed, whatever it says', () => {
    const workspace = newWorkspace();
    const ran = workspace.json('run', ['run', '--output', 'o', '--', 'true'], { status: 125 });
    expect(ran).toMatchObject({ status: 'failed', exitStatus: 0, missing: ['o'] });
  });
});

describe('refused before anything runs', () => {
  const ranAnyway = (workspace: Workspace): boolean => workspace.exists('ran');

  test('a secret in the words, a parameter or a recorded variable', () => {
    const workspace = newWorkspace();
    const secret = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789';
    expect(workspace.error(['run', '--', 'sh', '-c', `echo ${secret} > ran`], 125).code).toBe('SECRET_LIKE');
    expect(workspace.error(['run', '--param', `k=${secret}`, '--', 'touch', 'ran'], 125).code).toBe('SECRET_LIKE');
    const env = { PYTHONPATH: `https://u:${secret}@host/x` };
    expect(workspace.error(['run', '--', 'touch', 'ran'], 125, { env }).code).toBe('SECRET_LIKE');
    expect(ranAnyway(workspace)).toBe(false);
  });

  test('an input that is not committed, was changed, or is gone', () => {
    const workspace = withInput();
    workspace.write('new.csv', 'x');
    expect(workspace.error(['run', '--input', 'new.csv', '--', 'touch', 'ran'], 125).code).toBe('REV_NOT_FOUND');
    workspace.write('in.csv', 'other');
    expect(workspace.error(['run', '--input', 'in.csv', '--', 'touch', 'ran'], 125).message).toMatch(/not committed/);
    workspace.remove('in.csv');
    expect(workspace.error(['run', '--input', 'in.csv', '--', 'touch', 'ran'], 125).code).toBe('PATH_NOT_FOUND');
    expect(ranAnyway(workspace)).toBe(false);
  });

  test('an output that is ignored, or lies where cairn keeps its own', () => {
    const workspace = newWorkspace();
    workspace.write('.cairnignore', 'cache/\n');
    expect(workspace.error(['run', '--output', 'cache/x', '--', 'touch', 'ran'], 125).code).toBe('BAD_ARGUMENT');
    expect(workspace.error(['run', '--output', '.run/x', '--', 'touch', 'ran'], 125).code).toBe('BAD_ARGUMENT');
    expect(ranAnyway(workspace)).toBe(false);
  });
});

describe('git', () => {
  test('the patch of a dirty tree is kept, and a secret in it refused', () => {
    const workspace = newWorkspace();
    const git = (...args: string[]): void => {
      const done = spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=b', ...args], { cwd: workspace.root });
      expect(done.status).toBe(0);
    };
    workspace.write('fit.sh', 'echo 1\n');
    git('init', '-q', '.');
    git('add', 'fit.sh');
    git('commit', '-qm', 'x');
    workspace.write('fit.sh', 'echo 2\n');
    workspace.json('run', ['run', '--', 'sh', 'fit.sh']);
    expect(workspace.cairn(['cat', 'HEAD:.run/patch.diff']).stdout).toContain('+echo 2');
    workspace.write('fit.sh', 'TOKEN=ghp_abcdefghijklmnopqrstuvwxyz0123456789\n');
    expect(workspace.error(['run', '--', 'sh', 'fit.sh'], 125).message).toMatch(/patch/);
  });
});

test('a file that cannot be read among the outputs is refused clearly, and the store stays clean', () => {
  if (process.getuid?.() === 0) return;
  const workspace = newWorkspace();
  mkdirSync(workspace.path('d'));
  const ran = workspace.cairn(['run', '--output-dir', 'd', '--', 'sh', '-c', 'echo > d/x; chmod 0 d/x']);
  expect(ran.status).toBe(125);
  chmodSync(workspace.path('d', 'x'), 0o600);
  clean(workspace);
});

test('a link among the words is no code that is known', () => {
  const workspace = newWorkspace();
  workspace.write('a.sh', 'echo x > o\n');
  symlinkSync('a.sh', workspace.path('l.sh'));
  workspace.json('run', ['run', '--output', 'o', '--', 'sh', 'l.sh'], wallClock);
  const again = workspace.cairn(['run', '--if-needed', '--output', 'o', '--', 'sh', 'l.sh'], wallClock);
  expect(again.stderr).toMatch(/not reused: the state of the code is not known/);
  expect(readFileSync(workspace.path('o'), 'utf8')).toBe('x\n');
});

test('equal bytes are an output when a run file names them or a command wrote them, and no change for commit', () => {
  const workspace = withInput();
  const paths = (rev: string): string[] =>
    (workspace.json('show', ['show', rev]) as unknown as { outputs: { path: string }[] }).outputs.map(
      ({ path }) => path,
    );
  expect(workspace.error(['commit', '-m', 'same', '--', 'in.csv'], 1).code).toBe('NOTHING_TO_COMMIT');
  workspace.write('run.json', JSON.stringify({ outputs: ['in.csv'], message: 'made again' }));
  workspace.json('commit', ['commit', '--run-file', 'run.json']);
  expect(paths('HEAD')).toEqual(['in.csv']);
  workspace.write('new.csv', 'new');
  workspace.says(['add', 'new.csv']);
  workspace.json('commit', ['commit', '--run-file', 'run.json']);
  expect(paths('HEAD')).toEqual(['in.csv', 'new.csv']);
  workspace.json('run', ['run', '--output', 'in.csv', '--', 'sh', '-c', 'cat in.csv > t; cat t > in.csv; rm t']);
  expect(paths('HEAD')).toEqual(['in.csv']);
  const touched = workspace.cairn(['run', '--output', 'in.csv', '--', 'true']);
  expect(touched.stderr).toContain('not written by the command, so not its outputs: in.csv');
  expect(paths('HEAD')).toEqual([]);
  clean(workspace);
});
