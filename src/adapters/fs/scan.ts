/**
 * Walking a workspace: every file with its stat, in the order of paths. Symbolic links are reported, never followed, not
 * even as a parent directory of a path that was named. `.git` and `.cairn` are never entered.
 */
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { compareUtf8, utf8Order } from '../../core/bytes.ts';
import { systemError } from '../../core/system-error.ts';
import { type FileKind, type IgnoreFilter, type ScanResult, statColumns } from '../../ports/workspace.ts';
import { kindOf, writeStat } from './file-stat.ts';

type Problem = ScanResult['problems'][number];

const neverEntered = new Set(['.git', '.cairn']);

class Columns {
  #stats = new Float64Array(statColumns * 1024);
  readonly paths: string[] = [];
  readonly kinds: FileKind[] = [];

  push(path: string, stat: Stats): void {
    const index = this.paths.length;
    if (statColumns * (index + 1) > this.#stats.length) {
      const larger = new Float64Array(2 * this.#stats.length);
      larger.set(this.#stats);
      this.#stats = larger;
    }
    writeStat(this.#stats, index, stat);
    this.paths.push(path);
    this.kinds.push(kindOf(stat));
  }

  stats(): Float64Array {
    return this.#stats.subarray(0, statColumns * this.paths.length);
  }
}

/** The system lists names in the order of their bytes as a rule; then nothing needs to be sorted. */
function isSorted(names: readonly string[], order: (left: string, right: string) => number): boolean {
  for (let index = 1; index < names.length; index++) {
    if (order(names[index - 1] as string, names[index] as string) > 0) return false;
  }
  return true;
}

/** Names of a directory that are not UTF-8, as text with the bad bytes escaped. */
function badNames(directory: string): string[] {
  const strict = new TextDecoder('utf-8', { fatal: true });
  return readdirSync(directory, { encoding: 'buffer' }).flatMap((name) => {
    try {
      strict.decode(name);
      return [];
    } catch {
      return [
        [...name]
          .map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`))
          .join(''),
      ];
    }
  });
}

class Walk {
  readonly columns = new Columns();
  readonly emptyDirectories: string[] = [];
  readonly problems: Problem[] = [];
  readonly missing: string[] = [];
  readonly #root: string;
  readonly #ignores: NonNullable<IgnoreFilter['ignoresIn']>;

  constructor(root: string, ignores: IgnoreFilter) {
    this.#root = root;
    this.#ignores =
      ignores.ignoresIn ??
      ((directory, name, isDirectory) => ignores(directory === '' ? name : `${directory}/${name}`, isDirectory));
  }

  directory(path: string): void {
    const absolute = path === '' ? this.#root : `${this.#root}/${path}`;
    let names: string[];
    try {
      names = readdirSync(absolute);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT') return;
      if (code === 'ENAMETOOLONG') {
        this.#tooLong(path);
        return;
      }
      if (code !== 'EACCES' && code !== 'EPERM') throw systemError('cannot list', error, absolute);
      this.problems.push({ path, reason: 'the directory cannot be read', code: 'NOT_PERMITTED' });
      return;
    }
    if (names.length === 0 && path !== '') this.emptyDirectories.push(path);
    if (names.some((name) => name.includes('\ufffd'))) names = this.#goodNames(path, absolute, names);
    // A directory may be entered only after the files that sort before it, `a.b` before `a/`; so it waits for its turn.
    const prefix = path === '' ? '' : `${path}/`;
    const order = utf8Order(names);
    if (!isSorted(names, order)) names.sort(order);
    const waiting: string[] = [];
    for (const name of names) {
      while (waiting.length > 0 && order(`${waiting[0]}/`, name) < 0) this.directory(prefix + waiting.shift());
      if (neverEntered.has(name)) continue;
      const stat = this.#look(`${absolute}/${name}`, prefix + name);
      // A file that has vanished since is left out.
      if (stat === undefined) continue;
      const isDirectory = stat.isDirectory();
      if (this.#ignores(path, name, isDirectory)) continue;
      if (isDirectory) waiting.push(name);
      else this.columns.push(prefix + name, stat);
    }
    for (const name of waiting) this.directory(prefix + name);
  }

  #look(absolute: string, path: string): Stats | undefined {
    try {
      return lstatSync(absolute, { throwIfNoEntry: false });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENAMETOOLONG')
        throw systemError('cannot look at', error, absolute);
      this.#tooLong(path);
      return undefined;
    }
  }

  /** The system takes paths of some 4,000 bytes; a message need not repeat them. */
  #tooLong(path: string): void {
    this.problems.push({
      path: `${path.slice(0, 120)}…`,
      reason: 'the path is longer than the system allows',
      code: 'BAD_PATH',
    });
  }

  /** Reports names that are no UTF-8, and returns the others. */
  #goodNames(path: string, absolute: string, names: string[]): string[] {
    const bad = badNames(absolute);
    for (const name of bad) {
      this.problems.push({
        path: path === '' ? name : `${path}/${name}`,
        reason: 'the name is not valid UTF-8',
        code: 'BAD_PATH',
      });
    }
    return bad.length === 0 ? names : names.filter((name) => !name.includes('\ufffd'));
  }

  /** A path that the user named. */
  named(path: string): void {
    if (path === '') {
      this.directory('');
      return;
    }
    const parts = path.split('/');
    for (let depth = 1; depth <= parts.length; depth++) {
      const part = parts.slice(0, depth).join('/');
      let stat: Stats | undefined;
      try {
        stat = lstatSync(join(this.#root, part), { throwIfNoEntry: false });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR')
          throw systemError('cannot look at', error, join(this.#root, part));
      }
      if (stat === undefined) {
        this.missing.push(path);
        return;
      }
      if (depth < parts.length && stat.isSymbolicLink()) {
        this.problems.push({
          path,
          reason: `${part} is a symbolic link, and links are not followed`,
          code: 'BAD_PATH',
        });
        return;
      }
      if (depth < parts.length) continue;
      if (!stat.isDirectory()) this.columns.push(path, stat);
      else if (!neverEntered.has(parts[depth - 1] as string)) this.directory(path);
    }
  }
}

/** Drops paths that lie below another one, so that nothing is walked twice. */
function outermost(paths: readonly string[]): string[] {
  const sorted = [...new Set(paths)].sort(compareUtf8);
  if (sorted[0] === '') return [''];
  const kept: string[] = [];
  const inside = new Set<string>();
  for (const path of sorted) {
    const parts = path.split('/');
    const covered = parts.some((_, depth) => depth > 0 && inside.has(parts.slice(0, depth).join('/')));
    if (covered) continue;
    inside.add(path);
    kept.push(path);
  }
  return kept;
}

export function scanFiles(root: string, paths: readonly string[], ignores: IgnoreFilter): ScanResult {
  const walk = new Walk(root, ignores);
  const starts = outermost(paths);
  for (const path of starts) walk.named(path);
  const { columns, emptyDirectories, problems, missing } = walk;
  if (starts.length === 1)
    return { paths: columns.paths, stats: columns.stats(), kinds: columns.kinds, emptyDirectories, problems, missing };
  // Several starts: the walks are sorted each, but `a`, `a/b` and `a.c` as starts need not be in the order of paths.
  const order = columns.paths.map((_, index) => index);
  order.sort((left, right) => compareUtf8(columns.paths[left] as string, columns.paths[right] as string));
  const stats = new Float64Array(statColumns * order.length);
  const from = columns.stats();
  order.forEach((index, position) => {
    stats.set(from.subarray(statColumns * index, statColumns * (index + 1)), statColumns * position);
  });
  return {
    paths: order.map((index) => columns.paths[index] as string),
    stats,
    kinds: order.map((index) => columns.kinds[index] as FileKind),
    emptyDirectories,
    problems,
    missing,
  };
}
