/** Packs for tests: written by the store's own writer into memory, with what the manifest would say about them. */
import { memoryObjectBackend } from '../../../../src/adapters/memory/memory-object-backend.ts';
import { nativeCodec } from '../../../../src/adapters/node/native-codec.ts';
import { concatBytes, fromHex, utf8 } from '../../../../src/core/bytes.ts';
import type { ObjectId } from '../../../../src/core/ids.ts';
import { encodeFrame, kindBlob, kindRecord } from '../../../../src/core/pack-format.ts';
import type { Namespace, StoredObject } from '../../../../src/ports/manifest.ts';
import type { ObjectBackend } from '../../../../src/ports/object-backend.ts';
import { packName } from '../../../../src/store/objects/object-names.ts';
import { PackWriter } from '../../../../src/store/objects/pack-writer.ts';
import { PackedRows } from '../../../../src/store/upkeep/packed-rows.ts';

export const codec = nativeCodec();

export interface Content {
  readonly namespace: Namespace;
  readonly bytes: Uint8Array;
}

export const blob = (text: string): Content => ({ namespace: 'blob', bytes: utf8(text) });
export const record = (text: string): Content => ({ namespace: 'record', bytes: utf8(text) });

/** Bytes that zstd cannot make smaller, the same every time. */
export function noise(seed: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed + 1;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

export interface WrittenPack {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly objects: readonly StoredObject[];
}

/** One pack of frames, each a list of objects of one namespace. */
export async function writePack(
  frames: readonly (readonly Content[])[],
  backend: ObjectBackend = memoryObjectBackend(),
): Promise<WrittenPack> {
  const writer = new PackWriter(backend, codec);
  const placed: { content: Content; id: ObjectId; frame: number; offset: number }[] = [];
  for (const contents of frames) {
    const kind = contents[0]?.namespace === 'record' ? kindRecord : kindBlob;
    const ids = contents.map((content) => codec.sha256Hex(content.bytes) as ObjectId);
    const sizes = contents.map((content) => content.bytes.length);
    const encoded = encodeFrame(
      concatBytes(...contents.map((content) => content.bytes)),
      kind,
      sizes,
      concatBytes(...ids.map(fromHex)),
      codec,
    );
    const place = await writer.frame(encoded.bytes, encoded.headSize);
    contents.forEach((content, index) => {
      placed.push({
        content,
        id: ids[index] as ObjectId,
        frame: place.frame,
        offset: encoded.offsets[index] as number,
      });
    });
  }
  const [pack] = await writer.end();
  await backend.settle();
  const name = pack?.name ?? '';
  const objects = placed.map(
    ({ content, id, frame, offset }): StoredObject => ({
      namespace: content.namespace,
      id,
      size: content.bytes.length,
      location: { kind: 'packed', pack: name, frame, offset },
    }),
  );
  return { name, bytes: await backend.read(packName(name)), objects };
}

/** A backend that holds just this pack, with these bytes. */
export async function backendWith(name: string, bytes: Uint8Array): Promise<ObjectBackend> {
  const backend = memoryObjectBackend();
  await backend.put(packName(name), [bytes]);
  await backend.settle();
  return backend;
}

export function flipped(bytes: Uint8Array, at: number, bit = 1): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] as number) ^ bit;
  return copy;
}

/** Rows that say that these objects lie where they do. */
export function rowsOf(objects: readonly StoredObject[]): PackedRows {
  const rows = new PackedRows();
  const packed = objects.flatMap((object) =>
    object.location.kind === 'packed' ? [{ ...object, location: object.location }] : [],
  );
  rows.add({
    digests: fromHex(packed.map((object) => object.id).join('')),
    kinds: Uint8Array.from(packed, (object) => (object.namespace === 'blob' ? kindBlob : kindRecord)),
    sizes: Float64Array.from(packed, (object) => object.size),
    places: Int32Array.from(packed.keys()),
    at: Float64Array.from(packed, (object) => object.location.offset),
    frames: packed.map((object) => object.location),
  });
  return rows;
}
