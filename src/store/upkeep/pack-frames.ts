/** The frames of a pack one after another, with their bytes or with their heads alone. */

import { equalBytes } from '../../core/bytes.ts';
import { CodedError, isCodedError } from '../../core/errors.ts';
import {
  type FrameHead,
  frameHeadLimit,
  openFrame,
  packHeaderSize,
  packMagic,
  packTrailerSize,
  parseFrameHead,
  parseIndex,
  parseTrailer,
} from '../../core/pack-format.ts';
import type { StoreContext } from '../context.ts';
import { packName } from '../objects/object-names.ts';
import type { PackStream } from './pack-stream.ts';

type FrameContext = Pick<StoreContext, 'backend' | 'codec'>;

/** Fetched at once: a frame of ordinary size. */
const frameFetch = 192 * 1024;
/** Fetched at once where only the head is wanted. */
const headFetch = 8 * 1024;

export interface WholeFrame {
  readonly head: FrameHead;
  /** All of the frame, and its content; valid until the stream moves. */
  readonly bytes: Uint8Array;
  readonly content: Uint8Array;
}

/** True at the start of a pack that begins as one; the stream then stands at the first frame. */
export async function enterPack(stream: PackStream): Promise<boolean> {
  const start = (await stream.ahead(packHeaderSize)).subarray(0, packHeaderSize);
  const valid = equalBytes(start, packMagic);
  if (start.length === packHeaderSize) stream.skip(packHeaderSize);
  return valid;
}

/** True where the index begins. */
export async function atIndex(stream: PackStream): Promise<boolean> {
  const bytes = await stream.ahead(4);
  return bytes[0] === 0x43 && bytes[1] === 0x49 && bytes[2] === 0x44 && bytes[3] === 0x58;
}

/** The frame at the stream's position; the stream stays there. Throws PACK_CORRUPT when it is damaged or not whole. */
export async function frameAt(stream: PackStream, codec: FrameContext['codec']): Promise<WholeFrame> {
  let bytes = await stream.ahead(frameFetch);
  let head = parseFrameHead(bytes);
  if (head === undefined) {
    bytes = await stream.ahead(frameHeadLimit);
    head = parseFrameHead(bytes);
  }
  if (head === undefined) throw new CodedError('PACK_CORRUPT', 'a pack ends inside a frame');
  const size = head.headSize + head.storedSize;
  if (bytes.length < size) bytes = await stream.ahead(size);
  return { ...openFrame(bytes, codec), bytes: bytes.subarray(0, size) };
}

/** The size and place of every frame by the pack's own index. Throws PACK_CORRUPT when index or trailer are damaged. */
export async function readIndex(
  context: FrameContext,
  pack: string,
  packSize: number,
): Promise<{
  frames: readonly { readonly offset: number; readonly size: number }[];
  bytes: Uint8Array;
  id: Uint8Array;
}> {
  const name = packName(pack);
  const trailer = await context.backend.read(name, { start: Math.max(0, packSize - packTrailerSize), end: packSize });
  const { indexOffset, id } = parseTrailer(trailer, packSize);
  const bytes = await context.backend.read(name, { start: indexOffset, end: packSize - packTrailerSize });
  return { frames: parseIndex(bytes, indexOffset), bytes, id };
}

/** The head of one frame and its bytes, without its payload. Throws PACK_CORRUPT. */
export async function readHead(
  context: FrameContext,
  pack: string,
  frame: { readonly offset: number; readonly size: number },
): Promise<{ head: FrameHead; bytes: Uint8Array }> {
  const name = packName(pack);
  for (const fetch of [headFetch, frameHeadLimit]) {
    const bytes = await context.backend.read(name, {
      start: frame.offset,
      end: frame.offset + Math.min(fetch, frame.size),
    });
    const head = parseFrameHead(bytes);
    if (head === undefined) continue;
    if (head.headSize + head.storedSize !== frame.size) break;
    return { head, bytes: bytes.subarray(0, head.headSize) };
  }
  throw new CodedError('PACK_CORRUPT', 'a frame and the index of its pack say different sizes');
}

/** True for damage; false for what is no statement about the bytes (a missing permission, a failing disk). */
export function isDamage(error: unknown): boolean {
  return isCodedError(error) && error.kind === 'corrupt';
}
