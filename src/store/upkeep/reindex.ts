/**
 * `reindex`: a new manifest out of the stored objects and the log, beside the old one, put in its place when it is whole.
 * The log is the only source of order and of meaning: what lies in the object directory and is named by nothing is known
 * as stored bytes and no more, whatever its bytes look like.
 *
 * A line that the log has not ended is no line. A line behind what the old manifest had committed becomes part of history:
 * its records were durable before it was written, and without the manifest nothing tells it from the others.
 */
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { BlobId, ObjectId } from '../../core/ids.ts';
import { emptyLogHead, headBehind, parseEvent, type SealedEvent } from '../../core/records/event.ts';
import { type LogPosition, logStart } from '../../ports/event-log.ts';
import type { Fact, Manifest, Namespace } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { findReachable } from './reachable.ts';
import { Replay } from './replay.ts';
import { scanStorage } from './scan-storage.ts';

/** A new, empty manifest beside the store's own. */
export interface ManifestSwap {
  readonly fresh: Manifest;
  /** Closes the new manifest and puts it in the place of the old one, atomically and durably. */
  commit(): Promise<void>;
  /** Closes and removes the new manifest. */
  discard(): Promise<void>;
}

/** The store without its manifest, which may be missing or damaged. */
export type ReindexContext = Pick<StoreContext, 'backend' | 'codec' | 'log' | 'lock' | 'clock' | 'progress'>;

export interface ReindexOptions {
  readonly swap: () => Promise<ManifestSwap>;
  /** What staging areas need: no event says it, so whoever has the workspaces has to. */
  readonly staged?: readonly { readonly stage: string; readonly ids: readonly BlobId[] }[];
}

export interface ReindexResult {
  readonly events: number;
  readonly runs: number;
  readonly objects: number;
  readonly packs: number;
  /** Blobs that a kept run needs and that are nowhere. */
  readonly lost: readonly ObjectId[];
  readonly notes: readonly string[];
}

const eventsTogether = 200;

/** Throws LOG_CORRUPT, OBJECT_CORRUPT or NEWER_STORE, leaving the old manifest as it is. */
export async function reindexStore(context: ReindexContext, options: ReindexOptions): Promise<ReindexResult> {
  const held = await context.lock.exclusive('reindex');
  try {
    const swap = await options.swap();
    try {
      const result = await rebuild(context, swap.fresh, options.staged ?? []);
      await swap.commit();
      return result;
    } catch (error) {
      await swap.discard();
      throw error;
    }
  } finally {
    context.progress.end();
    await held.release();
  }
}

/** Fills an empty manifest from what is stored and from the log: all of it, or up to a position. */
export async function rebuild(
  context: Omit<ReindexContext, 'lock'>,
  fresh: Manifest,
  staged: NonNullable<ReindexOptions['staged']>,
  until?: LogPosition,
): Promise<ReindexResult> {
  const scanned = await scanStorage(context, fresh);
  const reading = { backend: context.backend, codec: context.codec, manifest: fresh };
  const replay = new Replay(reading);
  context.progress.begin('replaying the log');
  let batch: SealedEvent[] = [];
  let logEnd = logStart;
  for await (const { event, end } of eventsOf(context.log, until)) {
    batch.push(event);
    logEnd = end;
    if (batch.length < eventsTogether) continue;
    await replay.apply(batch, logEnd, context.clock.now());
    context.progress.advance(batch.length);
    batch = [];
  }
  if (batch.length > 0) await replay.apply(batch, logEnd, context.clock.now());

  const apply = async (fact: Fact): Promise<void> => {
    await fresh.apply({ facts: [fact], nowMs: context.clock.now(), clock: 'wall' });
  };
  for (const { stage, ids } of staged) {
    const known = await fresh.objects('blob', ids);
    const present = ids.filter((_, index) => known[index] !== undefined);
    if (present.length > 0) await apply({ kind: 'stage', stage, ids: present });
  }
  const erased = await erasedBlobs(fresh, replay);
  if (erased.size > 0) await apply({ kind: 'forget', objects: keys(erased) });
  const lost = await lostBlobs(reading, erased);
  if (lost.length > 0) await apply({ kind: 'forget', objects: keys(lost), lost: true });
  return {
    events: replay.events,
    runs: replay.runs,
    objects: scanned.objects,
    packs: scanned.packs,
    lost,
    notes: scanned.notes,
  };
}

function keys(ids: Iterable<ObjectId>): { namespace: Namespace; id: ObjectId }[] {
  return Array.from(ids, (id) => ({ namespace: 'blob' as const, id }));
}

async function* eventsOf(
  log: StoreContext['log'],
  until: LogPosition | undefined,
): AsyncGenerator<{ readonly event: SealedEvent; readonly end: LogPosition }> {
  let head = emptyLogHead;
  for await (const { line, end } of log.read(until)) {
    let event: SealedEvent;
    try {
      event = parseEvent(line.slice(), head);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      throw new CodedError('LOG_CORRUPT', `line ${head.size + 1} of the log: ${error.message}`, {
        hint: error.hint ?? 'Compare the log with a backup or a checkpoint.',
        data: { seq: head.size + 1 },
        cause: error,
      });
    }
    yield { event, end };
    head = headBehind(event);
  }
}

/** Blobs whose bytes an event gave up and nothing took back, though a killed gc may have left them on the disk. */
async function erasedBlobs(fresh: Manifest, replay: Replay): Promise<Set<BlobId>> {
  const blobs = new Set<BlobId>();
  for (const artifact of await fresh.artifacts([...replay.erased])) {
    if (artifact === undefined || artifact.status !== 'tombstoned') continue;
    const { rows } = await fresh.listArtifacts({ blob: artifact.blob }, { limit: 0 });
    if (rows.every((row) => row.status === 'tombstoned')) blobs.add(artifact.blob);
  }
  return blobs;
}

/** Of the blobs that are not there, those that a kept run needs and no event gave up. */
async function lostBlobs(
  context: Parameters<typeof findReachable>[0],
  erased: ReadonlySet<ObjectId>,
): Promise<ObjectId[]> {
  const absent: ObjectId[] = [];
  for await (const { namespace, id, location } of context.manifest.allObjects()) {
    if (namespace === 'blob' && location.kind === 'absent' && !erased.has(id)) absent.push(id);
  }
  if (absent.length === 0) return [];
  const reachable = await findReachable(context, { withStaged: false });
  return absent.filter((id) => reachable.has('blob', id));
}
