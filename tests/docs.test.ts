/** Documentation that cannot rot: what it lists is compared with what the program has. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { operationNames } from '../src/app/operations.ts';
import { commandNames } from '../src/cli/command-table.ts';
import { errorCodes, exitStatusByKind } from '../src/core/errors.ts';
import { aStudy } from './cli/a-signal-study.ts';
import { newWorkspace, type Workspace } from './cli/cairn.ts';

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
    const workspace = newWorkspace();
    workspace.write('results/ic.json', '{"mean_ic": 0.06}\n');
    expect(runSnippet('README.md', workspace)).toMatch(/^[0-9a-f]{64} 1\n$/);
  });
});

/** Compiles the first TypeScript of a page against the package and runs it in a workspace; what it printed. */
function runSnippet(page: string, workspace: Workspace): string {
  const [snippet = ''] = Array.from(read(page).matchAll(/^```ts\n([\s\S]*?)^```/gm), (block) => block[1]);
  expect(snippet).toContain("from 'cairn'");
  const folder = join(root, 'dist', '.snippets');
  const file = join(folder, `${basename(page, '.md').toLowerCase()}.ts`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, snippet);
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
  const compiled = spawnSync(join(root, 'node_modules/.bin/tsc'), [...options, '--ignoreConfig', file], { cwd: root });
  expect(compiled.stdout.toString()).toBe('');
  const ran = spawnSync(process.execPath, [file], { cwd: workspace.root, encoding: 'utf8' });
  expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: '' });
  return ran.stdout;
}

describe('docs/guides/governance.md', () => {
  const page = 'docs/guides/governance.md';

  test('tells a story whose commands work, in the order in which they stand', () => {
    const { workspace } = aStudy();
    let [candidate, report] = ['', ''];
    for (const line of shellLines(page)) {
      const [, author, command = ''] = /^(?:CAIRN_AUTHOR="([^"]*)" )?cairn (.*)$/.exec(line) ?? [];
      const args = words(command).map((word) => (word === '3f2a' ? candidate : word === '7c1d' ? report : word));
      const env = author === undefined ? {} : { env: { CAIRN_AUTHOR: author } };
      workspace.says(args, 0, env);
      const [newest] = workspace.json('candidate.list', ['candidate', 'list']).candidates;
      candidate = newest?.candidateId ?? '';
      report = workspace.json('candidate.show', ['candidate', 'show', candidate]).reports[0]?.eligibilityReportId ?? '';
    }
    expect(candidate).not.toBe('');
  }, 120_000);

  test('shows library code that compiles against the package, and runs', () => {
    expect(runSnippet(page, aStudy().workspace)).toBe('1\n');
  }, 60_000);
});

describe('docs/guides/pipelines.md', () => {
  const page = 'docs/guides/pipelines.md';

  function pipeline(): Workspace {
    const workspace = newWorkspace();
    workspace.commit('prices', { 'prices.csv': read('fixtures/market/stocks.csv') });
    workspace.write('out/prices.csv', 'ts,close\n2026-01-02,10.5\n');
    workspace.write('out/momentum.csv', 'ts,signal\n2026-01-02,0.5\n');
    return workspace;
  }

  test('shows commands that work, in the order in which they stand', () => {
    const workspace = pipeline();
    const lines = shellLines(page);
    expect(lines.length).toBeGreaterThanOrEqual(4);
    for (const line of lines) {
      const [, request] = /^echo '(.*)' \| cairn ops$/.exec(line) ?? [];
      const ran =
        request === undefined ? workspace.cairn(words(line).slice(1)) : workspace.cairn(['ops'], { input: request });
      expect({ line, status: ran.status, stderr: ran.stderr }).toEqual({ line, status: 0, stderr: '' });
    }
  });

  test('shows requests that are answered', () => {
    const requests = Array.from(read(page).matchAll(/^```json\n([\s\S]*?)^```/gm), (block) => String(block[1]));
    const ran = pipeline().cairn(['ops', '--stream'], { input: requests.join('') });
    expect(ran.stderr).toBe('');
    expect(ran.stdout.trim().split('\n').length).toBe(requests.join('').trim().split('\n').length);
  });

  test('lists every operation', () => {
    const listed = Array.from(read(page).matchAll(/^\| `([a-z_]+)` \|/gm), (row) => String(row[1]));
    expect(operationNames.filter((name) => !listed.includes(name))).toEqual([]);
  });

  test('shows library code that compiles against the package, and runs', () => {
    expect(runSnippet(page, pipeline())).toBe('true\n');
  });
});

describe('docs/guides/tables.md', () => {
  test('shows commands that work, over a table with the rules that it shows', () => {
    const page = 'docs/guides/tables.md';
    const [rules = ''] = Array.from(read(page).matchAll(/^```yaml\n([\s\S]*?)^```/gm), (block) => block[1]);
    const lines = shellLines(page);
    expect(lines.length).toBeGreaterThanOrEqual(3);
    const workspace = newWorkspace();
    const prices = read('fixtures/market/stocks.csv');
    const yesterday = prices.slice(0, prices.lastIndexOf('\n', prices.length - 2) + 1);
    for (const config of ['', rules]) {
      workspace.write('cairn.yaml', config);
      workspace.commit('the day before', { 'prices.csv': yesterday });
      workspace.commit('today', { 'prices.csv': prices });
      workspace.write('prices.csv', yesterday);
      for (const line of lines) workspace.says(words(line).slice(1));
    }
    expect(workspace.json('dataset.id', ['dataset', 'id', 'HEAD:prices.csv']).datasets).toMatchObject([
      { mode: 'STRICT', members: [{ algorithm: 'cairn.table/1' }] },
    ]);
  });
});

test('docs/guides/keys.md shows commands that work, in the order in which they stand', () => {
  const workspace = newWorkspace();
  const lines = shellLines('docs/guides/keys.md');
  expect(lines.length).toBeGreaterThanOrEqual(8);
  for (const line of lines) workspace.says(words(line).slice(1));
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
