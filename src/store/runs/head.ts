/** Where a workspace stands: its branch, the run at its tip, and that run's tree. */

import { CodedError } from '../../core/errors.ts';
import type { RefName, RunId, TreeId } from '../../core/ids.ts';
import { parseRefName } from '../../core/names.ts';
import type { RunEntry } from '../../ports/manifest.ts';
import type { StoreContext, WorkspaceContext } from '../context.ts';

export interface Tip {
  readonly run: RunId;
  readonly tree: TreeId;
}

export interface Head {
  readonly ref: RefName;
  /** undefined before the first commit. */
  readonly tip: Tip | undefined;
}

export async function tipOf(context: Pick<StoreContext, 'manifest'>, ref: RefName): Promise<Tip | undefined> {
  const run = await context.manifest.ref(ref);
  return run === undefined ? undefined : { run, tree: (await runEntry(context, run)).tree };
}

export async function readHead(workspace: WorkspaceContext): Promise<Head> {
  const ref = parseRefName(await workspace.state.head());
  return { ref, tip: await tipOf(workspace, ref) };
}

export async function runEntry(context: Pick<StoreContext, 'manifest'>, id: RunId): Promise<RunEntry> {
  const [entry] = await context.manifest.runs([id]);
  if (entry === undefined) throw new CodedError('REV_NOT_FOUND', `the store has no run ${id}`, { data: { run: id } });
  return entry;
}
