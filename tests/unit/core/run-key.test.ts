import { describe, expect, test } from 'vitest';
import { runIdentitySchema } from '../../../src/core/records/run-schema.ts';
import type { DatasetIdentity, RunIdentity } from '../../../src/core/run-key.ts';
import { configHash, runKey, sortIdentity } from '../../../src/core/run-key.ts';

const whole: DatasetIdentity = {
  id: 'b'.repeat(64),
  algorithm: 'cairn.dataset/1',
  mode: 'STRICT',
  sha256: 'b'.repeat(64),
};
const sqlite: DatasetIdentity = {
  id: '00112233aabbccdd',
  algorithm: 'sqlite_logical_v2',
  mode: 'FAST_DEV',
  sha256: 'c'.repeat(64),
};
const identity: RunIdentity = {
  datasets: [whole, sqlite],
  params: { window: 20, signal: 'mömentum', alpha: 0.5, nested: { b: [1, null, true], a: 'x' } },
  engineVersion: '1.2.0',
  configVersion: 'c7',
  researchSpecVersion: 'rs-3',
  pipelineContractVersion: 'pc-1',
  seedVersion: 1,
  external: { runKey: 'legacy-key', datasetIdV2: '00112233aabbccdd' },
};
const minimal: RunIdentity = { datasets: [], params: {}, engineVersion: '1', configVersion: '1', seedVersion: 1 };

describe('the run key', () => {
  // Computed with Python: json.dumps(sort_keys=True, separators=(',', ':'), ensure_ascii=False), hashlib.sha256
  test('is the SHA-256 of the canonical identity under its schema', () => {
    expect(runKey(identity)).toBe('22951244dbaaa177586e634a2fa2f5a5badbe936b6434b8713540ef1d85a2ea6');
    expect(runKey(minimal)).toBe('0ce4702e508d84c3fb8a50d626d57ea31509c1989eaff7b812912ea452408352');
  });

  test('does not depend on the order of datasets or members', () => {
    const shuffled = Object.fromEntries(Object.entries(identity).reverse()) as unknown as RunIdentity;
    expect(runKey({ ...shuffled, datasets: [sqlite, whole] })).toBe(runKey(identity));
    expect(sortIdentity(identity).datasets).toEqual([sqlite, whole]);
  });

  test('sorts datasets by every field in turn', () => {
    const variants = [
      { ...whole, sha256: '0'.repeat(64) },
      whole,
      { ...whole, mode: 'FAST_DEV' as const },
      { ...whole, algorithm: 'a' },
      { ...whole, id: 'a' },
    ];
    expect(
      sortIdentity({ ...minimal, datasets: variants }).datasets.map((dataset) => variants.indexOf(dataset)),
    ).toEqual([4, 3, 2, 0, 1]);
  });

  test.each<[string, Partial<RunIdentity>]>([
    ['a dataset', { datasets: [whole] }],
    ['the mode of a dataset', { datasets: [whole, { ...sqlite, mode: 'STRICT' }] }],
    ['a parameter', { params: { ...identity.params, window: 21 } }],
    ['the engine version', { engineVersion: '1.2.1' }],
    ['the configuration version', { configVersion: 'c8' }],
    ['the research specification version', { researchSpecVersion: 'rs-4' }],
    ['the pipeline contract version', { pipelineContractVersion: 'pc-2' }],
    ['the seed version', { seedVersion: 2 }],
    ['an external key', { external: { runKey: 'other-key' } }],
  ])('changes with %s', (_, change) => {
    expect(runKey({ ...identity, ...change })).not.toBe(runKey(identity));
  });

  test('refuses a parameter that JSON cannot hold, naming it', () => {
    expect(() => runKey({ ...minimal, params: { a: Number.NaN } })).toThrow('$.params.a is NaN');
  });

  test('configHash is the SHA-256 of the canonical parameters', () => {
    expect(configHash(identity.params)).toBe('e95cda916d80732242aeda4ab2130380c0b57d3df19c725a18aec5ea851bfb2b');
  });
});

describe('the identity schema', () => {
  test('accepts an identity', () => {
    expect(runIdentitySchema.safeParse(identity).success).toBe(true);
    expect(runIdentitySchema.safeParse(minimal).success).toBe(true);
  });

  test.each<[string, object]>([
    ['an unknown field', { ...minimal, host: 'a' }],
    ['an unknown external field', { ...minimal, external: { path: '/a' } }],
    ['an unknown dataset field', { ...minimal, datasets: [{ ...whole, path: '/a' }] }],
    ['an unknown mode', { ...minimal, datasets: [{ ...whole, mode: 'LOOSE' }] }],
    ['a dataset without its SHA-256', { ...minimal, datasets: [{ ...whole, sha256: 'b' }] }],
    ['a missing engine version', { datasets: [], params: {}, configVersion: '1', seedVersion: 1 }],
    ['a seed version of 0', { ...minimal, seedVersion: 0 }],
    ['parameters that are a list', { ...minimal, params: [] }],
  ])('refuses %s', (_, value) => {
    expect(runIdentitySchema.safeParse(value).success).toBe(false);
  });
});
