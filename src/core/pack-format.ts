/**
 * The pack: one file that holds many small objects. This file owns the format; objects-layout.md says the same in prose
 * with examples. Integers are unsigned and big-endian unless called varint (LEB128: seven bits a byte, low bits first).
 *
 *   pack    = header, frame…, index, trailer
 *   header  = "cairnpk" 01                                                       8 bytes; 01 is the version
 *   frame   = "CFRM", encoding u8, count u16, content u32, stored u32, entry…, check, payload
 *             encoding: 0 = the payload is the content; 1 = the payload is one zstd frame of the content
 *             content, stored: bytes of the content and of the payload
 *   entry   = varint(size × 2 + kind), name                                      kind: 0 blob, 1 record
 *             name: the first 8 bytes of the object's SHA-256; the content holds the objects one after another
 *   check   = first 8 bytes of SHA-256(frame up to here, and the payload where encoding is 1)
 *   index   = "CIDX", count u32, size u32 of each frame in order
 *   trailer = index offset u64, id                                               40 bytes
 *   id      = SHA-256(header, every frame without its payload, index); the pack is named by it
 *
 * Invariants: every byte is covered by a digest (raw payloads by their objects' names, all else by check and id), every
 * frame can be read without any other part of the pack, and the objects' full names follow from their bytes.
 */
import { concatBytes, equalBytes } from './bytes.ts';
import { CodedError } from './errors.ts';

export const packMagic = new Uint8Array([0x63, 0x61, 0x69, 0x72, 0x6e, 0x70, 0x6b, 0x01]);
const frameMagic = 0x4346524d;
const indexMagic = 0x43494458;
export const packHeaderSize = packMagic.length;
export const packTrailerSize = 40;
const frameFixedSize = 15;
export const checkSize = 8;
export const nameSize = 8;

/** Content a frame of several objects aims at; one object may be larger. */
export const frameContentTarget = 128 * 1024;
/** Objects from this size on are files of their own. */
export const packedObjectLimit = 1024 * 1024;
/** Most content that a reader allocates for one frame. */
export const frameContentLimit = 4 * 1024 * 1024;
/** Most entries of a frame (u16). */
export const frameEntryLimit = 0xffff;

export const kindBlob = 0;
export const kindRecord = 1;
export type EntryKind = typeof kindBlob | typeof kindRecord;

/** What framing needs of the world; a `ByteCodec` fits. */
export interface FrameCodec {
  sha256(bytes: Uint8Array): Uint8Array;
  compress(bytes: Uint8Array): Uint8Array;
  decompress(bytes: Uint8Array, size: number): Uint8Array;
}

export interface FrameEntry {
  readonly kind: EntryKind;
  /** Bytes of the object. */
  readonly size: number;
  /** Offset in the frame's content. */
  readonly offset: number;
  /** First 8 bytes of the object's SHA-256. */
  readonly name: Uint8Array;
}

export interface FrameHead {
  readonly encoding: 0 | 1;
  readonly contentSize: number;
  readonly storedSize: number;
  readonly entries: readonly FrameEntry[];
  /** Bytes before the payload, the check included. */
  readonly headSize: number;
}

export interface EncodedFrame {
  readonly bytes: Uint8Array;
  readonly headSize: number;
  /** Offset of each entry in the content, in the order given. */
  readonly offsets: Uint32Array;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Bytes looked at to tell noise (encrypted or compressed files) from the rest. */
const sampleSize = 12 * 1024;
/** Bits a byte from which a sample counts as noise: 12 KiB of random bytes show 7.98, tables of numbers less than 7.5. */
const noiseEntropy = 7.9;

/** False for what zstd cannot shrink, by the entropy of single bytes: a tenth of the cost of trying. */
function worthCompressing(content: Uint8Array): boolean {
  if (content.length < 64) return false;
  if (content.length < 4096) return true;
  const counts = new Uint32Array(256);
  const step = Math.max(1, Math.floor(content.length / sampleSize));
  let samples = 0;
  for (let at = 0; at < content.length; at += step) {
    const byte = content[at] as number;
    counts[byte] = (counts[byte] as number) + 1;
    samples++;
  }
  let sum = 0;
  for (const count of counts) if (count > 0) sum += count * Math.log2(count);
  return Math.log2(samples) - sum / samples < noiseEntropy;
}

/**
 * Encodes one frame. `content` holds the objects one after another; `names` their full digests, 32 bytes each.
 */
export function encodeFrame(
  content: Uint8Array,
  kinds: readonly EntryKind[] | EntryKind,
  sizes: ArrayLike<number>,
  names: Uint8Array,
  codec: FrameCodec,
): EncodedFrame {
  const count = sizes.length;
  if (count === 0 || count > frameEntryLimit) throw new RangeError(`a frame holds 1 to 65535 objects, not ${count}`);
  let payload = content;
  let encoding = 0;
  if (worthCompressing(content)) {
    const compressed = codec.compress(content);
    if (compressed.length < content.length * 0.97) {
      payload = compressed;
      encoding = 1;
    }
  }
  let headSize = frameFixedSize + checkSize;
  for (let index = 0; index < count; index++) headSize += varintSize((sizes[index] as number) * 2 + 1) + nameSize;

  const bytes = new Uint8Array(headSize + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, frameMagic);
  bytes[4] = encoding;
  view.setUint16(5, count);
  view.setUint32(7, content.length);
  view.setUint32(11, payload.length);
  let at = frameFixedSize;
  let offset = 0;
  const offsets = new Uint32Array(count);
  for (let index = 0; index < count; index++) {
    const size = sizes[index] as number;
    let rest = size * 2 + (typeof kinds === 'number' ? kinds : (kinds[index] as number));
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = 128 + (rest % 128);
    bytes[at++] = rest;
    bytes.set(names.subarray(32 * index, 32 * index + nameSize), at);
    at += nameSize;
    offsets[index] = offset;
    offset += size;
  }
  if (offset !== content.length)
    throw new RangeError(`sizes add up to ${offset}, the content has ${content.length} bytes`);
  bytes.set(payload, headSize);
  bytes.set(frameCheck(bytes, at, headSize, encoding, codec), at);
  return { bytes, headSize, offsets };
}

/** `head` ends where the check begins; `bytes` holds the payload from `headSize` on. */
function frameCheck(
  bytes: Uint8Array,
  head: number,
  headSize: number,
  encoding: number,
  codec: FrameCodec,
): Uint8Array {
  const covered =
    encoding === 0 ? bytes.subarray(0, head) : concatBytes(bytes.subarray(0, head), bytes.subarray(headSize));
  return codec.sha256(covered).subarray(0, checkSize);
}

function corrupt(why: string): CodedError {
  return new CodedError('PACK_CORRUPT', `not a frame of a pack: ${why}`);
}

/** Most bytes that the head of a frame can take, for readers that fetch it with one range. */
export const frameHeadLimit = frameFixedSize + checkSize + frameEntryLimit * (5 + nameSize);

/**
 * Parses the head of a frame from bytes that an attacker may have written: sizes are bounded before anything is
 * allocated by them. Returns undefined when more bytes are needed. Does not check the digest: `openFrame` does.
 */
export function parseFrameHead(bytes: Uint8Array): FrameHead | undefined {
  if (bytes.length < frameFixedSize) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== frameMagic) throw corrupt('wrong magic');
  const encoding = bytes[4] as number;
  if (encoding !== 0 && encoding !== 1) throw corrupt(`unknown encoding ${encoding}`);
  const count = view.getUint16(5);
  const contentSize = view.getUint32(7);
  const storedSize = view.getUint32(11);
  if (count === 0) throw corrupt('no entries');
  if (contentSize > frameContentLimit || storedSize > frameContentLimit) throw corrupt('larger than a frame may be');
  if (encoding === 0 && contentSize !== storedSize) throw corrupt('sizes differ in a raw frame');
  const entries: FrameEntry[] = [];
  let at = frameFixedSize;
  let offset = 0;
  for (let index = 0; index < count; index++) {
    let value = 0;
    let factor = 1;
    for (let digits = 1; ; digits++) {
      if (at >= bytes.length) return undefined;
      const byte = bytes[at++] as number;
      value += (byte % 128) * factor;
      if (byte < 128) {
        if (byte === 0 && digits > 1) throw corrupt('a size is not in its shortest form');
        break;
      }
      if (digits === 5) throw corrupt('a size is too long');
      factor *= 128;
    }
    if (at + nameSize > bytes.length) return undefined;
    const size = Math.floor(value / 2);
    entries.push({ kind: (value % 2) as EntryKind, size, offset, name: bytes.subarray(at, at + nameSize) });
    at += nameSize;
    offset += size;
    if (offset > contentSize) throw corrupt('entries are longer than the content');
  }
  if (offset !== contentSize) throw corrupt('entries are shorter than the content');
  const headSize = at + checkSize;
  if (headSize > bytes.length) return undefined;
  return { encoding, contentSize, storedSize, entries, headSize };
}

/**
 * The content of a frame whose bytes are all there; the check is verified, the objects' own hashes are not (the caller
 * knows their full names). `bytes` may be longer than the frame.
 */
export function openFrame(bytes: Uint8Array, codec: FrameCodec): { head: FrameHead; content: Uint8Array } {
  const head = parseFrameHead(bytes);
  if (head === undefined || bytes.length < head.headSize + head.storedSize) throw corrupt('truncated');
  const whole = bytes.subarray(0, head.headSize + head.storedSize);
  const checkAt = head.headSize - checkSize;
  const expected = frameCheck(whole, checkAt, head.headSize, head.encoding, codec);
  if (!equalBytes(whole.subarray(checkAt, head.headSize), expected)) throw corrupt('its check does not match');
  return { head, content: payloadContent(head, whole, codec) };
}

function payloadContent(head: FrameHead, whole: Uint8Array, codec: FrameCodec): Uint8Array {
  const payload = whole.subarray(head.headSize);
  return head.encoding === 0 ? payload : codec.decompress(payload, head.contentSize);
}

/**
 * As `openFrame`, for who holds every object against its name before using it: then the frame's own check, which is one
 * more hash over all of it, says nothing new.
 */
export function frameContent(bytes: Uint8Array, codec: FrameCodec): Uint8Array {
  const head = parseFrameHead(bytes);
  if (head === undefined || bytes.length < head.headSize + head.storedSize) throw corrupt('truncated');
  return payloadContent(head, bytes.subarray(0, head.headSize + head.storedSize), codec);
}

/** Incremental hashing of the parts that give a pack its id. */
export interface PackHasher {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

/** Keeps account of a pack that is being written: feed it every frame, then append what `end` gives. */
export function packAccount(hasher: PackHasher): {
  readonly start: Uint8Array;
  /** Returns the offset of the frame. */
  frame(bytes: Uint8Array, headSize: number): number;
  /** Index and trailer, and the pack's id (32 bytes). */
  end(): { bytes: Uint8Array; id: Uint8Array; size: number };
} {
  hasher.update(packMagic);
  const sizes: number[] = [];
  let length = packHeaderSize;
  return {
    start: packMagic,
    frame(bytes, headSize) {
      hasher.update(bytes.subarray(0, headSize));
      const offset = length;
      sizes.push(bytes.length);
      length += bytes.length;
      return offset;
    },
    end() {
      const index = new Uint8Array(8 + 4 * sizes.length);
      const view = new DataView(index.buffer);
      view.setUint32(0, indexMagic);
      view.setUint32(4, sizes.length);
      sizes.forEach((size, position) => {
        view.setUint32(8 + 4 * position, size);
      });
      hasher.update(index);
      const id = hasher.digest();
      const trailer = new Uint8Array(packTrailerSize);
      new DataView(trailer.buffer).setBigUint64(0, BigInt(length));
      trailer.set(id, 8);
      return { bytes: concatBytes(index, trailer), id, size: length + index.length + packTrailerSize };
    },
  };
}

/** Offset of the index and the claimed id, out of the last 40 bytes of a pack. */
export function parseTrailer(bytes: Uint8Array, packSize: number): { indexOffset: number; id: Uint8Array } {
  if (bytes.length !== packTrailerSize) throw new CodedError('PACK_CORRUPT', 'a pack is shorter than its trailer');
  const offset = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  if (offset < BigInt(packHeaderSize) || offset > BigInt(packSize - packTrailerSize - 8)) {
    throw new CodedError('PACK_CORRUPT', 'the trailer of a pack points outside of it');
  }
  return { indexOffset: Number(offset), id: bytes.slice(8) };
}

/** Offset and size of every frame, out of the index. Bounded by the bytes given. */
export function parseIndex(bytes: Uint8Array, indexOffset: number): { offset: number; size: number }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || view.getUint32(0) !== indexMagic || bytes.length !== 8 + 4 * view.getUint32(4)) {
    throw new CodedError('PACK_CORRUPT', 'a pack has no valid index');
  }
  const frames: { offset: number; size: number }[] = [];
  let offset = packHeaderSize;
  for (let at = 8; at < bytes.length; at += 4) {
    const size = view.getUint32(at);
    frames.push({ offset, size });
    offset += size;
  }
  if (offset !== indexOffset) throw new CodedError('PACK_CORRUPT', 'the index of a pack does not add up');
  return frames;
}
