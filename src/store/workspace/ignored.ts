/** Which paths of a workspace are not looked at: `.cairnignore` at its root, in the syntax of `.gitignore`. */
import { ignoreRules } from '../../core/ignore-rules.ts';
import type { WorkspaceContext } from '../context.ts';

export const ignoreFile = '.cairnignore';

export async function ignoredPaths(
  workspace: Pick<WorkspaceContext, 'files'>,
): Promise<(path: string, isDirectory: boolean) => boolean> {
  const rules = ignoreRules((await workspace.files.readText(ignoreFile)) ?? '');
  return (path, isDirectory) => rules.ignores(path, isDirectory);
}
