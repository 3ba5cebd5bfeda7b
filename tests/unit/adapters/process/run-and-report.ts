/** Runs a command through the process runner with this process's own streams; the outcome goes to the file that is named. */
import { writeFileSync } from 'node:fs';
import { openProcessRunner } from '../../../../src/adapters/process/process-runner.ts';

const [, , report = '', ...argv] = process.argv;
const runner = openProcessRunner({ clock: { now: () => Date.now(), kind: 'wall' }, temporary: process.cwd() });
const outcome = await runner.run({
  argv,
  cwd: process.cwd(),
  env: process.env,
  stdin: 'inherit',
  stdoutTo: 'stdout',
  stderrTo: 'stderr',
  keep: { head: 1000, tail: 1000 },
});
writeFileSync(
  report,
  JSON.stringify(outcome, (_, value: unknown) =>
    value instanceof Uint8Array ? new TextDecoder().decode(value) : value,
  ),
);
