/**
 * Many records at once: looked up in one question, read pack by pack, each parsed once. Whoever decides from records what
 * may be removed must know that it has seen all of them, so a record that cannot be had is an error, never a gap.
 */
import { CodedError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import type { StoredObject } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { readStored, visitObjects } from '../objects/object-reader.ts';

export type RecordContext = Pick<StoreContext, 'backend' | 'codec' | 'manifest'>;

/** Records read together: the batch bounds what is held, not what is walked. */
const batchSize = 1000;

/** The error of a record that cannot be had; `cause` is undefined when the store does not know it. */
export type UnreadableRecord = (id: ObjectId, cause: unknown) => CodedError;

function keepsEverything(id: ObjectId, cause: unknown): CodedError {
  const reason = cause instanceof Error ? cause.message : 'the store does not know it';
  return new CodedError('GC_INCOMPLETE', `record ${id} cannot be read: ${reason}`, {
    hint: 'Run `cairn fsck` to see what is damaged and `cairn fsck --repair` to repair what can be.',
    data: { object: id, namespace: 'record' },
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * Visits every record once, in no particular order. For the first that cannot be read or parsed it throws GC_INCOMPLETE, or
 * what `unreadable` makes of it.
 */
export async function visitRecords<Id extends ObjectId>(
  context: RecordContext,
  ids: readonly Id[],
  visit: (id: Id, bytes: Uint8Array) => void,
  unreadable: UnreadableRecord = keepsEverything,
): Promise<void> {
  const parse = (id: Id, bytes: Uint8Array): void => {
    try {
      visit(id, bytes);
    } catch (error) {
      throw unreadable(id, error);
    }
  };
  for (let at = 0; at < ids.length; at += batchSize) {
    const batch = ids.slice(at, at + batchSize);
    const found = await context.manifest.objects('record', batch);
    const objects = found.map((object, index): StoredObject => {
      if (object === undefined) throw unreadable(batch[index] as Id, undefined);
      return object;
    });
    const large = await visitObjects(
      context,
      objects,
      (index, bytes) => parse(batch[index] as Id, bytes),
      (index, error) => {
        throw unreadable(batch[index] as Id, error);
      },
    );
    for (const index of large) {
      const id = batch[index] as Id;
      let bytes: Uint8Array;
      try {
        bytes = await readStored(context, objects[index] as StoredObject);
      } catch (error) {
        throw unreadable(id, error);
      }
      parse(id, bytes);
    }
  }
}
