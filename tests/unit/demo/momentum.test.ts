/** The research program of `npm start`, against numbers that a separate Python program computed from the same files. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const market = join(root, 'fixtures', 'market');
const work = mkdtempSync(join(tmpdir(), 'cairn-momentum-'));
afterAll(() => rmSync(work, { recursive: true }));

function study(name: string, params: object): { status: number | null; stderr: string; directory: string } {
  const directory = join(work, name);
  writeFileSync(join(work, `${name}.json`), JSON.stringify(params));
  const args = [join(root, 'demo/research/momentum.js'), market, join(work, `${name}.json`), directory];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stderr, directory };
}

function metrics(directory: string): Record<string, number> {
  return JSON.parse(readFileSync(join(directory, 'metrics.json'), 'utf8')) as Record<string, number>;
}

describe('momentum study', () => {
  test.each([
    {
      params: { window: 12, horizon: 1 },
      stocks: { mean_ic: 0.0636363636, t_stat: 1.12956617, hit_rate: 0.5, periods: 110 },
      index: { sp500_ic: 0.0248388793, sp500_t_stat: 0.3759964567, sp500_hit_rate: 0.6233766234, sp500_periods: 231 },
    },
    {
      params: { window: 6, horizon: 3 },
      stocks: { mean_ic: 0.0552631579, t_stat: 0.5333679836, hit_rate: 0.5263157895, periods: 38 },
      index: { sp500_ic: 0.0374391431, sp500_t_stat: 0.3287576366, sp500_hit_rate: 0.6202531646, sp500_periods: 79 },
    },
    {
      params: { window: 9, horizon: 2, skip: 0 },
      stocks: { mean_ic: 0.0839285714, t_stat: 1.0919500333, hit_rate: 0.5357142857, periods: 56 },
      index: { sp500_ic: -0.0263528601, sp500_t_stat: -0.2827011216, sp500_hit_rate: 0.6153846154, sp500_periods: 117 },
    },
  ])('finds what an independent program finds: $params', ({ params, stocks, index }) => {
    const { status, directory } = study(`of-${Object.values(params).join('-')}`, params);
    expect(status).toBe(0);
    const found = metrics(directory);
    for (const [name, value] of Object.entries({ ...stocks, ...index })) expect(found[name]).toBeCloseTo(value, 9);
  });

  test('writes the same bytes each time', () => {
    const digests = ['once', 'twice'].map((name) => {
      const { directory } = study(name, { window: 12, horizon: 1 });
      const digest = (file: string): string =>
        createHash('sha256')
          .update(readFileSync(join(directory, file)))
          .digest('hex');
      return Object.fromEntries(readdirSync(directory).map((file) => [file, digest(file)]));
    });
    expect(Object.keys(digests[0] ?? {})).toEqual(['ic.json', 'metrics.json', 'returns.csv', 'signal.csv']);
    expect(digests[0]).toEqual(digests[1]);
  });

  test('refuses parameters that make no sense', () => {
    expect(study('negative', { window: -1, horizon: 1 }).stderr).toContain('window must be a whole number');
    expect(study('backwards', { window: 1, horizon: 1 }).stderr).toContain('window must exceed skip');
  });
});

test('the prices are the published ones', () => {
  const listed = Array.from(
    readFileSync(join(market, 'README.md'), 'utf8').matchAll(/^\| `(\S+)` .* `([0-9a-f]{64})` \|$/gm),
  );
  expect(listed.map(([, file]) => file)).toEqual(['sp500-2000.csv', 'stocks.csv']);
  for (const [, file, sha256] of listed) {
    const bytes = readFileSync(join(market, String(file)));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  }
});
