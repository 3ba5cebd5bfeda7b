/** What named paths mean before anything is read: what is refused, what is ignored, what has gone. */
import { CodedError } from '../../core/errors.ts';
import type { ScanResult } from '../../ports/workspace.ts';
import type { WorkingTree } from './working-tree.ts';

export function refuse(problem: ScanResult['problems'][number]): CodedError {
  return new CodedError(problem.code, `${problem.path}: ${problem.reason}`, {
    hint:
      problem.code === 'BAD_PATH'
        ? 'Rename it, or list it in .cairnignore.'
        : 'Change its permissions, or list it in .cairnignore.',
    data: { path: problem.path },
  });
}

/** Refuses named paths that the ignore rules hide. */
export function checkIgnored(
  paths: readonly string[],
  ignores: (path: string, isDirectory: boolean) => boolean,
  isDirectory: (path: string) => boolean,
): void {
  for (const path of paths) {
    const parts = path.split('/');
    const hidden = parts.some((_, depth) => {
      const part = parts.slice(0, depth + 1).join('/');
      return part !== '' && ignores(part, depth < parts.length - 1 || isDirectory(part));
    });
    if (!hidden) continue;
    throw new CodedError('BAD_ARGUMENT', `${path} is ignored by .cairnignore`, {
      hint: 'Add it all the same with --force.',
      data: { path },
    });
  }
}

/**
 * Tracked files at or below the given paths that are no longer there. Below a directory only files that this workspace had
 * count: what another workspace committed to the branch was never here, and is not removed by its absence.
 */
export async function removedPaths(tree: WorkingTree, scan: ScanResult, paths: readonly string[]): Promise<string[]> {
  const gone: string[] = [];
  const below = paths.filter((path) => path !== '').map((path) => `${path}/`);
  const everything = paths.includes('');
  let present: Set<string> | undefined;
  for (const path of tree.trackedPaths()) {
    if (!everything && !paths.includes(path) && !below.some((prefix) => path.startsWith(prefix))) continue;
    if (!tree.wasHere(path) && !paths.includes(path)) continue;
    present ??= new Set(scan.paths);
    if (!present.has(path)) gone.push(path);
  }
  const explained = new Set(gone);
  for (const path of scan.missing) {
    if (explained.has(path) || gone.some((one) => one.startsWith(`${path}/`))) continue;
    if (await tree.hasEmptyDirectory(path)) {
      gone.push(path);
      continue;
    }
    throw new CodedError('PATH_NOT_FOUND', `${path} does not exist`, {
      hint: 'Check the spelling; paths are relative to the current directory.',
      data: { path },
    });
  }
  return gone;
}
