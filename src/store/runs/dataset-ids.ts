/**
 * Dataset ids for other programs: of artifacts and files by what they are, of SQLite databases by their tables. A file of
 * the workspace counts as the artifact that `add` would make of it, so that its id is the same before and after.
 */
import { type DatasetEntry, datasetOfArtifacts } from '../../core/dataset-id.ts';
import { CodedError } from '../../core/errors.ts';
import { globMatcher } from '../../core/glob.ts';
import { defaultArtifactType } from '../../core/records/artifact.ts';
import type { DatasetIdentity, DatasetMode } from '../../core/run-key.ts';
import type { DatasetScope, WorkspaceConfig } from '../../core/workspace-config/workspace-config.ts';
import type { SqliteDataset } from '../../ports/sqlite-datasets.ts';
import { statSize } from '../../ports/workspace.ts';
import type { WorkspaceContext } from '../context.ts';
import { artifactEntry } from '../lineage/status-change.ts';
import type { TableContext } from '../tables/changed-tables.ts';
import { type DatasetFile, datasetEntries } from '../tables/dataset-entries.ts';
import { ignoredPaths } from '../workspace/ignored.ts';
import { WorkingTree } from '../workspace/working-tree.ts';
import { readWorkspaceConfig, typeRulesOf } from '../workspace/workspace-config.ts';
import { readHead } from './head.ts';
import { resolveArtifact } from './revision.ts';

export type DatasetMember = Omit<DatasetEntry, 'orderDeclared'>;

type TableWorkspace = WorkspaceContext & TableContext;

export interface NamedDataset extends DatasetIdentity {
  /** Path of the database; undefined for a dataset of artifacts. */
  readonly path: string | undefined;
  readonly members: readonly DatasetMember[];
  readonly tables: SqliteDataset['tables'];
  readonly missing: readonly string[];
  /** Tables of the database, or logical keys of members, whose rows have no declared order. */
  readonly undeclaredOrder: readonly string[];
}

export interface DatasetRequest {
  /** Artifacts as revisions, paths of the workspace, and names of datasets in cairn.yaml. */
  readonly members: readonly string[];
  readonly mode?: DatasetMode | undefined;
  /** Tables of a database. */
  readonly tables?: readonly string[] | undefined;
  readonly allowMissing?: boolean | undefined;
  /** Turns what a user typed into a workspace path. */
  readonly toPath: (text: string) => string;
}

const magic = 'SQLite format 3\0';
/** A database has one page at least. */
const smallestDatabase = 512;

async function isDatabase({ files }: WorkspaceContext, path: string): Promise<boolean> {
  const [stat] = await files.stat([path]);
  if (stat === undefined || stat.kind !== 'file' || (stat.stat[statSize] as number) < smallestDatabase) return false;
  const file = await files.open(path);
  try {
    for await (const chunk of file.chunks()) {
      return chunk.length >= magic.length && new TextDecoder().decode(chunk.subarray(0, magic.length)) === magic;
    }
    return false;
  } finally {
    await file.close();
  }
}

/** What the files at or below some paths are, as `add` would say it. */
async function fileMembers(
  workspace: WorkspaceContext,
  config: WorkspaceConfig,
  paths: readonly string[],
  takes: (path: string) => boolean,
): Promise<DatasetFile[]> {
  if (paths.length === 0) return [];
  const head = await readHead(workspace);
  const tree = await WorkingTree.open(workspace, head.tip?.tree);
  const scan = await workspace.files.scan(paths, await ignoredPaths(workspace));
  const [missing] = scan.missing;
  if (missing !== undefined) {
    throw new CodedError('PATH_NOT_FOUND', `${missing} does not exist`, { data: { path: missing } });
  }
  const rows = [...scan.paths.keys()].filter((row) => scan.kinds[row] === 'file' && takes(scan.paths[row] as string));
  const contents = await tree.readContents(scan, rows);
  const inBase = await tree.baseContents([...contents.keys()]);
  const bases = [...inBase.values()].flatMap(({ artifact }) => (artifact === undefined ? [] : [artifact]));
  const found = await workspace.manifest.artifacts(bases);
  const artifacts = new Map(found.flatMap((entry) => (entry === undefined ? [] : [[entry.id, entry] as const])));
  const staged = new Map((await workspace.state.staged(workspace.stage)).map((entry) => [entry.path, entry]));
  const rules = await typeRulesOf(config);
  return [...contents].flatMap(([path, content]) => {
    if (content.kind !== 'file') return [];
    const entry = staged.get(path);
    const base = inBase.get(path)?.artifact;
    const known = entry?.kind === 'file' ? entry : undefined;
    const before = known === undefined && base !== undefined ? artifacts.get(base) : undefined;
    const rule = known === undefined ? rules?.(path) : undefined;
    return [
      {
        type: known?.type ?? rule?.type ?? before?.type ?? defaultArtifactType,
        schemaVersion: known?.schemaVersion ?? rule?.schemaVersion ?? before?.schemaVersion ?? 1,
        logicalKey: known?.logicalKey ?? rule?.logicalKey ?? before?.logicalKey ?? path,
        blob: content.blob,
        place: { files: workspace.files, path },
      },
    ];
  });
}

async function artifactMember(workspace: WorkspaceContext, rev: string): Promise<DatasetFile> {
  const { type, schemaVersion, logicalKey, blob, content } = await artifactEntry(
    workspace,
    await resolveArtifact(workspace, rev),
  );
  return { type, schemaVersion, logicalKey, blob, content };
}

async function ofMembers(
  workspace: TableWorkspace,
  config: WorkspaceConfig,
  files: readonly DatasetFile[],
  mode: DatasetMode | undefined,
): Promise<NamedDataset> {
  const entries = await datasetEntries(workspace, config, files);
  const identity = datasetOfArtifacts(entries);
  const undeclaredOrder = entries.filter((entry) => entry.orderDeclared === false).map(({ logicalKey }) => logicalKey);
  if (mode === 'STRICT' && undeclaredOrder.length > 0) {
    throw new CodedError('BAD_ARGUMENT', `the rows of ${undeclaredOrder.join(', ')} have no declared order`, {
      hint: 'Give the table of their type sort keys in cairn.yaml, or take --mode FAST_DEV.',
      data: { members: undeclaredOrder },
    });
  }
  const members = entries.map(({ orderDeclared: _, ...member }): DatasetMember => member);
  return {
    ...identity,
    mode: mode === 'FAST_DEV' ? mode : identity.mode,
    path: undefined,
    members,
    tables: [],
    missing: [],
    undeclaredOrder,
  };
}

async function ofDatabase(
  workspace: WorkspaceContext,
  path: string,
  scope: DatasetScope,
  request: Omit<DatasetRequest, 'members' | 'toPath'>,
): Promise<NamedDataset> {
  const mode = request.mode ?? scope.mode ?? 'STRICT';
  const root = workspace.files.root;
  const { id, sha256, tables, missing, undeclaredOrder } = await workspace.datasets.digest(`${root}/${path}`, {
    tables: request.tables ?? scope.tables,
    keys: scope.keys,
    mode,
    allowMissing: request.allowMissing ?? scope.allowMissing,
  });
  return { id, algorithm: 'sqlite_logical_v2', mode, sha256, path, members: [], tables, missing, undeclaredOrder };
}

/** A dataset of cairn.yaml, as a run that names it records it. */
export async function datasetOfScope(
  workspace: TableWorkspace,
  config: WorkspaceConfig,
  scope: DatasetScope,
  request: Omit<DatasetRequest, 'members' | 'toPath'> = {},
): Promise<NamedDataset> {
  if (scope.sqlite !== undefined) return ofDatabase(workspace, scope.sqlite, scope, request);
  const matchers = (scope.files ?? []).map(globMatcher);
  const members = await fileMembers(workspace, config, [''], (path) => matchers.some((matches) => matches(path)));
  return ofMembers(workspace, config, members, request.mode ?? scope.mode);
}

/** The scope that cairn.yaml gives a database, when it gives it just one. */
function scopeOf(config: WorkspaceConfig, path: string): DatasetScope {
  const scopes = [...config.datasets].filter(([, scope]) => scope.sqlite === path);
  if (scopes.length < 2) return scopes[0]?.[1] ?? {};
  throw new CodedError('BAD_ARGUMENT', `cairn.yaml has ${scopes.length} datasets of ${path}`, {
    hint: `Name one of them instead of the file: ${scopes.map(([name]) => name).join(', ')}.`,
    data: { path, datasets: scopes.map(([name]) => name) },
  });
}

/** One dataset for each database and each name of cairn.yaml, and one for all other files and artifacts together. */
export async function datasetIds(workspace: TableWorkspace, request: DatasetRequest): Promise<NamedDataset[]> {
  const config = await readWorkspaceConfig(workspace);
  const found: NamedDataset[] = [];
  const members: DatasetFile[] = [];
  const paths: string[] = [];
  let rest = 0;
  for (const text of request.members) {
    const path = text.includes(':') ? undefined : pathIn(request, text);
    const [stat] = path === undefined ? [] : await workspace.files.stat([path]);
    const named = config.datasets.get(text);
    if (path !== undefined && stat !== undefined) {
      if (await isDatabase(workspace, path)) {
        found.push(await ofDatabase(workspace, path, scopeOf(config, path), request));
        continue;
      }
      paths.push(path);
    } else if (named !== undefined) {
      found.push(await datasetOfScope(workspace, config, named, request));
      continue;
    } else members.push(await artifactMember(workspace, text));
    rest++;
  }
  const isTables = found.some(({ algorithm }) => algorithm === 'sqlite_logical_v2');
  if ((request.tables !== undefined || request.allowMissing === true) && !isTables) {
    throw new CodedError(
      'BAD_ARGUMENT',
      '--scope and --allow-missing are about tables, and no SQLite database is named',
    );
  }
  if (rest === 0) return found;
  const unique = await fileMembers(workspace, config, paths, () => true);
  return [...found, await ofMembers(workspace, config, [...members, ...unique], request.mode)];
}

/** undefined for what cannot be a path of the workspace: then it is a revision. */
function pathIn({ toPath }: DatasetRequest, text: string): string | undefined {
  try {
    return toPath(text);
  } catch {
    return undefined;
  }
}
