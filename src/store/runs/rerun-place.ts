/**
 * The clean directory of a rerun: the code as it was (the recorded commit and patch, else the files that the command names),
 * and the inputs. What cannot be had is said, all of it at once.
 */
import { CodedError, isCodedError } from '../../core/errors.ts';
import { type ArtifactId, shortId } from '../../core/ids.ts';
import type { ContextRecord } from '../../core/records/context.ts';
import type { RunRecord } from '../../core/records/run.ts';
import type { WorkspaceFiles } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';
import { readBlob } from '../objects/object-reader.ts';
import { placeLeaves } from '../workspace/place.ts';
import { codeFilesOf } from './code-files.ts';
import { type Leaf, TreeReader } from './trees.ts';
import { isBelow } from './watch-files.ts';

export interface RerunPlace {
  /** Directory to remove afterwards. */
  readonly directory: string;
  readonly files: WorkspaceFiles;
  /** What people should know of how it was made. */
  readonly notes: readonly string[];
}

export interface RerunSource {
  readonly record: RunRecord;
  readonly argv: readonly string[];
  readonly prefix: string;
  readonly context: ContextRecord | undefined;
  readonly outputs: ReadonlyMap<string, Leaf>;
}

/** Inputs by the path at which the command found them. */
async function inputLeaves(
  workspace: WorkspaceContext,
  { record }: RerunSource,
  missing: string[],
): Promise<Map<string, Leaf>> {
  const leaves = new Map<string, Leaf>();
  const reader = new TreeReader(workspace);
  const [parent] = await workspace.manifest.runs(record.parents.slice(0, 1));
  const entries = await workspace.manifest.artifacts(record.inputs.map((input) => input.artifact));
  for (const [index, { artifact, path }] of record.inputs.entries()) {
    const entry = entries[index];
    const name = `input ${path ?? entry?.logicalKey ?? shortId(artifact)} (${shortId(artifact)})`;
    if (entry === undefined) missing.push(`${name} is not in the store`);
    else if (entry.status === 'tombstoned')
      missing.push(`${name} was withdrawn${entry.reason === undefined ? '' : `: ${entry.reason}`}`);
    else if (entry.absent) missing.push(`the bytes of ${name} are gone`);
    else {
      // What the branch had at the path is what the command found there; another run's input may have the same path.
      const place = path ?? entry.logicalKey;
      const found = parent === undefined ? undefined : await reader.lookup(parent.tree, place);
      const wasThere = found !== undefined && 'artifact' in found && found.artifact === artifact;
      if (!wasThere && leaves.has(place)) continue;
      leaves.set(place, { kind: 'file', artifact, executable: wasThere && found.executable === true });
    }
  }
  return leaves;
}

async function recordedPatch(
  workspace: WorkspaceContext,
  { record }: RerunSource,
  missing: string[],
): Promise<Uint8Array | undefined> {
  const { patch, gitDirty } = record.code;
  if (patch === undefined) {
    if (gitDirty === true) missing.push('the patch of the uncommitted changes was not recorded');
    return undefined;
  }
  const [entry] = await workspace.manifest.artifacts([patch as ArtifactId]);
  try {
    if (entry !== undefined && entry.status !== 'tombstoned') return await readBlob(workspace, entry.blob);
  } catch (error) {
    if (!isCodedError(error, 'OBJECT_NOT_FOUND') && !isCodedError(error, 'OBJECT_WITHDRAWN')) throw error;
  }
  missing.push(`the patch of the uncommitted changes (${shortId(patch)}) is gone`);
  return undefined;
}

/** Copies files that the command names; those that are there already (from git) stay. */
async function copyCode(
  workspace: WorkspaceContext,
  source: RerunSource,
  root: string,
  fromGit: boolean,
  missing: string[],
): Promise<string[]> {
  const { argv, prefix, record, context, outputs } = source;
  const paths = record.inputs.flatMap((input) => (input.path === undefined ? [] : [input.path]));
  const declared = (path: string): boolean => isBelow(path, paths) || outputs.has(path);
  const now = await codeFilesOf(workspace, { argv, prefix }, declared, fromGit);
  const present = new Map(now.files.map((file) => [file.path, file]));
  const there = workspace.filesAt(root);
  const wanted = context?.code ?? (fromGit ? [] : now.files);
  const notes: string[] = [];
  for (const { path, sha256 } of wanted) {
    const [found] = await there.stat([path]);
    if (found !== undefined) continue;
    const own = present.get(path);
    if (own === undefined) missing.push(`the file ${path}, which the command names, is no longer in the workspace`);
    else if (own.sha256 !== sha256) missing.push(`the file ${path}, which the command names, has changed since`);
    else await workspace.scratch.copyFile(`${workspace.files.root}/${path}`, `${root}/${path}`);
  }
  if (!fromGit && context?.code === undefined && wanted.length > 0)
    notes.push(`the code is what the workspace has now: ${wanted.map((file) => file.path).join(', ')}`);
  if (now.unknown !== undefined && !fromGit) notes.push(`not copied: ${now.unknown}`);
  return notes;
}

/** Throws OBJECT_NOT_FOUND naming everything that is missing. The caller releases the directory. */
export async function prepareRerun(workspace: WorkspaceContext, source: RerunSource): Promise<RerunPlace> {
  const missing: string[] = [];
  const notes: string[] = [];
  const inputs = await inputLeaves(workspace, source, missing);
  const { gitCommit } = source.record.code;
  const directory = await workspace.scratch.directory();
  try {
    let root = `${directory}/tree`;
    let fromGit = false;
    if (gitCommit !== undefined) {
      const patch = await recordedPatch(workspace, source, missing);
      const checkedOut = await workspace.code.checkOut(gitCommit, patch, root);
      if (checkedOut.kind === 'done') {
        root = checkedOut.root;
        fromGit = true;
      } else if (source.context?.code === undefined || source.context.code.length === 0)
        missing.push(`the code at git commit ${gitCommit.slice(0, 12)}: ${checkedOut.reason}`);
      else {
        notes.push(`without git commit ${gitCommit.slice(0, 12)}: ${checkedOut.reason}`);
        await workspace.code.release(root);
      }
    }
    const files = workspace.filesAt(root);
    notes.push(...(await copyCode(workspace, source, root, fromGit, missing)));
    if (missing.length > 0) {
      throw new CodedError('OBJECT_NOT_FOUND', `the run cannot be done again. Missing: ${missing.join('; ')}`, {
        hint: 'Bring back what is missing, then try again.',
        data: { missing },
      });
    }
    const lock = await workspace.lock.shared('rerun');
    try {
      await placeLeaves(workspace, { files, tree: undefined }, inputs, { force: true });
    } finally {
      await lock.release();
    }
    const parents = [...source.outputs.keys()].map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    for (const path of new Set([source.prefix, ...parents])) if (path !== '') await files.makeDirectory(path);
    return { directory, files, notes };
  } catch (error) {
    await releasePlace(workspace, directory);
    throw error;
  }
}

export async function releasePlace(workspace: WorkspaceContext, directory: string): Promise<void> {
  await workspace.code.release(`${directory}/tree`);
  await workspace.scratch.remove(directory);
}
