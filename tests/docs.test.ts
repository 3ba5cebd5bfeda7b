/** Documentation that cannot rot: what it lists is compared with what the program has. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorCodes, exitStatusByKind } from '../src/core/errors.ts';

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

describe.runIf(existsSync(join(root, 'README.md')))('README.md', () => {
  test('shows the two commands of a fresh clone on its first screen, and package.json has them', () => {
    const firstScreen = read('README.md').split('\n').slice(0, 50).join('\n');
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const name of ['start', 'test']) {
      expect(firstScreen).toContain(`npm ${name}`);
      expect(scripts[name]).toMatch(/^node scripts\/setup\.cjs && /);
    }
    expect(read('.ci/run')).toContain('exec npm test');
  });

  test('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = shellLines('README.md').flatMap((line) =>
      Array.from(line.matchAll(/\bnpm run ([\w:-]+)/g), (m) => m[1]),
    );
    expect(named.filter((name) => name !== undefined && !(name in scripts))).toEqual([]);
  });
});
