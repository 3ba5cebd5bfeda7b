/**
 * Everything one command stores, with one durability barrier: objects are handed in, `settle` makes them durable and
 * answers with the facts that the manifest must hear in the same breath as whatever names them.
 *
 * The caller holds the store lock (shared) from before the first existence check until after `manifest.apply`.
 */
import { concatBytes, toHex, utf8, utf8Length, writeHex, writeUtf8 } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import type { BlobId, ObjectId, RecordId } from '../../core/ids.ts';
import { digestFrame } from '../../core/loose-format.ts';
import { encodeFrame, frameContentTarget, kindBlob, kindRecord, packedObjectLimit } from '../../core/pack-format.ts';
import type { Fact, Namespace, ObjectLocation, StoredObject } from '../../ports/manifest.ts';
import type { OpenFile, PackedFrame } from '../../ports/workspace.ts';
import type { StoreContext } from '../context.ts';
import { looseName } from './object-names.ts';
import { type FramePlace, PackWriter } from './pack-writer.ts';

/** An object in memory. Records are mostly short texts, and a text costs a third of the memory of an array of its bytes. */
interface Pending {
  readonly id: ObjectId;
  readonly content: string | Uint8Array;
  /** Bytes. */
  readonly size: number;
}

interface Placed {
  readonly namespace: Namespace;
  readonly id: ObjectId;
  readonly size: number;
  readonly place: FramePlace;
  readonly offset: number;
}

export interface SessionCounts {
  /** Objects that the store did not hold. */
  newObjects: number;
  existingObjects: number;
  /** Bytes written to the backend. */
  storedBytes: number;
}

/** Pieces of a large file's head that are tried with zstd to decide whether to compress it. */
function compresses(head: Uint8Array, codec: StoreContext['codec']): boolean {
  const piece = 16 * 1024;
  const middle = Math.floor(head.length / 2);
  const sample = concatBytes(head.subarray(0, piece), head.subarray(middle, middle + piece), head.subarray(-piece));
  return codec.compress(sample).length < sample.length * 0.9;
}

export class WriteSession {
  readonly #context: StoreContext;
  readonly #writer: PackWriter;
  readonly #pending = { blob: new Map<ObjectId, Pending>(), record: new Map<ObjectId, Pending>() };
  readonly #placed: Placed[] = [];
  readonly #loose: StoredObject[] = [];
  readonly #reused: Record<Namespace, ObjectId[]> = { blob: [], record: [] };
  readonly counts: SessionCounts = { newObjects: 0, existingObjects: 0, storedBytes: 0 };

  constructor(context: StoreContext) {
    this.#context = context;
    this.#writer = new PackWriter(context.backend, context.codec);
  }

  #small(namespace: Namespace, content: string | Uint8Array): ObjectId {
    const id = this.#context.codec.sha256Hex(content) as ObjectId;
    const size = typeof content === 'string' ? utf8Length(content) : content.length;
    this.#pending[namespace].set(id, { id, content, size });
    return id;
  }

  /** Keeps the bytes until `settle`; the caller must not change them. */
  record<Id extends RecordId>(content: string | Uint8Array): Id {
    return this.#small('record', content) as ObjectId as Id;
  }

  /** A blob that is in memory already, below `packedObjectLimit` bytes. */
  blob(bytes: Uint8Array): BlobId {
    return this.#small('blob', bytes) as BlobId;
  }

  /**
   * Which of some just named files must be stored: 1 for those that neither the store nor this session has. `digests`
   * holds 32 bytes each. What is known is freshened when the session settles. The ids come along as text.
   */
  async wanted(digests: Uint8Array): Promise<{ mask: Uint8Array; ids: readonly BlobId[] }> {
    const known = await this.#context.manifest.knows('blob', digests);
    const mask = new Uint8Array(known.length);
    const ids: BlobId[] = [];
    for (let index = 0; index < known.length; index++) {
      const id = toHex(digests.subarray(32 * index, 32 * index + 32)) as BlobId;
      ids.push(id);
      if (this.#announced.has(id)) {
        this.counts.existingObjects++;
        continue;
      }
      this.#announced.add(id);
      if (known[index] === 1) {
        this.#reused.blob.push(id);
        this.counts.existingObjects++;
      } else {
        mask[index] = 1;
        this.counts.newObjects++;
      }
    }
    return { mask, ids };
  }
  readonly #announced = new Set<ObjectId>();

  /** A frame of files that were wanted; `idOf` gives the id of a file by its position in the packer's list. */
  async frame(frame: PackedFrame, idOf: (file: number) => BlobId): Promise<void> {
    const place = await this.#writer.frame(frame.bytes, frame.headSize);
    this.counts.storedBytes += frame.bytes.length;
    frame.files.forEach((file, index) => {
      const id = idOf(file);
      this.#placed.push({
        namespace: 'blob',
        id,
        size: frame.sizes[index] as number,
        place,
        offset: frame.offsets[index] as number,
      });
    });
  }

  /**
   * Stores one large file, raw or compressed, in one pass: what is named is what was stored. A compressed one announces its
   * length first, so of a file that grows meanwhile just that much is taken; one that shrinks throws IO (data: `changed`), and
   * the caller may try again with `raw`, which needs no announcement.
   */
  async large(file: OpenFile, options: { readonly raw?: boolean } = {}): Promise<{ id: BlobId; size: number }> {
    const { backend, codec } = this.#context;
    const chunks = file.chunks()[Symbol.asyncIterator]();
    const first = await chunks.next();
    const announced = file.stat[0] as number;
    const zstd = options.raw !== true && !first.done && compresses(first.value, codec);
    const limit = zstd ? announced : Number.POSITIVE_INFINITY;
    const hasher = codec.hasher();
    let size = 0;
    let id = '' as BlobId;
    async function* content(): AsyncGenerator<Uint8Array> {
      for (let chunk = first; !chunk.done && size < limit; chunk = await chunks.next()) {
        const bytes = chunk.value.length <= limit - size ? chunk.value : chunk.value.subarray(0, limit - size);
        hasher.update(bytes);
        size += bytes.length;
        yield bytes;
      }
      if (zstd && size < announced) {
        throw new CodedError('IO', 'the file became shorter while it was read', { data: { changed: true } });
      }
      id = toHex(hasher.digest()) as BlobId;
    }
    let stored: number;
    let location: ObjectLocation;
    if (zstd) {
      stored = await backend.put(
        () => `${looseName('blob', id)}.zst`,
        withDigestFrame(codec.compressStream(content(), announced), codec),
      );
      location = { kind: 'loose-zstd', storedSize: stored };
    } else {
      stored = await backend.put(() => looseName('blob', id), content());
      location = { kind: 'loose' };
    }
    const [known] = await this.#context.manifest.objects('blob', [id]);
    if (this.#announced.has(id) || (known !== undefined && known.location.kind !== 'absent')) {
      this.counts.existingObjects++;
      if (!this.#announced.has(id)) this.#reused.blob.push(id);
      // Its bytes may now be stored twice (raw and zstd, or packed and loose): settled all the same, gc removes the copy.
    } else {
      this.counts.newObjects++;
      this.counts.storedBytes += stored;
      this.#loose.push({ namespace: 'blob', id, size, location });
    }
    this.#announced.add(id);
    return { id, size };
  }

  /** Frames what is in memory and not known to the store, records and blobs apart. */
  async #framePending(): Promise<void> {
    for (const namespace of ['record', 'blob'] as const) {
      const all = [...this.#pending[namespace].values()];
      if (all.length === 0) continue;
      this.#pending[namespace].clear();
      const digests = new Uint8Array(32 * all.length);
      all.forEach((object, index) => {
        writeHex(object.id, digests, 32 * index);
      });
      const known = await this.#context.manifest.knows(namespace, digests);
      let start = 0;
      let bytes = 0;
      const fresh: Pending[] = [];
      const flush = async (): Promise<void> => {
        if (fresh.length > start) await this.#frameObjects(namespace, fresh.slice(start), bytes);
        start = fresh.length;
        bytes = 0;
      };
      for (const [index, object] of all.entries()) {
        if (known[index] === 1) this.#reused[namespace].push(object.id);
        else if (object.size >= packedObjectLimit) await this.#looseInMemory(namespace, object);
        else {
          if (bytes + object.size > frameContentTarget || fresh.length - start === 4096) await flush();
          fresh.push(object);
          bytes += object.size;
        }
      }
      await flush();
    }
  }

  async #frameObjects(namespace: Namespace, objects: readonly Pending[], bytes: number): Promise<void> {
    const content = new Uint8Array(bytes);
    const names = new Uint8Array(32 * objects.length);
    let at = 0;
    objects.forEach((object, index) => {
      if (typeof object.content === 'string') writeUtf8(object.content, content, at);
      else content.set(object.content, at);
      at += object.size;
      writeHex(object.id, names, 32 * index);
    });
    const sizes = objects.map((object) => object.size);
    const frame = encodeFrame(
      content,
      namespace === 'record' ? kindRecord : kindBlob,
      sizes,
      names,
      this.#context.codec,
    );
    const place = await this.#writer.frame(frame.bytes, frame.headSize);
    this.counts.storedBytes += frame.bytes.length;
    objects.forEach(({ id, size }, index) => {
      this.#placed.push({ namespace, id, size, place, offset: frame.offsets[index] as number });
    });
  }

  /** A record or blob in memory that is too large for a pack: a tree of very many entries. */
  async #looseInMemory(namespace: Namespace, { id, content, size }: Pending): Promise<void> {
    const { backend, codec } = this.#context;
    const bytes = typeof content === 'string' ? utf8(content) : content;
    const compressed = codec.compress(bytes);
    const name = looseName(namespace, id);
    if (compressed.length >= size * 0.9) {
      this.counts.storedBytes += await backend.put(name, [bytes]);
      this.#loose.push({ namespace, id, size, location: { kind: 'loose' } });
      return;
    }
    const storedSize = await backend.put(`${name}.zst`, [compressed, digestFrame(codec.sha256(compressed))]);
    this.counts.storedBytes += storedSize;
    this.#loose.push({ namespace, id, size, location: { kind: 'loose-zstd', storedSize } });
  }

  /** The barrier. The facts belong into the batch that names the objects. */
  async settle(): Promise<Fact[]> {
    await this.#framePending();
    const packs = await this.#writer.end();
    await this.#context.backend.settle();
    const objects: StoredObject[] = this.#placed.map(({ namespace, id, size, place, offset }) => {
      const pack = packs[place.pack]?.name;
      if (pack === undefined) throw new CodedError('INTERNAL', 'a frame has no pack');
      return { namespace, id, size, location: { kind: 'packed', pack, frame: place.frame, offset } };
    });
    objects.push(...this.#loose);
    const facts: Fact[] = [];
    if (objects.length > 0) facts.push({ kind: 'objects', objects, packs });
    for (const namespace of ['blob', 'record'] as const) {
      if (this.#reused[namespace].length > 0) facts.push({ kind: 'touch', namespace, ids: this.#reused[namespace] });
    }
    return facts;
  }

  /** After a failure: nothing of the session stays. Never throws, so that the first error is the one that is seen. */
  async abandon(): Promise<void> {
    await this.#writer.abandon();
    await this.#context.backend.abandon();
  }
}

/** The compressed bytes, then the digest frame over them (core/loose-format.ts). */
async function* withDigestFrame(
  stored: AsyncIterable<Uint8Array>,
  codec: StoreContext['codec'],
): AsyncGenerator<Uint8Array> {
  const hasher = codec.hasher();
  for await (const chunk of stored) {
    hasher.update(chunk);
    yield chunk;
  }
  yield digestFrame(hasher.digest());
}

/** Runs work under the shared lock with a session that is abandoned when the work fails. */
export async function writing<Result>(
  context: StoreContext,
  purpose: string,
  work: (session: WriteSession) => Promise<Result>,
): Promise<Result> {
  const lock = await context.lock.shared(purpose);
  const session = new WriteSession(context);
  try {
    return await work(session);
  } catch (error) {
    await session.abandon();
    throw error;
  } finally {
    await lock.release();
  }
}
