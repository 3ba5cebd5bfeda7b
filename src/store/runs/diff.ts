/**
 * `diff`: HEAD against the workspace, a revision against the workspace, or two revisions against each other. Runs are
 * compared with their parameters, pins, metrics, tags and code; files by content, line by line where they are text.
 */
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { ArtifactId, BlobId, ObjectId, RunId, TreeId } from '../../core/ids.ts';
import type { StoredObject } from '../../ports/manifest.ts';
import type { StoreContext, WorkspaceContext } from '../context.ts';
import { artifactEntry } from '../lineage/status-change.ts';
import { findObject, readStored } from '../objects/object-reader.ts';
import type { TableContext } from '../tables/changed-tables.ts';
import { environmentChanges } from './compare-contexts.ts';
import type { FileDifference, FileSide } from './compare-files.ts';
import { compareAll, type DiffOptions, type Pair } from './compare-pairs.ts';
import { compareRuns, type RunChanges, readRun, type ValueChange } from './compare-runs.ts';
import { readHead, runEntry } from './head.ts';
import { type Resolved, type RevisionContext, resolveRevision } from './revision.ts';
import { type Leaf, TreeReader } from './trees.ts';
import { fileNow, workspaceAgainst } from './workspace-side.ts';

export type { FileDifference, FileSide } from './compare-files.ts';
export type { RunChanges, ValueChange } from './compare-runs.ts';

/** A side as it was named: a run, or `workspace`. */
export interface DiffSide {
  readonly name: string;
  readonly kind: 'run' | 'tree' | 'artifact' | 'blob' | 'workspace';
  readonly id: string | undefined;
}

export interface RunDifference extends RunChanges {
  /** Where both runs recorded what they ran on. */
  readonly environment: readonly ValueChange[];
}

export interface Diff {
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** Where both sides are runs. */
  readonly run: RunDifference | undefined;
  readonly files: readonly FileDifference[];
  readonly differs: boolean;
}

type DiffContext = RevisionContext & TableContext;
/** What a side names. */
type Named = Resolved | { readonly kind: 'file'; readonly path: string };
const workspaceSide: DiffSide = { name: 'workspace', kind: 'workspace', id: undefined };

function needWorkspace(context: DiffContext): WorkspaceContext {
  if (context.files !== undefined && context.state !== undefined) return context as WorkspaceContext;
  throw new CodedError('NO_WORKSPACE', 'one revision is compared with the workspace, and there is none here', {
    hint: 'Give two revisions.',
  });
}

function storedSide(
  context: StoreContext,
  artifact: ArtifactId | undefined,
  object: StoredObject,
  executable: boolean,
  path?: string,
): FileSide {
  const { id, size } = object;
  const place = { kind: 'stored', object, path } as const;
  return {
    kind: 'file',
    artifact,
    sha256: id as BlobId,
    size,
    executable,
    place,
    read: () => readStored(context, object),
  };
}

async function sideOfLeaf(context: StoreContext, leaf: Leaf | undefined): Promise<FileSide | undefined> {
  if (leaf === undefined || leaf.kind !== 'file') return leaf;
  const [object] = await context.manifest.artifactBlobs([leaf.artifact]);
  if (object === undefined) throw new CodedError('REV_NOT_FOUND', `the store has no artifact ${leaf.artifact}`);
  return storedSide(context, leaf.artifact, object, leaf.executable);
}

async function sideOfContent(context: DiffContext, found: Named): Promise<FileSide | undefined> {
  if (found.kind === 'file') return fileNow(needWorkspace(context), found.path);
  if (found.kind === 'blob')
    return storedSide(context, undefined, await findObject(context, 'blob', found.id as ObjectId), false);
  const { blob } = await artifactEntry(context, found.id as ArtifactId);
  const executable = found.entry !== undefined && 'executable' in found.entry && found.entry.executable === true;
  const object = await findObject(context, 'blob', blob);
  return storedSide(context, found.id as ArtifactId, object, executable, found.path);
}

/** What content without a path is called. */
async function nameOf(context: StoreContext, found: Named): Promise<string> {
  if (found.kind === 'file') return found.path;
  return found.kind === 'artifact' ? (await artifactEntry(context, found.id as ArtifactId)).logicalKey : found.id;
}

async function treeOf(context: StoreContext, found: Named): Promise<TreeId | undefined> {
  if (found.kind === 'run') return (await runEntry(context, found.id as RunId)).tree;
  return found.kind === 'tree' ? (found.id as TreeId) : undefined;
}

function isContent(found: Named): boolean {
  return found.kind === 'artifact' || found.kind === 'blob' || found.kind === 'file';
}

/** A revision, or a file of the workspace where nothing answers to the name. */
async function resolveSide(context: DiffContext, text: string, { toPath }: DiffOptions): Promise<Named> {
  try {
    return await resolveRevision(context, text);
  } catch (error) {
    if (!isCodedError(error, 'REV_NOT_FOUND') || context.files === undefined || toPath === undefined) throw error;
    const path = toPath(text);
    const [found] = await context.files.stat([path]);
    if (found?.kind !== 'file') throw error;
    return { kind: 'file', path };
  }
}

function describe(name: string, found: Named): DiffSide {
  if (found.kind === 'file') return { name, kind: 'workspace', id: undefined };
  if (found.kind === 'run' || found.kind === 'tree' || found.kind === 'artifact' || found.kind === 'blob') {
    return { name, kind: found.kind, id: found.id };
  }
  throw new CodedError('BAD_ARGUMENT', `${JSON.stringify(name)} names a ${found.kind}, which cannot be compared`, {
    hint: 'Name a run, a directory or file in a run, an artifact or its content.',
    data: { rev: name, kind: found.kind },
  });
}

/** `paths` limits the comparison to these paths of the workspace or tree and what lies below them. */
export async function diffRevisions(
  context: DiffContext,
  revs: readonly [before?: string | undefined, after?: string | undefined],
  paths: readonly string[] = [],
  options: DiffOptions = {},
): Promise<Diff> {
  const [beforeRev, afterRev] = revs;
  if (beforeRev === undefined) return againstWorkspace(context, undefined, paths, options);
  if (afterRev === undefined) {
    const found = await resolveRevision(context, beforeRev);
    describe(beforeRev, found);
    return againstWorkspace(context, { rev: beforeRev, found }, paths, options);
  }
  const before = await resolveSide(context, beforeRev, options);
  const after = await resolveSide(context, afterRev, options);
  const sides = { before: describe(beforeRev, before), after: describe(afterRev, after) };
  if (isContent(before) !== isContent(after)) {
    throw new CodedError(
      'BAD_ARGUMENT',
      `${JSON.stringify(beforeRev)} names a ${before.kind} and ${JSON.stringify(afterRev)} a ${after.kind}: they cannot be compared`,
      {
        hint: 'Compare a file with a file: <run>:<path>.',
        data: { before: before.kind, after: after.kind },
      },
    );
  }
  let pairs: Pair[];
  if (isContent(before)) {
    const path = before.path ?? (await nameOf(context, before));
    pairs = [{ path, before: () => sideOfContent(context, before), after: () => sideOfContent(context, after) }];
  } else {
    const changes = await new TreeReader(context).changes(await treeOf(context, before), await treeOf(context, after));
    pairs = changes.map((change) => ({
      path: change.path,
      before: () => sideOfLeaf(context, change.before),
      after: () => sideOfLeaf(context, change.after),
    }));
  }
  const named = isContent(before);
  const files = await compareAll(pairs, named ? [] : paths, { context, options, named });
  const areRuns = before.kind === 'run' && after.kind === 'run' && before.id !== after.id;
  const run = areRuns ? await runDifference(context, before.id as RunId, after.id as RunId) : undefined;
  const valuesDiffer = run !== undefined && Object.values(run).some((list) => list.length > 0);
  return { ...sides, run, files, differs: files.length > 0 || valuesDiffer };
}

async function runDifference(context: StoreContext, before: RunId, after: RunId): Promise<RunDifference> {
  const [left, right] = [await readRun(context, before), await readRun(context, after)];
  return { ...compareRuns(left, right), environment: await environmentChanges(context, left, right) };
}

/** `from` undefined is HEAD, which may have no run yet: then everything tracked is new. */
async function againstWorkspace(
  context: DiffContext,
  from: { rev: string; found: Resolved } | undefined,
  paths: readonly string[],
  options: DiffOptions,
): Promise<Diff> {
  const workspace = needWorkspace(context);
  const done = (before: DiffSide, files: FileDifference[]): Diff => ({
    before,
    after: workspaceSide,
    run: undefined,
    files,
    differs: files.length > 0,
  });
  if (from !== undefined && from.found.kind !== 'run') {
    const { rev, found } = from;
    const { path } = found;
    if (found.kind !== 'artifact' || path === undefined) {
      throw new CodedError('BAD_ARGUMENT', `${JSON.stringify(rev)} has no place in the workspace to compare it with`, {
        hint: 'Give a run, a file as <run>:<path>, or two revisions.',
        data: { rev },
      });
    }
    const pair: Pair = { path, before: () => sideOfContent(context, found), after: () => fileNow(workspace, path) };
    return done(describe(rev, found), await compareAll([pair], [], { context, options, named: true }));
  }
  const head = from === undefined ? (await readHead(workspace)).tip : undefined;
  const tree = from === undefined ? head?.tree : await treeOf(context, from.found);
  const reader = new TreeReader(context);
  const pairs = await workspaceAgainst(workspace, reader, tree, (leaf) => sideOfLeaf(context, leaf));
  const side: DiffSide = { name: from?.rev ?? 'HEAD', kind: 'run', id: from?.found.id ?? head?.run };
  return done(
    side,
    await compareAll(
      pairs.map((pair) => ({ ...pair, before: () => sideOfLeaf(context, pair.before) })),
      paths,
      { context, options, named: false },
    ),
  );
}
