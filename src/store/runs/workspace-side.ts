/** The workspace as one side of a comparison: tracked files as they are now, against any tree. */

import { compareUtf8, concatBytes, toHex } from '../../core/bytes.ts';
import type { ArtifactId, BlobId, TreeId } from '../../core/ids.ts';
import type { OpenFile, StagedEntry } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';
import { isExecutable } from '../workspace/cached-file.ts';
import { statusOf } from '../workspace/status.ts';
import type { FileSide } from './compare-files.ts';
import { readHead } from './head.ts';
import type { Leaf, TreeReader } from './trees.ts';

/** Content kept while a file is named; a longer one is read again when somebody asks for it. */
const keptContent = 1024 * 1024;

async function readAll(
  files: WorkspaceContext['files'],
  path: string,
  each: (chunk: Uint8Array) => void,
): Promise<OpenFile['stat']> {
  const file = await files.open(path);
  try {
    for await (const chunk of file.chunks()) each(chunk);
    return file.stat;
  } finally {
    await file.close();
  }
}

/** A file of the workspace as it is now; undefined where nothing is. */
export async function fileNow(workspace: WorkspaceContext, path: string): Promise<FileSide | undefined> {
  const [found] = await workspace.files.stat([path]);
  if (found === undefined || found.kind === 'other') return undefined;
  if (found.kind === 'directory') return { kind: 'directory' };
  if (found.kind === 'link') return { kind: 'link', target: await workspace.files.readLink(path) };
  const hasher = workspace.codec.hasher();
  let size = 0;
  let kept: Uint8Array[] = [];
  const stat = await readAll(workspace.files, path, (chunk) => {
    hasher.update(chunk);
    size += chunk.length;
    if (size <= keptContent) kept.push(chunk.slice());
    else kept = [];
  });
  const content = concatBytes(...kept);
  return {
    kind: 'file',
    artifact: undefined,
    sha256: toHex(hasher.digest()) as BlobId,
    size,
    executable: isExecutable(stat, 0),
    place: { kind: 'directory', files: workspace.files, path },
    read: async () => {
      if (size <= keptContent) return content;
      const parts: Uint8Array[] = [];
      await readAll(workspace.files, path, (chunk) => parts.push(chunk.slice()));
      return concatBytes(...parts);
    },
  };
}

export type SideOf = (leaf: Leaf | undefined) => Promise<FileSide | undefined>;

export interface SidePair {
  readonly path: string;
  readonly before: Leaf | undefined;
  readonly after: () => Promise<FileSide | undefined>;
}

/**
 * Paths at which the workspace may differ from a tree, each with both sides. Only tracked and staged paths are looked at,
 * as git does: what was never added is told by `status`.
 */
export async function workspaceAgainst(
  workspace: WorkspaceContext,
  reader: TreeReader,
  tree: TreeId | undefined,
  sideOf: SideOf,
): Promise<SidePair[]> {
  const head = await readHead(workspace);
  const status = await statusOf(workspace);
  const staged = new Map<string, StagedEntry>(status.staged.map((entry) => [entry.path, entry]));
  const touched = new Set([...staged.keys(), ...status.modified, ...status.missing]);
  const pairs: SidePair[] = [];
  const seen = new Set<string>();
  const now = (path: string): Promise<FileSide | undefined> => fileNow(workspace, path);
  for (const { path, before, after } of await reader.changes(tree, head.tip?.tree)) {
    // A path that changed kind between two trees is named twice; what is there now is asked for once.
    if (seen.has(path)) continue;
    seen.add(path);
    pairs.push({ path, before, after: touched.has(path) ? () => now(path) : () => sideOf(after) });
  }
  for (const path of [...touched].filter((one) => !seen.has(one)).sort(compareUtf8)) {
    const entry = tree === undefined ? undefined : await reader.lookup(tree, path);
    const before: Leaf | undefined =
      entry === undefined || 'tree' in entry
        ? undefined
        : 'artifact' in entry
          ? { kind: 'file', artifact: entry.artifact as ArtifactId, executable: entry.executable === true }
          : { kind: 'link', target: entry.link };
    pairs.push({ path, before, after: () => now(path) });
  }
  return pairs;
}
