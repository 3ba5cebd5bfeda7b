/** Files beside a command that fix the versions of its packages, as they are now. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

export interface LockFile {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

export const lockNames: { readonly [language: string]: readonly string[] } = {
  python: [
    'uv.lock',
    'poetry.lock',
    'pdm.lock',
    'Pipfile.lock',
    'pylock.toml',
    'conda-lock.yml',
    'environment.yml',
    'requirements.txt',
  ],
  node: ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'],
  R: ['renv.lock'],
  julia: ['Manifest.toml'],
};

/** A larger file is no lock file. */
const sizeLimit = 64 * 1024 * 1024;

function read(path: string, root: string): LockFile | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > sizeLimit) return undefined;
    const bytes = readFileSync(path);
    const inside = relative(root, path);
    const isInside = inside !== '' && !inside.startsWith('..');
    return {
      path: (isInside ? inside.split(sep).join('/') : path).toWellFormed(),
      sha256: createHash('sha256').update(bytes).digest('hex'),
      size: bytes.length,
    };
  } catch {
    return undefined; // not there, or not to be read: then it fixes nothing that can be told
  }
}

/** Of the nearest directory from `cwd` up to `root` that has any. */
export function findLocks(language: string, cwd: string, root: string): readonly LockFile[] {
  const names = lockNames[language] ?? [];
  for (let at = cwd; ; at = dirname(at)) {
    const found = names.flatMap((name) => read(join(at, name), root) ?? []);
    if (found.length > 0 || at === root || dirname(at) === at) return found;
  }
}
