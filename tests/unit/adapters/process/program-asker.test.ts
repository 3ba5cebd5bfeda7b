import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openProgramAsker } from '../../../../src/adapters/process/program-asker.ts';
import type { ProgramAnswer } from '../../../../src/ports/process.ts';

async function ask(script: string, limitMs = 10_000, sha256?: string): Promise<ProgramAnswer> {
  const directory = mkdtempSync(join(tmpdir(), 'cairn-asker-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'program');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
  const asker = openProgramAsker({ directory, searchPath: '/usr/bin:/bin', limitMs });
  return asker.ask({ argv: ['./program', 'one word'], sha256: sha256 ?? digest, input: 'the facts' });
}

test('a program reads its input and its arguments, and its output is the answer', async () => {
  const { said, sha256 } = await ask('cat; echo " $1"');
  expect(said).toEqual({ text: 'the facts one word\n' });
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
});

test('it is told nothing of our environment', async () => {
  process.env['CAIRN_TEST_SECRET'] = 'x';
  expect((await ask('env | grep -c SECRET; true')).said).toEqual({ text: '0\n' });
});

test('whatever goes wrong is a problem, in words', async () => {
  const problems: [script: string, why: RegExp, limitMs?: number][] = [
    ['echo nonsense >&2; exit 3', /ended with status 3: nonsense/],
    ['kill -9 $$', /did not run to its end/],
    ['exec sleep 5', /no answer within 0\.2 s/, 200],
    ['yes', /more than 1048576 bytes/],
    ['echo "# more" >> program; echo ok', /changed while it ran/],
  ];
  for (const [script, why, limitMs] of problems)
    expect((await ask(script, limitMs)).said).toEqual({ problem: expect.stringMatching(why) });
});

test('another file than the one that was pinned is not run', async () => {
  const answer = await ask('touch was-run; echo ok', undefined, '0'.repeat(64));
  expect(answer.said).toEqual({ problem: expect.stringContaining('another program') });
  expect(answer.sha256).not.toBe('0'.repeat(64));
});

test('a program that is not there has no digest', async () => {
  const asker = openProgramAsker({ directory: '/', searchPath: '/nowhere' });
  expect(await asker.ask({ argv: ['no-such-program'], sha256: '', input: '' })).toEqual({
    sha256: undefined,
    said: { problem: 'no-such-program: it was not found' },
  });
});
