/**
 * What putting files somewhere would do: what is there already, what must not be overwritten, what is to be written. Nothing
 * is touched while this is found out.
 */
import { CodedError } from '../../core/errors.ts';
import type { ArtifactId, BlobId } from '../../core/ids.ts';
import type { StoredObject } from '../../ports/manifest.ts';
import type { FileStat, ScanResult, WorkspaceFiles } from '../../ports/workspace.ts';
import { statColumns } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';
import type { Leaf } from '../runs/trees.ts';
import { isExecutable, same } from './cached-file.ts';
import { type Content, sameContent, WorkingTree } from './working-tree.ts';

export type LinkMode = 'copy' | 'reflink' | 'hardlink';

export interface PlaceOptions {
  readonly force?: boolean | undefined;
  readonly link?: LinkMode | undefined;
}

export interface Placed {
  readonly written: number;
  readonly bytes: number;
  /** Files that were there already with the right content. */
  readonly unchanged: number;
  readonly removed: number;
}

/** Where files go: the workspace itself (with its cache), or another directory. */
export interface Place {
  readonly files: WorkspaceFiles;
  /** The cache of the workspace; its base decides which contents are safe to overwrite. */
  readonly tree: WorkingTree | undefined;
  /** The leaves are those of the cache's base, so what is written is known to be `same` without comparing. */
  readonly ofBase?: boolean;
}

function wouldOverwrite(paths: readonly string[]): CodedError {
  const shown = paths.slice(0, 5).join(', ');
  return new CodedError(
    'WOULD_OVERWRITE',
    `these files have changes that are not stored: ${shown}${paths.length > 5 ? ` and ${paths.length - 5} more` : ''}`,
    {
      hint: 'Add and commit them, move them away, or use --force to lose the changes.',
      data: { paths },
    },
  );
}

async function refuseCollisions(files: WorkspaceFiles, paths: Iterable<string>): Promise<void> {
  if (!(await files.isCaseInsensitive())) return;
  const seenNames = new Map<string, string>();
  for (const path of paths) {
    const folded = path.normalize('NFC').toLowerCase();
    const other = seenNames.get(folded);
    if (other !== undefined && other !== path) {
      throw new CodedError('NAME_COLLISION', `${other} and ${path} are one file on this file system`, {
        hint: 'Check them out one by one, each into a directory of its own with --to.',
        data: { paths: [other, path] },
      });
    }
    seenNames.set(folded, path);
  }
}

export interface Plan {
  readonly files: { path: string; executable: boolean; object: StoredObject }[];
  readonly links: { path: string; target: string }[];
  readonly directories: string[];
  readonly removals: string[];
  readonly unchanged: number;
}

export class Planner {
  readonly #workspace: WorkspaceContext;
  readonly #place: Place;
  readonly #leaves: ReadonlyMap<string, Leaf | undefined>;
  readonly #options: PlaceOptions;

  constructor(
    workspace: WorkspaceContext,
    place: Place,
    leaves: ReadonlyMap<string, Leaf | undefined>,
    options: PlaceOptions,
  ) {
    this.#workspace = workspace;
    this.#place = place;
    this.#leaves = leaves;
    this.#options = options;
  }

  async plan(): Promise<Plan> {
    const objects = await this.#objects();
    await refuseCollisions(this.#place.files, this.#leaves.keys());
    const paths = [...this.#leaves.keys()];
    const stats = await this.#stats(paths);
    const existing: number[] = [];
    stats.forEach((stat, index) => {
      if (stat !== undefined) existing.push(index);
    });
    const contents = await this.#existing(paths, existing, stats);
    const inBase =
      this.#place.tree === undefined
        ? new Map()
        : await this.#place.tree.baseContents(existing.map((index) => paths[index] as string));

    const plan: Plan = { files: [], links: [], directories: [], removals: [], unchanged: 0 };
    let unchanged = 0;
    const blocked: string[] = [];
    paths.forEach((path, index) => {
      const leaf = this.#leaves.get(path);
      const stat = stats[index];
      if (leaf?.kind === 'directory') {
        if (stat === undefined) plan.directories.push(path);
        else if (stat.kind !== 'directory') blocked.push(path);
        return;
      }
      const content = contents.get(path);
      const wanted = this.#wanted(leaf, objects);
      if (stat !== undefined && wanted !== undefined && content !== undefined && sameContent(content, wanted)) {
        unchanged++;
        return;
      }
      const base = inBase.get(path)?.content as Content | undefined;
      const disposable = content === undefined || (base !== undefined && sameContent(content, base));
      if (stat !== undefined && stat.kind === 'directory' && leaf !== undefined) blocked.push(path);
      else if (stat !== undefined && !disposable && this.#options.force !== true) blocked.push(path);
      else if (leaf === undefined) {
        if (stat !== undefined) plan.removals.push(path);
      } else if (leaf.kind === 'link') plan.links.push({ path, target: leaf.target });
      else plan.files.push({ path, executable: leaf.executable, object: objects.get(leaf.artifact) as StoredObject });
    });
    if (blocked.length > 0) throw wouldOverwrite(blocked);
    return { ...plan, unchanged };
  }

  /** What is there already. Paths whose directory does not exist are not asked for one by one. */
  async #stats(paths: readonly string[]): Promise<(FileStat | undefined)[]> {
    const { files } = this.#place;
    const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const parents = [...new Set(paths.map(parentOf))];
    const found = await files.stat(parents);
    const missing = new Set(parents.filter((_, index) => found[index] === undefined));
    if (missing.size === 0) return [...(await files.stat(paths))];
    const asked = paths.filter((path) => !missing.has(parentOf(path)));
    const known = new Map((await files.stat(asked)).map((stat, index) => [asked[index] as string, stat]));
    return paths.map((path) => known.get(path));
  }

  async #objects(): Promise<Map<ArtifactId, StoredObject>> {
    const ids = [
      ...new Set([...this.#leaves.values()].flatMap((leaf) => (leaf?.kind === 'file' ? [leaf.artifact] : []))),
    ];
    const found = await this.#workspace.manifest.artifactBlobs(ids);
    const objects = new Map<ArtifactId, StoredObject>();
    ids.forEach((id, index) => {
      const object = found[index];
      if (object === undefined)
        throw new CodedError('OBJECT_NOT_FOUND', `the manifest has no artifact ${id}`, {
          hint: 'Run `cairn fsck`.',
          data: { object: id },
        });
      if (object.location.kind === 'absent') {
        throw new CodedError('OBJECT_WITHDRAWN', `the bytes of artifact ${id} were withdrawn`, {
          hint: '`cairn show` tells when and why; check out the other paths by name.',
          data: { artifact: id, object: object.id },
        });
      }
      objects.set(id, object);
    });
    return objects;
  }

  #wanted(leaf: Leaf | undefined, objects: ReadonlyMap<ArtifactId, StoredObject>): Content | undefined {
    if (leaf === undefined || leaf.kind === 'directory') return undefined;
    if (leaf.kind === 'link') return leaf;
    const object = objects.get(leaf.artifact);
    return object === undefined ? undefined : { kind: 'file', blob: object.id as BlobId, executable: leaf.executable };
  }

  /** Contents of files that are in the way: by their stat where the cache knows them, else by reading. */
  async #existing(
    paths: readonly string[],
    existing: readonly number[],
    stats: Awaited<ReturnType<WorkspaceFiles['stat']>>,
  ): Promise<Map<string, Content>> {
    const contents = new Map<string, Content>();
    const { tree } = this.#place;
    const rows = existing.filter((index) => stats[index]?.kind === 'file' || stats[index]?.kind === 'link');
    if (rows.length === 0) return contents;
    const columns = new Float64Array(statColumns * rows.length);
    rows.forEach((index, row) => {
      columns.set(stats[index]?.stat as Float64Array, statColumns * row);
    });
    const scan: ScanResult = {
      paths: rows.map((index) => paths[index] as string),
      stats: columns,
      kinds: rows.map((index) => stats[index]?.kind ?? 'other'),
      emptyDirectories: [],
      problems: [],
      missing: [],
    };
    const reader = tree ?? (await WorkingTree.scratch(this.#workspace, this.#place.files));
    const unknown: number[] = [];
    const known: number[] = [];
    for (let row = 0; row < rows.length; row++) (tree?.isKnown(scan, row) === true ? known : unknown).push(row);
    const inBase =
      tree === undefined ? new Map() : await tree.baseContents(known.map((row) => scan.paths[row] as string));
    for (const row of known) {
      const path = scan.paths[row] as string;
      const blob = tree?.blob(path);
      const base = inBase.get(path)?.content as Content | undefined;
      const executable = isExecutable(columns, row);
      if (((tree?.flags(path) ?? 0) & same) !== 0 && base !== undefined) contents.set(path, base);
      else if (blob !== undefined) contents.set(path, { kind: 'file', blob, executable });
      else unknown.push(row);
    }
    for (const [path, content] of await reader.readContents(scan, unknown)) contents.set(path, content);
    return contents;
  }
}
