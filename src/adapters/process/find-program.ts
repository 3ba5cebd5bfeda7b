/** Which file a command would run: what a shell does with the first word. */
import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export type FoundProgram =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'not-executable'; readonly path: string; readonly reason: string }
  | { readonly kind: 'not-found' };

function look(path: string): FoundProgram {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return { kind: 'not-executable', path, reason: 'it is a directory' };
    if (!stat.isFile()) return { kind: 'not-executable', path, reason: 'it is no regular file' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') return { kind: 'not-executable', path, reason: 'permission denied' };
    return { kind: 'not-found' };
  }
  try {
    accessSync(path, constants.X_OK);
    return { kind: 'found', path };
  } catch {
    return { kind: 'not-executable', path, reason: 'it is not marked as executable' };
  }
}

/** A word with a `/` is a path from `cwd`; any other is looked up in `searchPath`, whose empty parts mean `cwd`. */
export function findProgram(word: string, searchPath: string, cwd: string): FoundProgram {
  if (word === '') return { kind: 'not-found' };
  if (word.includes('/')) return look(resolve(cwd, word));
  let refused: FoundProgram = { kind: 'not-found' };
  for (const directory of searchPath.split(':')) {
    const found = look(join(resolve(cwd, directory), word));
    if (found.kind === 'found') return found;
    // A directory of that name is no program; a shell goes on as well.
    if (found.kind === 'not-executable' && refused.kind === 'not-found') refused = found;
  }
  return refused;
}
