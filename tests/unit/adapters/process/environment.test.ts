import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environmentProbe } from '../../../../src/adapters/process/environment.ts';
import { sha256Hex } from '../../../../src/core/sha256.ts';
import type { ObservedProgram, RuntimeFacts } from '../../../../src/ports/process.ts';

let root = '';
let bin = '';

function program(name: string, script: string): string {
  const path = join(bin, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cairn-environment-')));
  bin = join(root, 'bin');
  mkdirSync(join(root, 'work', 'deep'), { recursive: true });
  mkdirSync(bin);
  program(
    'python3.12',
    `echo '{"version": "CPython 3.12.1", "packages": [["numpy", "2.0"], ["b", "1"], ["numpy", "2.0"]]}'`,
  );
  symlinkSync('python3.12', join(bin, 'python'));
  program('Rscript', 'printf "R version 4.3.1 (2023-06-16)\\nbase 4.3.1\\nzoo 1.8-12\\n"');
  program('julia', 'echo "julia version 1.10.0"');
  program('fit', '');
  writeFileSync(join(root, 'work', 'script'), '#!/usr/bin/env python\n');
  chmodSync(join(root, 'work', 'script'), 0o755);
  writeFileSync(join(root, 'work', 'uv.lock'), 'locked');
  writeFileSync(join(root, 'work', 'Manifest.toml'), '');
  mkdirSync(join(root, 'work', 'node_modules'));
  const tree = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/a/node_modules/@x/b': { version: '2.0.0' },
    },
  };
  writeFileSync(join(root, 'work', 'node_modules', '.package-lock.json'), JSON.stringify(tree));
});
afterAll(() => rmSync(root, { recursive: true }));

function runtimes(
  argv: readonly string[],
  programs: readonly ObservedProgram[] = [],
): Promise<readonly RuntimeFacts[]> {
  const work = join(root, 'work');
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  return environmentProbe().runtimes({ argv, cwd: join(work, 'deep'), root: work, env, programs });
}

describe('the machine', () => {
  test('says what it is', async () => {
    const host = await environmentProbe().host();
    expect(host.os).toBe(process.platform);
    expect(host.cpus).toBeGreaterThan(0);
    expect(host.memoryBytes).toBeGreaterThan(1e6);
    expect(host.osVersion).not.toBe('');
  });
});

describe('the runtimes of a command', () => {
  test('python: version, packages once each, and the lock file above it', async () => {
    expect(await runtimes(['python', 'fit.py'])).toEqual([
      {
        language: 'python',
        version: 'CPython 3.12.1',
        executable: join(bin, 'python'),
        evidence: 'named',
        packages: [
          { name: 'b', version: '1' },
          { name: 'numpy', version: '2.0' },
        ],
        locks: [{ path: 'uv.lock', sha256: sha256Hex('locked'), size: 6 }],
      },
    ]);
  });

  test('R, julia and node in their own ways', async () => {
    expect(await runtimes(['Rscript', 'fit.R'])).toMatchObject([
      {
        language: 'R',
        version: 'R version 4.3.1 (2023-06-16)',
        packages: [{ name: 'base' }, { name: 'zoo', version: '1.8-12' }],
      },
    ]);
    expect(await runtimes(['julia', 'fit.jl'])).toMatchObject([
      { language: 'julia', version: 'julia version 1.10.0', locks: [{ path: 'Manifest.toml' }] },
    ]);
    expect(await runtimes([process.execPath, 'fit.js'])).toMatchObject([
      { language: 'node', version: process.version, packages: [{ name: '@x/b', version: '2.0.0' }, { name: 'a' }] },
    ]);
  });

  test.each<[argv: string[], languages: string[]]>([
    [['fit'], []],
    [['cat', 'python'], []],
    [['env', 'X=1', 'python', 'fit.py'], ['python']],
    [['timeout', '5', 'Rscript', 'fit.R'], ['R']],
    [
      ['sh', '-c', 'cd x && python fit.py; julia -e 1 | cat'],
      ['python', 'julia'],
    ],
    [['bash', '-ec', 'echo python-free'], []],
    [['sh', 'fit.sh'], []],
    [['../script'], ['python']],
    [['no-such-program'], []],
  ])('%j uses %j', async (argv, languages) => {
    expect((await runtimes(argv)).map((runtime) => runtime.language)).toEqual(languages);
  });

  test('what was seen running counts before what was named, and keeps the name of its virtual environment', async () => {
    const real = join(bin, 'python3.12');
    expect(await runtimes(['make'], [{ executable: real, name: join(bin, 'python') }])).toMatchObject([
      { language: 'python', evidence: 'seen', executable: join(bin, 'python') },
    ]);
    expect(await runtimes(['Rscript', 'x'], [{ executable: real, name: 'other' }])).toMatchObject([
      { language: 'python', evidence: 'seen', executable: real },
      { language: 'R', evidence: 'named' },
    ]);
  });

  test('a runtime that does not answer is a problem that is told', async () => {
    program('python9', 'echo broken >&2; exit 1');
    program('python8', 'echo not json');
    expect(await runtimes(['python9', 'x'])).toMatchObject([
      { language: 'python', problem: expect.stringMatching(/python9/) },
    ]);
    expect(await runtimes(['python8', 'x'])).toMatchObject([{ problem: expect.stringMatching(/not understood/) }]);
  });
});
