/** Which paths of a workspace are not looked at: `.cairnignore` at its root, in the syntax of `.gitignore`. */
import { ignoreRules } from '../../core/ignore-rules.ts';
import type { IgnoreFilter } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';

export const ignoreFile = '.cairnignore';

export async function ignoredPaths(workspace: Pick<WorkspaceContext, 'files'>): Promise<IgnoreFilter> {
  const { ignores, ignoresIn } = ignoreRules((await workspace.files.readText(ignoreFile)) ?? '');
  return Object.assign((path: string, isDirectory: boolean) => ignores(path, isDirectory), { ignoresIn });
}
