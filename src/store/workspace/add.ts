/** `add`: store the bytes, stage the paths. */
import type { BlobId } from '../../core/ids.ts';
import type { Fact } from '../../ports/manifest.ts';
import { stageKey, type WorkspaceContext } from '../context.ts';
import { writing } from '../objects/write-session.ts';
import { readHead } from '../runs/head.ts';
import { type CollectOptions, collectPaths } from './collect.ts';
import { WorkingTree } from './working-tree.ts';

export interface AddResult {
  /** Files at or below the given paths, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  readonly objects: { readonly new: number; readonly existing: number };
  /** Bytes written to the object directory. */
  readonly bytesStored: number;
  /** Files that were not read, because their stat says that they are unchanged. */
  readonly cached: number;
  /** Paths that are staged now by this call. */
  readonly staged: readonly string[];
  /** Paths of them that will be removed. */
  readonly removed: readonly string[];
  readonly skippedLinks: readonly string[];
}

/** Stages paths of the workspace ('' for all of it). Nothing is staged when one of them cannot be stored. */
export async function addPaths(
  workspace: WorkspaceContext,
  paths: readonly string[],
  options: CollectOptions = {},
): Promise<AddResult> {
  const head = await readHead(workspace);
  const tree = await WorkingTree.open(workspace, head.tip?.tree);
  return writing(workspace, 'add', async (session) => {
    const collected = await collectPaths(workspace, session, tree, paths, options);
    const facts: Fact[] = await session.settle();
    const ids = collected.entries.flatMap((entry) => (entry.blob === undefined ? [] : [entry.blob as BlobId]));
    if (ids.length > 0) facts.push({ kind: 'stage', stage: stageKey(workspace), ids });
    if (facts.length > 0) {
      await workspace.manifest.apply({ facts, nowMs: workspace.clock.now(), clock: workspace.clock.kind });
    }
    if (collected.entries.length + collected.unchanged.length > 0) {
      await workspace.state.stage(workspace.stage, collected.entries, collected.unchanged);
    }
    await tree.save();
    return {
      files: collected.files,
      bytes: collected.bytes,
      objects: { new: session.counts.newObjects, existing: session.counts.existingObjects },
      bytesStored: session.counts.storedBytes,
      cached: collected.cached,
      staged: collected.entries.map((entry) => entry.path),
      removed: collected.entries.filter((entry) => entry.kind === 'removal').map((entry) => entry.path),
      skippedLinks: collected.skippedLinks,
    };
  });
}
