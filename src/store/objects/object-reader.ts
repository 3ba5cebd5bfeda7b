/**
 * Reading objects. Whatever leaves here has been checked against its name; bytes that do not match are refused.
 */
import { toHex } from '../../core/bytes.ts';
import { CodedError, isCodedError } from '../../core/errors.ts';
import type { BlobId, ObjectId } from '../../core/ids.ts';
import { checkDigestFrame, digestFrameSize } from '../../core/loose-format.ts';
import { frameContent, packedObjectLimit, parseFrameHead } from '../../core/pack-format.ts';
import type { Namespace, StoredObject } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { packName, storedName } from './object-names.ts';

type ReadContext = Pick<StoreContext, 'backend' | 'codec' | 'manifest'>;

/** Bytes fetched at once when reading frames one after another. */
const windowSize = 1024 * 1024;
/** Bytes fetched for a single frame. */
const singleFetch = 192 * 1024;

export function corruptObject(object: StoredObject, why: string, cause?: unknown): CodedError {
  return new CodedError('OBJECT_CORRUPT', `object ${object.id} is damaged: ${why}`, {
    hint: 'Run `cairn fsck --read-data` to see what it affects; restore the file from a copy and `cairn add` it again.',
    data: { object: object.id, namespace: object.namespace },
    ...(cause === undefined ? {} : { cause }),
  });
}

function absentObject(object: StoredObject): CodedError {
  if (object.location.kind === 'absent' && object.location.lost === true)
    return corruptObject(object, 'its bytes were lost');
  return new CodedError('OBJECT_WITHDRAWN', `the bytes of object ${object.id} were withdrawn`, {
    hint: '`cairn show` tells when and why.',
    data: { object: object.id },
  });
}

function missingObject(object: StoredObject, cause: unknown): CodedError {
  return new CodedError('OBJECT_CORRUPT', `object ${object.id} is missing from the object directory`, {
    hint: 'Run `cairn fsck`; restore the file from a copy and `cairn add` it again.',
    data: { object: object.id, namespace: object.namespace },
    cause,
  });
}

/** Frames of one pack, read in ascending order through a sliding window. */
class FrameWindow {
  readonly #context: ReadContext;
  readonly #name: string;
  readonly #fetch: number;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(context: ReadContext, pack: string, fetch: number) {
    this.#context = context;
    this.#name = packName(pack);
    this.#fetch = fetch;
  }

  /** Content of the frame at a byte offset, to be held against names; throws PACK_CORRUPT when it cannot be read. */
  async content(frame: number): Promise<Uint8Array> {
    let bytes = this.#from(frame);
    let asked = 0;
    for (;;) {
      const head = bytes.length === 0 ? undefined : parseFrameHead(bytes);
      const whole = head === undefined ? undefined : head.headSize + head.storedSize;
      if (whole !== undefined && bytes.length >= whole) return frameContent(bytes, this.#context.codec);
      if (bytes.length < asked) {
        throw new CodedError('PACK_CORRUPT', `${this.#name} ends inside a frame`, {
          data: { pack: this.#name, frame },
        });
      }
      asked = Math.max(this.#fetch, whole ?? 2 * bytes.length);
      bytes = await this.#context.backend.read(this.#name, { start: frame, end: frame + asked });
      this.#bytes = bytes;
      this.#start = frame;
    }
  }

  #from(frame: number): Uint8Array {
    const at = frame - this.#start;
    return at >= 0 && at < this.#bytes.length ? this.#bytes.subarray(at) : new Uint8Array(0);
  }
}

function sliceVerified(context: ReadContext, object: StoredObject, content: Uint8Array, offset: number): Uint8Array {
  const bytes = content.subarray(offset, offset + object.size);
  if (bytes.length !== object.size || context.codec.sha256Hex(bytes) !== object.id) {
    throw corruptObject(object, 'its bytes do not match its name');
  }
  return bytes;
}

/** The error of one object for a failure that happened while its bytes were fetched. */
function readFailure(context: ReadContext, object: StoredObject, error: unknown): unknown {
  if (context.backend.isNotFound(error)) return missingObject(object, error);
  if (isCodedError(error, 'PACK_CORRUPT')) return corruptObject(object, error.message, error);
  return error;
}

/**
 * Visits objects with their verified bytes, in an order that reads each pack once from front to back. An object that
 * cannot be had is given to `failed` with the reason. The bytes may be kept. Large objects are skipped:
 * the caller streams them (their index is returned).
 */
export async function visitObjects(
  context: ReadContext,
  objects: readonly StoredObject[],
  visit: (index: number, bytes: Uint8Array) => void | Promise<void>,
  failed: (index: number, error: unknown) => void,
): Promise<number[]> {
  const packed = new Map<string, number[]>();
  const large: number[] = [];
  for (let index = 0; index < objects.length; index++) {
    const object = objects[index] as StoredObject;
    if (object.location.kind === 'packed') {
      const members = packed.get(object.location.pack);
      if (members === undefined) packed.set(object.location.pack, [index]);
      else members.push(index);
    } else if (object.location.kind === 'absent') failed(index, absentObject(object));
    else if (object.size >= packedObjectLimit) large.push(index);
    else {
      let bytes: Uint8Array;
      try {
        bytes = await readStored(context, object);
      } catch (error) {
        failed(index, error);
        continue;
      }
      await visit(index, bytes);
    }
  }
  for (const [pack, members] of packed) await visitPack(context, pack, objects, members, visit, failed);
  return large;
}

function placeIn(object: StoredObject): { frame: number; offset: number } {
  return object.location.kind === 'packed' ? object.location : { frame: 0, offset: 0 };
}

async function visitPack(
  context: ReadContext,
  pack: string,
  objects: readonly StoredObject[],
  members: number[],
  visit: (index: number, bytes: Uint8Array) => void | Promise<void>,
  failed: (index: number, error: unknown) => void,
): Promise<void> {
  const object = (index: number): StoredObject => objects[index] as StoredObject;
  members.sort((left, right) => {
    const a = placeIn(object(left));
    const b = placeIn(object(right));
    return a.frame - b.frame || a.offset - b.offset;
  });
  const window = new FrameWindow(context, pack, members.length > 1 ? windowSize : singleFetch);
  let frame = -1;
  let content: Uint8Array | undefined;
  let failure: unknown;
  for (const index of members) {
    const place = placeIn(object(index));
    if (place.frame !== frame) {
      frame = place.frame;
      try {
        content = await window.content(frame);
      } catch (error) {
        content = undefined;
        failure = error;
      }
    }
    if (content === undefined) {
      failed(index, readFailure(context, object(index), failure));
      continue;
    }
    let bytes: Uint8Array;
    try {
      bytes = sliceVerified(context, object(index), content, place.offset);
    } catch (error) {
      failed(index, error);
      continue;
    }
    const visited = visit(index, bytes);
    if (visited !== undefined) await visited;
  }
}

/** All bytes of an object whose place is known, verified, in memory. Meant for records and small blobs. */
export async function readStored(context: ReadContext, object: StoredObject): Promise<Uint8Array> {
  const { location } = object;
  try {
    if (location.kind === 'packed') {
      const content = await new FrameWindow(context, location.pack, singleFetch).content(location.frame);
      return sliceVerified(context, object, content, location.offset);
    }
    const name = storedName(object.namespace, object.id, location);
    if (name === undefined) throw absentObject(object);
    if (location.kind === 'loose') return sliceVerified(context, object, await context.backend.read(name), 0);
    const stored = await context.backend.read(name);
    const body = stored.subarray(0, Math.max(0, stored.length - digestFrameSize));
    checkDigestFrame(stored.subarray(body.length), context.codec.sha256(body), object.id);
    return sliceVerified(context, object, context.codec.decompress(body, object.size), 0);
  } catch (error) {
    throw readFailure(context, object, error);
  }
}

/**
 * The bytes of an object in chunks. The hash is checked at the end, so the last chunk is followed by an error when they
 * do not match: the receiver must not act on the bytes before the stream has ended well.
 */
export async function* streamStored(context: ReadContext, object: StoredObject): AsyncGenerator<Uint8Array> {
  const { location } = object;
  if (location.kind === 'packed' || object.size < packedObjectLimit) {
    yield await readStored(context, object);
    return;
  }
  const name = storedName(object.namespace, object.id, location);
  if (name === undefined) throw absentObject(object);
  const hasher = context.codec.hasher();
  let size = 0;
  try {
    const source =
      location.kind === 'loose-zstd'
        ? context.codec.decompressStream(withoutDigestFrame(context, name, object), object.size)
        : context.backend.get(name);
    for await (const chunk of source) {
      hasher.update(chunk);
      size += chunk.length;
      if (size > object.size) break;
      yield chunk;
    }
  } catch (error) {
    throw readFailure(context, object, error);
  }
  if (size !== object.size || toHex(hasher.digest()) !== object.id)
    throw corruptObject(object, 'its bytes do not match its name');
}

/** The stored bytes of a loose zstd object without its digest frame, which is checked at the end. */
async function* withoutDigestFrame(
  context: ReadContext,
  name: string,
  object: StoredObject,
): AsyncGenerator<Uint8Array> {
  const { size } = await context.backend.stat(name);
  const body = Math.max(0, size - digestFrameSize);
  const hasher = context.codec.hasher();
  for await (const chunk of context.backend.get(name, { start: 0, end: body })) {
    hasher.update(chunk);
    yield chunk;
  }
  checkDigestFrame(await context.backend.read(name, { start: body }), hasher.digest(), object.id);
}

/** Reads every byte and throws when they do not match the name. */
export async function verifyStored(context: ReadContext, object: StoredObject): Promise<void> {
  for await (const _ of streamStored(context, object));
}

export async function findObject(context: ReadContext, namespace: Namespace, id: ObjectId): Promise<StoredObject> {
  const [found] = await context.manifest.objects(namespace, [id]);
  if (found !== undefined) return found;
  throw new CodedError('OBJECT_NOT_FOUND', `the store has no ${namespace} ${id}`, { data: { object: id, namespace } });
}

export async function readRecord(context: ReadContext, id: ObjectId): Promise<Uint8Array> {
  return readStored(context, await findObject(context, 'record', id));
}

export async function readBlob(context: ReadContext, id: BlobId): Promise<Uint8Array> {
  return readStored(context, await findObject(context, 'blob', id));
}
