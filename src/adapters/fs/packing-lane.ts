/**
 * One lane of packing: read a batch of small files, name them, frame the wanted ones. The same code runs on the main
 * thread and in the worker. Everything is synchronous: for small files a promise each costs three times the work itself.
 *
 * Each file is read once into the lane's memory, and what is named is what is framed, whatever happens to the file
 * meanwhile. Its stat is taken from the open file before reading.
 */
import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../core/errors.ts';
import {
  encodeFrame,
  type FrameCodec,
  frameContentTarget,
  frameEntryLimit,
  kindBlob,
  packedObjectLimit,
} from '../../core/pack-format.ts';
import { statColumns } from '../../ports/workspace.ts';
import { writeStat } from './file-stat.ts';

export interface LaneBatch {
  /** Position of the first file in the whole list. */
  readonly start: number;
  readonly paths: readonly string[];
  /** Bytes the scan saw, for sizing memory. */
  readonly bytes: number;
}

export interface LaneNamed {
  readonly digests: Uint8Array;
  readonly sizes: Float64Array;
  readonly stats: Float64Array;
  readonly readAt: Float64Array;
  readonly failures: readonly { readonly index: number; readonly code: string; readonly message: string }[];
}

export interface LaneFrame {
  readonly bytes: Uint8Array;
  readonly headSize: number;
  readonly files: Uint32Array;
  readonly offsets: Uint32Array;
  readonly sizes: Uint32Array;
}

/** A batch whose bytes are still in memory; the arena may be used again once it is framed. */
export interface LaneHeld {
  readonly batch: LaneBatch;
  readonly named: LaneNamed;
  readonly arena: Arena;
  /** Offset of each file's bytes in `memory`. */
  readonly at: Float64Array;
}

const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Memory for one batch after another: fresh memory would cost a page fault every 4 KiB. */
export class Arena {
  memory: Buffer = Buffer.alloc(0);
  used = 0;
  /** Empties it and makes room for a batch; it grows later only when a file is larger than the scan said. */
  reset(size: number): void {
    if (this.memory.length < size) this.memory = Buffer.allocUnsafeSlow(size);
    this.used = 0;
  }
  room(): number {
    return this.memory.length - this.used;
  }
  grow(): void {
    const larger = Buffer.allocUnsafeSlow(this.memory.length * 2);
    this.memory.copy(larger, 0, 0, this.used);
    this.memory = larger;
  }
}

/** Appends one file to the arena; returns its length. */
function readInto(arena: Arena, fd: number): number {
  const start = arena.used;
  for (;;) {
    if (arena.room() === 0) arena.grow();
    const count = readSync(fd, arena.memory, arena.used, arena.room(), null);
    if (count === 0) return arena.used - start;
    arena.used += count;
    if (arena.used - start >= packedObjectLimit) {
      throw new CodedError('UNSUPPORTED_FILE', 'the file grew while it was read', {
        hint: 'It is stored as a large file instead.',
      });
    }
  }
}

export function readBatch(root: string, batch: LaneBatch, arena: Arena): LaneHeld {
  const count = batch.paths.length;
  arena.reset(batch.bytes + 4096);
  const digests = new Uint8Array(32 * count);
  const sizes = new Float64Array(count);
  const stats = new Float64Array(statColumns * count);
  const readAt = new Float64Array(count);
  const at = new Float64Array(count);
  const failures: { index: number; code: string; message: string }[] = [];
  let now = Date.now();
  for (let index = 0; index < count; index++) {
    if (index % 16 === 0) now = Date.now();
    readAt[index] = now;
    at[index] = arena.used;
    const start = arena.used;
    try {
      const fd = openSync(join(root, batch.paths[index] as string), openFlags);
      try {
        const stat = fstatSync(fd);
        if (!stat.isFile()) throw new CodedError('UNSUPPORTED_FILE', 'no regular file');
        writeStat(stats, index, stat);
        const size = readInto(arena, fd);
        sizes[index] = size;
        digests.set(hash('sha256', arena.memory.subarray(start, start + size), 'buffer'), 32 * index);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      arena.used = start;
      failures.push({
        index: batch.start + index,
        code: (error as { code?: string }).code ?? 'EIO',
        message: (error as Error).message,
      });
    }
  }
  return { batch, named: { digests, sizes, stats, readAt, failures }, arena, at };
}

/** The bytes of some files one after another: a view where they lie so in the arena already, as they do when all are wanted. */
function contentOf(held: LaneHeld, members: readonly number[], bytes: number): Uint8Array {
  const { memory } = held.arena;
  const start = held.at[members[0] as number] as number;
  const last = members[members.length - 1] as number;
  if ((held.at[last] as number) + (held.named.sizes[last] as number) - start === bytes)
    return memory.subarray(start, start + bytes);
  const content = new Uint8Array(bytes);
  let at = 0;
  for (const index of members) {
    const from = held.at[index] as number;
    const size = held.named.sizes[index] as number;
    content.set(memory.subarray(from, from + size), at);
    at += size;
  }
  return content;
}

/** Frames the wanted files of a batch, about `frameContentTarget` bytes of content a frame. */
export function frameBatch(held: LaneHeld, wanted: Uint8Array, codec: FrameCodec): LaneFrame[] {
  const { named, batch } = held;
  const frames: LaneFrame[] = [];
  let members: number[] = [];
  let bytes = 0;
  const flush = (): void => {
    if (members.length === 0) return;
    const names = new Uint8Array(32 * members.length);
    const sizes = members.map((index) => named.sizes[index] as number);
    members.forEach((index, position) => {
      names.set(named.digests.subarray(32 * index, 32 * index + 32), 32 * position);
    });
    const content = contentOf(held, members, bytes);
    const frame = encodeFrame(content, kindBlob, sizes, names, codec);
    frames.push({
      bytes: frame.bytes,
      headSize: frame.headSize,
      files: Uint32Array.from(members, (index) => batch.start + index),
      offsets: frame.offsets,
      sizes: Uint32Array.from(sizes),
    });
    members = [];
    bytes = 0;
  };
  for (let index = 0; index < batch.paths.length; index++) {
    if (wanted[index] !== 1) continue;
    const size = named.sizes[index] as number;
    if (members.length > 0 && (bytes + size > frameContentTarget || members.length === frameEntryLimit)) flush();
    members.push(index);
    bytes += size;
  }
  flush();
  return frames;
}
