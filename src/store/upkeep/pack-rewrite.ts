/**
 * Needed objects of some packs, written into new ones. Nothing is taken over unseen: each frame is checked, each object
 * hashed, and the manifest asked whether it is the copy that counts. Whole frames of good size are copied as they are;
 * what is left of others is framed anew, records and blobs apart.
 */
import { concatBytes, fromHex, toHex, utf8 } from '../../core/bytes.ts';
import { CodedError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import { encodeFrame, type FrameEntry, frameContentTarget, kindBlob, kindRecord } from '../../core/pack-format.ts';
import type { Namespace, PackEntry, StoredObject } from '../../ports/manifest.ts';
import type { StoreContext } from '../context.ts';
import { packName } from '../objects/object-names.ts';
import { type FramePlace, PackWriter } from '../objects/pack-writer.ts';
import { atIndex, enterPack, frameAt } from './pack-frames.ts';
import { PackStream } from './pack-stream.ts';
import { surveyPack } from './survey-pack.ts';

type RewriteContext = Pick<StoreContext, 'backend' | 'codec' | 'manifest'>;

/** Content from which a frame is worth copying whole. */
const wholeFrameContent = frameContentTarget / 2;
const framedTogether = 4096;

export interface KeptObject {
  readonly namespace: Namespace;
  readonly id: ObjectId;
}

/** Objects that were given a new place, in columns: there may be a million of them. */
class Moved {
  readonly #ids: ObjectId[] = [];
  readonly #sizes: number[] = [];
  readonly #offsets: number[] = [];
  readonly #places: FramePlace[] = [];
  readonly #kinds: Namespace[] = [];

  get count(): number {
    return this.#ids.length;
  }
  add(object: KeptObject, size: number, place: FramePlace, offset: number): void {
    this.#ids.push(object.id);
    this.#kinds.push(object.namespace);
    this.#sizes.push(size);
    this.#offsets.push(offset);
    this.#places.push(place);
  }
  *batches(packs: readonly PackEntry[], size: number): Generator<StoredObject[]> {
    for (let at = 0; at < this.count; at += size) {
      yield this.#ids.slice(at, at + size).map((id, index): StoredObject => {
        const place = this.#places[at + index] as FramePlace;
        const pack = (packs[place.pack] as PackEntry).name;
        const location = {
          kind: 'packed',
          pack,
          frame: place.frame,
          offset: this.#offsets[at + index] as number,
        } as const;
        return {
          namespace: this.#kinds[at + index] as Namespace,
          id,
          size: this.#sizes[at + index] as number,
          location,
        };
      });
    }
  }
}

/** Frames objects one by one; each kind fills frames of its own. */
export class Repacker {
  readonly #codec: RewriteContext['codec'];
  readonly #backend: RewriteContext['backend'];
  readonly #writer: PackWriter;
  readonly #moved = new Moved();
  readonly #open = {
    blob: [] as (KeptObject & { bytes: Uint8Array })[],
    record: [] as (KeptObject & { bytes: Uint8Array })[],
  };
  readonly #openBytes = { blob: 0, record: 0 };

  constructor(context: Pick<StoreContext, 'backend' | 'codec'>) {
    this.#codec = context.codec;
    this.#backend = context.backend;
    this.#writer = new PackWriter(context.backend, context.codec);
  }

  get count(): number {
    return this.#moved.count + this.#open.blob.length + this.#open.record.length;
  }

  /** Takes a copy of the bytes. */
  async object(object: KeptObject, bytes: Uint8Array): Promise<void> {
    const { namespace } = object;
    if (
      this.#openBytes[namespace] + bytes.length > frameContentTarget ||
      this.#open[namespace].length === framedTogether
    ) {
      await this.#frame(namespace);
    }
    this.#open[namespace].push({ ...object, bytes: bytes.slice() });
    this.#openBytes[namespace] += bytes.length;
  }

  /** Takes a copy of a whole frame. */
  async frame(
    bytes: Uint8Array,
    headSize: number,
    objects: readonly KeptObject[],
    entries: readonly FrameEntry[],
  ): Promise<void> {
    const places = entries.map(({ size, offset }) => ({ size, offset }));
    const place = await this.#writer.frame(bytes.slice(), headSize);
    objects.forEach((object, index) => {
      const { size, offset } = places[index] as { size: number; offset: number };
      this.#moved.add(object, size, place, offset);
    });
  }

  /**
   * Puts a few bytes that nothing points at into a frame of their own, so that the pack cannot come out as one that is
   * there already: a damaged pack whose name it would get would be kept in its place.
   */
  async mark(text: string): Promise<void> {
    const bytes = utf8(text);
    const { bytes: frame, headSize } = encodeFrame(
      bytes,
      kindBlob,
      [bytes.length],
      this.#codec.sha256(bytes),
      this.#codec,
    );
    await this.#writer.frame(frame, headSize);
  }

  async #frame(namespace: Namespace): Promise<void> {
    const objects = this.#open[namespace].splice(0);
    this.#openBytes[namespace] = 0;
    if (objects.length === 0) return;
    const sizes = objects.map((object) => object.bytes.length);
    const names = concatBytes(...objects.map((object) => fromHex(object.id)));
    const kind = namespace === 'blob' ? kindBlob : kindRecord;
    const encoded = encodeFrame(concatBytes(...objects.map((object) => object.bytes)), kind, sizes, names, this.#codec);
    const place = await this.#writer.frame(encoded.bytes, encoded.headSize);
    objects.forEach((object, index) => {
      this.#moved.add(object, sizes[index] as number, place, encoded.offsets[index] as number);
    });
  }

  /**
   * Ends and settles the packs: they are durable when this returns, and have been read back whole. The new places come in
   * batches. Throws PACK_CORRUPT when a pack is not what was written.
   */
  async end(): Promise<{ packs: readonly PackEntry[]; moved(size: number): Iterable<StoredObject[]> }> {
    await this.#frame('record');
    await this.#frame('blob');
    const packs = await this.#writer.end();
    await this.#backend.settle();
    for (const { name } of packs) {
      const { structure, broken } = await surveyPack({ backend: this.#backend, codec: this.#codec }, name);
      const fault = structure[0] ?? broken[0]?.why;
      if (fault === undefined) continue;
      throw new CodedError('PACK_CORRUPT', `pack ${name} cannot be read back: ${fault}`, { data: { pack: name } });
    }
    return { packs, moved: (size) => this.#moved.batches(packs, size) };
  }

  async abandon(): Promise<void> {
    await this.#writer.abandon();
    await this.#backend.abandon();
  }
}

/** Takes what is needed of one pack. Throws when anything in it cannot be read or is not what it says. */
export async function repackPack(
  context: RewriteContext,
  repacker: Repacker,
  pack: string,
  isGarbage: (namespace: Namespace, id: ObjectId) => boolean,
): Promise<void> {
  const { backend, codec, manifest } = context;
  const stream = new PackStream(backend, packName(pack));
  try {
    if (!(await enterPack(stream))) throw new CodedError('PACK_CORRUPT', `the header of pack ${pack} is damaged`);
    while (!(await atIndex(stream))) {
      const { head, bytes, content } = await frameAt(stream, codec);
      const objects = head.entries.map((entry): KeptObject => {
        const id = codec.sha256Hex(content.subarray(entry.offset, entry.offset + entry.size)) as ObjectId;
        if (!id.startsWith(toHex(entry.name)))
          throw new CodedError('PACK_CORRUPT', `an object of pack ${pack} does not match its name`);
        return { namespace: entry.kind === kindBlob ? 'blob' : 'record', id };
      });
      const kept = await keptIndexes(manifest, objects, head.entries, pack, stream.position, isGarbage);
      if (kept.length === objects.length && content.length >= wholeFrameContent) {
        await repacker.frame(bytes, head.headSize, objects, head.entries);
      } else {
        for (const index of kept) {
          const entry = head.entries[index] as FrameEntry;
          await repacker.object(
            objects[index] as KeptObject,
            content.subarray(entry.offset, entry.offset + entry.size),
          );
        }
      }
      stream.skip(bytes.length);
    }
  } finally {
    await stream.close();
  }
}

/** Entries that are the copy the manifest points at, and no garbage. */
async function keptIndexes(
  manifest: RewriteContext['manifest'],
  objects: readonly KeptObject[],
  entries: readonly FrameEntry[],
  pack: string,
  frame: number,
  isGarbage: (namespace: Namespace, id: ObjectId) => boolean,
): Promise<number[]> {
  const kept: number[] = [];
  for (const namespace of ['blob', 'record'] as const) {
    const indexes = objects.flatMap((object, index) => (object.namespace === namespace ? [index] : []));
    const rows = await manifest.objects(
      namespace,
      indexes.map((index) => (objects[index] as KeptObject).id),
    );
    rows.forEach((row, at) => {
      const index = indexes[at] as number;
      if (row?.location.kind !== 'packed' || isGarbage(namespace, row.id)) return;
      const { location } = row;
      if (
        location.pack === pack &&
        location.frame === frame &&
        location.offset === (entries[index] as FrameEntry).offset
      )
        kept.push(index);
    });
  }
  return kept.sort((left, right) => left - right);
}
