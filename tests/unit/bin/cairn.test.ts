/** bin/cairn: what happens under an old node, before the build, and when a signal comes. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');

interface Installed {
  readonly directory: string;
  readonly bin: string;
  /** Arguments that make node believe it is an old one. */
  readonly asOldNode: readonly string[];
}

/** bin/ in a place of its own, with a program that does what it is told. */
function install({ program = '', ownNode = false }): Installed {
  const directory = mkdtempSync(join(tmpdir(), 'cairn-bin-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  cpSync(join(root, 'bin'), join(directory, 'bin'), { recursive: true });
  if (program !== '') {
    mkdirSync(join(directory, 'dist'));
    writeFileSync(join(directory, 'dist', 'cairn.cjs'), program);
  }
  if (ownNode) {
    mkdirSync(join(directory, 'node_modules', '.bin'), { recursive: true });
    const script = `#!/bin/sh\nexec '${process.execPath}' "$@"\n`;
    writeFileSync(join(directory, 'node_modules', '.bin', 'node'), script, { mode: 0o755 });
  }
  const disguise = join(directory, 'disguise.cjs');
  writeFileSync(
    disguise,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.14.9' } });`,
  );
  return { directory, bin: join(directory, 'bin', 'cairn'), asOldNode: ['--require', disguise] };
}

function run(args: readonly string[]): {
  status: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
} {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, signal, stdout, stderr };
}

test('says what is needed under a node that is too old', () => {
  const { bin, asOldNode } = install({ program: 'throw new Error("must not be loaded")' });
  expect(run([...asOldNode, bin, 'log'])).toEqual({
    status: 70,
    signal: null,
    stdout: '',
    stderr: 'cairn needs Node.js 22.15 or newer; this is v22.14.9\n',
  });
});

test('runs under the own node of the project when there is one: arguments, output and status are kept', () => {
  const program = `console.log(process.versions.node, process.argv.slice(2)); process.exitCode = 5;`;
  const { bin, asOldNode } = install({ program, ownNode: true });
  const ran = run([...asOldNode, bin, 'log', '--', 'a b']);
  expect(ran).toEqual({
    status: 5,
    signal: null,
    stdout: `${process.versions.node} [ 'log', '--', 'a b' ]\n`,
    stderr: '',
  });
});

test('ends by the signal that ended the program', () => {
  const { bin, asOldNode } = install({ program: `process.kill(process.pid, 'SIGKILL');`, ownNode: true });
  expect(run([...asOldNode, bin]).signal).toBe('SIGKILL');
});

test('passes signals on', async () => {
  const program = `process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); console.log('ready');`;
  const { bin, asOldNode } = install({ program, ownNode: true });
  const child = spawn(process.execPath, [...asOldNode, bin], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', () => child.kill('SIGTERM'));
  const status = await new Promise((resolve) => child.once('exit', resolve));
  expect(status).toBe(9);
});

test('says how to build when nothing is built', () => {
  const { bin, directory } = install({});
  const { status, stderr } = run([bin]);
  expect(status).toBe(70);
  expect(stderr).toBe(`cairn is not built here: run \`npm run build\` in ${directory}\n`);
});

test('finds its program through a symbolic link', () => {
  const { bin, directory } = install({ program: `console.log('here');` });
  const link = join(directory, 'linked');
  symlinkSync(bin, link);
  expect(run([link]).stdout).toBe('here\n');
});
