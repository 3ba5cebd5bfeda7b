import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Writer } from '../../../../src/adapters/process/descriptor-writer.ts';
import { openProcessRunner } from '../../../../src/adapters/process/process-runner.ts';
import type { ProcessEnded, ProcessNotStarted, ProcessRequest } from '../../../../src/ports/process.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'cairn-process-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const isLinux = process.platform === 'linux';

async function run(
  argv: readonly string[],
  options: Partial<ProcessRequest> & { stdout?: Writer; stderr?: Writer } = {},
): Promise<ProcessEnded | ProcessNotStarted> {
  const ignore: Writer = async () => undefined;
  const { stdout = ignore, stderr = ignore, ...request } = options;
  const clock = { now: () => Date.now(), kind: 'wall' } as const;
  return openProcessRunner({ clock, temporary: directory, stdout, stderr }).run({
    argv,
    cwd: directory,
    env: { PATH: process.env['PATH'] },
    stdin: 'none',
    stdoutTo: 'stdout',
    stderrTo: 'stderr',
    keep: { head: 1000, tail: 1000 },
    ...request,
  });
}

async function ended(...args: Parameters<typeof run>): Promise<ProcessEnded> {
  const outcome = await run(...args);
  if (outcome.kind !== 'ended') throw new Error(outcome.reason);
  return outcome;
}

describe('a command', () => {
  test('runs where and as it was told, and its streams are kept and passed on', async () => {
    const passed: string[] = [];
    const outcome = await ended(['sh', '-c', 'pwd; echo "$GREETING" >&2; cat; exit 3'], {
      env: { PATH: process.env['PATH'], GREETING: 'hé' },
      stdout: async (bytes) => void passed.push(`out ${text(bytes)}`),
      stderr: async (bytes) => void passed.push(`err ${text(bytes)}`),
    });
    expect(text(outcome.stdout.head)).toBe(`${directory}\n`);
    expect(text(outcome.stderr.head)).toBe('hé\n');
    expect(passed.toSorted()).toEqual(['err hé\n', `out ${directory}\n`]);
    expect(outcome).toMatchObject({ exitCode: 3, exitStatus: 3, outputLetGo: false, stillRunning: [] });
    expect(outcome.endedAtMs).toBeGreaterThanOrEqual(outcome.startedAtMs);
  });

  test('can open its own output by name, as scripts do', async () => {
    const outcome = await ended(['sh', '-c', 'echo one > /dev/stdout; echo two > /dev/stderr']);
    expect([text(outcome.stdout.head), text(outcome.stderr.head)]).toEqual(['one\n', 'two\n']);
  });

  test('leaves nothing behind where its pipes were made', () => {
    expect(readdirSync(directory)).toEqual([]);
  });

  test('that a signal ends says which', async () => {
    expect(await ended(['sh', '-c', 'kill -9 $$'])).toMatchObject({ signal: 'SIGKILL', exitStatus: 137 });
    expect(await ended(['sh', '-c', 'kill -TERM $$'])).toMatchObject({ signal: 'SIGTERM', exitStatus: 143 });
  });

  test('gets its arguments as they are', async () => {
    const args = ['a b', '', '*', '$HOME', "it's", 'é\n'];
    const outcome = await ended(['node', '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...args]);
    expect(JSON.parse(text(outcome.stdout.head))).toEqual(args);
  });
});

describe('what cannot run', () => {
  const file = (name: string, content: string, mode: number): string => {
    const path = join(directory, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };

  test('127 where there is no such program', async () => {
    expect(await run(['no-such-program'])).toEqual({
      kind: 'not-started',
      exitStatus: 127,
      reason: 'no-such-program: command not found',
    });
    expect(await run(['./nowhere'])).toMatchObject({ exitStatus: 127 });
    expect(await run([''])).toMatchObject({ exitStatus: 127 });
  });

  test('126 where there is one and it does not run', async () => {
    expect(await run([directory])).toMatchObject({ exitStatus: 126, reason: expect.stringMatching(/a directory/) });
    const plain = file('plain', 'echo hi\n', 0o644);
    expect(await run([plain])).toMatchObject({
      exitStatus: 126,
      reason: expect.stringMatching(/not marked as executable/),
    });
    const orphan = file('orphan', '#!/no/such/interpreter\n', 0o755);
    expect(await run([orphan])).toMatchObject({ exitStatus: 126, reason: expect.stringMatching(/interpreter/) });
    expect(await run(['sh', 'a\0b'])).toMatchObject({ exitStatus: 126, reason: expect.stringMatching(/NUL/) });
    expect(await run(['true', 'x'.repeat(4_000_000)])).toMatchObject({ exitStatus: 126 });
  });

  test('a script without a first line runs in a shell, as in a shell', async () => {
    file('bare', 'echo bare $1\n', 0o755);
    expect(text((await ended(['./bare', '7'])).stdout.head)).toBe('bare 7\n');
  });

  test('a directory that is not there is our failure, not the command’s', async () => {
    await expect(run(['true'], { cwd: join(directory, 'gone') })).rejects.toThrow(
      expect.objectContaining({ code: 'PATH_NOT_FOUND' }),
    );
  });
});

describe('output', () => {
  test('of any length passes in order, while only its ends are kept', async () => {
    let passed = 0;
    let isInOrder = true;
    let expected = 1;
    let rest = '';
    const outcome = await ended(['seq', '1', '400000'], {
      keep: { head: 4, tail: 7 },
      stdout: async (bytes) => {
        passed += bytes.length;
        const lines = (rest + text(bytes)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) isInOrder &&= Number(line) === expected++;
      },
    });
    expect([isInOrder, expected - 1, passed]).toEqual([true, 400_000, outcome.stdout.total]);
    expect([text(outcome.stdout.head), text(outcome.stdout.tail)]).toEqual(['1\n2\n', '400000\n']);
  });

  test('makes the command wait while nobody takes it', async () => {
    let taken = 0;
    const start = performance.now();
    const outcome = await ended(['head', '-c', '300000', '/dev/zero'], {
      stdout: async (bytes) => {
        taken += bytes.length;
        await new Promise((resolve) => setTimeout(resolve, 40));
      },
    });
    expect(taken).toBe(300_000);
    // 64 KiB fit into the pipe; the rest had to wait.
    expect(outcome.use.wallMs).toBeGreaterThan(80);
    expect(performance.now() - start).toBeGreaterThan(outcome.use.wallMs);
  });

  test('that cannot be passed on is kept all the same, and the trouble is told', async () => {
    const outcome = await ended(['sh', '-c', 'echo one; sleep 0.1; echo two'], {
      stdout: async () => {
        throw new Error('no space left');
      },
    });
    expect(text(outcome.stdout.head)).toBe('one\ntwo\n');
    expect(outcome).toMatchObject({ exitCode: 0, outputProblem: 'no space left' });
  });

  test('of a process that outlives the command is waited for a moment, then let go', async () => {
    const start = performance.now();
    const outcome = await ended(['sh', '-c', 'sleep 30 & echo started; sleep 0.1']);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(outcome).toMatchObject({ exitCode: 0, outputLetGo: true });
    expect(text(outcome.stdout.head)).toBe('started\n');
    if (isLinux)
      expect(outcome.stillRunning).toEqual([expect.objectContaining({ program: expect.stringMatching(/sleep/) })]);
    for (const { pid } of outcome.stillRunning) process.kill(pid, 'SIGKILL');
  });

  test('of a process that goes on and on does not hold us', async () => {
    const outcome = await ended(['sh', '-c', '(while echo x; do sleep 0.02; done) & exit 0']);
    expect(outcome).toMatchObject({ exitCode: 0, outputLetGo: true });
  });

  test('a daemon that closed its output is seen', async (context) => {
    if (!isLinux) return context.skip('only Linux shows processes in /proc');
    const outcome = await ended(['sh', '-c', 'sleep 30 > /dev/null 2>&1 & sleep 0.1']);
    expect(outcome.outputLetGo).toBe(false);
    expect(outcome.stillRunning).toHaveLength(1);
    for (const { pid } of outcome.stillRunning) process.kill(pid, 'SIGKILL');
  });
});

describe.runIf(isLinux)('what it takes (Linux)', () => {
  test('CPU time of the command and of what it waited for', async () => {
    const burn = 'const end = process.cpuUsage().user + 300000; while (process.cpuUsage().user < end);';
    const { use } = await ended(['sh', '-c', `node -e '${burn}'; true`]);
    expect(use.userCpuMs).toBeGreaterThanOrEqual(280);
    expect(use.userCpuMs).toBeLessThan(5000);
  });

  test('the largest resident set of any process below it, and which programs ran', async () => {
    const grow = 'const block = Buffer.alloc(200e6, 1); setTimeout(() => block[0], 300);';
    const { use, programs } = await ended(['sh', '-c', `node -e '${grow}'; true`]);
    expect(use.peakMemoryBytes).toBeGreaterThan(200e6);
    expect(use.peakMemoryBytes).toBeLessThan(600e6);
    expect(programs.map((program) => program.executable)).toContainEqual(expect.stringMatching(/\/node$/));
  });
});

describe('signals', () => {
  const place = (name: string): string => join(directory, name);

  interface Reported {
    readonly exitStatus: number;
    readonly exitCode?: number;
    readonly signal?: string;
    readonly stdout: { readonly head: string; readonly readerGone: boolean };
  }

  /** A process of its own around the runner, which gets signals once the command has said that it is ready. */
  async function signalled(name: string, script: string, signals: readonly NodeJS.Signals[]): Promise<Reported> {
    const report = place(`${name}.json`);
    mkdirSync(place(name));
    const harness = join(import.meta.dirname, 'run-and-report.ts');
    const child = spawn(process.execPath, [harness, report, 'sh', '-c', script], {
      cwd: place(name),
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const pending = [...signals];
    child.stdout.on('data', (bytes: Uint8Array) => {
      for (const _ of text(bytes).matchAll(/ready/g)) {
        const signal = pending.shift();
        if (signal !== undefined) child.kill(signal);
      }
    });
    await new Promise((resolve) => child.once('close', resolve));
    return JSON.parse(readFileSync(report, 'utf8')) as Reported;
  }

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const)(
    '%s goes to the command, and we live on to tell',
    async (signal) => {
      const reported = await signalled(signal, 'echo ready; exec sleep 30', [signal]);
      expect(reported).toMatchObject({ signal });
    },
  );

  test('a command may handle a signal in its own way', async () => {
    const script = 'trap "echo caught; exit 7" TERM; echo ready; while :; do sleep 0.05; done';
    const reported = await signalled('handled', script, ['SIGTERM']);
    expect(reported).toMatchObject({ exitCode: 7, stdout: { head: 'ready\ncaught\n' } });
  });

  test('every signal is passed on, not only the first', async () => {
    const script =
      'n=0; trap "n=\\$((n+1)); echo ready" INT; echo ready; while [ $n -lt 3 ]; do sleep 0.05; done; echo $n';
    const reported = await signalled('many', script, ['SIGINT', 'SIGINT', 'SIGINT']);
    expect(reported.stdout.head).toMatch(/3\n$/);
  });

  test('a reader that goes away is SIGPIPE to the command', async () => {
    const report = place('pipe.json');
    const harness = join(import.meta.dirname, 'run-and-report.ts');
    const child = spawn('sh', ['-c', '"$0" "$1" "$2" yes | head -n 1', process.execPath, harness, report], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.resume();
    await new Promise((resolve) => child.once('close', resolve));
    const reported = JSON.parse(readFileSync(report, 'utf8')) as Reported;
    expect(reported).toMatchObject({ signal: 'SIGPIPE', exitStatus: 141, stdout: { readerGone: true } });
  });
});
