/** What differs between the workspace, what is staged, and the tip of the branch. */
import { compareUtf8 } from '../../core/bytes.ts';
import type { RefName, RunId } from '../../core/ids.ts';
import type { ScanResult, StagedEntry } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';
import { readHead, runEntry } from '../runs/head.ts';
import { isExecutable, same, tracked } from './cached-file.ts';
import { ignoredPaths } from './ignored.ts';
import { type Content, sameContent, WorkingTree } from './working-tree.ts';

export interface Status {
  readonly ref: RefName;
  /** Tip of the branch; undefined before the first commit. */
  readonly run: RunId | undefined;
  /** An input of that run was superseded or tombstoned after it. */
  readonly stale: boolean;
  readonly clean: boolean;
  readonly staged: readonly StagedEntry[];
  /** Content differs from what is staged, or from the tip where nothing is. */
  readonly modified: readonly string[];
  readonly missing: readonly string[];
  readonly untracked: readonly string[];
  /** Paths that cannot be stored, with the reason. */
  readonly problems: ScanResult['problems'];
  /** Files known by their stat, and files that were read. */
  readonly cached: number;
  readonly read: number;
}

function stagedAs(entry: StagedEntry, content: Content | undefined): boolean {
  if (content === undefined) return entry.kind === 'removal';
  if (entry.kind === 'link') return content.kind === 'link' && content.target === entry.target;
  return (
    entry.kind === 'file' &&
    content.kind === 'file' &&
    content.blob === entry.blob &&
    content.executable === (entry.executable === true)
  );
}

/** `rehash` reads every file instead of believing its stat. */
export async function statusOf(workspace: WorkspaceContext, options: { rehash?: boolean } = {}): Promise<Status> {
  const head = await readHead(workspace);
  const tree = await WorkingTree.open(workspace, head.tip?.tree, { ignoreCache: options.rehash === true });
  const staged = await workspace.state.staged(workspace.stage);
  const stagedByPath = new Map(staged.map((entry) => [entry.path, entry]));
  const scan = await workspace.files.scan([''], await ignoredPaths(workspace));

  const modified: string[] = [];
  const untracked: string[] = [];
  /** Known by their stat, but not to be what the base has: compared by hash. */
  const toCompare: number[] = [];
  const toRead: number[] = [];
  let cached = 0;
  let trackedSeen = 0;
  for (let row = 0; row < scan.paths.length; row++) {
    const path = scan.paths[row] as string;
    const flags = tree.flags(path);
    const isStaged = stagedByPath.size > 0 && stagedByPath.has(path);
    if ((flags & tracked) !== 0) trackedSeen++;
    else if (!isStaged) {
      untracked.push(path);
      continue;
    }
    if (!tree.isKnown(scan, row)) {
      toRead.push(row);
      continue;
    }
    cached++;
    if (isStaged || (flags & same) === 0) toCompare.push(row);
  }

  const pathOf = (row: number): string => scan.paths[row] as string;
  const contents = await tree.readContents(
    scan,
    toRead.filter((row) => scan.kinds[row] !== 'other'),
  );
  const inBase = await tree.baseContents([...toCompare, ...toRead].map(pathOf));
  const judge = (path: string, content: Content | undefined): void => {
    const stagedEntry = stagedByPath.get(path);
    const base = inBase.get(path)?.content;
    if (content !== undefined && sameContent(content, base)) tree.markSame(path);
    const expected =
      stagedEntry === undefined ? content !== undefined && sameContent(content, base) : stagedAs(stagedEntry, content);
    if (!expected) modified.push(path);
  };
  for (const row of toCompare) {
    const path = pathOf(row);
    const blob = tree.blob(path);
    const executable = isExecutable(scan.stats, row);
    const own: Content | undefined = blob === undefined ? undefined : { kind: 'file', blob, executable };
    judge(path, (tree.flags(path) & same) !== 0 ? inBase.get(path)?.content : own);
  }
  for (const row of toRead) judge(pathOf(row), contents.get(pathOf(row)));

  // What the scan did not meet: gone, or hidden by the ignore rules; being tracked is stronger than those.
  const missing: string[] = [];
  const allTracked = tree.trackedPaths();
  const present = allTracked.length === trackedSeen && stagedByPath.size === 0 ? undefined : new Set(scan.paths);
  const unseen =
    present === undefined
      ? []
      : [...new Set([...allTracked, ...stagedByPath.keys()])].filter((path) => !present.has(path));
  const stats = await workspace.files.stat(unseen);
  for (const [index, path] of unseen.entries()) {
    const stat = stats[index];
    const stagedKind = stagedByPath.get(path)?.kind;
    if (stat === undefined || stat.kind === 'directory') {
      const expected = stat === undefined ? stagedKind === 'removal' : stagedKind === 'directory';
      if (!expected) missing.push(path);
      continue;
    }
    const hidden: ScanResult = {
      paths: [path],
      stats: stat.stat,
      kinds: [stat.kind],
      emptyDirectories: [],
      problems: [],
      missing: [],
    };
    if (stagedKind === undefined && tree.isKnown(hidden, 0) && (tree.flags(path) & same) !== 0) {
      cached++;
      continue;
    }
    const read = await tree.readContents(hidden, [0]);
    for (const [known, value] of await tree.baseContents([path])) inBase.set(known, value);
    judge(path, read.get(path));
  }
  await tree.save();
  modified.sort(compareUtf8);
  missing.sort(compareUtf8);
  return {
    ref: head.ref,
    run: head.tip?.run,
    stale: head.tip !== undefined && (await runEntry(workspace, head.tip.run)).stale,
    clean: staged.length + modified.length + missing.length + untracked.length === 0,
    staged,
    modified,
    missing,
    untracked,
    problems: scan.problems,
    cached,
    read: contents.size,
  };
}
