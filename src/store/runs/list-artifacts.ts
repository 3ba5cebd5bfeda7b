/**
 * `ls`: the artifacts of the store, or the files of a run by path.
 *
 * A run is listed as its whole tree, which is what checkout would write. The cursor of such a list is the last path that
 * was shown.
 */
import { compareUtf8 } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import { globMatcher } from '../../core/glob.ts';
import type { ArtifactId, BlobId, RunId, TreeId } from '../../core/ids.ts';
import type { Timestamp } from '../../core/time.ts';
import type { ArtifactEntry, ArtifactFilter, ArtifactStatus, Page, PageRequest } from '../../ports/manifest.ts';
import { runEntry } from './head.ts';
import { type RevisionContext, resolveRevision } from './revision.ts';
import { TreeReader } from './trees.ts';

export type { ArtifactEntry };

/** `withdrawn` is what cannot be read any more: tombstoned, or its bytes let go. */
export const statusWords = ['active', 'superseded', 'tombstoned', 'withdrawn'] as const;
export type StatusWord = (typeof statusWords)[number];

export interface ListRequest {
  readonly rev?: string | undefined;
  readonly type?: string | undefined;
  /** Glob over the logical key. */
  readonly key?: string | undefined;
  readonly status?: StatusWord | undefined;
  readonly tags?: { readonly [key: string]: string } | undefined;
  readonly since?: Timestamp | undefined;
  readonly until?: Timestamp | undefined;
}

export interface ListedArtifact {
  /** Path inside the run, where a run was listed. */
  readonly path: string | undefined;
  readonly executable: boolean;
  readonly entry: ArtifactEntry;
}

/** Artifacts looked up at once. */
const batchSize = 2000;

function isWithdrawn(entry: ArtifactEntry): boolean {
  return entry.absent || entry.status === 'tombstoned';
}

function matcher(request: ListRequest): (entry: ArtifactEntry) => boolean {
  const matchesKey = request.key === undefined ? () => true : globMatcher(request.key);
  const tags = Object.entries(request.tags ?? {});
  return (entry) =>
    (request.type === undefined || entry.type === request.type) &&
    matchesKey(entry.logicalKey) &&
    (request.status === undefined ||
      (request.status === 'withdrawn' ? isWithdrawn(entry) : entry.status === request.status)) &&
    tags.every(([name, value]) => entry.tags[name] === value) &&
    (request.since === undefined || (entry.createdAt !== undefined && entry.createdAt >= request.since)) &&
    (request.until === undefined || (entry.createdAt !== undefined && entry.createdAt <= request.until));
}

/** Artifacts of the whole store, newest production first. */
async function listStore(
  context: RevisionContext,
  request: ListRequest,
  page: PageRequest,
  blob?: BlobId,
): Promise<Page<ListedArtifact>> {
  const status: ArtifactStatus | undefined = request.status === 'withdrawn' ? undefined : request.status;
  const filter: ArtifactFilter = {
    type: request.type,
    key: request.key,
    status,
    tags: request.tags,
    createdFrom: request.since,
    createdTo: request.until,
    blob,
  };
  const shown = (entry: ArtifactEntry): ListedArtifact => ({ path: undefined, executable: false, entry });
  if (request.status !== 'withdrawn') {
    const { rows, cursor } = await context.manifest.listArtifacts(filter, page);
    return { rows: rows.map(shown), cursor };
  }
  const rows: ListedArtifact[] = [];
  let cursor = page.cursor;
  do {
    // One at a time behind the first find would be slow, and more than is missing would skip some: ask for what is missing.
    const wanted = page.limit === 0 ? batchSize : page.limit - rows.length;
    const found = await context.manifest.listArtifacts(filter, { limit: wanted, cursor });
    rows.push(...found.rows.filter(isWithdrawn).map(shown));
    cursor = found.cursor;
  } while (cursor !== undefined && (page.limit === 0 || rows.length < page.limit));
  return { rows, cursor };
}

async function listTree(
  context: RevisionContext,
  tree: TreeId,
  below: string,
  request: ListRequest,
  page: PageRequest,
): Promise<Page<ListedArtifact>> {
  const leaves = [...(await new TreeReader(context).leaves(tree, below))].flatMap(([path, leaf]) =>
    leaf.kind === 'file' ? [{ path, artifact: leaf.artifact, executable: leaf.executable }] : [],
  );
  leaves.sort((left, right) => compareUtf8(left.path, right.path));
  const matches = matcher(request);
  const rows: ListedArtifact[] = [];
  const after = page.cursor;
  const wanted = after === undefined ? leaves : leaves.filter(({ path }) => compareUtf8(path, after) > 0);
  for (let at = 0; at < wanted.length; at += batchSize) {
    const batch = wanted.slice(at, at + batchSize);
    const entries = await context.manifest.artifacts(batch.map(({ artifact }) => artifact as ArtifactId));
    for (const [index, { path, executable }] of batch.entries()) {
      const entry = entries[index];
      if (entry === undefined || !matches(entry)) continue;
      if (page.limit > 0 && rows.length === page.limit) return { rows, cursor: rows.at(-1)?.path };
      rows.push({ path, executable, entry });
    }
  }
  return { rows, cursor: undefined };
}

export async function listArtifacts(
  context: RevisionContext,
  request: ListRequest,
  page: PageRequest,
): Promise<Page<ListedArtifact>> {
  if (request.rev === undefined) return listStore(context, request, page);
  const found = await resolveRevision(context, request.rev);
  switch (found.kind) {
    case 'run':
    case 'candidate':
    case 'report':
      return listTree(context, (await runEntry(context, found.run as RunId)).tree, '', request, page);
    case 'tree':
      return listTree(context, (await runEntry(context, found.run as RunId)).tree, found.path ?? '', request, page);
    case 'artifact': {
      const [entry] = await context.manifest.artifacts([found.id as ArtifactId]);
      return { rows: entry === undefined ? [] : [{ path: found.path, executable: false, entry }], cursor: undefined };
    }
    case 'blob':
      return listStore(context, request, page, found.id as BlobId);
    default:
      throw new CodedError(
        'BAD_ARGUMENT',
        `${JSON.stringify(request.rev)} names a ${found.kind}, which holds no artifacts`,
        {
          hint: 'Name a run, a directory in a run, an artifact or its content.',
          data: { rev: request.rev, kind: found.kind },
        },
      );
  }
}
