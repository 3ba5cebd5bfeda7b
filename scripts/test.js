// @ts-check
/**
 * All checks, cheapest first, until one fails; the test runner comes last, so that its closing lines are the last ones.
 * Arguments go to the runner: `npm test -- tests/unit/core` checks everything and runs those tests.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const runnerArguments = process.argv.slice(2);

/** What is checked, and the command in node_modules/.bin that does it. */
const checks = [
  { what: 'format and lint', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { what: 'types', command: ['tsc', '-b'] },
  { what: 'types of scripts', command: ['tsc', '-p', 'scripts'] },
  { what: 'layers', command: ['depcruise', '--config', '.dependency-cruiser.cjs', 'src'] },
  { what: 'unused files, exports and packages', command: ['knip', '--no-progress'] },
  { what: 'tests', command: ['vitest', 'run', ...runnerArguments] },
];

for (const { what, command } of checks) {
  const [name, ...args] = command;
  process.stdout.write(`test: ${what} (${name})\n`);
  const result = spawnSync(join(root, 'node_modules', '.bin', String(name)), args, { cwd: root, stdio: 'inherit' });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    process.stderr.write(`test: ${what}: failed\n`);
    process.exit(result.status ?? 1);
  }
}
