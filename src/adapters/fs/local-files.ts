/** `LocalFiles` over one directory for temporary files. The names are those of temporary files, which `gc` sweeps. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toHex } from '../../core/bytes.ts';
import { systemError } from '../../core/system-error.ts';
import type { LocalFiles } from '../../ports/local-files.ts';
import type { Random } from '../../ports/system.ts';
import { syncDirectory, temporaryPrefix, writeFully } from './durable-write.ts';

/** Longest that a file system's clock may stand still between two writes that leave the same times. */
const racyWindowNs = 20_000_000n;

export function openLocalFiles(options: { readonly directory: string; readonly random: Random }): LocalFiles {
  const { directory, random } = options;
  return {
    async stamp(path) {
      try {
        const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
        if (stat === undefined || !stat.isFile()) return undefined;
        const newest = stat.mtimeNs > stat.ctimeNs ? stat.mtimeNs : stat.ctimeNs;
        return {
          text: [stat.size, stat.mtimeNs, stat.ctimeNs, stat.ino, stat.dev].join('-'),
          // Compared with times that the file system gave, so it is the system's own clock that counts.
          settled: newest < BigInt(Date.now()) * 1_000_000n - racyWindowNs,
        };
      } catch (error) {
        throw systemError('cannot read', error, path);
      }
    },
    async keep(source) {
      const path = join(directory, `table-${toHex(random.bytes(12))}`);
      try {
        mkdirSync(directory, { recursive: true });
      } catch (error) {
        throw systemError('cannot make the directory', error, directory);
      }
      await writeNew(path, path, 0o600, source);
      return path;
    },
    async write(path, source) {
      const temporary = join(dirname(path), `${temporaryPrefix}${toHex(random.bytes(12))}`);
      await writeNew(temporary, path, 0o666, source);
      try {
        const fd = openSync(temporary, 'r');
        try {
          fsyncSync(fd);
        } finally {
          closeSync(fd);
        }
        renameSync(temporary, path);
        syncDirectory(dirname(path));
      } catch (error) {
        rmSync(temporary, { force: true });
        throw systemError('cannot write', error, path);
      }
    },
    async remove(path) {
      try {
        rmSync(path, { force: true });
      } catch (error) {
        throw systemError('cannot remove', error, path);
      }
    },
  };
}

/** A new file; nothing is left of it when the source or the system fails. Errors name `shown`. */
async function writeNew(path: string, shown: string, mode: number, source: AsyncIterable<Uint8Array>): Promise<void> {
  const writing = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw systemError('cannot write', error, shown);
    }
  };
  const fd = writing(() => openSync(path, 'wx', mode));
  try {
    for await (const chunk of source) writing(() => writeFully(fd, chunk));
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}
