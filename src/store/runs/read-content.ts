/**
 * The content behind a revision, for `cat`: nothing of it leaves before all of it has been checked against its name.
 * Small objects are checked in memory; a large one is read twice, first to verify it, then to hand it on (hashed again).
 */
import { utf8 } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import { type ArtifactId, type EventId, type ObjectId, shortId } from '../../core/ids.ts';
import { packedObjectLimit } from '../../core/pack-format.ts';
import type { StoredObject } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { artifactEntry } from '../lineage/status-change.ts';
import { findObject, readStored, streamStored, verifyStored } from '../objects/object-reader.ts';
import { type Resolved, type RevisionContext, resolveRevision } from './revision.ts';

/** The blob of an artifact that may be read. Throws OBJECT_WITHDRAWN for a tombstoned one. */
export async function readableBlob(context: StoreContext, artifact: ArtifactId): Promise<StoredObject> {
  const entry = await artifactEntry(context, artifact);
  if (entry.status === 'tombstoned') {
    throw new CodedError(
      'OBJECT_WITHDRAWN',
      `artifact ${shortId(artifact)} (${entry.logicalKey}) was withdrawn${entry.reason === undefined ? '' : `: ${entry.reason}`}`,
      {
        hint: `\`cairn restore ${shortId(artifact)} -m <reason>\` lifts the tombstone.`,
        data: { artifact, object: entry.blob },
      },
    );
  }
  return findObject(context, 'blob', entry.blob);
}

async function objectOf(context: StoreContext, found: Resolved): Promise<StoredObject> {
  switch (found.kind) {
    case 'artifact':
      return readableBlob(context, found.id as ArtifactId);
    case 'blob':
      return findObject(context, 'blob', found.id as ObjectId);
    default:
      return findObject(context, 'record', found.id as ObjectId);
  }
}

/** Verified chunks of what a revision names: a file's content, or a record's bytes. */
export async function* contentOf(context: RevisionContext, rev: string): AsyncGenerator<Uint8Array> {
  const found = await resolveRevision(context, rev);
  if (found.kind === 'tree') {
    throw new CodedError('BAD_ARGUMENT', `${JSON.stringify(rev)} is a directory`, {
      hint: `List it with \`cairn ls ${rev}\`.`,
      data: { rev },
    });
  }
  if (found.entry !== undefined && 'link' in found.entry) {
    yield utf8(found.entry.link);
    return;
  }
  if (found.kind === 'event') {
    const event = await context.manifest.event(found.id as EventId);
    if (event !== undefined) yield event.bytes;
    return;
  }
  const object = await objectOf(context, found);
  if (object.size < packedObjectLimit) {
    yield await readStored(context, object);
    return;
  }
  await verifyStored(context, object);
  yield* streamStored(context, object);
}
