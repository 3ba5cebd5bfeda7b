/** `rm --staged`: taking paths out of the staging area; the files stay as they are. */
import { CodedError } from '../../core/errors.ts';
import { stageKey, type WorkspaceContext } from '../context.ts';

/** Unstages everything at or below the given workspace paths ('' for all). Returns the paths. */
export async function unstagePaths(workspace: WorkspaceContext, paths: readonly string[]): Promise<string[]> {
  const staged = await workspace.state.staged(workspace.stage);
  const chosen = staged.filter((entry) =>
    paths.some((path) => path === '' || entry.path === path || entry.path.startsWith(`${path}/`)),
  );
  for (const path of paths) {
    if (path === '' || chosen.some((entry) => entry.path === path || entry.path.startsWith(`${path}/`))) continue;
    throw new CodedError('PATH_NOT_FOUND', `${path} is not staged`, {
      hint: '`cairn status` lists what is.',
      data: { path },
    });
  }
  const left = await workspace.state.unstage(workspace.stage, chosen);
  if (left === 0 && chosen.length > 0) {
    const facts = [{ kind: 'unstage', stage: stageKey(workspace) } as const];
    await workspace.manifest.apply({ facts, nowMs: workspace.clock.now(), clock: workspace.clock.kind });
  }
  return chosen.map((entry) => entry.path);
}
