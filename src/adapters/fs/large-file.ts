/**
 * Reading one large file in pieces of 256 KiB out of a ring of buffers, so that hashing and writing share memory. Larger
 * pieces were measured to be slower (docs/decisions), and a fresh buffer a piece costs a page fault every 4 KiB.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { CodedError } from '../../core/errors.ts';
import { systemError } from '../../core/system-error.ts';
import { chunksInFlight } from '../../ports/object-backend.ts';
import type { OpenFile } from '../../ports/workspace.ts';
import { statRow } from './file-stat.ts';

const pieceSize = 256 * 1024;

export function openLargeFile(absolute: string, path: string): OpenFile {
  const readAtMs = Date.now();
  let fd: number;
  try {
    fd = openSync(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw systemError('cannot read', error, path);
  }
  let open = true;
  const close = async (): Promise<void> => {
    if (open) closeSync(fd);
    open = false;
  };
  const stat = fstatSync(fd);
  if (!stat.isFile()) {
    closeSync(fd);
    throw new CodedError('UNSUPPORTED_FILE', `${path} is no regular file`, { data: { path } });
  }
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const ring = Array.from({ length: chunksInFlight + 2 }, () => Buffer.allocUnsafeSlow(pieceSize));
    for (let turn = 0; ; turn = (turn + 1) % ring.length) {
      const buffer = ring[turn] as Buffer;
      let filled = 0;
      try {
        while (filled < pieceSize) {
          const count = readSync(fd, buffer, filled, pieceSize - filled, null);
          if (count === 0) break;
          filled += count;
        }
      } catch (error) {
        throw systemError('cannot read', error, path);
      }
      if (filled === 0) return;
      yield buffer.subarray(0, filled);
    }
  }
  return { stat: statRow(stat), readAtMs, chunks, close };
}
