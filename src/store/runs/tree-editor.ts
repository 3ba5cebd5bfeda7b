/**
 * Making a new tree out of an old one: changes by path are applied, untouched directories keep their id and are not even
 * read. A file where a directory stood replaces it and the other way round; a directory that a removal empties goes too.
 */
import type { TreeId } from '../../core/ids.ts';
import { type TreeEntry, treeBytes } from '../../core/records/tree.ts';
import type { WriteSession } from '../objects/write-session.ts';
import type { Leaf, TreeReader } from './trees.ts';

/** By path; undefined removes. */
export type TreeEdits = ReadonlyMap<string, Leaf | undefined>;

interface Edit {
  leaf: Leaf | undefined;
  removed: boolean;
  below: Map<string, Edit> | undefined;
}

function plan(edits: TreeEdits): Map<string, Edit> {
  const root = new Map<string, Edit>();
  // Paths come sorted as a rule, so the directory of one is nearly always that of the one before.
  const levels = new Map<string, Map<string, Edit>>([['', root]]);
  const levelOf = (directory: string): Map<string, Edit> => {
    const known = levels.get(directory);
    if (known !== undefined) return known;
    const slash = directory.lastIndexOf('/');
    const edit = editIn(levelOf(slash < 0 ? '' : directory.slice(0, slash)), directory.slice(slash + 1));
    edit.below ??= new Map();
    levels.set(directory, edit.below);
    return edit.below;
  };
  for (const [path, leaf] of edits) {
    const slash = path.lastIndexOf('/');
    const edit = editIn(levelOf(slash < 0 ? '' : path.slice(0, slash)), path.slice(slash + 1));
    if (leaf === undefined) edit.removed = true;
    else edit.leaf = leaf;
  }
  return root;
}

function editIn(level: Map<string, Edit>, name: string): Edit {
  let edit = level.get(name);
  if (edit === undefined) {
    edit = { leaf: undefined, removed: false, below: undefined };
    level.set(name, edit);
  }
  return edit;
}

function entryOf(name: string, leaf: Leaf, emptyTree: () => TreeId): TreeEntry {
  if (leaf.kind === 'file')
    return leaf.executable ? { name, artifact: leaf.artifact, executable: true } : { name, artifact: leaf.artifact };
  if (leaf.kind === 'link') return { name, link: leaf.target };
  return { name, tree: emptyTree() };
}

export async function editTree(
  reader: TreeReader,
  session: WriteSession,
  base: TreeId | undefined,
  edits: TreeEdits,
): Promise<TreeId> {
  const emptyTree = (): TreeId => session.record<TreeId>(treeBytes([]));

  /** undefined when nothing is left of the directory. */
  async function directory(tree: TreeId | undefined, level: ReadonlyMap<string, Edit>): Promise<TreeEntry[]> {
    const entries = new Map<string, TreeEntry>();
    if (tree !== undefined) for (const entry of (await reader.tree(tree)).entries) entries.set(entry.name, entry);
    for (const [name, edit] of level) {
      if (edit.removed) entries.delete(name);
      const before = entries.get(name);
      if (edit.below !== undefined) {
        const children = await directory(
          before !== undefined && 'tree' in before ? before.tree : undefined,
          edit.below,
        );
        if (children.length > 0) entries.set(name, { name, tree: session.record<TreeId>(treeBytes(children)) });
        else if (before !== undefined && 'tree' in before) entries.delete(name);
      }
      if (edit.leaf === undefined) continue;
      const keepsDirectory = edit.leaf.kind === 'directory' && 'tree' in (entries.get(name) ?? {});
      if (!keepsDirectory) entries.set(name, entryOf(name, edit.leaf, emptyTree));
    }
    return [...entries.values()];
  }
  if (edits.size === 0 && base !== undefined) return base;
  return session.record<TreeId>(treeBytes(await directory(base, plan(edits))));
}
