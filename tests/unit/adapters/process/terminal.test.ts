import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Makes a terminal, starts the command line in it, types Ctrl-C twice, and prints what came out. */
const terminal = `
import os, pty, select, sys, time
child, fd = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
output, typed, since = b"", 0, time.time()
while True:
    ready, _, _ = select.select([fd], [], [], 0.05)
    if ready:
        try: data = os.read(fd, 4096)
        except OSError: break
        if not data: break
        output += data
    if output.count(b"ready") > typed and typed < 2 and time.time() - since > 0.2:
        os.write(fd, b"\\x03")
        typed, since = typed + 1, time.time()
os.waitpid(child, 0)
sys.stdout.write(output.decode())
`;
const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0;

test('on a terminal, a command gets each Ctrl-C once and the terminal as its input', (context) => {
  if (!hasPython) {
    const reason = 'needs python3 to make a terminal';
    console.log(`skipped: ${reason}`);
    return context.skip(reason);
  }
  const directory = mkdtempSync(join(tmpdir(), 'cairn-terminal-'));
  try {
    const report = join(directory, 'report.json');
    const harness = join(import.meta.dirname, 'run-and-report.ts');
    const script =
      'n=0; trap "n=\\$((n+1)); echo ready \\$n" INT; test -t 0 && echo terminal; echo ready; while [ $n -lt 2 ]; do sleep 0.05; done; sleep 0.3; echo total $n';
    const result = spawnSync('python3', ['-c', terminal, process.execPath, harness, report, 'sh', '-c', script], {
      cwd: directory,
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(result.stderr).toBe('');
    expect(result.stdout).toMatch(/terminal[\s\S]*total 2/);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ exitCode: 0 });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
