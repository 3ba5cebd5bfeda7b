/**
 * Files that the datasets of a named run consist of. The identity of the run says what the branch has; the command finds
 * what the workspace has: the two must be the same before it starts.
 */
import { CodedError } from '../../core/errors.ts';
import { globMatcher } from '../../core/glob.ts';
import type { ArtifactId } from '../../core/ids.ts';
import type { WorkspaceConfig } from '../../core/workspace-config/workspace-config.ts';
import type { WorkspaceContext } from '../context.ts';
import { ignoredPaths } from '../workspace/ignored.ts';
import type { Head } from './head.ts';
import { refuseChangedInputs } from './run-inputs.ts';
import { TreeReader } from './trees.ts';

/** Throws BAD_ARGUMENT or PATH_NOT_FOUND for a file that is changed, new or gone. */
export async function refuseChangedDatasets(
  workspace: WorkspaceContext,
  head: Head,
  config: WorkspaceConfig,
  names: readonly string[],
): Promise<void> {
  const globs = names.flatMap((name) => config.datasets.get(name)?.files ?? []);
  if (globs.length === 0) return;
  const matchers = globs.map(globMatcher);
  const isMember = (path: string): boolean => matchers.some((matches) => matches(path));
  const committed = new Map<string, ArtifactId>();
  if (head.tip !== undefined) {
    for (const [path, leaf] of await new TreeReader(workspace).leaves(head.tip.tree))
      if (leaf.kind === 'file' && isMember(path)) committed.set(path, leaf.artifact);
  }
  const scan = await workspace.files.scan([''], await ignoredPaths(workspace));
  const path = scan.paths.find((one) => !committed.has(one) && isMember(one));
  if (path !== undefined) {
    throw new CodedError('BAD_ARGUMENT', `the file ${path} of a dataset is not committed`, {
      hint: `Commit it first: \`cairn add ${path}\`, \`cairn commit -m …\`.`,
      data: { path },
    });
  }
  await refuseChangedInputs(
    workspace,
    head,
    Array.from(committed, ([at, artifact]) => ({ path: at, artifact })),
  );
}
