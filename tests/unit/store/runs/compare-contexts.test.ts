import { describe, expect, test } from 'vitest';
import type { ContextRecord } from '../../../../src/core/records/context.ts';
import { compareContexts } from '../../../../src/store/runs/compare-contexts.ts';

const base: ContextRecord = {
  schema: 'cairn.context/1',
  host: { name: 'here', os: 'Linux', osVersion: '6', kernel: '6.1', arch: 'x64', cpus: 8, memoryBytes: 1024 },
  runtimes: [
    {
      language: 'python',
      version: '3.12.1',
      executable: '/usr/bin/python3',
      evidence: 'seen',
      packages: [{ name: 'numpy', version: '2.0' }],
      locks: [{ path: 'uv.lock', sha256: '1'.repeat(64), size: 10 }],
    },
  ],
  variables: { OMP_NUM_THREADS: '4' },
  use: { wallMs: 10, samples: 1 },
};

describe('compareContexts', () => {
  test('finds nothing where only what a run took differs', () => {
    expect(compareContexts(base, { ...base, use: { wallMs: 99, samples: 2 } })).toEqual([]);
  });

  test('names host, runtimes, packages and variables that differ', () => {
    const [python] = base.runtimes;
    const after: ContextRecord = {
      ...base,
      host: { ...base.host, cpus: 16 },
      runtimes: python === undefined ? [] : [{ ...python, version: '3.13.0', packages: [], locks: [] }],
      variables: { TZ: 'UTC' },
    };
    expect(compareContexts(base, after)).toEqual([
      { name: 'processors', before: 8, after: 16 },
      { name: 'python', before: '3.12.1', after: '3.13.0' },
      { name: 'python lock uv.lock', before: '1'.repeat(64), after: undefined },
      { name: 'python package numpy', before: '2.0', after: undefined },
      { name: 'variable OMP_NUM_THREADS', before: '4', after: undefined },
      { name: 'variable TZ', before: undefined, after: 'UTC' },
    ]);
  });

  test('tells two programs of one language apart', () => {
    const other = { language: 'python', version: '3.9.0', executable: '/opt/python', evidence: 'seen' as const };
    const after: ContextRecord = { ...base, runtimes: [...base.runtimes, other] };
    expect(compareContexts(base, after)).toEqual([
      { name: 'python /opt/python', before: undefined, after: '3.9.0' },
      { name: 'python /opt/python executable', before: undefined, after: '/opt/python' },
    ]);
  });
});
