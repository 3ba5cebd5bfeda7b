import { expect, test } from 'vitest';
import { utf8 } from '../../../../src/core/bytes.ts';
import type { ContextRecord } from '../../../../src/core/records/context.ts';
import { contextBytes, parseContextRecord } from '../../../../src/core/records/context-schema.ts';

const context: ContextRecord = {
  schema: 'cairn.context/1',
  host: { name: 'vm', os: 'linux', osVersion: 'Debian', kernel: '6.1', arch: 'x64', cpus: 2, memoryBytes: 1024 },
  runtimes: [
    {
      language: 'python',
      version: 'CPython 3.11.2',
      executable: '/usr/bin/python3',
      evidence: 'seen',
      packages: [{ name: 'numpy', version: '1.24.2' }],
      locks: [{ path: 'uv.lock', sha256: 'a'.repeat(64), size: 10 }],
    },
  ],
  variables: { TZ: 'UTC' },
  use: { wallMs: 12.5, userCpuMs: 10, systemCpuMs: 0, peakMemoryBytes: 4096, samples: 3 },
  output: { stdout: { bytes: 10, cut: 0 }, stderr: { bytes: 3_000_000, cut: 902_848 } },
  undeclared: { count: 1, paths: ['tmp/x'] },
  stillRunning: ['/usr/bin/sleep'],
};

test('a context comes back as it was written', () => {
  expect(parseContextRecord(contextBytes(context))).toEqual(context);
});

test('an unknown field, another schema and bytes that are not canonical are refused', () => {
  const refused = expect.objectContaining({ code: 'RECORD_INVALID' });
  const text = new TextDecoder().decode(contextBytes(context));
  expect(() => parseContextRecord(utf8(text.replace('"cpus":2', '"cpus":2,"cpvs":2')))).toThrow(refused);
  expect(() => parseContextRecord(utf8(text.replace('context/1', 'context/2')))).toThrow(refused);
  expect(() => parseContextRecord(utf8(`${text} `))).toThrow(refused);
  expect(() => contextBytes({ ...context, use: { wallMs: -1, samples: 0 } })).toThrow(
    expect.objectContaining({ code: 'BAD_ARGUMENT' }),
  );
});
