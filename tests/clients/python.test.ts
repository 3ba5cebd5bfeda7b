/**
 * The Python client with every interpreter of this machine that it is for: the first python3 runs all of its tests against
 * the built program, the others those of the process, of tables and of the README. `CAIRN_TEST_PYTHONS` (paths, with `:`
 * between them) names more, such as one with pandas. The client's tests say themselves what they claim.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const client = join(root, 'clients', 'python');
const caches = mkdtempSync(join(tmpdir(), 'cairn-python-caches-'));
afterAll(() => rmSync(caches, { recursive: true, force: true }));

const environment = {
  ...process.env,
  // bin/cairn starts under the node that runs this.
  PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
  CAIRN_EXECUTABLE: join(root, 'bin', 'cairn'),
  PYTHONDONTWRITEBYTECODE: '1',
};

interface Interpreter {
  readonly program: string;
  readonly version: string;
  readonly modules: readonly string[];
}

const probe = `
import importlib.util, json, sys
modules = [m for m in ("pandas", "polars", "pyarrow", "mypy") if importlib.util.find_spec(m)]
print(json.dumps({"program": sys.executable, "version": "%d.%d.%d" % sys.version_info[:3], "modules": modules}))
`;

function inspect(program: string): Interpreter | undefined {
  const asked = spawnSync(program, ['-c', probe], { encoding: 'utf8', env: environment });
  if (asked.status !== 0) return undefined;
  const found = JSON.parse(asked.stdout) as Interpreter;
  const [major = 0, minor = 0] = found.version.split('.').map(Number);
  return major === 3 && minor >= 9 ? found : undefined;
}

function versionsOfPyenv(): string[] {
  const folder = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  try {
    return readdirSync(folder).map((name) => join(folder, name, 'bin', 'python3'));
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw error;
  }
}

/** The first is python3; one of each minor version and set of libraries. */
function findInterpreters(): Interpreter[] {
  const named = (process.env['CAIRN_TEST_PYTHONS'] ?? '').split(delimiter).filter((path) => path !== '');
  const versions = [9, 10, 11, 12, 13, 14].map((minor) => `python3.${minor}`);
  const found = new Map<string, Interpreter>();
  for (const program of ['python3', ...named, '/usr/bin/python3', ...versionsOfPyenv(), ...versions]) {
    const interpreter = inspect(program);
    if (interpreter === undefined) continue;
    const kind = `${interpreter.version.split('.')[1]} ${interpreter.modules.join(' ')}`;
    if (!found.has(kind)) found.set(kind, interpreter);
  }
  return [...found.values()];
}

const interpreters = findInterpreters();
const [first, ...others] = interpreters;

interface Ended {
  readonly status: number | null;
  readonly said: string;
}

function python({ program }: Interpreter, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: client, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, said }));
  });
}

async function passes(interpreter: Interpreter, tests: readonly string[]): Promise<void> {
  const { status, said } = await python(interpreter, ['-W', 'error', '-m', 'unittest', ...tests]);
  expect(status, said).toBe(0);
  expect(said).toMatch(/^Ran [1-9]\d* tests? in /m);
  const reasons = new Set(Array.from(said.matchAll(/skipped '([^']+)'/g), (match) => match[1]));
  if (reasons.size > 0) console.log(`skipped under python ${interpreter.version}: ${[...reasons].join('; ')}`);
}

const describePython = (one: Interpreter): string => [one.version, ...one.modules].join(' with ');

describe('the Python client', () => {
  if (first === undefined) {
    test('has an interpreter to be tested with', (context) => {
      console.log('no python3 of 3.9 or newer starts here: the Python client is not tested');
      context.skip('no python3 of 3.9 or newer starts here');
    });
    return;
  }

  test.concurrent(`python3 (${describePython(first)}) passes all of its tests`, async () => {
    await passes(first, ['discover', '-v', '-s', 'tests', '-t', '.']);
  }, 120_000);

  test.concurrent(`works under ${others.map(describePython).join(', ') || 'no other interpreter, since there is none'}`, async () => {
    const tests = [
      'tests.test_process',
      'tests.test_frames',
      'tests.test_docs.PagesTest.test_the_readme_shows_code_that_runs',
    ];
    for (const one of others) await passes(one, ['-v', ...tests]);
  }, 120_000);

  test.concurrent('has types that hold', async (context) => {
    const typed = interpreters.find(({ modules }) => modules.includes('mypy'));
    if (typed === undefined) {
      console.log('no interpreter here has mypy: the types of the Python client are not checked');
      context.skip('no interpreter here has mypy');
      return;
    }
    const { status, said } = await python(typed, ['-m', 'mypy', '--cache-dir', caches]);
    expect(status, said).toBe(0);
  }, 120_000);
});
