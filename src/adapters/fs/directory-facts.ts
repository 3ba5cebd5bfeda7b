/** What `doctor` wants to know of a store's directory. Reads names and sizes only, and changes nothing. */
import { accessSync, constants, lstatSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { systemError, systemErrorCode } from '../../core/system-error.ts';
import type { DirectoryFacts } from '../../ports/store-probe.ts';
import { networkFileSystem } from './network-fs.ts';

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false; // for whatever reason
  }
}

/** Files in a folder, folders below it left out; nothing where there is no folder. */
function countFiles(folder: string): { count: number; bytes: number } {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return { count: 0, bytes: 0 };
    throw systemError('cannot list', error, folder);
  }
  let count = 0;
  let bytes = 0;
  for (const name of names) {
    const stat = lstatSync(join(folder, name), { throwIfNoEntry: false });
    if (stat === undefined || !stat.isFile()) continue;
    count++;
    bytes += stat.size;
  }
  return { count, bytes };
}

export function directoryFacts(path: string): DirectoryFacts {
  try {
    const space = statfsSync(path);
    return {
      path,
      writable: isWritable(path),
      freeBytes: space.bavail * space.bsize,
      network: networkFileSystem(path),
      temporary: countFiles(join(path, 'tmp')),
      quarantine: countFiles(join(path, 'quarantine')),
    };
  } catch (error) {
    throw systemError('cannot examine', error, path);
  }
}
