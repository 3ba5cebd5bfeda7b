/** The shape of the code, as claims: arrows between layers, purity, sizes and names of files, and the lock file. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const pureLayers = ['core', 'verify', 'ports', 'store'];

interface CruiseSummary {
  totalCruised: number;
  violations: { from: string; to: string; rule: { name: string; severity: string } }[];
}

/** The layer rules over the `src` of a directory. */
function cruise(directory: string): CruiseSummary {
  const command = join(root, 'node_modules', '.bin', 'depcruise');
  const result = spawnSync(command, ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'], {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  return (JSON.parse(result.stdout) as { summary: CruiseSummary }).summary;
}

function sourceFiles(folder = join(root, 'src')): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => relative(root, join(folder, name)).replaceAll('\\', '/'));
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Source without comments, so that prose may speak of what code may not do. String literals stay. */
function code(file: string): string {
  return transformSync(read(file), { loader: 'ts', legalComments: 'none' }).code.replace(/^\s*\/[/*].*$/gm, '');
}

/** `file: match` for every file in which the pattern occurs. */
function occurrences(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) => Array.from(code(file).matchAll(pattern), (match) => `${file}: ${match[0]}`));
}

/** Tracked files, and those that would be tracked by `git add`. */
function repositoryFiles(): string[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  return list.toString('utf8').split('\0').filter(Boolean);
}

describe('layers', () => {
  const copy = mkdtempSync(join(tmpdir(), 'cairn-layers-'));
  afterAll(() => rmSync(copy, { recursive: true }));

  test('no module imports what its layer may not, and the rules see every module', () => {
    const summary = cruise(root);
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
    expect(summary.totalCruised).toBeGreaterThanOrEqual(sourceFiles().length - 1); // pure.d.ts is imported by nobody
  });

  test('planted violations are reported, each by the rule that forbids it', () => {
    for (const name of ['src', 'package.json', '.dependency-cruiser.cjs']) {
      cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const plant = (file: string, text: string): void => {
      mkdirSync(join(copy, file, '..'), { recursive: true });
      writeFileSync(join(copy, file), text);
    };
    plant('src/core/planted.ts', `import type { A } from '../store/planted.ts';\nexport type B = A;\n`);
    plant('src/store/planted.ts', `export type A = 1;\nexport const os = await import('node:os');\n`);
    plant(
      'src/verify/planted.ts',
      `import { x } from './planted-too.ts';\nimport 'better-sqlite3';\nexport type Y = typeof x;\n`,
    );
    plant('src/verify/planted-too.ts', `import type { Y } from './planted.ts';\nexport const x: Y | 1 = 1;\n`);
    plant('src/verify/planted-signing.ts', `import '../core/planted-signing.ts';\n`);
    plant('src/core/planted-signing.ts', `import './signing.ts';\n`);
    plant(
      'src/adapters/one/planted.ts',
      `export type { Z } from '../two/planted.ts';\nimport '../../app/planted.ts';\n`,
    );
    plant('src/adapters/two/planted.ts', `export type Z = import('better-sqlite3').Database;\n`);
    plant('src/app/planted.ts', `import 'vitest';\nimport './nowhere.ts';\n`);
    plant('src/cli/planted.ts', `import type { Z } from '../adapters/two/planted.ts';\nexport type Q = Z;\n`);
    const planted = cruise(copy).violations.filter(({ from }) => from.includes('planted'));
    expect(new Set(planted.map(({ rule }) => rule.name))).toEqual(
      new Set([
        'core-imports-only-its-layers',
        'store-is-free-of-node',
        'verify-uses-only-its-packages',
        'verify-does-not-sign',
        'only-adapters-sqlite-imports-better-sqlite3',
        'no-cycles',
        'no-adapter-imports-another',
        'adapters-imports-only-its-layers',
        'app-uses-only-its-packages',
        'source-needs-no-development-packages',
        'no-unresolvable-imports',
        'cli-imports-only-its-layers',
      ]),
    );
  });

  test('only app reads the environment; only app, cli and adapters know the process', () => {
    const files = sourceFiles();
    const outsideApp = files.filter((file) => !file.startsWith('src/app/'));
    expect(occurrences(outsideApp, /\bprocess\.env\b|\bprocess\[|\{[^}]*\benv\b[^}]*\} = process\b/g)).toEqual([]);
    const others = files.filter((file) => !/^src\/(app|cli|adapters)\//.test(file));
    expect(occurrences(others, /\bprocess\.\w+|\bfrom ["'](node:)?process["']/g)).toEqual([]);
  });

  test('the pure layers have no clock, no randomness and no buffer', () => {
    const pure = sourceFiles().filter((file) => pureLayers.includes(file.split('/')[1] ?? ''));
    const impure =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\bBuffer\b|\bglobalThis\b|\bsetTimeout\b/g;
    expect(occurrences(pure, impure)).toEqual([]);
  });

  test('ports hold interfaces and constants, nothing that runs', () => {
    const ports = sourceFiles(join(root, 'src', 'ports'));
    expect(occurrences(ports, /\bfunction\b|=>|\bclass\b|\bnew\b/g)).toEqual([]);
  });

  test('types of the database driver stay in its adapter', () => {
    const others = sourceFiles().filter((file) => !file.startsWith('src/adapters/sqlite/'));
    expect(others.filter((file) => /better-sqlite3/.test(code(file)))).toEqual([]);
  });
});

describe('lint', () => {
  const copy = mkdtempSync(join(tmpdir(), 'cairn-lint-'));
  afterAll(() => rmSync(copy, { recursive: true }));

  test('a promise that nobody waits for and `any` are errors, across modules too', () => {
    const configuration = JSON.parse(read('biome.json')) as { vcs: unknown };
    writeFileSync(join(copy, 'biome.json'), JSON.stringify({ ...configuration, vcs: undefined }));
    writeFileSync(
      join(copy, 'work.ts'),
      'export async function work(): Promise<number> {\n  return await save();\n}\n',
    );
    writeFileSync(
      join(copy, 'planted.ts'),
      `import { work } from './work.ts';
export function go(port: { put(): Promise<void> }, value: any): void {
  work();
  port.put();
  [value].forEach(async () => await work());
}`,
    );
    const command = join(root, 'node_modules', '.bin', 'biome');
    const result = spawnSync(command, ['lint', '--reporter=json', '.'], { cwd: copy, encoding: 'utf8' });
    const { diagnostics } = JSON.parse(result.stdout) as { diagnostics: { category: string; severity: string }[] };
    const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ category }) => category);
    expect(errors.toSorted()).toEqual([
      'lint/nursery/noFloatingPromises',
      'lint/nursery/noFloatingPromises',
      'lint/nursery/noMisusedPromises',
      'lint/suspicious/noExplicitAny',
    ]);
  });
});

describe('files', () => {
  test('source files are small: none above 350 lines, nine in ten at most 250', () => {
    // What a script writes is a text, not a source.
    const lengths = sourceFiles()
      .filter((file) => !/written here by scripts\//.test(read(file)))
      .map((file) => ({ file, lines: read(file).split('\n').length - 1 }));
    expect(lengths.filter(({ lines }) => lines > 350)).toEqual([]);
    expect(lengths.filter(({ lines }) => lines > 250).length).toBeLessThanOrEqual(Math.ceil(lengths.length / 10));
  });

  test('no file or folder is named after a pattern', () => {
    const vague = /^(utils?|helpers?|managers?|common|misc|types|interfaces?|.*-(utils?|helpers?|manager))(\.|$)/i;
    const parts = repositoryFiles().flatMap((file) => file.split('/').map((part) => ({ file, part })));
    expect(parts.filter(({ part }) => vague.test(part)).map(({ file }) => file)).toEqual([]);
  });

  test('no default exports, enums or parameter properties in the source', () => {
    expect(occurrences(sourceFiles(), /^export default\b/gm)).toEqual([]);
    expect(sourceFiles().filter((file) => /^\s*(export )?(const )?enum \w/m.test(read(file)))).toEqual([]);
  });

  test('no tracked file names a place on the machine that wrote it', () => {
    const places = [
      root,
      homedir(),
      ['', 'work', 'shared'].join('/'),
      ['', 'work', 'main'].join('/'),
      ['', 'root', ''].join('/'),
    ];
    const real = places.filter((place) => place.length > 4);
    const binary = /\.(pack|bin|zst|sqlite|tar|png)$/;
    const found = repositoryFiles()
      .filter((file) => !binary.test(basename(file)))
      .flatMap((file) => real.filter((place) => read(file).includes(place)).map((place) => `${file}: ${place}`));
    expect(found).toEqual([]);
  });
});

describe('package-lock.json', () => {
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Record<string, unknown>> };
  const installed = Object.entries(lock.packages).filter(([name]) => name !== '');

  test('has the integrity of every package and the download address of none', () => {
    expect(installed.length).toBeGreaterThan(30);
    expect(installed.filter(([, entry]) => 'resolved' in entry).map(([name]) => name)).toEqual([]);
    expect(installed.filter(([, entry]) => typeof entry['integrity'] !== 'string').map(([name]) => name)).toEqual([]);
    expect(read('package-lock.json')).not.toMatch(/\.tgz\b|registry\./);
  });

  test('pins the node that scripts run under', () => {
    expect(lock.packages['node_modules/node']?.['version']).toMatch(/^24\./);
    expect(process.versions.node).toBe(lock.packages['node_modules/node']?.['version']);
  });
});
