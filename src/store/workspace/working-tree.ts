/**
 * The workspace as it stands against the tip of its branch: what is known of each file without reading it, and what must
 * be read to know. Built from the stat cache; `save` writes what was learned back.
 */
import { toHex } from '../../core/bytes.ts';
import { isCodedError } from '../../core/errors.ts';
import type { ArtifactId, BlobId, TreeId } from '../../core/ids.ts';
import { packedObjectLimit } from '../../core/pack-format.ts';
import type { ScanResult, StagedEntry, WorkspaceFiles } from '../../ports/workspace.ts';
import { statColumns, statSize } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';
import { type Leaf, leafOf, TreeReader } from '../runs/trees.ts';
import { entryOf, executableFlag, here, linkFlag, same, seen, tracked, unknownFile } from './cached-file.ts';
import { StatCache } from './stat-cache.ts';

/** Content of one path of the workspace. */
export type Content =
  | { readonly kind: 'file'; readonly blob: BlobId; readonly executable: boolean }
  | { readonly kind: 'link'; readonly target: string };

export function sameContent(left: Content, right: Content | undefined): boolean {
  if (left.kind === 'link') return right?.kind === 'link' && right.target === left.target;
  return right?.kind === 'file' && right.blob === left.blob && right.executable === left.executable;
}

export class WorkingTree {
  readonly #workspace: WorkspaceContext;
  readonly reader: TreeReader;
  readonly cache: StatCache;
  #changed = false;

  private constructor(workspace: WorkspaceContext, reader: TreeReader, cache: StatCache) {
    this.#workspace = workspace;
    this.reader = reader;
    this.cache = cache;
  }

  static async open(
    workspace: WorkspaceContext,
    base: TreeId | undefined,
    options: { ignoreCache?: boolean } = {},
  ): Promise<WorkingTree> {
    const bytes = await workspace.state.statCache();
    const cache = (bytes === undefined ? undefined : StatCache.decode(bytes)) ?? new StatCache(undefined);
    if (options.ignoreCache === true) cache.distrust();
    const tree = new WorkingTree(workspace, new TreeReader(workspace), cache);
    await tree.rebase(base);
    return tree;
  }

  /** A tree without base and without memory, for reading files of another directory. */
  static async scratch(workspace: WorkspaceContext, files: WorkspaceFiles): Promise<WorkingTree> {
    return new WorkingTree({ ...workspace, files }, new TreeReader(workspace), new StatCache(undefined));
  }

  /** Marks of a path (`tracked`, `same`, …); 0 for an unknown one. */
  flags(path: string): number {
    return this.cache.flags(path);
  }

  /** Content of a file that is not the base's, where it is known. */
  blob(path: string): BlobId | undefined {
    return this.cache.blob(path);
  }

  /** Moves the marks to another base; only what differs between the two trees is looked at. */
  async rebase(base: TreeId | undefined): Promise<void> {
    if (this.cache.base === base) return;
    let changes: Awaited<ReturnType<TreeReader['changes']>>;
    try {
      changes = await this.reader.changes(this.cache.base, base);
    } catch (error) {
      // The old base was let go or is damaged: start over from nothing, which costs only reading.
      if (!isCodedError(error) || this.cache.base === undefined) throw error;
      this.cache.clear();
      changes = await this.reader.changes(undefined, base);
    }
    const blobs = await this.#blobsOf(changes.flatMap((change) => [change.before, change.after]));
    for (const { path, before, after } of changes) {
      const known = this.cache.entry(path) ?? unknownFile();
      if ((known.flags & same) !== 0 && before?.kind === 'file') known.blob = blobs.get(before.artifact);
      if (after === undefined) {
        known.flags &= ~(tracked | same);
        if (known.blob === undefined) this.cache.delete(path);
        else this.cache.put(path, known);
        continue;
      }
      if (after.kind === 'directory') continue;
      known.flags = (known.flags & ~same) | tracked;
      if (after.kind === 'file' && known.blob !== undefined && known.blob === blobs.get(after.artifact)) {
        if (((known.flags & executableFlag) !== 0) === after.executable && (known.flags & linkFlag) === 0) {
          known.flags |= same;
          known.blob = undefined;
        }
      }
      this.cache.put(path, known);
    }
    this.cache.base = base;
    this.#changed = true;
  }

  async #blobsOf(leaves: readonly (Leaf | undefined)[]): Promise<Map<ArtifactId, BlobId>> {
    const ids = [...new Set(leaves.flatMap((leaf) => (leaf?.kind === 'file' ? [leaf.artifact] : [])))];
    const found = await this.#workspace.manifest.artifactBlobs(ids);
    const blobs = new Map<ArtifactId, BlobId>();
    ids.forEach((id, index) => {
      const object = found[index];
      if (object !== undefined) blobs.set(id, object.id as BlobId);
    });
    return blobs;
  }

  async baseLeaf(path: string): Promise<Leaf | undefined> {
    if (this.cache.base === undefined) return undefined;
    const entry = await this.reader.lookup(this.cache.base, path);
    if (entry === undefined || 'tree' in entry) return undefined;
    return leafOf(entry);
  }

  async hasEmptyDirectory(path: string): Promise<boolean> {
    if (this.cache.base === undefined) return false;
    const entry = await this.reader.lookup(this.cache.base, path);
    return entry !== undefined && 'tree' in entry && (await this.reader.tree(entry.tree)).entries.length === 0;
  }

  /** What the base has at each of some paths, files with their artifact. */
  async baseContents(
    paths: readonly string[],
  ): Promise<Map<string, { content: Content; artifact: ArtifactId | undefined }>> {
    const leaves = new Map<string, Leaf>();
    const all =
      paths.length > 64 && this.cache.base !== undefined ? await this.reader.leaves(this.cache.base) : undefined;
    for (const path of paths) {
      const leaf = all === undefined ? await this.baseLeaf(path) : all.get(path);
      if (leaf !== undefined) leaves.set(path, leaf);
    }
    const blobs = await this.#blobsOf([...leaves.values()]);
    const contents = new Map<string, { content: Content; artifact: ArtifactId | undefined }>();
    for (const [path, leaf] of leaves) {
      if (leaf.kind === 'link') contents.set(path, { content: leaf, artifact: undefined });
      if (leaf.kind !== 'file') continue;
      const blob = blobs.get(leaf.artifact);
      if (blob !== undefined)
        contents.set(path, { content: { kind: 'file', blob, executable: leaf.executable }, artifact: leaf.artifact });
    }
    return contents;
  }

  /** True when the stat says that the content is what the cache knows. */
  isKnown(scan: ScanResult, row: number): boolean {
    return this.cache.isKnown(scan.paths[row] as string, scan.stats, row);
  }

  /**
   * Reads and names files without storing them; the cache learns what they are. Returns the content by path; files that
   * vanished meanwhile are left out, other failures throw.
   */
  async readContents(scan: ScanResult, rows: readonly number[]): Promise<Map<string, Content>> {
    const contents = new Map<string, Content>();
    if (rows.length === 0) return contents;
    const small: number[] = [];
    for (const row of rows) {
      const path = scan.paths[row] as string;
      if (scan.kinds[row] === 'link') {
        const target = await this.#workspace.files.readLink(path);
        contents.set(path, { kind: 'link', target });
      } else if ((scan.stats[statColumns * row + statSize] as number) < packedObjectLimit) small.push(row);
      else await this.#readLarge(path, contents);
    }
    const named = await this.#workspace.files.pack(
      small.map((row) => scan.paths[row] as string),
      small.map((row) => scan.stats[statColumns * row + statSize] as number),
      { wanted: async (files) => new Uint8Array(files.length), frame: async () => undefined },
    );
    const failed = new Map(named.failures.map((failure) => [failure.index, failure.error]));
    for (const [index, row] of small.entries()) {
      const path = scan.paths[row] as string;
      const error = failed.get(index);
      if (isCodedError(error) && error.data['errno'] === 'ENOENT') continue;
      if (isCodedError(error, 'UNSUPPORTED_FILE')) {
        await this.#readLarge(path, contents);
        continue;
      }
      if (error !== undefined) throw error;
      const blob = toHex(named.digests.subarray(32 * index, 32 * index + 32)) as BlobId;
      const entry = entryOf(named.stats, index, named.readAt[index] as number, this.#trackedFlag(path), blob);
      this.cache.put(path, entry);
      this.#changed = true;
      contents.set(path, { kind: 'file', blob, executable: (entry.flags & executableFlag) !== 0 });
    }
    return contents;
  }

  async #readLarge(path: string, contents: Map<string, Content>): Promise<void> {
    const file = await this.#workspace.files.open(path);
    try {
      const hasher = this.#workspace.codec.hasher();
      for await (const chunk of file.chunks()) hasher.update(chunk);
      const blob = toHex(hasher.digest()) as BlobId;
      const entry = entryOf(file.stat, 0, file.readAtMs, this.#trackedFlag(path), blob);
      this.cache.put(path, entry);
      this.#changed = true;
      contents.set(path, { kind: 'file', blob, executable: (entry.flags & executableFlag) !== 0 });
    } finally {
      await file.close();
    }
  }

  #trackedFlag(path: string): number {
    return this.cache.flags(path) & tracked;
  }

  /** The cache learns the content of a file, by a stat taken before it was read or after it was written. */
  learn(
    path: string,
    stats: Float64Array,
    row: number,
    readAtMs: number,
    blob: BlobId | undefined,
    isSame: boolean,
  ): void {
    const flags = this.#trackedFlag(path) | (isSame ? same | tracked : 0);
    this.cache.put(path, entryOf(stats, row, readAtMs, flags, isSame ? undefined : blob));
    this.#changed = true;
  }

  /** Marks a path whose content was found to be the base's. */
  markSame(path: string): void {
    if (!this.cache.has(path)) return;
    this.cache.mark(path, this.cache.flags(path) | same | tracked, undefined);
    this.#changed = true;
  }

  /**
   * The base becomes the tree that a run made out of the old base and these changes: what was staged with the content the
   * cache knows is now the base's.
   */
  adopt(base: TreeId, changes: readonly StagedEntry[]): void {
    const directories = new Set<string>();
    for (const change of changes) {
      const { path } = change;
      // A file that stood where a directory is now is gone from the base.
      for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
        const parent = path.slice(0, slash);
        if (directories.has(parent)) break;
        directories.add(parent);
        if ((this.cache.flags(parent) & tracked) !== 0) this.#untrack(parent);
      }
      if (change.kind === 'removal') {
        this.#untrack(path);
        continue;
      }
      if (change.kind === 'directory') continue;
      if (!this.cache.has(path)) this.cache.put(path, unknownFile());
      const flags = this.cache.flags(path) | tracked;
      const blob = this.cache.blob(path);
      const isExecutable = (flags & executableFlag) !== 0;
      if (change.kind === 'file' && blob === change.blob && isExecutable === (change.executable === true)) {
        this.cache.mark(path, flags | same, undefined);
      } else if (blob === undefined && (flags & same) !== 0) this.cache.mark(path, flags & ~(same | seen), undefined);
      else this.cache.mark(path, flags, blob);
    }
    this.cache.base = base;
    this.#changed = true;
  }

  #untrack(path: string): void {
    const blob = this.cache.blob(path);
    if (blob === undefined) this.cache.delete(path);
    else this.cache.mark(path, this.cache.flags(path) & ~(tracked | same), blob);
  }

  /** Marks those of some paths whose known content is the base's. */
  async settleSame(paths: Iterable<string>): Promise<void> {
    const candidates: string[] = [];
    for (const path of paths) if ((this.cache.flags(path) & tracked) !== 0) candidates.push(path);
    const inBase = await this.baseContents(candidates);
    for (const path of candidates) {
      const base = inBase.get(path)?.content;
      if (base?.kind !== 'file' || this.cache.blob(path) !== base.blob) continue;
      if (((this.cache.flags(path) & executableFlag) !== 0) === base.executable) this.markSame(path);
    }
  }

  forget(path: string): void {
    if (this.cache.delete(path)) this.#changed = true;
  }

  /** True when the file was in this workspace once. */
  wasHere(path: string): boolean {
    return (this.cache.flags(path) & here) !== 0;
  }

  /** Every path of the base, from the marks. */
  trackedPaths(): string[] {
    return this.cache.paths(tracked);
  }

  /** Writes the cache when something was learned. A workspace that cannot be written keeps working without. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    try {
      await this.#workspace.state.saveStatCache(this.cache.encode());
      this.#changed = false;
    } catch (error) {
      if (!isCodedError(error, 'READ_ONLY') && !isCodedError(error, 'NOT_PERMITTED')) throw error;
    }
  }
}
