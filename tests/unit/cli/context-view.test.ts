import { describe, expect, test } from 'vitest';
import { contextFields, contextLines } from '../../../src/cli/context-view.ts';
import type { ContextRecord } from '../../../src/core/records/context.ts';

const id = '1'.repeat(64);
const context: ContextRecord = {
  schema: 'cairn.context/1',
  host: {
    name: 'here',
    os: 'linux',
    osVersion: '12',
    kernel: '6.1',
    arch: 'x64',
    cpus: 8,
    cpuModel: 'Fast',
    memoryBytes: 2 ** 34,
  },
  runtimes: [
    {
      language: 'python',
      version: '3.12.1',
      executable: '/usr/bin/python3',
      evidence: 'seen',
      packages: [
        { name: 'numpy', version: '2.0' },
        { name: 'pandas', version: '3.0' },
      ],
      locks: [{ path: 'uv.lock', sha256: '2'.repeat(64), size: 10 }],
    },
    { language: 'R', executable: '/usr/bin/R', evidence: 'named', problem: 'it did not answer' },
  ],
  variables: { TZ: 'UTC' },
  use: { wallMs: 1234, userCpuMs: 1000, systemCpuMs: 100, peakMemoryBytes: 2 ** 20, samples: 3 },
  output: { stdout: { bytes: 3, cut: 0 }, stderr: { bytes: 2 ** 22, cut: 2 ** 21 } },
  undeclared: { count: 7, paths: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
  stillRunning: ['sleep (12)'],
};

describe('the context of a run', () => {
  test('is told line by line, packages by their number and digest', () => {
    expect(contextLines(id, context)).toEqual([
      '',
      'Environment:',
      '  host: here, linux 12, kernel 6.1, x64',
      '  processors: 8 (Fast), memory 16 GiB',
      expect.stringMatching(
        /^ {2}python: 3\.12\.1 \(\/usr\/bin\/python3\), 2 packages \(digest [0-9a-f]{12}\), uv\.lock 222222222222$/,
      ),
      '  R: unknown version (/usr/bin/R), it did not answer',
      '  variable TZ: UTC',
      '  took: 1.2 s, CPU time 1.1 s, memory 1.0 MiB at least',
      '  printed: 3 B on stdout, 4.0 MiB on stderr (2.0 MiB not kept)',
      '  not declared: a, b, c, d, e and 2 more',
      '  still running: sleep (12)',
    ]);
    expect(contextFields(id, context)).toMatchObject({
      erased: false,
      runtimes: [{ packages: { count: 2 } }, { language: 'R' }],
    });
  });

  test('says that it was erased, and nothing where there never was one', () => {
    expect(contextLines(id, undefined)).toEqual(['', 'Environment: (erased)']);
    expect(contextFields(id, undefined)).toEqual({ erased: true });
    expect(contextLines(undefined, undefined)).toEqual([]);
    expect(contextFields(undefined, undefined)).toBeNull();
  });
});
