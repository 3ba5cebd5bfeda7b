/**
 * Reading stored objects: whole ranges at once, or as a stream that reads the next piece while the caller works on this
 * one.
 *
 * Invariants: what is allocated is bounded by the size of the file, whatever range was asked for; the stream uses two
 * buffers in turn, so a chunk is valid until the next is asked for.
 */
import { closeSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { assertInvariant } from '../../core/errors.ts';
import type { ByteRange } from '../../ports/object-backend.ts';
import { readError } from './object-errors.ts';
import type { OpenPacks } from './open-packs.ts';
import { pieceSize } from './ring-writer.ts';

/** The part of a range that lies inside the object. */
function clip(range: ByteRange | undefined, size: number): { start: number; end: number } {
  const start = range?.start ?? 0;
  const end = range?.end ?? size;
  assertInvariant(Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0, 'a range is whole numbers');
  return { start: Math.min(start, size), end: Math.max(Math.min(end, size), Math.min(start, size)) };
}

/** Reads until `into` is full or the file ends; returns the bytes read. */
function readFully(fd: number, into: Uint8Array, position: number): number {
  let filled = 0;
  while (filled < into.length) {
    const count = readSync(fd, into, filled, into.length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

function readPiece(fd: number, into: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, into, 0, into.length, position, (error, count) => (error ? reject(error) : resolve(count)));
  });
}

function readClipped(fd: number, size: number, range: ByteRange | undefined): Uint8Array {
  const { start, end } = clip(range, size);
  const bytes = new Uint8Array(end - start);
  const count = readFully(fd, bytes, start);
  return count === bytes.length ? bytes : bytes.slice(0, count);
}

/** All bytes of a range. Ranges come from packs and keep their file open; whole objects do not. */
export function readRange(path: string, name: string, range: ByteRange | undefined, packs: OpenPacks): Uint8Array {
  try {
    if (range !== undefined) {
      const { fd, size } = packs.get(path);
      return readClipped(fd, size, range);
    }
    const fd = openSync(path, 'r');
    try {
      return readClipped(fd, fstatSync(fd).size, undefined);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw readError(name, path, error);
  }
}

export async function* streamRange(
  path: string,
  name: string,
  range: ByteRange | undefined,
): AsyncGenerator<Uint8Array> {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw readError(name, path, error);
  }
  let reading: Promise<number> | undefined;
  try {
    const { start, end } = clip(range, fstatSync(fd).size);
    const bufferSize = Math.min(pieceSize, end - start);
    let current = new Uint8Array(bufferSize);
    let position = start;
    // The first piece synchronously: most objects have no second one.
    let count = readFully(fd, current, position);
    let spare = end - start > pieceSize ? new Uint8Array(bufferSize) : undefined;
    while (count > 0) {
      position += count;
      const next = spare?.subarray(0, Math.min(bufferSize, end - position));
      if (next !== undefined && next.length > 0) {
        reading = readPiece(fd, next, position);
        // Awaited below; this keeps a failure from being unhandled while the caller works.
        reading.catch(() => undefined);
      }
      yield current.subarray(0, count);
      if (reading === undefined) return;
      count = await reading;
      reading = undefined;
      spare = current;
      current = next ?? current;
    }
  } catch (error) {
    throw readError(name, path, error);
  } finally {
    // The descriptor may not be closed, and perhaps reused, under a read.
    await reading?.catch(() => undefined);
    closeSync(fd);
  }
}
