/**
 * Patches of a dirty tree, and the trees of other commits, by the git program (`CodeRepository`). A worktree shares the
 * objects of the repository around the workspace and changes none of its files.
 */
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CodeRepository } from '../../ports/code-repository.ts';

interface Answer {
  readonly ok: boolean;
  readonly out: Uint8Array;
  readonly err: string;
  readonly cut: boolean;
}

function insideRepository(directory: string): boolean {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return true;
    if (dirname(at) === at) return false;
  }
}

/** Runs git; output beyond `limit` bytes is let go. */
function git(
  directory: string,
  args: readonly string[],
  options: { limit?: number; input?: Uint8Array } = {},
): Promise<Answer> {
  const limit = options.limit ?? 1024 * 1024;
  return new Promise((resolve) => {
    const child = spawn('git', ['-C', directory, '-c', 'core.hooksPath=/dev/null', ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else child.kill();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (err.length < 4096) err += chunk.toString('utf8');
    });
    child.stdin.on('error', () => undefined); // it may end before it has read all: its answer says why
    child.on('error', (error) => resolve({ ok: false, out: new Uint8Array(), err: error.message, cut: false }));
    child.on('close', (code) => {
      resolve({ ok: code === 0, out: Buffer.concat(chunks), err: err.trim(), cut: size > limit });
    });
    child.stdin.end(options.input ?? new Uint8Array());
  });
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

export function gitRepository(root: string): CodeRepository {
  return {
    async patch(limit) {
      if (!insideRepository(root)) return undefined;
      const args = ['-c', 'core.quotepath=true', 'diff', '--binary', '--full-index', '--no-color', '--no-ext-diff'];
      const answer = await git(root, [...args, '--no-textconv', '--src-prefix=a/', '--dst-prefix=b/', 'HEAD'], {
        limit,
      });
      return answer.ok && !answer.cut ? answer.out : undefined;
    },
    async checkOut(commit, patch, directory) {
      if (!insideRepository(root)) return { kind: 'missing', reason: 'the workspace is in no git repository' };
      const known = await git(root, ['cat-file', '-e', `${commit}^{commit}`]);
      if (!known.ok) return { kind: 'missing', reason: `the repository has no commit ${commit.slice(0, 12)}` };
      const prefix = await git(root, ['rev-parse', '--show-prefix']);
      const added = await git(root, ['worktree', 'add', '--detach', '--force', '--quiet', directory, commit]);
      if (!added.ok) return { kind: 'missing', reason: `git worktree add: ${firstLine(added.err)}` };
      if (patch !== undefined && patch.length > 0) {
        const applied = await git(directory, ['apply', '--whitespace=nowarn'], { input: patch });
        if (!applied.ok)
          return { kind: 'missing', reason: `the recorded patch does not apply: ${firstLine(applied.err)}` };
      }
      const below = Buffer.from(prefix.out).toString('utf8').trim().replace(/\/$/, '');
      return { kind: 'done', root: below === '' ? directory : join(directory, below) };
    },
    async release(directory) {
      if (existsSync(join(directory, '.git'))) await git(root, ['worktree', 'remove', '--force', directory]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
