/** Which files of a workspace a command wrote or removed: two looks at every stat, before and after. */
import { type ScanResult, statColumns } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';
import { ignoredPaths } from '../workspace/ignored.ts';

export interface FileChanges {
  /** Files that are new, or that were written or touched. */
  readonly written: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
  /** Empty directories that were none before. */
  readonly emptied: ReadonlySet<string>;
}

/** Every file that is not ignored. */
export async function lookAtFiles(workspace: Pick<WorkspaceContext, 'files'>): Promise<ScanResult> {
  return workspace.files.scan([''], await ignoredPaths(workspace));
}

function sameStat(left: ScanResult, row: number, right: ScanResult, other: number): boolean {
  if (left.kinds[row] !== right.kinds[other]) return false;
  for (let column = 0; column < statColumns; column++) {
    if (left.stats[statColumns * row + column] !== right.stats[statColumns * other + column]) return false;
  }
  return true;
}

export function compareLooks(before: ScanResult, after: ScanResult): FileChanges {
  const rows = new Map(before.paths.map((path, row) => [path, row]));
  const written = new Set<string>();
  after.paths.forEach((path, row) => {
    const earlier = rows.get(path);
    rows.delete(path);
    if (earlier === undefined || !sameStat(before, earlier, after, row)) written.add(path);
  });
  const empty = new Set(before.emptyDirectories);
  return {
    written,
    removed: new Set(rows.keys()),
    emptied: new Set(after.emptyDirectories.filter((path) => !empty.has(path))),
  };
}

/** True when a path is one of these, or lies below one. */
export function isBelow(path: string, parents: readonly string[]): boolean {
  return parents.some((parent) => parent === '' || path === parent || path.startsWith(`${parent}/`));
}
