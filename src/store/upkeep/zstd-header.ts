/**
 * The content size that a zstd frame announces (RFC 8878, 3.1.1.1): magic 28 B5 2F FD, a descriptor whose bits 6-7 say how
 * many bytes the size takes and whose bit 5 says that there is no window byte, then the size, little-endian.
 *
 * Only for frames that cairn wrote, which always announce it; what a decoder then gives is checked against it.
 */

export const zstdHeaderSize = 18;

/** undefined when the bytes are no such header. */
export function zstdContentSize(bytes: Uint8Array): number | undefined {
  if (bytes.length < zstdHeaderSize) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== 0xfd2fb528) return undefined;
  const descriptor = view.getUint8(4);
  const singleSegment = (descriptor & 0b0010_0000) !== 0;
  if ((descriptor & 0b0001_1011) !== 0) return undefined;
  const at = singleSegment ? 5 : 6;
  switch (descriptor >> 6) {
    case 0:
      return singleSegment ? view.getUint8(at) : undefined;
    case 1:
      return view.getUint16(at, true) + 256;
    case 2:
      return view.getUint32(at, true);
    default: {
      const size = view.getBigUint64(at, true);
      return size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : undefined;
    }
  }
}
