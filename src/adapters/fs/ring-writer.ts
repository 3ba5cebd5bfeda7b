/**
 * Writing a stream of chunks to an open file, while the main thread goes on reading and hashing the next ones.
 *
 * Measured (docs/decisions): pieces of 256 KiB written asynchronously, several at a time, with an fdatasync every 64 MiB,
 * so that the final one finds little left to do. The first piece and small chunks are written synchronously: for them a
 * trip through the thread pool costs more than the write.
 *
 * Invariants: before a chunk is asked of the source, at most `chunksInFlight - 1` earlier ones are unwritten, so the
 * source may reuse the memory of the one before those; when the promise settles, no write is under way any more.
 */
import { fdatasync, write } from 'node:fs';
import { chunksInFlight } from '../../ports/object-backend.ts';
import { writeFully } from './durable-write.ts';

export const pieceSize = 256 * 1024;
const syncInterval = 64 * 1024 * 1024;
const smallChunk = 32 * 1024;

export function syncData(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => (error ? reject(error) : resolve()));
  });
}

function writePiece(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const attempt = (at: number): void => {
      write(fd, bytes, at, bytes.length - at, position + at, (error, count) => {
        if (error) reject(error);
        else if (at + count < bytes.length) attempt(at + count);
        else resolve();
      });
    };
    attempt(0);
  });
}

/** Remembers the first failure of work that nobody awaits yet, so that it is never unhandled and never lost. */
function background(describe: (error: unknown) => Error): {
  start(work: Promise<void>): Promise<void>;
  check(): void;
} {
  let failure: Error | undefined;
  return {
    start: (work) =>
      work.catch((error: unknown) => {
        failure ??= describe(error);
      }),
    check: () => {
      if (failure !== undefined) throw failure;
    },
  };
}

/**
 * Writes all chunks from the start of the file. Returns their length. What the source throws is rethrown as it is; what
 * the system says about writing goes through `describe`.
 */
export async function writeChunks(
  fd: number,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  describe: (error: unknown) => Error,
): Promise<number> {
  const work = background(describe);
  /** One promise a chunk, oldest first. */
  const unwritten: Promise<unknown>[] = [];
  let syncing: Promise<void> | undefined;
  let length = 0;
  let syncedTo = 0;
  try {
    for await (const chunk of source) {
      if (chunk.length < smallChunk || (length === 0 && chunk.length <= pieceSize)) {
        try {
          writeFully(fd, chunk, length);
        } catch (error) {
          throw describe(error);
        }
      } else {
        const pieces: Promise<void>[] = [];
        for (let at = 0; at < chunk.length; at += pieceSize) {
          pieces.push(work.start(writePiece(fd, chunk.subarray(at, at + pieceSize), length + at)));
        }
        unwritten.push(Promise.all(pieces));
      }
      length += chunk.length;
      if (length - syncedTo >= syncInterval && syncing === undefined) {
        syncedTo = length;
        syncing = work.start(syncData(fd)).then(() => {
          syncing = undefined;
        });
      }
      while (unwritten.length >= chunksInFlight) await unwritten.shift();
      work.check();
    }
  } finally {
    await Promise.all([...unwritten, syncing]);
  }
  work.check();
  return length;
}
