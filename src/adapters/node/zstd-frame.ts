/**
 * The outside of one zstd frame (RFC 8878, section 3.1.1), checked without decoding it.
 *
 * Why: Node's decoder stops behind the first frame and ignores whatever follows, takes a truncated frame for an empty one
 * in some versions, and reserves the memory that the header asks for. So the header and the block headers are walked
 * here first, over one array or over chunks as they arrive:
 *
 *     frame   magic 28 B5 2F FD, descriptor (1), window (0 or 1), content size (1, 2, 4 or 8, little endian), blocks, checksum (0 or 4)
 *     block   3 bytes little endian: bit 0 last, bits 1-2 type (0 raw, 1 RLE, 2 compressed), bits 3-23 size; then its bytes
 *
 * Accepted are exactly the frames that cairn writes: content size present and as announced, no dictionary, unused bits
 * zero, window at most 8 MiB (which RFC 8878 asks every decoder to support) or the content itself. The checksum may be
 * missing: frames in packs are covered by a digest of their own. An attacker controls every byte; the walk is linear in
 * the input and keeps 14 bytes of it.
 */
import { CodedError } from '../../core/errors.ts';

export const largestWindow = 8 * 1024 * 1024;
const largestBlock = 128 * 1024;

const magic = [0x28, 0xb5, 0x2f, 0xfd] as const;
const contentSizeBytes = [1, 2, 4, 8] as const;

export function damagedFrame(reason: string, cause?: unknown): CodedError {
  return new CodedError('OBJECT_CORRUPT', `damaged zstd frame: ${reason}`, {
    hint: 'Run `cairn fsck --read-data` to see what else is damaged.',
    cause,
  });
}

export interface FrameWalk {
  /** Takes the next bytes of the frame. Throws as soon as they cannot belong to an acceptable frame, or lie behind it. */
  push(bytes: Uint8Array): void;
  /** Throws unless the frame is complete. */
  end(): void;
}

/** Length of the header that starts with this descriptor: magic, descriptor, window, content size. */
function headerLength(descriptor: number): number {
  if ((descriptor & 0b0000_0011) !== 0) throw damagedFrame('it asks for a dictionary');
  if ((descriptor & 0b0001_1000) !== 0) throw damagedFrame('reserved bits are set');
  const singleSegment = (descriptor & 0b0010_0000) !== 0;
  const sizeClass = descriptor >> 6;
  if (sizeClass === 0 && !singleSegment) throw damagedFrame('it does not say how long its content is');
  return 5 + (singleSegment ? 0 : 1) + (contentSizeBytes[sizeClass] ?? 0);
}

/** Checks a complete header against the announced content size; returns the largest block that may follow. */
function parseHeader(header: Uint8Array, size: number): number {
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const descriptor = view.getUint8(4);
  const singleSegment = (descriptor & 0b0010_0000) !== 0;
  const sizeAt = singleSegment ? 5 : 6;
  const sizeClass = descriptor >> 6;
  let contentSize: bigint;
  if (sizeClass === 0) contentSize = BigInt(view.getUint8(sizeAt));
  else if (sizeClass === 1) contentSize = BigInt(view.getUint16(sizeAt, true)) + 256n;
  else if (sizeClass === 2) contentSize = BigInt(view.getUint32(sizeAt, true));
  else contentSize = view.getBigUint64(sizeAt, true);
  if (contentSize !== BigInt(size)) throw damagedFrame(`it holds ${contentSize} bytes instead of ${size}`);

  if (singleSegment) return Math.min(size, largestBlock);
  const windowByte = view.getUint8(5);
  const base = 2 ** (10 + (windowByte >> 3));
  const window = base + (base / 8) * (windowByte & 0b111);
  if (window > largestWindow) throw damagedFrame(`its window of ${window} bytes is larger than 8 MiB`);
  return Math.min(window, largestBlock);
}

/** Walks a frame whose content must be `size` bytes long. */
export function walkFrame(size: number): FrameWalk {
  const held = new Uint8Array(14);
  let heldLength = 0;
  let wanted = 5;
  let skip = 0;
  let blockLimit = 0;
  let checksumBytes = 0;
  let state: 'descriptor' | 'header' | 'block' | 'last' = 'descriptor';

  /** Called when `wanted` bytes of a header are held. */
  function advance(): void {
    if (state === 'descriptor') {
      if (magic.some((byte, index) => held[index] !== byte)) throw damagedFrame('it does not start as one');
      wanted = headerLength(held[4] ?? 0);
      checksumBytes = ((held[4] ?? 0) & 0b0000_0100) === 0 ? 0 : 4;
      state = 'header';
      return;
    }
    if (state === 'header') {
      blockLimit = parseHeader(held.subarray(0, wanted), size);
      state = 'block';
    } else {
      const header = (held[0] ?? 0) | ((held[1] ?? 0) << 8) | ((held[2] ?? 0) << 16);
      const type = (header >> 1) & 0b11;
      const length = header >> 3;
      if (type === 3) throw damagedFrame('a block is of a reserved type');
      if (length > blockLimit) throw damagedFrame('a block is too large');
      skip = type === 1 ? 1 : length;
      if ((header & 1) === 1) {
        skip += checksumBytes;
        state = 'last';
      }
    }
    heldLength = 0;
    wanted = 3;
  }

  return {
    push(bytes) {
      let at = 0;
      while (at < bytes.length) {
        if (skip > 0) {
          const step = Math.min(skip, bytes.length - at);
          skip -= step;
          at += step;
          continue;
        }
        if (state === 'last') throw damagedFrame('something follows it');
        while (heldLength < wanted && at < bytes.length) held[heldLength++] = bytes[at++] ?? 0;
        if (heldLength === wanted) advance();
      }
    },
    end() {
      if (state !== 'last' || skip > 0) throw damagedFrame('it is truncated');
    },
  };
}
