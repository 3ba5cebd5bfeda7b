/**
 * Files that the words of a command name, hashed before it runs: outside of version control they are all that is known of
 * the code. What the words name and cannot be hashed makes the state of the code unknown, and the reason says why.
 */
import { toHex } from '../../core/bytes.ts';
import { type FileStat, statSize } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';

export interface CodeFile {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

export interface CodeFiles {
  readonly files: readonly CodeFile[];
  /** Why the state of the code is not known by these. */
  readonly unknown?: string;
}

const largestFile = 16 * 1024 * 1024;

/** An absolute path with `.` and `..` taken out. */
function absolutePath(base: string, text: string): string {
  const steps: string[] = [];
  for (const step of (text.startsWith('/') ? text : `${base}/${text}`).split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return `/${steps.join('/')}`;
}

/** Words and the parts of words that may be paths: `--config=a.json`, and what stands in a line for a shell. */
function pathWords(argv: readonly string[]): string[] {
  const words = argv.flatMap((word) => [word, ...word.split(/[\s;|&()<>'"=]+/)]);
  return [...new Set(words)].filter((word) => word !== '' && word.length < 4096 && !word.includes('\0'));
}

async function hashFile(workspace: WorkspaceContext, path: string): Promise<CodeFile> {
  const file = await workspace.files.open(path);
  try {
    const hasher = workspace.codec.hasher();
    let size = 0;
    for await (const chunk of file.chunks()) {
      hasher.update(chunk);
      size += chunk.length;
    }
    return { path, sha256: toHex(hasher.digest()), size };
  } finally {
    await file.close();
  }
}

/** `prefix` is the working directory in the workspace; `declared` says which paths are inputs or outputs. */
export async function codeFilesOf(
  workspace: WorkspaceContext,
  command: { readonly argv: readonly string[]; readonly prefix: string },
  declared: (path: string) => boolean,
  insideGit: boolean,
): Promise<CodeFiles> {
  const { root } = workspace.files;
  const base = command.prefix === '' ? root : `${root}/${command.prefix}`;
  const program = command.argv[0] ?? '';
  const everything = workspace.filesAt('/');
  const words = pathWords(command.argv).filter((word) => word !== program || program.includes('/'));
  const paths = words.map((word) => absolutePath(base, word));
  const stats = await everything.stat(paths.map((path) => path.slice(1)));
  const inside = new Map<string, FileStat>();
  let unknown: string | undefined;
  for (const [index, path] of paths.entries()) {
    const stat = stats[index];
    if (stat === undefined || stat.kind === 'other' || path === root || `${base}/`.startsWith(`${path}/`)) continue;
    if (!path.startsWith(`${root}/`)) {
      if (words[index] !== program) unknown ??= `${path} lies outside of the workspace`;
      continue;
    }
    const name = path.slice(root.length + 1);
    if (declared(name) || /^\.(?:cairn|git)(?:\/|$)/.test(name)) continue;
    if (stat.kind === 'directory') {
      if (!insideGit) unknown ??= `${name} is a directory`;
    } else if (stat.kind === 'link') unknown ??= `${name} is a symbolic link`;
    else if ((stat.stat[statSize] as number) > largestFile) unknown ??= `${name} is larger than 16 MiB`;
    else inside.set(name, stat);
  }
  const files: CodeFile[] = [];
  for (const name of [...inside.keys()].sort()) {
    try {
      files.push(await hashFile(workspace, name));
    } catch {
      unknown ??= `${name} cannot be read`;
    }
  }
  return { files, ...(unknown === undefined ? {} : { unknown }) };
}
