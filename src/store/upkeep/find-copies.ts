/**
 * Good copies of objects whose own bytes are damaged or gone: a loose file that the manifest does not point at, an entry
 * in some pack. A copy is one only when its bytes hash to the name.
 */
import { toHex } from '../../core/bytes.ts';
import { isCodedError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import { kindBlob } from '../../core/pack-format.ts';
import type { Namespace, ObjectLocation, StoredObject } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { parseStoredName, storedName } from '../objects/object-names.ts';
import { verifyStored } from '../objects/object-reader.ts';
import { atIndex, enterPack, frameAt, isDamage, readHead, readIndex } from './pack-frames.ts';
import { PackStream } from './pack-stream.ts';

export interface WantedObject {
  readonly namespace: Namespace;
  readonly id: ObjectId;
  readonly size: number;
}

async function isGood(context: StoreContext, object: StoredObject): Promise<boolean> {
  try {
    await verifyStored(context, object);
    return true;
  } catch (error) {
    if (isDamage(error) || context.backend.isNotFound(error)) return false;
    throw error;
  }
}

/** A loose file with the object's bytes, raw or compressed. */
export async function findLooseCopy(context: StoreContext, wanted: WantedObject): Promise<StoredObject | undefined> {
  for (const kind of ['loose', 'loose-zstd'] as const) {
    const name = storedName(
      wanted.namespace,
      wanted.id,
      kind === 'loose' ? { kind } : { kind, storedSize: 0 },
    ) as string;
    let storedSize: number;
    try {
      storedSize = (await context.backend.stat(name)).size;
    } catch (error) {
      if (context.backend.isNotFound(error)) continue;
      throw error;
    }
    const location: ObjectLocation = kind === 'loose' ? { kind } : { kind, storedSize };
    const object = { ...wanted, location };
    if (await isGood(context, object)) return object;
  }
  return undefined;
}

/** Offsets of frames that may hold a wanted object, by the 8 bytes of each name that heads carry. */
async function promisingFrames(
  context: StoreContext,
  pack: string,
  size: number,
  prefixes: ReadonlySet<string>,
): Promise<number[] | undefined> {
  try {
    const offsets: number[] = [];
    for (const frame of (await readIndex(context, pack, size)).frames) {
      const { head } = await readHead(context, pack, frame);
      if (head.entries.some((entry) => prefixes.has(`${entry.kind}${toHex(entry.name)}`))) offsets.push(frame.offset);
    }
    return offsets;
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

/**
 * Looks through every pack there is, known or not, and gives each wanted object to `found` once, with its bytes. `wanted`
 * is by `<namespace>:<id>`; what was found is taken out of it.
 */
export async function findPackedCopies(
  context: StoreContext,
  wanted: Map<string, WantedObject>,
  found: (object: WantedObject, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const { backend, codec } = context;
  const prefixes = new Set(
    [...wanted.values()].map(({ namespace, id }) => `${namespace === 'blob' ? 0 : 1}${id.slice(0, 16)}`),
  );
  for await (const { name, size } of backend.list('packs/')) {
    if (wanted.size === 0) return;
    const parsed = parseStoredName(name);
    if (parsed?.kind !== 'pack') continue;
    const stream = new PackStream(backend, name);
    try {
      const offsets = await promisingFrames(context, parsed.pack, size, prefixes);
      if (offsets === undefined) await enterPack(stream);
      for (let index = 0; offsets === undefined ? !(await atIndex(stream)) : index < offsets.length; index++) {
        if (offsets !== undefined) await stream.seek(offsets[index] as number);
        const { head, bytes, content } = await frameAt(stream, codec);
        for (const entry of head.entries) {
          if (!prefixes.has(`${entry.kind}${toHex(entry.name)}`)) continue;
          const slice = content.subarray(entry.offset, entry.offset + entry.size);
          const key = `${entry.kind === kindBlob ? 'blob' : 'record'}:${codec.sha256Hex(slice)}`;
          const object = wanted.get(key);
          if (object === undefined) continue;
          wanted.delete(key);
          await found(object, slice);
        }
        stream.skip(bytes.length);
      }
    } catch (error) {
      // A damaged pack ends the look through this pack; the others may have what is wanted.
      if (!isCodedError(error) || !isDamage(error)) throw error;
    } finally {
      await stream.close();
    }
  }
}
