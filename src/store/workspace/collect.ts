/**
 * Taking files of the workspace into the store: what `add` stages and `commit -- <path>` records at once. A file whose
 * stat says that it is what the store already has is not read again.
 */
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { ArtifactId, BlobId } from '../../core/ids.ts';
import { packedObjectLimit } from '../../core/pack-format.ts';
import { defaultArtifactType } from '../../core/records/artifact.ts';
import type { DescribePath } from '../../core/workspace-config/describe-path.ts';
import type { ScanResult, StagedEntry } from '../../ports/workspace.ts';
import { statColumns, statSize } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';
import type { WriteSession } from '../objects/write-session.ts';
import { isExecutable, same, tracked } from './cached-file.ts';
import { checkIgnored, refuse, removedPaths } from './collect-scope.ts';
import { ignoredPaths } from './ignored.ts';
import type { WorkingTree } from './working-tree.ts';
import { readWorkspaceConfig, typeRulesOf } from './workspace-config.ts';

export interface CollectOptions {
  readonly type?: string | undefined;
  readonly logicalKey?: string | undefined;
  readonly schemaVersion?: number | undefined;
  readonly tags?: { readonly [key: string]: string } | undefined;
  /** Take ignored files that are named. */
  readonly force?: boolean | undefined;
  /** Store symbolic links as links; without it a named link is refused and one found on the way is skipped. */
  readonly symlinks?: boolean | undefined;
  /** Take files along that are as the tip has them: a run that produced the same bytes again has produced them. */
  readonly unchanged?: boolean | undefined;
}

export interface Collected {
  /** What differs from the tip, by path. */
  readonly entries: StagedEntry[];
  /** Paths that are as the tip has them. */
  readonly unchanged: string[];
  /** Files taken into account, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Files that were not read because their stat is known. */
  readonly cached: number;
  /** Links that were found and not stored. */
  readonly skippedLinks: string[];
}

/** `paths` are workspace paths, '' for everything. */
export async function collectPaths(
  workspace: WorkspaceContext,
  session: WriteSession,
  tree: WorkingTree,
  paths: readonly string[],
  options: CollectOptions = {},
): Promise<Collected> {
  const { files } = workspace;
  const ignores = await ignoredPaths(workspace);
  if (options.force !== true) {
    const kinds = new Map((await files.stat(paths)).map((stat, index) => [paths[index] as string, stat?.kind]));
    checkIgnored(paths, ignores, (path) => kinds.get(path) === 'directory');
  }
  const scan = await files.scan(paths, options.force === true ? () => false : ignores);
  const problem = scan.problems[0];
  if (problem !== undefined) throw refuse(problem);
  const describe = await typeRulesOf(await readWorkspaceConfig(workspace));
  const collector = new Collector(workspace, session, tree, scan, options, describe);
  const named = new Set(paths);
  const removals = await removedPaths(tree, scan, paths);
  if (options.logicalKey !== undefined && scan.paths.length !== 1) {
    throw new CodedError('BAD_ARGUMENT', `--key names one artifact, and ${scan.paths.length} files are given`, {
      hint: 'Add the files one by one, each with its key.',
    });
  }
  workspace.progress.begin('reading files', scan.paths.length);
  try {
    await collector.run(named);
  } finally {
    workspace.progress.end();
  }
  return collector.finish(removals);
}

class Collector {
  readonly #workspace: WorkspaceContext;
  readonly #session: WriteSession;
  readonly #tree: WorkingTree;
  readonly #scan: ScanResult;
  readonly #options: CollectOptions;
  /** The type rules of cairn.yaml, where there are any. */
  readonly #rules: DescribePath | undefined;
  readonly #entries: StagedEntry[] = [];
  readonly #unchanged: string[] = [];
  readonly #skippedLinks: string[] = [];
  #files = 0;
  #bytes = 0;
  #cached = 0;

  constructor(
    workspace: WorkspaceContext,
    session: WriteSession,
    tree: WorkingTree,
    scan: ScanResult,
    options: CollectOptions,
    rules: DescribePath | undefined,
  ) {
    this.#workspace = workspace;
    this.#session = session;
    this.#tree = tree;
    this.#scan = scan;
    this.#options = options;
    this.#rules = rules;
  }

  async run(named: ReadonlySet<string>): Promise<void> {
    const small: number[] = [];
    const large: number[] = [];
    const known: number[] = [];
    const { paths, stats, kinds } = this.#scan;
    for (let row = 0; row < paths.length; row++) {
      const path = paths[row] as string;
      const kind = kinds[row];
      if (kind === 'link') {
        await this.#link(path, named.has(path));
        continue;
      }
      if (kind === 'other') {
        if (!named.has(path)) continue;
        throw new CodedError('UNSUPPORTED_FILE', `${path} is a socket, pipe or device`, {
          hint: 'Only regular files, directories and (with --symlinks) links are stored.',
          data: { path },
        });
      }
      this.#files++;
      this.#bytes += stats[statColumns * row + statSize] as number;
      if (this.#tree.isKnown(this.#scan, row)) {
        this.#cached++;
        const flags = this.#tree.flags(path);
        if ((flags & same) !== 0 && !this.#describes(path) && this.#options.unchanged !== true)
          this.#unchanged.push(path);
        else known.push(row);
      } else if ((stats[statColumns * row + statSize] as number) < packedObjectLimit) small.push(row);
      else large.push(row);
    }
    const unknown = await this.#known(known);
    small.push(...unknown.filter((row) => (stats[statColumns * row + statSize] as number) < packedObjectLimit));
    large.push(...unknown.filter((row) => (stats[statColumns * row + statSize] as number) >= packedObjectLimit));
    await this.#small(small, large);
    for (const row of large) await this.#large(row);
    await this.#describe();
  }

  /** True when an option or a rule says what the file is, so that an unchanged file may still be a new artifact. */
  #describes(path: string): boolean {
    const { type, logicalKey, schemaVersion, tags } = this.#options;
    return (
      type !== undefined ||
      logicalKey !== undefined ||
      schemaVersion !== undefined ||
      (tags !== undefined && Object.keys(tags).length > 0) ||
      this.#rules?.(path) !== undefined
    );
  }

  /** Files whose content the cache knows: staged without reading, if the store has the bytes. Returns the others. */
  async #known(rows: readonly number[]): Promise<number[]> {
    if (rows.length === 0) return [];
    const pathOf = (row: number): string => this.#scan.paths[row] as string;
    const inBase = await this.#tree.baseContents(rows.map(pathOf));
    const blobs = rows.map((row) => {
      const blob = this.#tree.blob(pathOf(row));
      if (blob !== undefined) return blob;
      const base = inBase.get(pathOf(row))?.content;
      return base?.kind === 'file' ? base.blob : undefined;
    });
    const present = await this.#workspace.manifest.objects(
      'blob',
      blobs.flatMap((blob) => (blob === undefined ? [] : [blob])),
    );
    const sizes = new Map(
      present.flatMap((object) =>
        object === undefined || object.location.kind === 'absent' ? [] : [[object.id as string, object.size]],
      ),
    );
    const unknown: number[] = [];
    rows.forEach((row, index) => {
      const blob = blobs[index];
      const size = blob === undefined ? undefined : sizes.get(blob);
      if (blob === undefined || size === undefined) {
        unknown.push(row);
        this.#cached--;
      } else this.#entry(row, blob, size);
    });
    return unknown;
  }

  #entry(row: number, blob: BlobId, size: number): void {
    const executable = isExecutable(this.#scan.stats, row);
    this.#entries.push({ path: this.#scan.paths[row] as string, kind: 'file', blob, size, executable });
  }

  async #small(rows: readonly number[], large: number[]): Promise<void> {
    const { paths, stats } = this.#scan;
    const sizes = rows.map((row) => stats[statColumns * row + statSize] as number);
    const session = this.#session;
    // The packer names files before it asks which are wanted, so a file has its id when its frame comes.
    const ids = new Array<BlobId>(rows.length);
    const named = await this.#workspace.files.pack(
      rows.map((row) => paths[row] as string),
      sizes,
      {
        wanted: async (files, digests) => {
          const answer = await session.wanted(digests);
          files.forEach((file, index) => {
            ids[file] = answer.ids[index] as BlobId;
          });
          return answer.mask;
        },
        frame: (frame) => session.frame(frame, (file) => ids[file] as BlobId),
        progress: (count) => this.#workspace.progress.advance(count),
      },
    );
    const failed = new Map(named.failures.map((failure) => [failure.index, failure.error]));
    rows.forEach((row, index) => {
      const error = failed.get(index);
      if (isCodedError(error, 'UNSUPPORTED_FILE')) {
        large.push(row);
        return;
      }
      if (error !== undefined) throw error;
      const path = paths[row] as string;
      const blob = ids[index] as BlobId;
      this.#tree.learn(path, named.stats, index, named.readAt[index] as number, blob, false);
      this.#entry(row, blob, named.sizes[index] as number);
    });
  }

  async #large(row: number): Promise<void> {
    const path = this.#scan.paths[row] as string;
    try {
      await this.#storeLarge(row, path, false);
    } catch (error) {
      if (!isCodedError(error, 'IO') || error.data['changed'] !== true) throw error;
      await this.#storeLarge(row, path, true);
    }
    this.#workspace.progress.advance(1);
  }

  async #storeLarge(row: number, path: string, raw: boolean): Promise<void> {
    const file = await this.#workspace.files.open(path);
    try {
      const { id, size } = await this.#session.large(file, { raw });
      this.#tree.learn(path, file.stat, 0, file.readAtMs, id, false);
      this.#entry(row, id, size);
    } finally {
      await file.close();
    }
  }

  async #link(path: string, named: boolean): Promise<void> {
    if (this.#options.symlinks !== true && (this.#tree.flags(path) & tracked) === 0) {
      if (named) {
        throw new CodedError('UNSUPPORTED_FILE', `${path} is a symbolic link`, {
          hint: 'Add the file it points to, or store the link itself with --symlinks.',
          data: { path },
        });
      }
      this.#skippedLinks.push(path);
      return;
    }
    this.#files++;
    const target = await this.#workspace.files.readLink(path);
    this.#entries.push({ path, kind: 'link', target });
  }

  /** Drops entries that are as the tip has them; the others keep the type and key they had, unless told otherwise. */
  async #describe(): Promise<void> {
    const trackedEntries = this.#entries.filter((entry) => (this.#tree.flags(entry.path) & tracked) !== 0);
    const inBase = await this.#tree.baseContents(trackedEntries.map((entry) => entry.path));
    const artifacts = await this.#artifactsOf(
      [...inBase.values()].flatMap((base) => (base.artifact === undefined ? [] : [base.artifact])),
    );
    const { type, schemaVersion, logicalKey, tags } = this.#options;
    const kept: StagedEntry[] = [];
    for (const entry of this.#entries) {
      const base = inBase.get(entry.path);
      const before = base?.artifact === undefined ? undefined : artifacts.get(base.artifact);
      const rule = this.#rules?.(entry.path);
      const wanted = {
        type: type ?? rule?.type ?? before?.type ?? defaultArtifactType,
        schemaVersion: schemaVersion ?? rule?.schemaVersion ?? before?.schemaVersion ?? 1,
        logicalKey: logicalKey ?? rule?.logicalKey ?? before?.logicalKey ?? entry.path,
      };
      const sameBytes =
        base !== undefined &&
        (entry.kind === 'link'
          ? base.content.kind === 'link' && base.content.target === entry.target
          : base.content.kind === 'file' &&
            base.content.blob === entry.blob &&
            base.content.executable === entry.executable);
      if (sameBytes) this.#tree.markSame(entry.path);
      const sameMeaning =
        before === undefined ||
        (before.type === wanted.type &&
          before.schemaVersion === wanted.schemaVersion &&
          before.logicalKey === wanted.logicalKey);
      if (sameBytes && sameMeaning && this.#options.unchanged !== true && Object.keys(tags ?? {}).length === 0) {
        this.#unchanged.push(entry.path);
        continue;
      }
      if (entry.kind !== 'file') {
        kept.push(entry);
        continue;
      }
      kept.push({
        ...entry,
        ...(wanted.type === defaultArtifactType ? {} : { type: wanted.type }),
        ...(wanted.schemaVersion === 1 ? {} : { schemaVersion: wanted.schemaVersion }),
        ...(wanted.logicalKey === entry.path ? {} : { logicalKey: wanted.logicalKey }),
        ...(tags === undefined ? {} : { tags }),
      });
    }
    this.#entries.length = 0;
    for (const entry of kept) this.#entries.push(entry);
  }

  async #artifactsOf(
    ids: readonly ArtifactId[],
  ): Promise<Map<ArtifactId, { type: string; schemaVersion: number; logicalKey: string }>> {
    const found = await this.#workspace.manifest.artifacts(ids);
    return new Map(found.flatMap((artifact) => (artifact === undefined ? [] : [[artifact.id, artifact]])));
  }

  async finish(removals: readonly string[]): Promise<Collected> {
    for (const path of removals) this.#entries.push({ path, kind: 'removal' });
    for (const path of this.#scan.emptyDirectories) {
      if (await this.#tree.hasEmptyDirectory(path)) this.#unchanged.push(path);
      else this.#entries.push({ path, kind: 'directory' });
    }
    return {
      entries: this.#entries,
      unchanged: this.#unchanged,
      files: this.#files,
      bytes: this.#bytes,
      cached: this.#cached,
      skippedLinks: this.#skippedLinks,
    };
  }
}
