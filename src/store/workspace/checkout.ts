/** `checkout` (files of any revision) and `switch` (another branch, with its files). */
import { CodedError } from '../../core/errors.ts';
import type { ArtifactId, RefName, RunId, TreeId } from '../../core/ids.ts';
import { branchRef } from '../../core/names.ts';
import type { WorkspaceContext } from '../context.ts';
import { applyFacts, refFact } from '../log/governance.ts';
import { writing } from '../objects/write-session.ts';
import { readHead, runEntry, tipOf } from '../runs/head.ts';
import { type Resolved, resolveRevision, resolveRun, runOf } from '../runs/revision.ts';
import { type Leaf, TreeReader } from '../runs/trees.ts';
import { placeLeaves } from './place.ts';
import type { LinkMode, Placed } from './place-plan.ts';
import { WorkingTree } from './working-tree.ts';

export interface CheckoutOptions {
  /** Paths inside the run; everything when left out. */
  readonly paths?: readonly string[] | undefined;
  /** Another directory than the workspace. */
  readonly to?: string | undefined;
  readonly link?: LinkMode | undefined;
  readonly force?: boolean | undefined;
}

export interface CheckoutResult extends Placed {
  readonly run: RunId | undefined;
  readonly to: string;
}

/** What a checkout of these paths writes, by path. */
export async function leavesOf(
  workspace: WorkspaceContext,
  found: Resolved,
  rev: string,
  paths: readonly string[] | undefined,
): Promise<Map<string, Leaf>> {
  const reader = new TreeReader(workspace);
  const whole = runOf(found);
  if (whole !== undefined) {
    const { tree } = await runEntry(workspace, whole);
    if (paths === undefined || paths.length === 0) return reader.leaves(tree);
    const chosen = new Map<string, Leaf>();
    for (const path of paths) {
      const below = await reader.leaves(tree, path);
      if (below.size === 0 && !(await isEmptyDirectory(reader, tree, path))) {
        throw new CodedError('PATH_NOT_FOUND', `${rev} has no path ${path}`, {
          hint: `List its paths with \`cairn ls ${rev}\`.`,
          data: { path, rev },
        });
      }
      for (const [name, leaf] of below) chosen.set(name, leaf);
    }
    return chosen;
  }
  if (paths !== undefined && paths.length > 0) {
    throw new CodedError('BAD_ARGUMENT', `${rev} is no run, so it has no paths`, {
      hint: 'Give a run, or no paths.',
      data: { rev },
    });
  }
  if (found.path !== undefined && found.run !== undefined) {
    const { tree } = await runEntry(workspace, found.run);
    return reader.leaves(tree, found.path);
  }
  if (found.kind === 'artifact') {
    const id = found.id as ArtifactId;
    const [production] = await workspace.manifest.productions(id, 1);
    const [artifact] = await workspace.manifest.artifacts([id]);
    const path = production?.path ?? artifact?.logicalKey ?? id;
    return new Map([[path, { kind: 'file', artifact: id, executable: false }]]);
  }
  throw new CodedError('BAD_ARGUMENT', `${rev} names a ${found.kind}, which cannot be checked out`, {
    hint: 'Give a run or an artifact.',
    data: { rev },
  });
}

async function isEmptyDirectory(reader: TreeReader, tree: TreeId, path: string): Promise<boolean> {
  const entry = await reader.lookup(tree, path);
  return entry !== undefined && 'tree' in entry;
}

/** Materialises files of a revision. Moves no ref and removes nothing. */
export async function checkoutRevision(
  workspace: WorkspaceContext,
  rev: string,
  options: CheckoutOptions = {},
): Promise<CheckoutResult> {
  const found = await resolveRevision(workspace, rev);
  const leaves = await leavesOf(workspace, found, rev, options.paths);
  const { run } = found;
  const lock = await workspace.lock.shared('checkout');
  try {
    if (options.to !== undefined) {
      const files = workspace.filesAt(options.to);
      return { ...(await placeLeaves(workspace, { files, tree: undefined }, leaves, options)), run, to: files.root };
    }
    const head = await readHead(workspace);
    const tree = await WorkingTree.open(workspace, head.tip?.tree);
    try {
      const ofBase = run !== undefined && run === head.tip?.run;
      const placed = await placeLeaves(workspace, { files: workspace.files, tree, ofBase }, leaves, options);
      if (!ofBase) await tree.settleSame(leaves.keys());
      return { ...placed, run, to: workspace.files.root };
    } finally {
      await tree.save();
    }
  } finally {
    await lock.release();
  }
}

export interface SwitchOptions {
  /** Make the branch; at this revision, or where the workspace stands. */
  readonly create?: boolean | undefined;
  readonly start?: string | undefined;
  readonly force?: boolean | undefined;
}

export interface SwitchResult extends Placed {
  readonly ref: RefName;
  readonly run: RunId | undefined;
}

/** Makes another branch the current one, and brings its files. Changed files that would be lost stop it first. */
export async function switchBranch(
  workspace: WorkspaceContext,
  name: string,
  options: SwitchOptions = {},
): Promise<SwitchResult> {
  const ref = branchRef(name);
  const head = await readHead(workspace);
  const existing = await tipOf(workspace, ref);
  if (options.create !== true && existing === undefined && ref !== head.ref) {
    throw new CodedError('REF_NOT_FOUND', `there is no branch ${name}`, {
      hint: `Make it with \`cairn switch -c ${name}\`.`,
      data: { ref },
    });
  }
  if (options.create === true && existing !== undefined) {
    throw new CodedError('REF_EXISTS', `the branch ${name} exists already`, {
      hint: `Go there with \`cairn switch ${name}\`.`,
      data: { ref },
    });
  }
  const start = options.start === undefined ? undefined : await resolveRun(workspace, options.start);
  const target = options.create === true ? (start ?? head.tip?.run) : existing?.run;
  const targetTree = target === undefined ? head.tip?.tree : (await runEntry(workspace, target)).tree;
  const tree = await WorkingTree.open(workspace, head.tip?.tree);
  const placed = await placeDifferences(workspace, tree, head.tip?.tree, targetTree, options);
  if (options.create === true && target !== undefined) {
    await writing(workspace, 'switch', async (session) => {
      await applyFacts(workspace, session, [
        refFact(workspace, session, ref, undefined, target, 'created by switch -c'),
      ]);
    });
  }
  await workspace.state.setHead(ref);
  await tree.rebase(targetTree);
  await tree.settleSame(placed.paths);
  await tree.save();
  return { ...placed.counts, ref, run: target };
}

/** Brings the workspace from one tree to another. Holds the store lock only meanwhile: it must not be taken twice. */
async function placeDifferences(
  workspace: WorkspaceContext,
  tree: WorkingTree,
  from: TreeId | undefined,
  to: TreeId | undefined,
  options: SwitchOptions,
): Promise<{ counts: Placed; paths: string[] }> {
  const lock = await workspace.lock.shared('switch');
  try {
    const leaves = new Map<string, Leaf | undefined>();
    for (const { path, before, after } of await tree.reader.changes(from, to)) {
      if (after !== undefined || before?.kind !== 'directory') leaves.set(path, after);
    }
    const staged = (await workspace.state.staged(workspace.stage))
      .filter((entry) => leaves.has(entry.path))
      .map((entry) => entry.path);
    if (staged.length > 0 && options.force !== true) {
      throw new CodedError(
        'WOULD_OVERWRITE',
        `these staged paths differ between the branches: ${staged.slice(0, 5).join(', ')}`,
        {
          hint: 'Commit them, or unstage them with `cairn rm --staged`.',
          data: { paths: staged },
        },
      );
    }
    const counts = await placeLeaves(workspace, { files: workspace.files, tree }, leaves, options);
    return { counts, paths: [...leaves.keys()] };
  } finally {
    await lock.release();
  }
}
