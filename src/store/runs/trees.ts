/**
 * Reading directory trees. A tree is one record a directory; what was read is kept for the life of the reader, which is
 * one command.
 */
import type { ArtifactId, TreeId } from '../../core/ids.ts';
import { parseTree, type TreeEntry, type TreeRecord } from '../../core/records/tree.ts';
import type { StoreContext } from '../context.ts';
import { readRecord } from '../objects/object-reader.ts';

type ReadContext = Pick<StoreContext, 'backend' | 'codec' | 'manifest'>;

/** A file, a link or an empty directory, by its whole path. */
export type Leaf =
  | { readonly kind: 'file'; readonly artifact: ArtifactId; readonly executable: boolean }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'directory' };

export function leafOf(entry: TreeEntry): Leaf {
  if ('artifact' in entry) return { kind: 'file', artifact: entry.artifact, executable: entry.executable === true };
  if ('link' in entry) return { kind: 'link', target: entry.link };
  return { kind: 'directory' };
}

export function sameLeaf(left: Leaf | undefined, right: Leaf | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (left.kind === 'file')
    return right.kind === 'file' && left.artifact === right.artifact && left.executable === right.executable;
  if (left.kind === 'link') return right.kind === 'link' && left.target === right.target;
  return right.kind === 'directory';
}

export class TreeReader {
  readonly #context: ReadContext;
  readonly #known = new Map<TreeId, TreeRecord>();

  constructor(context: ReadContext) {
    this.#context = context;
  }

  async tree(id: TreeId): Promise<TreeRecord> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const record = parseTree(await readRecord(this.#context, id));
    this.#known.set(id, record);
    return record;
  }

  /** The entry at a path; the root itself for ''. undefined when there is none. */
  async lookup(root: TreeId, path: string): Promise<TreeEntry | undefined> {
    let at: TreeEntry = { name: '', tree: root };
    for (const name of path === '' ? [] : path.split('/')) {
      if (!('tree' in at)) return undefined;
      const { entries }: TreeRecord = await this.tree(at.tree);
      const next: TreeEntry | undefined = findEntry(entries, name);
      if (next === undefined) return undefined;
      at = next;
    }
    return at;
  }

  /** Every leaf at or below a path, in the order of paths. Empty directories are leaves. */
  async leaves(root: TreeId, below = ''): Promise<Map<string, Leaf>> {
    const found = new Map<string, Leaf>();
    const start = await this.lookup(root, below);
    if (start !== undefined) await this.#collect(start, below, found);
    return found;
  }

  async #collect(entry: TreeEntry, path: string, into: Map<string, Leaf>): Promise<void> {
    if (!('tree' in entry)) {
      into.set(path, leafOf(entry));
      return;
    }
    const { entries } = await this.tree(entry.tree);
    if (entries.length === 0 && path !== '') into.set(path, { kind: 'directory' });
    for (const child of entries) {
      const childPath = path === '' ? child.name : `${path}/${child.name}`;
      if ('tree' in child) await this.#collect(child, childPath, into);
      else into.set(childPath, leafOf(child));
    }
  }

  /**
   * The leaves in which two trees differ, by path. Directories of equal id are not read, so this costs what changed.
   */
  async changes(left: TreeId | undefined, right: TreeId | undefined): Promise<TreeChange[]> {
    const changes: TreeChange[] = [];
    await this.#compare(asDirectory(left), asDirectory(right), '', changes);
    return changes;
  }

  async #compare(
    left: TreeEntry | undefined,
    right: TreeEntry | undefined,
    path: string,
    into: TreeChange[],
  ): Promise<void> {
    const leftTree = left !== undefined && 'tree' in left ? left.tree : undefined;
    const rightTree = right !== undefined && 'tree' in right ? right.tree : undefined;
    if (leftTree !== undefined && leftTree === rightTree) return;
    if (leftTree === undefined && rightTree === undefined) {
      const before = left === undefined ? undefined : leafOf(left);
      const after = right === undefined ? undefined : leafOf(right);
      if (!sameLeaf(before, after)) into.push({ path, before, after });
      return;
    }
    const before = leftTree === undefined ? [] : (await this.tree(leftTree)).entries;
    const after = rightTree === undefined ? [] : (await this.tree(rightTree)).entries;
    if (left !== undefined && leftTree === undefined) into.push({ path, before: leafOf(left), after: undefined });
    else if (leftTree !== undefined && before.length === 0 && path !== '')
      into.push({ path, before: { kind: 'directory' }, after: undefined });
    const names = new Map<string, [TreeEntry | undefined, TreeEntry | undefined]>();
    for (const entry of before) names.set(entry.name, [entry, undefined]);
    for (const entry of after) names.set(entry.name, [names.get(entry.name)?.[0], entry]);
    for (const [name, [a, b]] of names) await this.#compare(a, b, path === '' ? name : `${path}/${name}`, into);
    if (right !== undefined && rightTree === undefined) into.push({ path, before: undefined, after: leafOf(right) });
    else if (rightTree !== undefined && after.length === 0 && path !== '')
      into.push({ path, before: undefined, after: { kind: 'directory' } });
  }
}

export interface TreeChange {
  readonly path: string;
  readonly before: Leaf | undefined;
  readonly after: Leaf | undefined;
}

function asDirectory(tree: TreeId | undefined): TreeEntry | undefined {
  return tree === undefined ? undefined : { name: '', tree };
}

/** Binary search would need the order of UTF-8 bytes; a scan is quick enough for the few lookups a command makes. */
function findEntry(entries: readonly TreeEntry[], name: string): TreeEntry | undefined {
  return entries.find((entry) => entry.name === name);
}
