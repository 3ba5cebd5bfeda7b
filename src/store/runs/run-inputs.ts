/** Inputs of a command that is about to run: what it will read must be what the record will say that it read. */
import { CodedError } from '../../core/errors.ts';
import type { RunInput } from '../../core/records/run.ts';
import type { WorkspaceContext } from '../context.ts';
import { same } from '../workspace/cached-file.ts';
import { ignoredPaths } from '../workspace/ignored.ts';
import { WorkingTree } from '../workspace/working-tree.ts';
import type { Head } from './head.ts';
import { metricsFile } from './run-metrics.ts';
import { isBelow } from './watch-files.ts';

/** Throws PATH_NOT_FOUND or BAD_ARGUMENT for an input that the workspace does not have as the branch has it. */
export async function refuseChangedInputs(
  workspace: WorkspaceContext,
  head: Head,
  inputs: readonly Pick<RunInput, 'path' | 'artifact'>[],
): Promise<void> {
  const tree = await WorkingTree.open(workspace, head.tip?.tree);
  const own: string[] = [];
  for (const { path, artifact } of inputs) {
    if (path === undefined) continue;
    const leaf = await tree.baseLeaf(path);
    // An input of another run is named by that run; the workspace need not have it.
    if (leaf?.kind === 'file' && leaf.artifact === artifact) own.push(path);
  }
  if (own.length === 0) return;
  const scan = await workspace.files.scan(own, () => false);
  const missing = scan.missing[0];
  if (missing !== undefined) {
    throw new CodedError('PATH_NOT_FOUND', `the input ${missing} is not in the workspace`, {
      hint: `Bring it back with \`cairn checkout HEAD ${missing}\`.`,
      data: { path: missing },
    });
  }
  const unknown: number[] = [];
  scan.paths.forEach((path, row) => {
    if (!tree.isKnown(scan, row) || (tree.flags(path) & same) === 0) unknown.push(row);
  });
  const contents = await tree.readContents(scan, unknown);
  const inBase = await tree.baseContents([...contents.keys()]);
  for (const [path, content] of contents) {
    const base = inBase.get(path)?.content;
    if (base?.kind === 'file' && content.kind === 'file' && base.blob === content.blob) {
      if (base.executable === content.executable) tree.markSame(path);
      continue;
    }
    throw new CodedError('BAD_ARGUMENT', `the input ${path} has changes that are not committed`, {
      hint: `Commit it first, so that the run can say what it read: \`cairn add ${path}\`, \`cairn commit -m …\`.`,
      data: { path },
    });
  }
  await tree.save();
}

/**
 * Files of input directories that the branch does not have: the command would find them there, and no record would say so.
 * What is ignored and what the command is to write does not count. Throws BAD_ARGUMENT.
 */
export async function refuseUncommittedFiles(
  workspace: WorkspaceContext,
  directories: readonly string[],
  inputs: readonly RunInput[],
  written: readonly string[],
): Promise<void> {
  if (directories.length === 0) return;
  const named = new Set(inputs.map(({ path }) => path));
  const scan = await workspace.files.scan(directories, await ignoredPaths(workspace));
  const own = [...written, metricsFile];
  const path = scan.paths.find((one) => !named.has(one) && !isBelow(one, own));
  if (path === undefined) return;
  throw new CodedError('BAD_ARGUMENT', `the file ${path} of an input directory is not committed`, {
    hint: `Commit it first, so that the run can say what it read, or list it in .cairnignore: \`cairn add ${path}\`.`,
    data: { path },
  });
}
