/** Documentation that cannot rot: what it lists is compared with what the program has. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandNames } from '../src/cli/command-table.ts';
import { errorCodes, exitStatusByKind } from '../src/core/errors.ts';
import { newWorkspace } from './cli/cairn.ts';

const root = join(import.meta.dirname, '..');

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

interface DocumentedError {
  readonly code: string;
  readonly kind: string;
  readonly exitStatus: number;
  readonly meaning: string;
  readonly next: string;
}

/** The rows of docs/errors.md: `| CODE | meaning | next |` under headings `## Exit N: … (`kind`)`. */
function documentedErrors(): DocumentedError[] {
  const errors: DocumentedError[] = [];
  let heading: { exitStatus: number; kind: string } | undefined;
  for (const line of read('docs/errors.md').split('\n')) {
    const title = /^## Exit (\d+): .*\(`([a-z-]+)`\)$/.exec(line);
    if (title) heading = { exitStatus: Number(title[1]), kind: String(title[2]) };
    const row = /^\| `([A-Z_]+)` \| (.+?) \| (.+?) \|$/.exec(line);
    if (row && heading)
      errors.push({ ...heading, code: String(row[1]), meaning: String(row[2]), next: String(row[3]) });
  }
  return errors;
}

describe('docs/errors.md', () => {
  test('lists every code of the registry once, with its kind, exit status and meaning', () => {
    const registered = Object.entries(errorCodes).map(([code, [kind, meaning]]) => ({
      code,
      kind,
      exitStatus: exitStatusByKind[kind],
      meaning,
    }));
    const documented = documentedErrors().map(({ next: _, ...error }) => error);
    const byCode = (left: { code: string }, right: { code: string }): number => (left.code < right.code ? -1 : 1);
    expect(documented.toSorted(byCode)).toEqual(registered.toSorted(byCode));
  });

  test('says for every code what to do next', () => {
    expect(documentedErrors().filter(({ next }) => next.length < 20)).toEqual([]);
  });
});

/** The lines of a Markdown file's shell blocks, without prompts, comments and empty lines. */
function shellLines(file: string): string[] {
  return Array.from(read(file).matchAll(/^```(?:sh|bash|console)\n([\s\S]*?)^```/gm), (block) => String(block[1]))
    .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
    .map((line) =>
      line
        .replace(/^\$ /, '')
        .replace(/\s+#.*$/, '')
        .trim(),
    )
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** The words of a command line; quotes only as double quotes around a word. */
function words(line: string): string[] {
  return Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), (word) => word[1] ?? String(word[2]));
}

describe('README.md', () => {
  const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;

  test('shows the two commands of a fresh clone on its first screen, and package.json has them', () => {
    const firstScreen = read('README.md').split('\n').slice(0, 30).join('\n');
    for (const name of ['start', 'test']) {
      expect(firstScreen).toContain(`npm ${name}`);
      expect(scripts[name]).toMatch(/^node scripts\/setup\.cjs && /);
    }
    expect(read('.ci/run')).toContain('exec npm test');
  });

  test('names only scripts that package.json has', () => {
    const named = Array.from(read('README.md').matchAll(/\bnpm run ([\w:-]+)/g), (match) => String(match[1]));
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('shows commands that work, in the order in which they stand', () => {
    const workspace = newWorkspace();
    const tour = shellLines('README.md').filter((line) => line.startsWith('cairn '));
    expect(tour.length).toBeGreaterThanOrEqual(10);
    workspace.commit('the day before', {
      'data/prices.csv': read('fixtures/market/stocks.csv'),
      'results/ic.json': '{"mean_ic": 0.05}\n',
    });
    workspace.write('results/ic.json', '{"mean_ic": 0.06}\n');
    for (const line of tour) workspace.says(words(line).slice(1));
  });

  test('shows library code that compiles against the package, and runs', () => {
    const [snippet = ''] = Array.from(read('README.md').matchAll(/^```ts\n([\s\S]*?)^```/gm), (block) => block[1]);
    expect(snippet).toContain("from 'cairn'");
    const folder = join(root, 'dist', '.snippets');
    const file = join(folder, 'readme.ts');
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, snippet);
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    const compiled = spawnSync(join(root, 'node_modules/.bin/tsc'), [...options, '--ignoreConfig', file], {
      cwd: root,
    });
    expect(compiled.stdout.toString()).toBe('');
    const workspace = newWorkspace();
    workspace.write('results/ic.json', '{"mean_ic": 0.06}\n');
    const ran = spawnSync(process.execPath, [file], { cwd: workspace.root, encoding: 'utf8' });
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^[0-9a-f]{64} 1\n$/);
  });
});

describe('every page', () => {
  const pages = ['README.md', 'objects-layout.md', 'bench/README.md', 'fixtures/market/README.md'].concat(
    readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
  );

  test.each(pages)('%s: commands exist, and links lead somewhere', (page) => {
    const known = new Set(commandNames());
    const typed = shellLines(page).filter((line) => line.startsWith('cairn '));
    const commands = typed.map((line) => words(line).find((word, index) => index > 0 && !word.startsWith('-')) ?? '');
    expect(commands.filter((name) => !known.has(name) && name !== 'help')).toEqual([]);
    const links = Array.from(read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g), (link) => String(link[1]));
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(local.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  });
});
