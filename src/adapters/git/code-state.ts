/**
 * State of the git repository around a directory: commit, dirtiness, remote. Asked of the git program, so that every
 * layout it knows (worktrees, submodules, packed refs) is read right. Outside a repository, or without git, nothing is
 * known, and nothing is said.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripUserinfo } from '../../core/secret-screen.ts';

export interface GitState {
  readonly gitCommit?: string;
  readonly gitDirty?: boolean;
  readonly gitRemote?: string;
}

/** Starting git costs more than a small commit, so first it is looked whether there is anything to ask. */
function insideRepository(directory: string): boolean {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return true;
    if (dirname(at) === at) return false;
  }
}

function git(directory: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('git', ['-C', directory, ...args], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
      resolve(error === null ? stdout.trim() : undefined);
    });
  });
}

export async function gitState(directory: string): Promise<GitState> {
  if (!insideRepository(directory)) return {};
  const [commit, changes, remote] = await Promise.all([
    git(directory, ['rev-parse', 'HEAD']),
    git(directory, ['status', '--porcelain', '--untracked-files=no']),
    git(directory, ['config', '--get', 'remote.origin.url']),
  ]);
  if (commit === undefined || !/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit)) return {};
  return {
    gitCommit: commit,
    ...(changes === undefined ? {} : { gitDirty: changes !== '' }),
    ...(remote === undefined || remote === '' ? {} : { gitRemote: stripUserinfo(remote) }),
  };
}

/** `user.name` and `user.email` as git would use them there. */
export async function gitIdentity(directory: string): Promise<{ name: string; mail: string } | undefined> {
  const [name, mail] = await Promise.all([
    git(directory, ['config', '--get', 'user.name']),
    git(directory, ['config', '--get', 'user.email']),
  ]);
  return name === undefined || name === '' ? undefined : { name, mail: mail ?? '' };
}
