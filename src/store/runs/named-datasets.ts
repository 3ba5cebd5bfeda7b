/** Datasets of cairn.yaml as part of a run's identity: committed files by globs, or a SQLite database by its content. */
import { datasetOfArtifacts } from '../../core/dataset-id.ts';
import { CodedError } from '../../core/errors.ts';
import { globMatcher } from '../../core/glob.ts';
import type { TreeId } from '../../core/ids.ts';
import type { DatasetIdentity } from '../../core/run-key.ts';
import type { DatasetScope, WorkspaceConfig } from '../../core/workspace-config/workspace-config.ts';
import type { WorkspaceContext } from '../context.ts';
import type { TableContext } from '../tables/changed-tables.ts';
import { datasetEntries } from '../tables/dataset-entries.ts';
import { TreeReader } from './trees.ts';

async function ofFiles(
  workspace: WorkspaceContext & TableContext,
  config: WorkspaceConfig,
  name: string,
  globs: readonly string[],
  scope: DatasetScope,
  tree: TreeId | undefined,
): Promise<DatasetIdentity> {
  const matchers = globs.map(globMatcher);
  const leaves = tree === undefined ? new Map() : await new TreeReader(workspace).leaves(tree);
  const ids = [...leaves].flatMap(([path, leaf]) =>
    leaf.kind === 'file' && matchers.some((matches) => matches(path)) ? [leaf.artifact] : [],
  );
  if (ids.length === 0) {
    throw new CodedError('PATH_NOT_FOUND', `the dataset ${name} of cairn.yaml has no committed file`, {
      hint: 'Add and commit its files first.',
      data: { dataset: name },
    });
  }
  const artifacts = (await workspace.manifest.artifacts(ids)).filter((artifact) => artifact !== undefined);
  const entries = await datasetEntries(workspace, config, artifacts);
  return { ...datasetOfArtifacts(entries), ...(scope.mode === 'FAST_DEV' ? { mode: scope.mode } : {}) };
}

export async function namedDatasets(
  workspace: WorkspaceContext & TableContext,
  config: WorkspaceConfig,
  names: readonly string[],
  tree: TreeId | undefined,
): Promise<DatasetIdentity[]> {
  const found: DatasetIdentity[] = [];
  for (const name of names) {
    const scope = config.datasets.get(name);
    if (scope === undefined)
      throw new CodedError('BAD_JSON', `cairn.yaml has no dataset called ${JSON.stringify(name)}`, { data: { name } });
    if (scope.sqlite === undefined) {
      found.push(await ofFiles(workspace, config, name, scope.files ?? [], scope, tree));
      continue;
    }
    const mode = scope.mode ?? 'STRICT';
    const { tables, keys, allowMissing } = scope;
    const path = `${workspace.files.root}/${scope.sqlite}`;
    const { id, sha256 } = await workspace.datasets.digest(path, { tables, keys, allowMissing, mode });
    found.push({ id, algorithm: 'sqlite_logical_v2', mode, sha256 });
  }
  return found;
}
