/**
 * What members of a dataset are identified by: their table content where a rule of `cairn.yaml` gives their type a table,
 * else their bytes. Only the type decides, so that a file has the same identity before and after it is stored.
 */
import type { DatasetEntry } from '../../core/dataset-id.ts';
import type { BlobId } from '../../core/ids.ts';
import { type TableSpecRecord, tableSpecBytes } from '../../core/records/table-spec.ts';
import type { WorkspaceConfig } from '../../core/workspace-config/workspace-config.ts';
import type { ArtifactEntry } from '../../ports/manifest.ts';
import type { TableFile } from '../../ports/tables.ts';
import type { WorkspaceFiles } from '../../ports/workspace.ts';
import { findObject } from '../objects/object-reader.ts';
import type { TableContext } from './changed-tables.ts';
import { tableInPlace } from './files-in-place.ts';
import { TableFiles } from './table-files.ts';
import { tableOfType } from './table-specs.ts';

export interface DatasetFile {
  readonly type: string;
  readonly schemaVersion: number;
  readonly logicalKey: string;
  readonly blob: BlobId;
  /** Where it lies, when it is no artifact yet. */
  readonly place?: { readonly files: WorkspaceFiles; readonly path: string };
  /** What the store knows of the artifact. */
  readonly content?: ArtifactEntry['content'];
}

/** Tables that are opened and read together. */
const together = 32;

interface Table {
  readonly index: number;
  readonly member: DatasetFile;
  readonly spec: TableSpecRecord;
}

/** In the order of the members. Throws TABLE_INVALID for a member that cannot be read as the table that its type says. */
export async function datasetEntries(
  context: TableContext,
  config: WorkspaceConfig,
  members: readonly DatasetFile[],
): Promise<DatasetEntry[]> {
  const tables: Table[] = [];
  const entries = members.map((member, index): DatasetEntry => {
    const { type, schemaVersion, logicalKey, blob, content } = member;
    const spec = tableOfType(config, type);
    const entry = { type, schemaVersion, logicalKey, algorithm: 'file' as const, sha256: blob };
    if (spec === undefined) return entry;
    if (content?.spec === context.codec.sha256Hex(tableSpecBytes(spec)))
      return { ...entry, ...byContent(content.sha256, spec) };
    tables.push({ index, member, spec });
    return entry;
  });
  for (let at = 0; at < tables.length; at += together) {
    const part = tables.slice(at, at + together);
    const hashes = await contentHashes(context, part);
    part.forEach(({ index, spec }, row) => {
      entries[index] = { ...(entries[index] as DatasetEntry), ...byContent(hashes[row] as string, spec) };
    });
  }
  return entries;
}

function byContent(
  sha256: string,
  { sort }: TableSpecRecord,
): Pick<DatasetEntry, 'algorithm' | 'sha256' | 'orderDeclared'> {
  return { algorithm: 'cairn.table/1', sha256, orderDeclared: sort !== undefined };
}

async function contentHashes(context: TableContext, tables: readonly Table[]): Promise<string[]> {
  const opened = new TableFiles(context);
  const open = async ({ place, blob, logicalKey }: DatasetFile): Promise<TableFile> =>
    place === undefined
      ? opened.ofObject(await findObject(context, 'blob', blob), logicalKey, [logicalKey])
      : tableInPlace(place.files, place.path, [place.path, logicalKey]);
  try {
    const files = [];
    for (const { member, spec } of tables) files.push({ file: await open(member), spec });
    return (await context.tables.identifyMany(files)).map((found) => {
      if ('error' in found) throw found.error;
      return found.identity.sha256;
    });
  } finally {
    await opened.close();
  }
}
