/** Artifacts as pipelines are told of them, and the questions that they ask. */
import type { ArtifactId, BlobId, TableHash } from '../../core/ids.ts';
import { parseTimestamp, type Timestamp } from '../../core/time.ts';
import type { ArtifactEntry, ArtifactStatus } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { artifactEntry } from '../lineage/status-change.ts';
import { looseName } from '../objects/object-names.ts';
import { type RevisionContext, resolveArtifact } from '../runs/revision.ts';

export interface Artifact {
  readonly artifactId: ArtifactId;
  readonly artifactType: string;
  readonly schemaVersion: number;
  readonly logicalKey: string;
  readonly status: ArtifactStatus;
  /** Where other programs can read the bytes in place; null unless they are a file of their own, stored as it is. */
  readonly path: string | null;
  /** The same value. */
  readonly pathParquet: string | null;
  /** The sidecar that was written beside the published file; known only to the call that wrote it. */
  readonly pathSidecar: string | null;
  /** SHA-256 of the bytes. */
  readonly fileHash: BlobId;
  /** Of the table content, where a publication took it. */
  readonly contentHash: TableHash | null;
  readonly rowCount: number | null;
  readonly minTs: string | null;
  readonly maxTs: string | null;
  /** Time of the first run that produced it. */
  readonly createdAt: Timestamp | null;
  readonly tags: { readonly [name: string]: string };
}

export interface ArtifactFilter {
  readonly artifactType?: string | undefined;
  readonly status?: ArtifactStatus | undefined;
  readonly tags?: { readonly [name: string]: string } | undefined;
  /** RFC 3339; both ends included. */
  readonly minCreatedAt?: string | undefined;
  readonly maxCreatedAt?: string | undefined;
  /** 100 when left out, 0 for all. */
  readonly limit?: number | undefined;
  /** Where a page before ended. */
  readonly cursor?: string | undefined;
}

export interface ArtifactPage {
  readonly artifacts: readonly Artifact[];
  readonly more: boolean;
  readonly cursor: string | null;
}

export interface ArtifactLineage {
  readonly artifactId: ArtifactId;
  /** What it was made from, nearest first. */
  readonly inputs: readonly Artifact[];
  /** The longest way to one of them, in edges. */
  readonly depth: number;
}

type ReadContext = Pick<StoreContext, 'manifest' | 'backend'>;

/** The path of a file that holds just these bytes, in the order of the ids. */
export async function pathsOf(
  { manifest, backend }: ReadContext,
  ids: readonly ArtifactId[],
): Promise<(string | null)[]> {
  if (ids.length === 0) return [];
  return (await manifest.artifactBlobs(ids)).map((blob) =>
    blob?.location.kind === 'loose' ? (backend.localPath(looseName('blob', blob.id)) ?? null) : null,
  );
}

export async function artifactsOf(context: ReadContext, entries: readonly ArtifactEntry[]): Promise<Artifact[]> {
  const paths = await pathsOf(
    context,
    entries.map(({ id }) => id),
  );
  return entries.map((entry, index) => {
    const path = paths[index] ?? null;
    return {
      artifactId: entry.id,
      artifactType: entry.type,
      schemaVersion: entry.schemaVersion,
      logicalKey: entry.logicalKey,
      status: entry.status,
      path,
      pathParquet: path,
      pathSidecar: null,
      fileHash: entry.blob,
      contentHash: entry.content?.sha256 ?? null,
      rowCount: entry.content?.rows ?? null,
      minTs: entry.content?.minTs ?? null,
      maxTs: entry.content?.maxTs ?? null,
      createdAt: entry.createdAt ?? null,
      tags: entry.tags,
    };
  });
}

/** Throws REV_NOT_FOUND. */
export async function getArtifact(context: RevisionContext, rev: string): Promise<Artifact> {
  const [artifact] = await artifactsOf(context, [await artifactEntry(context, await resolveArtifact(context, rev))]);
  return artifact as Artifact;
}

/** The newest active artifact of this type and key. */
export async function findByLogicalKey(
  context: ReadContext,
  type: string,
  logicalKey: string,
): Promise<Artifact | null> {
  const { rows } = await context.manifest.listArtifacts({ type, logicalKey, status: 'active' }, { limit: 1 });
  const [artifact] = await artifactsOf(context, rows);
  return artifact ?? null;
}

function utc(text: string | undefined): Timestamp | undefined {
  return text === undefined ? undefined : parseTimestamp(text);
}

/** Newest production first. Throws BAD_TIME, or BAD_ARGUMENT for a cursor that is none. */
export async function listByFilter(context: ReadContext, filter: ArtifactFilter): Promise<ArtifactPage> {
  const { artifactType, status, tags, minCreatedAt, maxCreatedAt, limit, cursor } = filter;
  const page = await context.manifest.listArtifacts(
    { type: artifactType, status, tags, createdFrom: utc(minCreatedAt), createdTo: utc(maxCreatedAt) },
    { limit: limit ?? 100, cursor },
  );
  return {
    artifacts: await artifactsOf(context, page.rows),
    more: page.cursor !== undefined,
    cursor: page.cursor ?? null,
  };
}

/** What the artifact was made from, or what was made from it: nearest first, then by key and id. */
async function reached(
  context: RevisionContext,
  root: ArtifactId,
  direction: 'up' | 'down',
  depth: number | undefined,
): Promise<{ readonly artifacts: Artifact[]; readonly depth: number }> {
  const lineage = await context.manifest.lineage({ roots: [root], direction, depth });
  const others = lineage.artifacts.filter(({ id }) => id !== root);
  const depths = new Map(others.map(({ id, depth: at }) => [id, at]));
  const entries = (await context.manifest.artifacts([...depths.keys()])).filter((entry) => entry !== undefined);
  const order = (entry: ArtifactEntry): string => `${entry.logicalKey}\0${entry.id}`;
  const sorted = entries.toSorted(
    (left, right) => (depths.get(left.id) ?? 0) - (depths.get(right.id) ?? 0) || (order(left) < order(right) ? -1 : 1),
  );
  return { artifacts: await artifactsOf(context, sorted), depth: Math.max(0, ...depths.values()) };
}

export async function getLineage(context: RevisionContext, rev: string, depth?: number): Promise<ArtifactLineage> {
  const artifactId = await resolveArtifact(context, rev);
  const found = await reached(context, artifactId, 'up', depth);
  return { artifactId, inputs: found.artifacts, depth: found.depth };
}

export async function getDownstream(
  context: RevisionContext,
  rev: string,
): Promise<{ readonly artifactId: ArtifactId; readonly artifacts: readonly Artifact[] }> {
  const artifactId = await resolveArtifact(context, rev);
  return { artifactId, artifacts: (await reached(context, artifactId, 'down', undefined)).artifacts };
}
