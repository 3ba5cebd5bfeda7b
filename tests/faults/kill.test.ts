/** `kill -9` at random points: the store opens, fsck is clean without any step by hand, and what was reported is there. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cairn, cairnJson, emptyDirectory, faultPlan, killed, seededNumbers } from './program.ts';

const { seed, rounds } = faultPlan(10);
const random = seededNumbers(seed);
const timeout = 30_000 * rounds;
const label = `(seed ${seed}, ${rounds} rounds; CAIRN_FAULT_SEED and CAIRN_FAULT_ROUNDS choose others)`;

function fill(root: string, round: number, count: number): void {
  mkdirSync(join(root, 'data'), { recursive: true });
  for (let index = 0; index < count; index++)
    writeFileSync(join(root, `data/${index}.csv`), `round,${round}\nrow,${index}\n${'x'.repeat(index % 700)}`);
  writeFileSync(join(root, 'data/large.bin'), Buffer.alloc(1_500_000, round));
}

function expectSound(root: string): void {
  const fsck = cairn(root, 'fsck', '--read-data', '--json');
  expect(fsck.stdout, fsck.stderr).toContain('"ok":true');
  expect(fsck.status).toBe(0);
}

test(`add and commit ${label}`, { timeout }, async () => {
  const root = emptyDirectory('kill');
  cairnJson(root, 'init');
  const reported = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    fill(root, round, 400);
    await killed(20 + random() * 250, root, 'add', '.');
    expectSound(root);
    expect(cairn(root, 'add', '.').status).toBe(0);
    const commit = await killed(20 + random() * 250, root, 'commit', '-m', `round ${round}`, '--allow-empty', '--json');
    if (commit.status === 0) reported.add((JSON.parse(commit.stdout) as { runInstanceId: string }).runInstanceId);
    expectSound(root);
    const { runs } = cairnJson(root, 'log', '--limit', '0') as { runs: { runInstanceId: string }[] };
    const known = new Set(runs.map((run) => run.runInstanceId));
    for (const run of reported) expect(known).toContain(run);
  }
  expect(cairn(root, 'add', '.').status).toBe(0);
  expect(cairn(root, 'commit', '-m', 'after all', '--allow-empty').status).toBe(0);
  expect((cairnJson(root, 'status') as { clean: boolean }).clean).toBe(true);
});

test(`gc ${label}`, { timeout }, async () => {
  const root = emptyDirectory('kill-gc');
  cairnJson(root, 'init');
  for (let round = 0; round < Math.min(rounds, 6); round++) {
    fill(root, round, 200);
    cairnJson(root, 'add', '.');
    cairnJson(root, 'commit', '-m', `kept ${round}`);
    for (let index = 0; index < 200; index++)
      writeFileSync(join(root, `data/${index}.csv`), `garbage ${round} ${index}`);
    cairnJson(root, 'add', '.');
    cairnJson(root, 'rm', '--staged', '.');
    await killed(20 + random() * 300, root, 'gc', '--grace', '0s', '--yes');
    expectSound(root);
  }
  expect(cairn(root, 'gc', '--grace', '0s', '--yes').status).toBe(0);
  expectSound(root);
  const leftover = readdirSync(join(root, '.cairn/tmp'));
  expect(leftover).toEqual([]);
  const out = emptyDirectory('kill-gc-out');
  cairnJson(root, 'checkout', 'HEAD~2', '--to', out);
  expect(readFileSync(join(out, 'data/5.csv'), 'utf8')).toContain('row,5');
});

test(`checkout ${label}`, { timeout }, async () => {
  const root = emptyDirectory('kill-checkout');
  cairnJson(root, 'init');
  fill(root, 1, 600);
  cairnJson(root, 'add', '.');
  cairnJson(root, 'commit', '-m', 'one');
  const expected = new Map(
    readdirSync(join(root, 'data')).map((name) => [name, readFileSync(join(root, 'data', name))]),
  );
  for (let round = 0; round < rounds; round++) {
    rmSync(join(root, 'data'), { recursive: true });
    await killed(20 + random() * 200, root, 'checkout', 'HEAD');
    expectSound(root);
    const there = existsSync(join(root, 'data')) ? readdirSync(join(root, 'data')) : [];
    for (const name of there.filter((entry) => expected.has(entry))) {
      const found = readFileSync(join(root, 'data', name));
      // A file that the kill caught between its creation and its one write is empty; `checkout` says so and mends it.
      if (found.length > 0) expect(found.equals(expected.get(name) as Buffer), name).toBe(true);
    }
    expect(cairn(root, 'checkout', 'HEAD', '--force').status).toBe(0);
    for (const [name, bytes] of expected) expect(readFileSync(join(root, 'data', name)).equals(bytes), name).toBe(true);
  }
});
