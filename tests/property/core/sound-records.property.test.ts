import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalBytes } from '../../../src/core/canonical-json.ts';
import type { ContextRecord } from '../../../src/core/records/context.ts';
import { contextSchema } from '../../../src/core/records/context-schema.ts';
import { runSchema } from '../../../src/core/records/run-schema.ts';
import { checkedContextBytes, isSoundContext } from '../../../src/core/records/sound-context.ts';
import { checkedRunBytes, isSoundRun } from '../../../src/core/records/sound-run.ts';
import { sampleRun } from '../../conformance/manifest-sample.ts';

const sha = 'ab'.repeat(32);
const whole = {
  ...sampleRun().record,
  inputs: [{ artifact: sha, relation: 'derived_from', path: 'a/b', run: sha }],
  relations: [{ run: sha, relation: 'retries' }],
  edges: [{ child: sha, parent: sha, relation: 'uses_folds' }],
  code: { gitCommit: 'a'.repeat(40), gitDirty: true, gitRemote: 'https://example.org', patch: sha },
  plugins: [{ name: 'p', version: '1', sha256: sha }],
  command: { argv: ['true', ''], cwd: '', exitCode: 0, signal: 'SIGTERM', startedAt: '2026-01-01T00:00:00.000Z' },
  context: sha,
  contents: [sha],
  publication: sha,
  tags: { a: '' },
  metrics: { ic: 0.1 },
};

/** Places in the document, as lists of keys. */
function places(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, member]) => places(member, [...path, name]))];
}

function changed(value: unknown, path: readonly string[], to: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return to;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  if (rest.length === 0 && to === undefined) delete copy[name];
  else copy[name] = changed(copy[name], rest, to);
  return copy;
}

const other = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    '',
    'x',
    sha,
    sha.toUpperCase(),
    `${sha}a`,
    '\ud800',
    'y'.repeat(5000),
    'my.relation',
  ),
  fc.constantFrom(0, -1, 1.5, 2 ** 60, Number.NaN, true, [], {}, [sha], { a: 1 }, 'uses_null', '2026-01-01T00:00:00Z'),
);

test('a run that has everything is seen to be sound, and so is the plainest', async () => {
  expect(isSoundRun(whole)).toBe(true);
  expect(isSoundRun(sampleRun().record)).toBe(true);
  expect(await checkedRunBytes(sampleRun().record)).toStrictEqual(canonicalBytes(sampleRun().record));
});

/** Any name but the one that a list has by itself. */
const memberName = fc.string().filter((text) => text !== 'length');

const file = { path: 'a', sha256: sha, size: 1 };
const wholeContext: ContextRecord = {
  schema: 'cairn.context/1',
  host: { name: 'h', os: 'linux', osVersion: '', kernel: '', arch: 'x64', cpus: 2, cpuModel: 'c', memoryBytes: 1 },
  runtimes: [
    {
      language: 'python',
      version: '3',
      executable: '/usr/bin/python3',
      evidence: 'seen',
      packages: [{ name: 'numpy', version: '' }],
      locks: [file],
      problem: '',
    },
  ],
  variables: { TZ: '' },
  use: { wallMs: 0.5, userCpuMs: 0, systemCpuMs: 0, peakMemoryBytes: 0, samples: 0 },
  output: { stdout: { bytes: 1, cut: 0 }, stderr: { bytes: 1, cut: 1 } },
  code: [file],
  undeclared: { count: 1, paths: ['x'] },
  stillRunning: [''],
};

test('a context that has everything is seen to be sound, and one that is refused is refused with its words', async () => {
  expect(isSoundContext(wholeContext)).toBe(true);
  expect(await checkedContextBytes(wholeContext)).toStrictEqual(canonicalBytes(wholeContext));
  const bad = { ...wholeContext, use: { wallMs: -1, samples: 0 } };
  await expect(checkedContextBytes(bad)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
});

test.each([
  ['run', whole as object, isSoundRun, runSchema],
  ['context', wholeContext as object, isSoundContext, contextSchema],
])('what is seen to be a sound %s passes the schema', (_, sound, isSound, schema) => {
  const all = places(sound).filter((path) => path.length > 0 && path[1] !== 'params');
  fc.assert(
    fc.property(fc.constantFrom(...all), other, memberName, (path, to, extra) => {
      for (const candidate of [changed(sound, path, to), changed(sound, [...path.slice(0, -1), extra], to)]) {
        let isJson = true;
        try {
          canonicalBytes(candidate);
        } catch {
          isJson = false;
        }
        if (isJson && isSound(candidate)) expect(schema.safeParse(candidate).error?.issues).toBeUndefined();
      }
    }),
    { numRuns: Number(process.env['CAIRN_PROPERTY_RUNS'] ?? 2000) },
  );
});

test('a run that the schema refuses is refused with its words', async () => {
  const bad = { ...sampleRun().record, author: '' };
  await expect(checkedRunBytes(bad)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
});
