/**
 * What gc would do, decided from what is reachable, how long ago each object was used, and how much of each pack is dead.
 * Deciding reads and changes nothing, so a dry run is exactly this.
 */
import type { ArtifactId, BlobId, ObjectId } from '../../core/ids.ts';
import type { ArtifactEntry, Namespace, ObjectEntry, PackEntry } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { packName, storedName } from '../objects/object-names.ts';
import { DigestSet } from './digest-set.ts';
import { readHead, readIndex } from './pack-frames.ts';
import type { Reachable } from './reachable.ts';

/** Packs below this are merged. */
export const smallPackLimit = 16 * 1024 * 1024;
/** A pack with a larger share of dead content is rewritten. */
const deadShareLimit = 0.25;

export interface Garbage {
  readonly namespace: Namespace;
  readonly id: ObjectId;
  readonly size: number;
  /** Backend name and stored size of an object that is a file of its own. */
  readonly file: { readonly name: string; readonly bytes: number } | undefined;
  readonly why: 'unreachable' | 'erased';
}

/** Every artifact on a blob is tombstoned, and nothing holds it. */
export interface Erasure {
  readonly blob: BlobId;
  readonly artifacts: readonly { readonly id: ArtifactId; readonly reason: string | undefined }[];
}

export interface GcPlan {
  readonly garbage: readonly Garbage[];
  readonly isGarbage: (namespace: Namespace, id: ObjectId) => boolean;
  readonly erasures: readonly Erasure[];
  /** Packs in which nothing is needed. */
  readonly dropped: readonly PackEntry[];
  /** Packs whose needed objects go into new packs, with the share of each that is needed. */
  readonly rewritten: readonly (PackEntry & { readonly liveShare: number })[];
}

async function everyTombstoned(context: StoreContext): Promise<Map<BlobId, ArtifactEntry[]>> {
  const byBlob = new Map<BlobId, ArtifactEntry[]>();
  let cursor: string | undefined;
  do {
    const page = await context.manifest.listArtifacts({ status: 'tombstoned' }, { limit: 500, cursor });
    for (const artifact of page.rows) byBlob.set(artifact.blob, [...(byBlob.get(artifact.blob) ?? []), artifact]);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return byBlob;
}

/** Blobs whose bytes may be erased although they are reachable. */
export async function findErasures(context: StoreContext, reachable: Reachable): Promise<Erasure[]> {
  const erasures: Erasure[] = [];
  for (const [blob, tombstoned] of await everyTombstoned(context)) {
    if (reachable.isHeld(blob) || tombstoned.every((artifact) => artifact.absent)) continue;
    const all = (await context.manifest.listArtifacts({ blob }, { limit: 0 })).rows;
    if (all.some((artifact) => artifact.status !== 'tombstoned')) continue;
    erasures.push({ blob, artifacts: all.map(({ id, reason }) => ({ id, reason })) });
  }
  return erasures;
}

/** Content of a pack by its own frames. */
async function contentOf(context: StoreContext, pack: PackEntry): Promise<number> {
  const { size } = await context.backend.stat(packName(pack.name));
  let content = 0;
  for (const frame of (await readIndex(context, pack.name, size)).frames)
    content += (await readHead(context, pack.name, frame)).head.contentSize;
  return content;
}

interface PackUse {
  live: number;
  content: number;
  erased: boolean;
}

export async function planCollection(
  context: StoreContext,
  reachable: Reachable,
  erasures: readonly Erasure[],
  olderThanMs: number,
): Promise<GcPlan> {
  const { manifest } = context;
  const erased = new Set<ObjectId>(erasures.map((erasure) => erasure.blob));
  const marked = { blob: new DigestSet(), record: new DigestSet() };
  const garbage: Garbage[] = [];
  const uses = new Map<string, PackUse>();
  const known = await manifest.packs();
  for (const pack of known) uses.set(pack.name, { live: 0, content: 0, erased: false });

  const reject = (object: ObjectEntry, why: Garbage['why']): void => {
    const { namespace, id, size, location } = object;
    const name = location.kind === 'packed' ? undefined : storedName(namespace, id, location);
    const bytes = location.kind === 'loose-zstd' ? location.storedSize : size;
    garbage.push({ namespace, id, size, file: name === undefined ? undefined : { name, bytes }, why });
    marked[namespace].add(id);
  };
  for await (const object of manifest.allObjects()) {
    const { namespace, id, size, location } = object;
    if (location.kind === 'absent') continue;
    const use = location.kind === 'packed' ? uses.get(location.pack) : undefined;
    if (namespace === 'blob' && erased.has(id)) {
      reject(object, 'erased');
      if (use !== undefined) use.erased = true;
    } else if (object.lastUseMs < olderThanMs && !reachable.has(namespace, id)) reject(object, 'unreachable');
    else if (use !== undefined) {
      use.live++;
      use.content += size;
    }
  }
  return {
    garbage,
    isGarbage: (namespace, id) => marked[namespace].has(id),
    erasures,
    ...(await choosePacks(context, known, uses)),
  };
}

async function choosePacks(
  context: StoreContext,
  known: readonly PackEntry[],
  uses: ReadonlyMap<string, PackUse>,
): Promise<Pick<GcPlan, 'dropped' | 'rewritten'>> {
  const dropped: PackEntry[] = [];
  const rewritten: GcPlan['rewritten'][number][] = [];
  const small: GcPlan['rewritten'][number][] = [];
  for (const pack of known) {
    const use = uses.get(pack.name) as PackUse;
    if (use.live === 0) {
      dropped.push(pack);
      continue;
    }
    const content = await contentOf(context, pack);
    const liveShare = content === 0 ? 1 : Math.min(1, use.content / content);
    if (use.erased || 1 - liveShare > deadShareLimit) rewritten.push({ ...pack, liveShare });
    else if (pack.bytes < smallPackLimit) small.push({ ...pack, liveShare });
  }
  // One small pack alone gains nothing; beside others that are written anyway it does.
  if (small.length > 1 || (small.length === 1 && rewritten.length > 0)) rewritten.push(...small);
  return { dropped, rewritten };
}
